; Pattern replication: models stand in a row, and a copy of each is to stand in the row before it, in the
; same order. Pick and place are those of Duggan et al. (ICRA 2026, arXiv:2602.19260). README.md tells the
; laws.
(define (domain pattern)
  (:requirements :strips :typing)

  (:types
    location - object
    body place surface - location
    model copy - body
    stand slot - place)

  (:predicates
    (on ?b - body ?p - place)             ; ?b lies properly on ?p
    (loose ?c - copy ?l - location)       ; ?c lies on ?l, and properly on nothing
    (clear ?l - location)                 ; nothing lies on ?l
    (grasped ?b - body)                   ; the gripper holds ?b
    (free-gripper)                        ; the gripper holds nothing
    (counterpart ?c - copy ?s - slot)     ; before ?s stands the model of ?c
    (copied ?c - copy))                   ; ?c stands before its model

  ; Take up a copy that lies about.
  (:action take
    :parameters (?c - copy ?l - location)
    :precondition (and (clear ?c) (loose ?c ?l) (free-gripper))
    :effect (and (not (loose ?c ?l)) (clear ?l) (grasped ?c) (not (free-gripper))))

  ; Take up a copy that stands in the row, where it may be wrong.
  (:action pick
    :parameters (?c - copy ?s - slot)
    :precondition (and (clear ?c) (on ?c ?s) (free-gripper))
    :effect (and (not (on ?c ?s)) (not (copied ?c)) (clear ?s) (grasped ?c) (not (free-gripper))))

  ; Put the held copy before its model.
  (:action place
    :parameters (?c - copy ?s - slot)
    :precondition (and (grasped ?c) (counterpart ?c ?s) (clear ?s))
    :effect (and (not (grasped ?c)) (on ?c ?s) (copied ?c) (not (clear ?s)) (free-gripper))))
