//! All moments of an episode that is over.

use std::sync::Arc;

use ergon_bench::trace::{ReplayReport, Trace, TraceEvent, replay};
use ergon_bench::{Cast, Networks};
use ergon_sim::Simulator;
use ergon_vocab::{CameraImage, Command, Perceiver};

use crate::{Kind, Moment, Narration, Setting, ViewerError, moment};

/// Where something happened that one may want to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When, s.
    pub time_secs: f64,
    /// What kind of thing.
    pub kind: Kind,
}

/// All moments of an episode, in order.
pub struct Timeline {
    setting: Arc<Setting>,
    moments: Vec<Moment>,
    /// Holds the pictures, which would fill the memory were they all unpacked.
    trace: Option<Trace>,
    /// What a viewer should know of what is shown.
    pub warning: Option<String>,
}

impl Timeline {
    /// The timeline of moments as they were.
    ///
    /// # Errors
    /// There are none.
    pub fn new(setting: Arc<Setting>, moments: Vec<Moment>) -> Result<Self, ViewerError> {
        if moments.is_empty() {
            return Err(ViewerError::Bug("the episode has no moment to show".into()));
        }
        Ok(Self { setting, moments, trace: None, warning: None })
    }

    /// The timeline of a trace. Its commands are executed again, which tells where everything was; with
    /// `networks` what the agent believed to see is worked out again from the recorded pictures.
    ///
    /// # Errors
    /// The scene cannot be set up from the texts in the trace.
    pub fn of_trace(trace: Trace, networks: Option<&Networks>) -> Result<Self, ViewerError> {
        let setup = trace.setup()?;
        let cast = setup.cast(&setup.scenario.instance(trace.seed))?;
        let mut teller = Teller::new(&trace);
        let (mut setting, mut moments) = (None, Vec::new());
        let report = replay(&trace, &mut |simulator: &Simulator, _| {
            setting.get_or_insert_with(|| {
                Setting::new(&setup, &cast, trace.seed, &trace.method, simulator)
            });
            moments.push(Moment::new(simulator, teller.until(simulator.time_secs())));
        })?;
        let Some(setting) = setting else {
            return Err(ViewerError::Bug("the trace has no moment to show".into()));
        };
        if let Some(networks) = networks {
            perceive_again(&trace, &cast, &setting, networks, &mut moments);
        }
        let mut timeline = Self::new(Arc::new(setting), moments)?;
        timeline.warning = warning(&report);
        timeline.trace = Some(trace);
        Ok(timeline)
    }

    /// What stays the same.
    pub fn setting(&self) -> &Arc<Setting> {
        &self.setting
    }

    /// How many moments there are; at least one.
    pub fn count(&self) -> usize {
        self.moments.len()
    }

    /// When the last moment is, s.
    pub fn end_secs(&self) -> f64 {
        self.moments.last().map_or(0.0, |m| m.time_secs)
    }

    /// Index of the last moment at or before a time.
    pub fn index_at(&self, time_secs: f64) -> usize {
        // Times are whole control steps; a scrubbed one may miss by a rounding error.
        let late = |m: &Moment| m.time_secs <= time_secs + 0.01 / Command::RATE_HZ;
        self.moments.partition_point(late).saturating_sub(1)
    }

    /// A moment by its index, with what the policy saw; the last one beyond the end.
    pub fn moment(&self, index: usize) -> Moment {
        let index = index.min(self.moments.len() - 1);
        let mut moment = self.moments[index].clone();
        if moment.pictures.is_empty() {
            moment.pictures = self.pictures(moment.step);
        }
        moment
    }

    /// A damaged picture is not worth more than its absence.
    fn pictures(&self, step: u64) -> Vec<CameraImage> {
        let observation = self.trace.as_ref().and_then(|t| t.observation(step).ok()).flatten();
        observation.map(|o| o.images).unwrap_or_default()
    }

    /// Where one may want to jump to, in order of time.
    pub fn marks(&self) -> Vec<Mark> {
        let told = self.moments.last().map(|m| &m.told);
        let lines = told.into_iter().flat_map(|t| &t.log).filter(|l| l.kind.is_mark());
        lines.map(|l| Mark { time_secs: l.time_secs, kind: l.kind }).collect()
    }
}

/// What a trace has told up to a time, told once.
struct Teller<'a> {
    /// What is still to be told: with what precedence at one time, and by what channel.
    rest: Vec<(Channel, &'a TraceEvent)>,
    told: Arc<Narration>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Channel {
    Plan,
    Facts,
    Event,
}

impl<'a> Teller<'a> {
    fn new(trace: &'a Trace) -> Self {
        let of = |channel, list: &'a [TraceEvent]| list.iter().map(move |e| (channel, e));
        let mut rest: Vec<_> = of(Channel::Plan, &trace.plans)
            .chain(of(Channel::Facts, &trace.facts))
            .chain(of(Channel::Event, &trace.events))
            .collect();
        // From the last to the first, so that the next one is taken from the end. A stable sort keeps the
        // order of what was told at one time by one channel, so it is turned round afterwards.
        rest.sort_by(|(a, x), (b, y)| x.time_secs.total_cmp(&y.time_secs).then(a.cmp(b)));
        rest.reverse();
        Self { rest, told: Arc::default() }
    }

    fn until(&mut self, time_secs: f64) -> Arc<Narration> {
        // Times that were kept in ns may be off by a rounding error.
        let until = time_secs + 1e-6;
        while let Some((channel, event)) = self.rest.pop_if(|(_, e)| e.time_secs <= until) {
            let told = Arc::make_mut(&mut self.told);
            match channel {
                Channel::Plan => told.hear_plan(&event.value),
                Channel::Facts => told.hear_facts(&event.value),
                Channel::Event => told.hear_event(event.time_secs, &event.value),
            }
        }
        self.told.clone()
    }
}

/// Believes again what the agent believed, as far as its networks are the same.
fn perceive_again(
    trace: &Trace,
    cast: &Cast,
    setting: &Setting,
    networks: &Networks,
    moments: &mut [Moment],
) {
    let Ok(setup) = trace.setup() else { return };
    let cell = cast.cell(&setup.scenario, &setup.scenario.instance(trace.seed));
    let Ok(mut perceiver) = networks.perceiver(cast.grounder.clone(), cell) else { return };
    for moment in moments {
        let Ok(Some(observation)) = trace.observation(moment.step) else { return };
        if observation.images.is_empty() {
            return;
        }
        let Ok(belief) = perceiver.perceive(&observation) else { return };
        moment.seen = moment::seen(&belief, setting);
    }
}

fn warning(report: &ReplayReport) -> Option<String> {
    let step = match report {
        ReplayReport::Identical { .. } => return None,
        ReplayReport::Differs { step, .. } | ReplayReport::Stopped { step, .. } => step,
    };
    let secs = *step as f64 / Command::RATE_HZ;
    Some(format!("this machine cannot repeat the trace beyond {secs:.2} s; the rest is not shown"))
}
