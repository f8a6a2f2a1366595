; Seven blocks: two towers become one.
(define (problem blocks-2)
  (:domain blocks)
  (:objects a b c d e f g - block)
  (:init
    (free-gripper)
    (on-table a) (on b a) (on c b) (clear c)
    (on-table d) (on e d) (on f e) (on g f) (clear g))
  (:goal (and (on a e) (on e b) (on b g) (on g c) (on c d) (on d f))))
