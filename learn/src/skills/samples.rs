//! From demonstrations to what the policy is trained on.

use ergon_controller::learned::{ACTION, Execution, FEATURES, PATCH, hand_picture};
use ergon_vocab::CameraSpec;

use super::model::CHUNK;
use crate::demonstrations::{Demonstration, Step};
use crate::dice::Dice;
use crate::mistake::Mistake;

/// One control step as the policy would meet it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Shape (3, patch, patch).
    pub patch: Vec<f32>,
    /// See [`Execution::features`].
    pub features: [f32; FEATURES],
    /// The expert's commands from here on, the last one repeated after the end.
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

    /// The samples of one execution, as an agent would meet them whose beliefs are a little wrong: the
    /// expert knew better, and the picture shows it.
    pub(super) fn of(&self, index: usize, dice: &mut Dice) -> Vec<Sample> {
        let steps = self.executions[index];
        let Some(first) = steps.first() else { return Vec::new() };
        let mut samples = Vec::with_capacity(steps.len());
        let Ok(mut execution) = Execution::start(&first.call.skill, &first.call.args, &first.truth)
        else {
            return samples;
        };
        execution.yaw += Mistake::turn(dice);
        let mistake = Mistake::new(&first.truth, dice);
        for (i, step) in steps.iter().enumerate() {
            let belief = mistake.applied(&step.truth, &step.call.args, dice);
            let mut patch = vec![0.0; 3 * PATCH * PATCH];
            let picture = hand_picture(&step.observation);
            let shown = picture.map(|p| execution.patch(&belief, self.camera, p, &mut patch));
            let (Some(Ok(())), Ok(features)) = (shown, execution.features(&belief)) else {
                continue;
            };
            let actions = chunk(&steps[i..]);
            let gripper = step.command.map_or(f64::from(actions[ACTION - 1]), |c| c.gripper);
            samples.push(Sample { patch, features, actions, done: step.command.is_none() });
            execution.remember(&belief, gripper);
        }
        samples
    }
}

fn chunk(steps: &[Step]) -> [f32; CHUNK * ACTION] {
    let mut actions = [0.0; CHUNK * ACTION];
    let mut last = [0.0; ACTION];
    for (k, out) in actions.chunks_exact_mut(ACTION).enumerate() {
        if let Some(command) = steps.get(k).and_then(|s| s.command) {
            last = command.to_array();
        } else {
            // After its end a skill stays where it is.
            last[..ACTION - 1].fill(0.0);
        }
        out.iter_mut().zip(last).for_each(|(to, from)| *to = from as f32);
    }
    actions
}
