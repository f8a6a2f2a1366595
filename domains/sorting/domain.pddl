; Sorting by colour: an arm takes items from a table or out of bins and puts each into a bin of its
; colour. Bins have lids, and a closed bin takes nothing. README.md tells the laws.
(define (domain sorting)
  (:requirements :strips :typing)

  (:types
    item bin colour - object)

  (:predicates
    (on-table ?i - item)               ; ?i lies on the table
    (in ?i - item ?b - bin)            ; ?i lies in ?b
    (holding ?i - item)                ; the gripper holds ?i
    (free-gripper)                     ; the gripper holds nothing
    (open ?b - bin)                    ; the lid of ?b is open
    (closed ?b - bin)                  ; the lid of ?b is closed
    (item-colour ?i - item ?c - colour)
    (bin-colour ?b - bin ?c - colour)
    (sorted ?i - item))                ; ?i lies in a bin of its colour

  ; Take an item off the table.
  (:action pick
    :parameters (?i - item)
    :precondition (and (on-table ?i) (free-gripper))
    :effect (and (holding ?i) (not (on-table ?i)) (not (free-gripper))))

  ; Take an item out of an open bin, where it may be wrong.
  (:action take-out
    :parameters (?i - item ?b - bin)
    :precondition (and (in ?i ?b) (open ?b) (free-gripper))
    :effect (and (holding ?i) (not (in ?i ?b)) (not (free-gripper)) (not (sorted ?i))))

  ; Put the held item into an open bin of its colour.
  (:action put-in
    :parameters (?i - item ?b - bin ?c - colour)
    :precondition (and (holding ?i) (open ?b) (item-colour ?i ?c) (bin-colour ?b ?c))
    :effect (and (in ?i ?b) (sorted ?i) (free-gripper) (not (holding ?i))))

  ; Put the held item onto the table.
  (:action put-down
    :parameters (?i - item)
    :precondition (holding ?i)
    :effect (and (on-table ?i) (free-gripper) (not (holding ?i))))

  ; The lid is moved by the same gripper.
  (:action open-lid
    :parameters (?b - bin)
    :precondition (and (closed ?b) (free-gripper))
    :effect (and (open ?b) (not (closed ?b))))

  (:action close-lid
    :parameters (?b - bin)
    :precondition (and (open ?b) (free-gripper))
    :effect (and (closed ?b) (not (open ?b)))))
