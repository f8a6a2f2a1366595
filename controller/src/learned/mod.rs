//! Skills that a network has learnt from demonstrations.
//!
//! One small policy serves all skills, bodies and places: it is given the skill, its target as
//! believed, proprioception and a patch of the hand camera's picture, and answers with the commands of
//! the next steps and the probability that the skill has reached its end.

mod sense;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ergon_inference::Model;
use ergon_vocab::{Belief, CameraSpec, Command, ObjectId, Observation, Skill, SkillStatus};

use crate::scripted::Wait;

pub use sense::{Execution, FEATURES, HAND_CAMERA, PATCH, SKILLS, hand_picture};

/// Numbers of a command.
pub const ACTION: usize = 7;
/// Control steps after which a learned skill is called a timeout.
const BUDGET_STEPS: u64 = 150;
/// Probability of having reached the end from which a skill ends.
const DONE: f32 = 0.5;

/// The policy network with its buffers.
struct Policy {
    model: Model,
    camera: CameraSpec,
    patch: Vec<f32>,
    outputs: Vec<Vec<f32>>,
}

impl Policy {
    fn decide(
        &mut self,
        execution: &Execution,
        belief: &Belief,
        observation: &Observation,
    ) -> Result<(Command, bool), String> {
        let picture = hand_picture(observation)
            .ok_or_else(|| format!("the camera {HAND_CAMERA:?} gives no picture"))?;
        let features = execution.features(belief)?;
        execution.patch(belief, &self.camera, picture, &mut self.patch)?;
        self.model.run(&[&self.patch, &features], &mut self.outputs).map_err(|e| e.to_string())?;
        let mut action = [0.0; ACTION];
        for (to, from) in action.iter_mut().zip(&self.outputs[0]) {
            *to = from_root(f64::from(*from)).clamp(-1.0, 1.0);
        }
        action[ACTION - 1] = if action[ACTION - 1] > 0.0 { 1.0 } else { -1.0 };
        let done = self.outputs[1][0] > DONE && execution.may_end(belief)?;
        Ok((Command::from_array(action), done))
    }
}

/// A command's component of its signed square root, which is what the policy gives.
fn from_root(root: f64) -> f64 {
    root * root.abs()
}

/// The signed square root of a command's component. Learnt as such, small motions count as much as they
/// matter: they decide where the hand comes to rest.
pub fn to_root(component: f64) -> f64 {
    component.abs().sqrt().copysign(component)
}

/// A skill that the policy executes.
struct LearnedSkill {
    name: &'static str,
    policy: Rc<RefCell<Policy>>,
    execution: Option<Execution>,
}

impl Skill for LearnedSkill {
    fn name(&self) -> &str {
        self.name
    }

    fn budget_steps(&self) -> u64 {
        BUDGET_STEPS
    }

    fn start(&mut self, args: &[ObjectId], belief: &Belief, _: &Observation) -> Result<(), String> {
        self.execution = Some(Execution::start(self.name, args, belief)?);
        Ok(())
    }

    fn step(&mut self, belief: &Belief, observation: &Observation) -> SkillStatus {
        let Some(execution) = &mut self.execution else {
            return SkillStatus::Failed(format!("{} was not started", self.name));
        };
        if let Err(reason) = execution.check(belief) {
            return SkillStatus::Failed(reason);
        }
        match self.policy.borrow_mut().decide(execution, belief, observation) {
            Ok((_, true)) => SkillStatus::Done,
            Ok(_) if execution.stands() => execution.halted(belief),
            Ok((command, false)) => {
                execution.remember(belief, command.gripper);
                SkillStatus::Running(command)
            }
            Err(reason) => SkillStatus::Failed(reason),
        }
    }
}

/// All learned skills by name, and waiting, which needs no learning; `cameras` are those of the cell.
///
/// # Errors
/// The network's tensors are not those of a policy, or the cell has no hand camera; the text says
/// which.
pub fn skills(
    model: Model,
    cameras: &[CameraSpec],
) -> Result<BTreeMap<String, Box<dyn Skill>>, String> {
    let manifest = model.manifest();
    let shapes = |specs: &[ergon_inference::TensorSpec]| -> Vec<Vec<usize>> {
        specs.iter().map(|s| s.shape.clone()).collect()
    };
    let (inputs, outputs) = (shapes(&manifest.inputs), shapes(&manifest.outputs));
    let fits = inputs == [vec![1, 3, PATCH, PATCH], vec![1, FEATURES]]
        && matches!(&outputs[..], [actions, done]
            if actions.len() == 3 && actions[2] == ACTION && *done == [1, 1]);
    if !fits {
        return Err(format!(
            "{}: expected inputs (1, 3, {PATCH}, {PATCH}) and (1, {FEATURES}) and outputs \
             (1, steps, {ACTION}) and (1, 1), found {inputs:?} and {outputs:?}",
            manifest.name
        ));
    }
    let camera = cameras.iter().find(|c| c.name == HAND_CAMERA).cloned();
    let camera = camera.ok_or_else(|| format!("the policy asks for a camera {HAND_CAMERA:?}"))?;
    let patch = vec![0.0; 3 * PATCH * PATCH];
    let policy =
        Rc::new(RefCell::new(Policy { model, camera, patch, outputs: vec![Vec::new(); 2] }));
    let skill = |name: &'static str| -> (String, Box<dyn Skill>) {
        let policy = Rc::clone(&policy);
        (name.to_owned(), Box::new(LearnedSkill { name, policy, execution: None }))
    };
    let wait = Wait::default();
    let wait: (String, Box<dyn Skill>) = (wait.name().to_owned(), Box::new(wait));
    Ok(SKILLS.into_iter().map(skill).chain([wait]).collect())
}
