; Things that lie about on a table are put into bins that take them: sorting by colour, sorting by size, an
; assembly line. pick and place are those of Duggan et al. (ICRA 2026, arXiv:2602.19260), as is `matches`
; of their nut assembly and sorting. README.md tells the laws.
(define (domain bins)
  (:requirements :strips :typing)

  (:types
    location - object
    item bin surface - location)

  (:predicates
    (in ?i - item ?b - bin)            ; ?i lies in ?b
    (loose ?i - item ?l - location)    ; ?i lies on ?l, and properly nowhere
    (clear ?i - item)                  ; nothing lies on ?i
    (grasped ?i - item)                ; the gripper holds ?i
    (free-gripper)                     ; the gripper holds nothing
    (matches ?i - item ?b - bin)       ; ?i belongs into ?b
    (sorted ?i - item))                ; ?i lies in a bin that it belongs into

  ; Take up an item that lies about.
  (:action take
    :parameters (?i - item ?l - location)
    :precondition (and (clear ?i) (loose ?i ?l) (free-gripper))
    :effect (and (not (loose ?i ?l)) (grasped ?i) (not (free-gripper))))

  ; Take an item out of a bin.
  (:action pick
    :parameters (?i - item ?b - bin)
    :precondition (and (clear ?i) (in ?i ?b) (free-gripper))
    :effect (and (not (in ?i ?b)) (not (sorted ?i)) (grasped ?i) (not (free-gripper))))

  ; Put the held item into a bin that it belongs into.
  (:action place
    :parameters (?i - item ?b - bin)
    :precondition (and (grasped ?i) (matches ?i ?b))
    :effect (and (not (grasped ?i)) (in ?i ?b) (sorted ?i) (free-gripper))))
