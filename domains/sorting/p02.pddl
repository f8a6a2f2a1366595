; Eight items, three colours, all bins closed; two items lie in wrong bins.
(define (problem sorting-2)
  (:domain sorting)
  (:objects
    i1 i2 i3 i4 i5 i6 i7 i8 - item
    red-bin green-bin blue-bin - bin
    red green blue - colour)
  (:init
    (free-gripper)
    (on-table i1) (on-table i2) (on-table i3) (on-table i4) (on-table i5) (on-table i6)
    (in i7 red-bin) (in i8 green-bin)
    (closed red-bin) (closed green-bin) (closed blue-bin)
    (item-colour i1 red) (item-colour i2 green) (item-colour i3 blue) (item-colour i4 red)
    (item-colour i5 green) (item-colour i6 blue) (item-colour i7 green) (item-colour i8 blue)
    (bin-colour red-bin red) (bin-colour green-bin green) (bin-colour blue-bin blue))
  (:goal (and
    (sorted i1) (sorted i2) (sorted i3) (sorted i4)
    (sorted i5) (sorted i6) (sorted i7) (sorted i8)
    (closed red-bin) (closed green-bin) (closed blue-bin))))
