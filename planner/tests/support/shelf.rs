// The problem of the crate's documentation, included by its examples.

use ergon_planner::{Domain, Problem};

const DOMAIN: &str = "
    (define (domain shelf)
      (:requirements :typing)
      (:types arm thing place)
      (:predicates (at ?t - thing ?p - place) (holding ?a - arm ?t - thing) (free ?a - arm))
      (:action pick :parameters (?a - arm ?t - thing ?p - place)
        :precondition (and (at ?t ?p) (free ?a))
        :effect (and (holding ?a ?t) (not (at ?t ?p)) (not (free ?a))))
      (:action place :parameters (?a - arm ?t - thing ?p - place)
        :precondition (holding ?a ?t)
        :effect (and (at ?t ?p) (free ?a) (not (holding ?a ?t)))))";

const PROBLEM: &str = "
    (define (problem tidy) (:domain shelf)
      (:objects left right - arm cup - thing table shelf sink - place)
      (:init (at cup table) (free left) (free right))
      (:goal (at cup shelf)))";

pub fn shelf() -> Problem {
    let domain = Domain::parse(DOMAIN, "domain.pddl").unwrap();
    Problem::parse(PROBLEM, "problem.pddl", &domain).unwrap()
}
