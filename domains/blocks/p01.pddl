; Four blocks: a tower is turned upside down.
(define (problem blocks-1)
  (:domain blocks)
  (:objects a b c d - block)
  (:init
    (free-gripper)
    (on-table d) (on c d) (on b c) (on a b) (clear a))
  (:goal (and (on d c) (on c b) (on b a))))
