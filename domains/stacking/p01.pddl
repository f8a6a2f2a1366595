; Three cubes on the table become a tower on the middle platform, the largest below.
(define (problem three-cubes)
  (:domain stacking)
  (:objects
    small medium large - cube
    left middle right - platform
    table - surface)
  (:init
    (loose small table) (loose medium table) (loose large table)
    (clear small) (clear medium) (clear large)
    (clear left) (clear middle) (clear right) (clear table)
    (smaller small medium) (smaller small large) (smaller medium large)
    (smaller small left) (smaller small middle) (smaller small right)
    (smaller medium left) (smaller medium middle) (smaller medium right)
    (smaller large left) (smaller large middle) (smaller large right)
    (free-gripper))
  (:goal (and (on small medium) (on medium large) (on large middle))))
