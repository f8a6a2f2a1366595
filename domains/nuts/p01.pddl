; A round and a square nut: four steps.
(define (problem nuts-2)
  (:domain nuts)
  (:objects
    n1 n2 - nut
    round square - peg
    table - surface)
  (:init
    (loose n1 table) (clear n1) (matches n1 round)
    (loose n2 table) (clear n2) (matches n2 square)
    (clear round) (clear square) (clear table)
    (free-gripper))
  (:goal (and (fitted n1) (fitted n2))))
