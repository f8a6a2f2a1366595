; Three items, two bins: six steps.
(define (problem bins-3)
  (:domain bins)
  (:objects
    i1 i2 i3 - item
    warm cool - bin
    table - surface)
  (:init
    (loose i1 table) (clear i1) (matches i1 warm)
    (loose i2 table) (clear i2) (matches i2 cool)
    (in i3 warm) (clear i3) (matches i3 cool)
    (free-gripper))
  (:goal (and (sorted i1) (sorted i2) (sorted i3))))
