//! From demonstrations to what the policy is trained on.

use ergon_controller::learned::{ACTION, Execution, FEATURES, PATCH, hand_picture, to_root};
use ergon_controller::scripted;
use ergon_vocab::{Belief, CameraSpec, Command, SkillStatus};

use super::model::CHUNK;
use crate::demonstrations::{Demonstration, Step};
use crate::dice::Dice;
use crate::mistake::Mistake;

/// The skill that ends when what is held stands.
const RELEASE: &str = "release";

/// One control step as the policy would meet it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Shape (3, patch, patch).
    pub patch: Vec<f32>,
    /// See [`Execution::features`].
    pub features: [f32; FEATURES],
    /// Signed square roots of the expert's commands from here on, the last one repeated after the end.
    pub actions: [f32; CHUNK * ACTION],
    /// Whether the skill has reached its end.
    pub done: bool,
}

/// The skill executions of demonstrations.
pub struct Samples<'a> {
    executions: Vec<&'a [Step]>,
    camera: &'a CameraSpec,
}

impl<'a> Samples<'a> {
    /// Cuts demonstrations into executions of skills; `camera` is the hand's.
    pub fn new(demonstrations: &'a [Demonstration], camera: &'a CameraSpec) -> Self {
        let executions =
            demonstrations.iter().flat_map(|d| d.steps.chunk_by(|_, next| !next.first)).collect();
        Self { executions, camera }
    }

    /// Number of executions.
    pub fn len(&self) -> usize {
        self.executions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.executions.is_empty()
    }

    /// The samples of one execution, as an agent would meet them whose beliefs are a little wrong.
    pub(super) fn of(&self, index: usize, dice: &mut Dice) -> Vec<Sample> {
        let steps = self.executions[index];
        let Some(first) = steps.first() else { return Vec::new() };
        let args = &first.call.args;
        let mistake = Mistake::new(&first.truth, dice);
        let beliefs: Vec<Belief> =
            steps.iter().map(|step| mistake.applied(&step.truth, args, dice)).collect();
        let Ok(mut execution) = Execution::start(&first.call.skill, args, &beliefs[0]) else {
            return Vec::new();
        };
        let commands = taught(steps, &beliefs);
        let mut samples = Vec::with_capacity(steps.len());
        for (i, (step, belief)) in steps.iter().zip(&beliefs).enumerate() {
            let mut patch = vec![0.0; 3 * PATCH * PATCH];
            let picture = hand_picture(&step.observation);
            let shown = picture.map(|p| execution.patch(belief, self.camera, p, &mut patch));
            let (Some(Ok(())), Ok(features)) = (shown, execution.features(belief)) else {
                continue;
            };
            let actions = chunk(&commands[i..]);
            samples.push(Sample { patch, features, actions, done: commands[i].is_none() });
            execution.remember(belief, f64::from(actions[ACTION - 1]));
        }
        samples
    }
}

/// What the expert would do at each step of an execution. It goes where it would go with the agent's
/// beliefs, so that the agent is not asked to guess how they are wrong; only when to let go it judges by
/// the truth, which the agent can feel.
fn taught(steps: &[Step], beliefs: &[Belief]) -> Vec<Option<Command>> {
    let first = &steps[0];
    let truly = || steps.iter().map(|step| step.command).collect();
    if first.call.skill == RELEASE {
        return truly();
    }
    let Some(mut tutor) = scripted::skills().remove(&first.call.skill) else { return truly() };
    if tutor.start(&first.call.args, &beliefs[0], &first.observation).is_err() {
        return truly();
    }
    let advice = steps.iter().zip(beliefs).map(|(step, belief)| {
        match tutor.step(belief, &step.observation) {
            SkillStatus::Running(command) => Some(command),
            SkillStatus::Done => None,
            SkillStatus::Failed(_) => step.command,
        }
    });
    advice.collect()
}

fn chunk(commands: &[Option<Command>]) -> [f32; CHUNK * ACTION] {
    let mut actions = [0.0; CHUNK * ACTION];
    let mut last = [0.0; ACTION];
    for (k, out) in actions.chunks_exact_mut(ACTION).enumerate() {
        if let Some(command) = commands.get(k).copied().flatten() {
            last = command.to_array();
        } else {
            // After its end a skill stays where it is.
            last[..ACTION - 1].fill(0.0);
        }
        out.iter_mut().zip(last).for_each(|(to, from)| *to = to_root(from) as f32);
    }
    actions
}
