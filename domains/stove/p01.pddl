; Bread and pan lie about: toast and serve, the stove off in the end. 9 steps.
(define (problem toast)
  (:domain stove)
  (:objects
    bread1 - bread
    pan1 - pan
    hob - stove
    plate - place
    knob - button
    table - surface)
  (:init
    (loose bread1 table) (clear bread1)
    (loose pan1 table) (clear pan1)
    (fits bread1 pan1) (fits bread1 hob) (fits bread1 plate) (fits pan1 hob) (fits pan1 plate)
    (clear hob) (clear plate) (clear table)
    (free-gripper))
  (:goal (and (cooked bread1) (on bread1 pan1) (on pan1 plate) (not (is-on knob)))))
