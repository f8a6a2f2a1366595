; Blocks world with one arm: blocks stand on a table or on each other, one is moved at a time.
; README.md tells the laws.
(define (domain blocks)
  (:requirements :strips :typing)

  (:types block - object)

  (:predicates
    (on ?x - block ?y - block)   ; ?x stands on ?y
    (on-table ?x - block)        ; ?x stands on the table
    (clear ?x - block)           ; nothing stands on ?x, and it is not held
    (holding ?x - block)         ; the gripper holds ?x
    (free-gripper))              ; the gripper holds nothing

  ; Take a block off the table.
  (:action pick-up
    :parameters (?x - block)
    :precondition (and (clear ?x) (on-table ?x) (free-gripper))
    :effect (and (holding ?x) (not (on-table ?x)) (not (clear ?x)) (not (free-gripper))))

  ; Put the held block onto the table.
  (:action put-down
    :parameters (?x - block)
    :precondition (holding ?x)
    :effect (and (on-table ?x) (clear ?x) (free-gripper) (not (holding ?x))))

  ; Put the held block onto another one.
  (:action stack
    :parameters (?x ?y - block)
    :precondition (and (holding ?x) (clear ?y))
    :effect (and (on ?x ?y) (clear ?x) (free-gripper) (not (holding ?x)) (not (clear ?y))))

  ; Take a block off another one.
  (:action unstack
    :parameters (?x ?y - block)
    :precondition (and (on ?x ?y) (clear ?x) (free-gripper))
    :effect (and (holding ?x) (clear ?y) (not (on ?x ?y)) (not (clear ?x)) (not (free-gripper)))))
