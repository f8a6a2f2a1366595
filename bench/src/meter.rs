//! Books the processor time of the parts of an episode, by wrapping their ports.

use std::cell::RefCell;

use cpu_time::ThreadTime;
use ergon_energy::{Ledger, Span};
use ergon_vocab::{
    Belief, Command, Event, Literal, Observation, Observer, PerceiveError, Perceiver, PlanOutcome,
    Planner, Robot, RobotError, State, StepRecord,
};

/// The ledger of an episode while it runs. What no part has booked is the agent's acting.
pub(crate) struct Books {
    pub(crate) ledger: RefCell<Ledger>,
    start: ThreadTime,
}

impl Books {
    pub(crate) fn open() -> Self {
        Self { ledger: RefCell::default(), start: ThreadTime::now() }
    }

    /// What was spent so far.
    pub(crate) fn so_far(&self) -> Ledger {
        let mut ledger = self.ledger.borrow().clone();
        ledger.book(Span::Act, self.start.elapsed().saturating_sub(ledger.total()));
        ledger
    }
}

/// A port whose calls are booked on a span.
pub(crate) struct Metered<'a, T> {
    pub(crate) inner: T,
    pub(crate) span: Span,
    pub(crate) ledger: &'a RefCell<Ledger>,
}

impl<T> Metered<'_, T> {
    fn booked<R>(&mut self, call: impl FnOnce(&mut T) -> R) -> R {
        let start = ThreadTime::now();
        let result = call(&mut self.inner);
        self.ledger.borrow_mut().book(self.span, start.elapsed());
        result
    }
}

impl<T: Planner> Planner for Metered<'_, T> {
    fn plan(&mut self, state: &State, goal: &[Literal]) -> PlanOutcome {
        self.booked(|planner| planner.plan(state, goal))
    }
}

impl<T: Perceiver> Perceiver for Metered<'_, T> {
    fn perceive(&mut self, observation: &Observation) -> Result<Belief, PerceiveError> {
        self.booked(|perceiver| perceiver.perceive(observation))
    }

    fn forget(&mut self) {
        self.booked(Perceiver::forget);
    }
}

impl<T: Robot> Robot for Metered<'_, T> {
    fn observe(&mut self) -> Result<Observation, RobotError> {
        self.booked(T::observe)
    }

    fn step(&mut self, command: &Command) -> Result<Observation, RobotError> {
        self.booked(|robot| robot.step(command))
    }
}

impl<T: Observer> Observer for Metered<'_, &mut T> {
    fn on_event(&mut self, time_secs: f64, event: &Event) {
        self.booked(|observer| observer.on_event(time_secs, event));
    }

    fn on_step(&mut self, record: StepRecord<'_>) {
        self.booked(|observer| observer.on_step(record));
    }
}
