//! How well the agent perceives: what it believes beside what is true, at every control step of
//! episodes that the expert plays.

use std::collections::BTreeMap;

use ergon_perception::PixelPerceiver;
use ergon_sim::Simulator;
use ergon_vocab::{Belief, Event, Observer, Perceiver, StepRecord, Symbols, Truth};
use serde::Serialize;

use crate::{Networks, Opening, Watcher};

/// Errors and confusions over episodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sight {
    /// Distances of believed from true centres, m.
    pub place_errors: Vec<f64>,
    /// Believed less true edges, m.
    pub edge_errors: Vec<f64>,
    /// Differences of turns up to quarter turns, rad.
    pub turn_errors: Vec<f64>,
    /// Place errors over their believed standard deviations.
    pub surprises: Vec<f64>,
    /// Moments at which a body was not known at all.
    pub unknown: u64,
    /// For each predicate, how often it was false or true and believed false, true or unknown.
    pub facts: BTreeMap<String, [[u64; 3]; 2]>,
}

impl Sight {
    /// Adds another one's counts.
    pub fn add(&mut self, other: &Self) {
        self.place_errors.extend(&other.place_errors);
        self.edge_errors.extend(&other.edge_errors);
        self.turn_errors.extend(&other.turn_errors);
        self.surprises.extend(&other.surprises);
        self.unknown += other.unknown;
        for (name, counts) in &other.facts {
            let own = self.facts.entry(name.clone()).or_default();
            for (own, more) in own.iter_mut().flatten().zip(counts.iter().flatten()) {
                *own += more;
            }
        }
    }

    fn compare(&mut self, truth: &Belief, believed: &Belief, symbols: &Symbols) {
        for (id, body) in truth.bodies() {
            let Some(seen) = believed.entities.get(&id) else {
                self.unknown += 1;
                continue;
            };
            let away = (seen.pose.translation.vector - body.pose.translation.vector).norm();
            self.place_errors.push(away);
            self.surprises.push(away / seen.position_std);
            self.edge_errors.push(seen.size.x - body.size.x);
            let quarter = std::f64::consts::FRAC_PI_2;
            let turn = seen.yaw() - body.yaw();
            self.turn_errors.push((turn - (turn / quarter).round() * quarter).abs());
        }
        for (atom, fact) in truth.facts.iter() {
            let name = symbols.predicate_name(atom.predicate).to_owned();
            let believed = match believed.facts.get(atom).truth {
                Truth::False => 0,
                Truth::True => 1,
                Truth::Unknown => 2,
            };
            self.facts.entry(name).or_default()[usize::from(fact.is_true())][believed] += 1;
        }
    }
}

/// A watcher that perceives what the expert's robot senses, without a say.
pub struct SightWatcher<'a> {
    networks: &'a Networks,
    perceiver: Option<PixelPerceiver>,
    symbols: Option<Symbols>,
    /// What was found.
    pub sight: Sight,
    /// Why perceiving failed, if it did.
    pub failure: Option<String>,
}

impl<'a> SightWatcher<'a> {
    /// A watcher with these networks.
    pub fn new(networks: &'a Networks) -> Self {
        Self { networks, perceiver: None, symbols: None, sight: Sight::default(), failure: None }
    }
}

impl Observer for SightWatcher<'_> {
    fn on_event(&mut self, _: f64, _: &Event) {}

    fn on_step(&mut self, record: StepRecord<'_>) {
        let (Some(perceiver), Some(symbols)) = (&mut self.perceiver, &self.symbols) else { return };
        match perceiver.perceive(record.observation) {
            Ok(believed) => self.sight.compare(record.belief, &believed, symbols),
            Err(error) => self.failure = Some(error.to_string()),
        }
    }
}

impl Watcher for SightWatcher<'_> {
    fn on_begin(&mut self, opening: &Opening<'_>) {
        let Opening { setup, cast, seed, .. } = *opening;
        let cell = cast.cell(&setup.scenario, &setup.scenario.instance(seed));
        self.symbols = Some(cast.task.symbols().clone());
        match self.networks.perceiver(cast.grounder.clone(), cell) {
            Ok(perceiver) => self.perceiver = Some(perceiver),
            Err(why) => self.failure = Some(why),
        }
    }

    fn on_moment(&mut self, _: &Simulator) {}
}
