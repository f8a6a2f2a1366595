; Breakfast by a robot arm: water is boiled in a pot on the stove, bread is sliced and toasted, all of
; it is served on plates. README.md tells the laws.
(define (domain kitchen)
  (:requirements :strips :typing)

  (:types
    place - object
    surface burner rack - place         ; where things stand: counter or table, stove, toaster
    movable - object
    pot knife food plate - movable
    loaf slice egg - food)

  (:predicates
    (at ?m - movable ?p - place)        ; ?m stands on ?p
    (holding ?m - movable)              ; the gripper holds ?m
    (free-gripper)                      ; the gripper holds nothing
    (free ?p - place)                   ; nothing stands on the burner or rack ?p
    (near-tap ?s - surface)             ; a pot on ?s can be filled
    (filled ?o - pot)                   ; ?o holds water
    (on ?p - place)                     ; the burner or rack ?p is switched on
    (off ?p - place)                    ; ... is switched off
    (boiling ?o - pot)                  ; the water in ?o boils
    (uncut ?s - slice ?l - loaf)        ; ?s is still part of ?l
    (raw ?f - food)                     ; ?f is not yet cooked or toasted
    (done ?f - food)                    ; ?f is cooked or toasted
    (served ?f - food ?d - plate))      ; ?f lies on plate ?d

  ; Surfaces have room for everything; burner and rack take one thing.
  (:action pick
    :parameters (?m - movable ?s - surface)
    :precondition (and (at ?m ?s) (free-gripper))
    :effect (and (holding ?m) (not (at ?m ?s)) (not (free-gripper))))

  (:action place
    :parameters (?m - movable ?s - surface)
    :precondition (holding ?m)
    :effect (and (at ?m ?s) (free-gripper) (not (holding ?m))))

  (:action put-on-stove
    :parameters (?o - pot ?b - burner)
    :precondition (and (holding ?o) (free ?b))
    :effect (and (at ?o ?b) (free-gripper) (not (holding ?o)) (not (free ?b))))

  (:action take-off-stove
    :parameters (?o - pot ?b - burner)
    :precondition (and (at ?o ?b) (off ?b) (free-gripper))
    :effect (and (holding ?o) (free ?b) (not (at ?o ?b)) (not (free-gripper))))

  (:action fill
    :parameters (?o - pot ?s - surface)
    :precondition (and (at ?o ?s) (near-tap ?s) (free-gripper))
    :effect (filled ?o))

  ; Burners and racks have a knob; it takes a free gripper.
  (:action switch-on
    :parameters (?p - place)
    :precondition (and (off ?p) (free-gripper))
    :effect (and (on ?p) (not (off ?p))))

  (:action switch-off
    :parameters (?p - place)
    :precondition (and (on ?p) (free-gripper))
    :effect (and (off ?p) (not (on ?p))))

  (:action boil
    :parameters (?o - pot ?b - burner)
    :precondition (and (at ?o ?b) (on ?b) (filled ?o))
    :effect (boiling ?o))

  ; The held egg goes into boiling water and comes out cooked, onto a plate.
  (:action cook
    :parameters (?e - egg ?o - pot ?d - plate)
    :precondition (and (holding ?e) (raw ?e) (boiling ?o))
    :effect (and (done ?e) (served ?e ?d) (free-gripper) (not (raw ?e)) (not (holding ?e))))

  ; Cut a slice off a loaf with the held knife; it falls onto the surface.
  (:action cut
    :parameters (?s - slice ?l - loaf ?k - knife ?p - surface)
    :precondition (and (holding ?k) (at ?l ?p) (uncut ?s ?l))
    :effect (and (at ?s ?p) (raw ?s) (not (uncut ?s ?l))))

  (:action put-in-toaster
    :parameters (?s - slice ?r - rack)
    :precondition (and (holding ?s) (free ?r))
    :effect (and (at ?s ?r) (free-gripper) (not (holding ?s)) (not (free ?r))))

  (:action toast
    :parameters (?s - slice ?r - rack)
    :precondition (and (at ?s ?r) (on ?r) (raw ?s))
    :effect (and (done ?s) (not (raw ?s))))

  ; A slice leaves the toaster when it is switched off.
  (:action take-from-toaster
    :parameters (?s - slice ?r - rack)
    :precondition (and (at ?s ?r) (off ?r) (free-gripper))
    :effect (and (holding ?s) (free ?r) (not (at ?s ?r)) (not (free-gripper))))

  (:action serve
    :parameters (?f - food ?d - plate)
    :precondition (and (holding ?f) (done ?f))
    :effect (and (served ?f ?d) (free-gripper) (not (holding ?f)))))
