; Made by the generator in planner/tests/support/hanoi.rs.
(define (problem hanoi-7)
  (:domain hanoi)
  (:objects
    c1 c2 c3 c4 c5 c6 c7 - disk
    left middle right - peg
    table - surface)
  (:init
    (free-gripper)
    (clear c1) (clear middle) (clear right) (clear table)
    (on c1 c2)
    (on c2 c3)
    (on c3 c4)
    (on c4 c5)
    (on c5 c6)
    (on c6 c7)
    (on c7 left)
    (smaller c1 c2) (smaller c1 c3) (smaller c1 c4) (smaller c1 c5) (smaller c1 c6) (smaller c1 c7) (smaller c1 left) (smaller c1 middle) (smaller c1 right)
    (smaller c2 c3) (smaller c2 c4) (smaller c2 c5) (smaller c2 c6) (smaller c2 c7) (smaller c2 left) (smaller c2 middle) (smaller c2 right)
    (smaller c3 c4) (smaller c3 c5) (smaller c3 c6) (smaller c3 c7) (smaller c3 left) (smaller c3 middle) (smaller c3 right)
    (smaller c4 c5) (smaller c4 c6) (smaller c4 c7) (smaller c4 left) (smaller c4 middle) (smaller c4 right)
    (smaller c5 c6) (smaller c5 c7) (smaller c5 left) (smaller c5 middle) (smaller c5 right)
    (smaller c6 c7) (smaller c6 left) (smaller c6 middle) (smaller c6 right)
    (smaller c7 left) (smaller c7 middle) (smaller c7 right))
  (:goal (and
    (on c1 c2)
    (on c2 c3)
    (on c3 c4)
    (on c4 c5)
    (on c5 c6)
    (on c6 c7)
    (on c7 right))))
