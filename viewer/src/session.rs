//! What is being shown and how it is steered, whatever draws it.

use std::sync::Arc;

use ergon_bench::{Method, Networks};

use crate::hand::{Hand, Ray};
use crate::playback::next_speed;
use crate::{
    LiveRun, Mark, Moment, Order, Play, Playback, Setting, Tidings, ViewerError, WallClock,
};

/// Loads the trained networks, when they are needed.
pub type LoadNetworks = Box<dyn Fn() -> Result<Networks, ViewerError>>;

/// Methods that one can change to, in turn.
const METHODS: [Method; 4] =
    [Method::NeuroSymbolic, Method::LearnedSkills, Method::LearnedPerception, Method::Scripted];

/// A run, or one or two traces.
enum Source {
    Live(Box<Live>),
    Traces(Playback),
}

struct Live {
    play: Play,
    run: LiveRun,
    setting: Option<Arc<Setting>>,
    /// The judge's verdict, or why there is none.
    verdict: Option<Result<bool, String>>,
    load: LoadNetworks,
}

/// What is shown, and the hand of who watches.
pub struct Session {
    source: Source,
    shown: Vec<(Arc<Setting>, Moment)>,
    /// Which moments of traces are shown.
    indices: Vec<usize>,
    /// The mouse.
    pub hand: Hand,
    /// Counts the scenes that were set up; a new one has other solids.
    pub scenes: u32,
    /// Something that the person should know.
    pub note: String,
}

impl Session {
    /// Shows a new run.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn live(play: Play, load: LoadNetworks) -> Result<Self, ViewerError> {
        let run = LiveRun::start(play.clone(), WallClock::new())?;
        let live = Live { play, run, setting: None, verdict: None, load };
        Ok(Self::of(Source::Live(Box::new(live))))
    }

    /// Shows recorded traces.
    pub fn traces(playback: Playback) -> Self {
        let warnings = playback.timelines().iter().filter_map(|t| t.warning.clone());
        let note = warnings.collect::<Vec<_>>().join("; ");
        let mut session = Self { note, ..Self::of(Source::Traces(playback)) };
        session.tick(0.0);
        session
    }

    fn of(source: Source) -> Self {
        let (shown, indices, hand) = (Vec::new(), Vec::new(), Hand::default());
        Self { source, shown, indices, hand, scenes: 0, note: String::new() }
    }

    /// What is shown now, one for each episode; nothing until a run has begun.
    pub fn shown(&self) -> &[(Arc<Setting>, Moment)] {
        &self.shown
    }

    /// Lets `secs` of wall time pass. True if there is something new to be seen.
    pub fn tick(&mut self, secs: f64) -> bool {
        match &mut self.source {
            Source::Live(live) => {
                let news = live.run.news();
                let any = !news.is_empty();
                news.into_iter().for_each(|tidings| self.hear(tidings));
                any
            }
            Source::Traces(playback) => {
                playback.advance(secs);
                let indices = playback.indices();
                if indices == self.indices {
                    return false;
                }
                let settings = playback.timelines().iter().map(|t| t.setting().clone());
                self.shown = settings.zip(playback.moments()).collect();
                (self.indices, self.scenes) = (indices, 1);
                true
            }
        }
    }

    fn hear(&mut self, tidings: Tidings) {
        let Source::Live(live) = &mut self.source else { return };
        match tidings {
            Tidings::Begun(setting) => live.setting = Some(setting),
            Tidings::Moment(moment) => {
                let Some(setting) = live.setting.clone() else { return };
                let known = self.shown.first().is_some_and(|(s, _)| Arc::ptr_eq(s, &setting));
                self.scenes += u32::from(!known);
                self.shown = vec![(setting, *moment)];
            }
            Tidings::Ended(result) => {
                live.verdict = Some(match *result {
                    Ok(record) => Ok(record.success),
                    Err(error) => {
                        self.note = error.to_string();
                        Err(error.to_string())
                    }
                });
            }
        }
    }

    /// Whether time goes on by itself.
    pub fn runs(&self) -> bool {
        match &self.source {
            Source::Live(live) => !live.play.paused && live.verdict.is_none(),
            Source::Traces(playback) => playback.playing,
        }
    }

    /// The judge's verdict on a live run, when there is one.
    pub fn verdict(&self) -> Option<&Result<bool, String>> {
        match &self.source {
            Source::Live(live) => live.verdict.as_ref(),
            Source::Traces(_) => None,
        }
    }

    /// Gives an order to the run; traces cannot be disturbed.
    pub fn order(&mut self, order: Order) {
        match &self.source {
            Source::Live(live) if live.verdict.is_none() => live.run.order(order),
            Source::Live(_) => self.note = "the episode is over: R begins a new one".into(),
            Source::Traces(_) => self.note = "what is recorded cannot be changed".into(),
        }
    }

    /// The mouse button goes down in a scene. True where the hand took hold of something.
    pub fn press(&mut self, episode: usize, ray: &Ray) -> bool {
        if let Source::Traces(_) = self.source {
            return false;
        }
        let Some((setting, moment)) = self.shown.get(episode) else { return false };
        self.hand.press(setting, moment, ray)
    }

    /// The mouse moves in a scene.
    pub fn moved(&mut self, ray: &Ray) {
        if let Some(order) = self.hand.moved(ray) {
            self.order(order);
        }
    }

    /// The mouse button goes up.
    pub fn release(&mut self) {
        if let Some(order) = self.hand.release() {
            self.order(order);
        }
    }

    /// Begins to put a goal together, or leaves it.
    pub fn toggle_goal(&mut self) {
        match &self.source {
            Source::Live(_) => self.hand.toggle_goal(),
            Source::Traces(_) => self.note = "what is recorded cannot be changed".into(),
        }
    }

    /// Gives the agent the goal that was put together.
    pub fn confirm_goal(&mut self) {
        if let Some(order) = self.hand.confirm_goal() {
            self.order(order);
        }
    }

    /// Goes on, or waits.
    pub fn toggle(&mut self) {
        self.note.clear();
        match &mut self.source {
            Source::Live(live) => {
                live.play.paused = !live.play.paused;
                live.run.order(if live.play.paused { Order::Pause } else { Order::Run });
            }
            Source::Traces(playback) => playback.toggle(),
        }
    }

    /// Some control steps on, or, in a trace, back; then it waits.
    pub fn step(&mut self, steps: i64) {
        match &mut self.source {
            Source::Live(live) => {
                live.play.paused = true;
                if let Ok(steps @ 1..) = u32::try_from(steps) {
                    live.run.order(Order::Step(steps));
                }
            }
            Source::Traces(playback) => playback.step(steps),
        }
    }

    /// The next speed, faster or slower. A run goes as fast as it can beyond the fastest.
    pub fn change_speed(&mut self, faster: bool) {
        match &mut self.source {
            Source::Live(live) => {
                let speed = match (live.play.speed, faster) {
                    (None, true) => None,
                    (None, false) => {
                        Some(crate::playback::SPEEDS[crate::playback::SPEEDS.len() - 1])
                    }
                    (Some(speed), _) => {
                        let next = next_speed(speed, faster);
                        (!faster || next > speed).then_some(next)
                    }
                };
                live.play.speed = speed;
                live.run.order(Order::Speed(speed));
            }
            Source::Traces(playback) => playback.speed = next_speed(playback.speed, faster),
        }
    }

    /// Begins anew, `seeds` further on.
    pub fn reset(&mut self, seeds: i64) {
        if let Source::Live(live) = &mut self.source {
            live.play.seed = live.play.seed.saturating_add_signed(seeds);
            self.begin();
        } else {
            self.seek(0.0);
        }
    }

    /// Begins anew with the next method whose networks there are.
    pub fn next_method(&mut self) {
        let Source::Live(live) = &mut self.source else { return };
        let now = METHODS.iter().position(|&m| m == live.play.method).unwrap_or(0);
        let method = METHODS[(now + 1) % METHODS.len()];
        if method.has_networks() && live.play.networks.is_none() {
            match (live.load)() {
                Ok(networks) => live.play.networks = Some(networks),
                Err(error) => {
                    self.note = error.to_string();
                    return;
                }
            }
        }
        live.play.method = method;
        self.begin();
    }

    fn begin(&mut self) {
        self.note.clear();
        self.hand = Hand::default();
        let Source::Live(live) = &mut self.source else { return };
        match LiveRun::start(live.play.clone(), WallClock::new()) {
            // The former run ends here.
            Ok(run) => (live.run, live.verdict) = (run, None),
            Err(error) => self.note = error.to_string(),
        }
    }

    /// Goes to a share of the whole time, where there is a whole.
    pub fn seek(&mut self, share: f64) {
        if let Source::Traces(playback) = &mut self.source {
            playback.seek(share * playback.end_secs());
        }
    }

    /// Goes to the next mark, or to the one before.
    pub fn to_mark(&mut self, next: bool) {
        match &mut self.source {
            Source::Traces(playback) if next => playback.to_next_mark(),
            Source::Traces(playback) => playback.to_previous_mark(),
            Source::Live(_) => self.note = "only a trace has a time line to jump on".into(),
        }
    }

    /// Where it is and where it ends, s; a run ends where it is.
    pub fn span(&self) -> (f64, f64) {
        let now = self.shown.iter().map(|(_, m)| m.time_secs).fold(0.0, f64::max);
        match &self.source {
            Source::Live(_) => (now, now),
            Source::Traces(playback) => (playback.at_secs(), playback.end_secs()),
        }
    }

    /// Where something happened.
    pub fn marks(&self) -> Vec<Mark> {
        if let Source::Traces(playback) = &self.source {
            return playback.marks();
        }
        let lines = self.shown.iter().flat_map(|(_, m)| &m.told.log);
        let marks = lines.filter(|l| l.kind.is_mark());
        marks.map(|l| Mark { time_secs: l.time_secs, kind: l.kind }).collect()
    }

    /// How it goes, in words.
    pub fn state(&self) -> String {
        let (now, end) = self.span();
        match &self.source {
            Source::Live(live) => {
                let speed =
                    live.play.speed.map_or("as fast as possible".into(), |s| format!("{s}x"));
                match &live.verdict {
                    Some(Ok(true)) => format!("{now:.1} s   judge: success"),
                    Some(Ok(false)) => format!("{now:.1} s   judge: failure"),
                    Some(Err(_)) => "it could not begin".into(),
                    None if live.play.paused => format!("{now:.2} s   paused"),
                    None => format!("{now:.1} s   {speed}"),
                }
            }
            Source::Traces(playback) if playback.playing => {
                format!("{now:.1} of {end:.1} s   {}x", playback.speed)
            }
            Source::Traces(_) => format!("{now:.2} of {end:.1} s   paused"),
        }
    }

    /// The keys that do something now, in words.
    pub fn keys(&self) -> &'static str {
        match (&self.source, &self.hand.goal) {
            (_, Some(_)) => {
                "click a block, then what it shall lie on   Enter give the goal   Esc leave"
            }
            (Source::Live(_), None) => {
                "Space pause   . step   + - speed   R again   N new seed   M method   G goal   \
                 1 2 3 view   B believed   click knock   drag move"
            }
            (Source::Traces(_), None) => {
                "Space play   , . step   [ ] marks   + - speed   Home start   1 2 3 view   \
                 B believed   drag turn"
            }
        }
    }
}
