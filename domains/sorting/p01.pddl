; Four items, two colours; one item lies in the wrong bin and one bin is closed.
(define (problem sorting-1)
  (:domain sorting)
  (:objects
    i1 i2 i3 i4 - item
    red-bin blue-bin - bin
    red blue - colour)
  (:init
    (free-gripper)
    (on-table i1) (on-table i2) (on-table i3) (in i4 red-bin)
    (open red-bin) (closed blue-bin)
    (item-colour i1 red) (item-colour i2 blue) (item-colour i3 red) (item-colour i4 blue)
    (bin-colour red-bin red) (bin-colour blue-bin blue))
  (:goal (and
    (sorted i1) (sorted i2) (sorted i3) (sorted i4)
    (closed red-bin) (closed blue-bin))))
