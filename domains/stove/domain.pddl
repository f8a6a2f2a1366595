; A slice of bread is toasted in a pan on a stove, which a button switches on and off, and served. Objects,
; predicates and actions are those of the kitchen of Duggan et al. (ICRA 2026, arXiv:2602.19260): stove,
; button, pot, bread, serving place. README.md tells the laws.
(define (domain stove)
  (:requirements :strips :typing :negative-preconditions)

  (:types
    location button - object
    item place surface - location
    bread pan - item
    stove - place)

  (:predicates
    (on ?i - item ?l - location)       ; ?i lies properly on ?l, or in it if ?l is a pan
    (loose ?i - item ?l - location)    ; ?i lies on ?l, and properly on nothing
    (clear ?l - location)              ; nothing lies on ?l
    (grasped ?i - item)                ; the gripper holds ?i
    (free-gripper)                     ; the gripper holds nothing
    (fits ?i - item ?l - location)     ; ?i may lie on ?l
    (is-on ?b - button)                ; ?b is switched on
    (cooked ?f - bread))               ; ?f is done

  ; Take up an item that lies about, or off what it is on.
  (:action take
    :parameters (?i - item ?l - location)
    :precondition (and (clear ?i) (loose ?i ?l) (free-gripper))
    :effect (and (not (loose ?i ?l)) (clear ?l) (grasped ?i) (not (free-gripper))))

  ; A pan is taken with what lies in it.
  (:action pick
    :parameters (?p - pan ?l - place)
    :precondition (and (on ?p ?l) (free-gripper))
    :effect (and (not (on ?p ?l)) (clear ?l) (grasped ?p) (not (free-gripper))))

  (:action place
    :parameters (?i - item ?l - location)
    :precondition (and (grasped ?i) (fits ?i ?l) (clear ?l))
    :effect (and (not (grasped ?i)) (on ?i ?l) (not (clear ?l)) (free-gripper)))

  (:action turn-on
    :parameters (?b - button)
    :precondition (and (not (is-on ?b)) (free-gripper))
    :effect (is-on ?b))

  (:action turn-off
    :parameters (?b - button)
    :precondition (and (is-on ?b) (free-gripper))
    :effect (not (is-on ?b)))

  ; Wait until the bread is done.
  (:action cook
    :parameters (?f - bread ?p - pan ?s - stove ?b - button)
    :precondition (and (on ?f ?p) (on ?p ?s) (is-on ?b))
    :effect (cooked ?f)))
