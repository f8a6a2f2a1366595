use ergon_vocab::{Belief, Command, ObjectId, Observation, Skill, SkillStatus, Truth};

/// Waits, where it is, until a thing looks changed.
#[derive(Clone, Debug, Default)]
pub struct Wait {
    thing: Option<ObjectId>,
}

impl Skill for Wait {
    fn name(&self) -> &str {
        "wait"
    }

    fn budget_steps(&self) -> u64 {
        400
    }

    fn start(&mut self, args: &[ObjectId], _: &Belief, _: &Observation) -> Result<(), String> {
        let [thing] = args else { return Err("wait takes one object".into()) };
        self.thing = Some(*thing);
        Ok(())
    }

    fn step(&mut self, belief: &Belief, _: &Observation) -> SkillStatus {
        let Some(thing) = self.thing.and_then(|thing| belief.entities.get(&thing)) else {
            return SkillStatus::Failed("the object is lost".into());
        };
        match thing.changed.truth {
            Truth::True => SkillStatus::Done,
            Truth::False | Truth::Unknown => SkillStatus::Running(Command::hold(0.0)),
        }
    }
}
