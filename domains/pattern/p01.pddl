; Three models stand in a row; two copies lie about, one is in its place: four steps.
(define (problem pattern-p01)
  (:domain pattern)
  (:objects
    m1 m2 m3 - model
    c1 c2 c3 - copy
    s1 s2 s3 - stand
    t1 t2 t3 - slot
    table - surface)
  (:init
    (on m1 s2) (on m2 s3) (on m3 s1)
    (on c3 t1) (copied c3) (loose c1 table) (loose c2 table)
    (counterpart c1 t2) (counterpart c2 t3) (counterpart c3 t1)
    (clear m1) (clear m2) (clear m3) (clear c1) (clear c2) (clear c3)
    (clear t2) (clear t3) (clear table)
    (free-gripper))
  (:goal (and (copied c1) (copied c2) (copied c3))))
