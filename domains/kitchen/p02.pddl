; An egg and two slices of toast on two plates; everything is off and the pot is off the stove in the
; end.
(define (problem kitchen-2)
  (:domain kitchen)
  (:objects
    counter table - surface
    stove - burner
    toaster - rack
    pot1 - pot
    bread-knife - knife
    bread - loaf
    s1 s2 - slice
    egg1 - egg
    plate1 plate2 - plate)
  (:init
    (free-gripper)
    (near-tap counter)
    (free stove) (off stove)
    (free toaster) (off toaster)
    (at pot1 table) (at bread-knife counter) (at bread table)
    (at egg1 counter) (raw egg1)
    (at plate1 table) (at plate2 table)
    (uncut s1 bread) (uncut s2 bread))
  (:goal (and
    (served egg1 plate1) (served s1 plate1) (served s2 plate2)
    (off toaster) (off stove) (at pot1 counter)
    (at bread-knife counter))))
