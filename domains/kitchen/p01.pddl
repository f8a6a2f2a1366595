; A slice of toast for one; stove and toaster are off in the end.
(define (problem kitchen-1)
  (:domain kitchen)
  (:objects
    counter table - surface
    stove - burner
    toaster - rack
    pot1 - pot
    bread-knife - knife
    bread - loaf
    s1 s2 - slice
    plate1 - plate)
  (:init
    (free-gripper)
    (near-tap counter)
    (free stove) (off stove)
    (free toaster) (off toaster)
    (at pot1 counter) (at bread-knife counter) (at bread table) (at plate1 table)
    (uncut s1 bread) (uncut s2 bread))
  (:goal (and
    (served s1 plate1)
    (off toaster) (off stove)
    (at bread-knife counter))))
