; Tower of Hanoi for a robot arm: one disc at a time is picked and placed, a larger disc never
; stands on a smaller one. The schema of pick and place, with its names, is that of Duggan et al.
; (ICRA 2026, arXiv:2602.19260); astray and retrieve are ours. README.md tells the laws.
(define (domain hanoi)
  (:requirements :strips :typing)

  (:types
    location - object        ; what a disc can rest on
    disk peg surface - location)

  (:predicates
    (on ?d - disk ?l - location)       ; ?d lies properly on ?l
    (clear ?l - location)              ; nothing lies on ?l
    (grasped ?d - disk)                ; the gripper holds ?d
    (smaller ?d - disk ?l - location)  ; ?d may lie on ?l
    (free-gripper)                     ; the gripper holds nothing
    (astray ?d - disk ?l - location))  ; ?d rests on ?l or beside its place, not properly on it

  ; Take a disc off what it lies on.
  (:action pick
    :parameters (?d - disk ?l - location)
    :precondition (and (clear ?d) (on ?d ?l) (free-gripper))
    :effect (and (clear ?l) (not (on ?d ?l)) (grasped ?d) (not (free-gripper))))

  ; Put the held disc on a larger disc or a peg.
  (:action place
    :parameters (?d - disk ?l - location)
    :precondition (and (grasped ?d) (smaller ?d ?l) (clear ?l))
    :effect (and (not (grasped ?d)) (on ?d ?l) (not (clear ?l)) (free-gripper)))

  ; Take up a disc that was knocked off or put down badly.
  (:action retrieve
    :parameters (?d - disk ?l - location)
    :precondition (and (clear ?d) (astray ?d ?l) (free-gripper))
    :effect (and (not (astray ?d ?l)) (clear ?l) (grasped ?d) (not (free-gripper)))))
