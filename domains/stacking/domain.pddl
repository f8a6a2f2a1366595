; Cubes that lie about are stacked by size. The schema of pick and place, with its names, is that of
; Duggan et al. (ICRA 2026, arXiv:2602.19260); their height stacking is this task. README.md tells the
; laws.
(define (domain stacking)
  (:requirements :strips :typing)

  (:types
    location - object           ; what a cube can rest on
    cube platform surface - location)

  (:predicates
    (on ?c - cube ?l - location)       ; ?c lies properly on ?l, a cube or a platform
    (loose ?c - cube ?l - location)    ; ?c lies on ?l or beside its place, properly on nothing
    (clear ?l - location)              ; nothing lies on ?l
    (grasped ?c - cube)                ; the gripper holds ?c
    (smaller ?c - cube ?l - location)  ; ?c may lie on ?l
    (free-gripper))                    ; the gripper holds nothing

  ; Take up a cube that lies about.
  (:action take
    :parameters (?c - cube ?l - location)
    :precondition (and (clear ?c) (loose ?c ?l) (free-gripper))
    :effect (and (not (loose ?c ?l)) (clear ?l) (grasped ?c) (not (free-gripper))))

  ; Take a cube off what it was stacked on.
  (:action pick
    :parameters (?c - cube ?l - location)
    :precondition (and (clear ?c) (on ?c ?l) (free-gripper))
    :effect (and (not (on ?c ?l)) (clear ?l) (grasped ?c) (not (free-gripper))))

  ; Put the held cube on a larger one or on a platform.
  (:action place
    :parameters (?c - cube ?l - location)
    :precondition (and (grasped ?c) (smaller ?c ?l) (clear ?l))
    :effect (and (not (grasped ?c)) (on ?c ?l) (not (clear ?l)) (free-gripper))))
