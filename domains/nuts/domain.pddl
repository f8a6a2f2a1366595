; Nut assembly: nuts that lie about are put on the pegs that they fit. Types and the predicates on, clear,
; grasped, matches and free-gripper are those of the nut assembly of Duggan et al. (ICRA 2026,
; arXiv:2602.19260). README.md tells the laws.
(define (domain nuts)
  (:requirements :strips :typing)

  (:types
    location - object
    nut peg surface - location)

  (:predicates
    (on ?n - nut ?l - location)        ; ?n lies on ?l, a peg's foot or another nut
    (loose ?n - nut ?l - location)     ; ?n lies on ?l, and properly on nothing
    (clear ?l - location)              ; nothing lies on ?l
    (grasped ?n - nut)                 ; the gripper holds ?n
    (free-gripper)                     ; the gripper holds nothing
    (matches ?n - nut ?l - location)   ; ?n fits the peg ?l
    (fitted ?n - nut))                 ; ?n is on a peg that it fits

  ; Take up a nut that lies about.
  (:action take
    :parameters (?n - nut ?l - location)
    :precondition (and (clear ?n) (loose ?n ?l) (free-gripper))
    :effect (and (not (loose ?n ?l)) (clear ?l) (grasped ?n) (not (free-gripper))))

  ; Take a nut off what it is on.
  (:action pick
    :parameters (?n - nut ?l - location)
    :precondition (and (clear ?n) (on ?n ?l) (free-gripper))
    :effect (and (not (on ?n ?l)) (clear ?l) (not (fitted ?n)) (grasped ?n) (not (free-gripper))))

  ; Put the held nut on a peg that it fits.
  (:action place
    :parameters (?n - nut ?p - peg)
    :precondition (and (grasped ?n) (matches ?n ?p) (clear ?p))
    :effect (and (not (grasped ?n)) (on ?n ?p) (fitted ?n) (not (clear ?p)) (free-gripper))))
