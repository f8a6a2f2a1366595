//! Which skills execute which action.

use std::collections::BTreeMap;

use ergon_vocab::{ActionId, ActionSymbol, GroundAction, ObjectId, SkillCall, Symbols};
use thiserror::Error;

/// A skill over an action's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillStep {
    /// Name of the skill.
    pub skill: String,
    /// Its arguments: parameters of the action (with `?`) or names of objects.
    pub args: Vec<String>,
}

/// A binding that does not fit the domain or the skills.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BindingError {
    /// The domain has an action that is bound to nothing.
    #[error("the domain's action {0:?} is bound to no skills")]
    Unbound(String),
    /// An action is bound that the domain does not have.
    #[error("{0:?} is bound to skills, but the domain has no such action")]
    NotInDomain(String),
    /// A skill is named that does not exist.
    #[error("action {action:?} asks for the skill {skill:?}; known are {known}")]
    NoSuchSkill {
        /// Name of the action.
        action: String,
        /// Name of the skill.
        skill: String,
        /// The skills there are.
        known: String,
    },
    /// An argument is neither a parameter of the action nor an object.
    #[error(
        "action {action:?} hands {argument:?} to a skill; it is neither a parameter nor an object"
    )]
    NoSuchArgument {
        /// Name of the action.
        action: String,
        /// The argument.
        argument: String,
    },
}

#[derive(Clone, Copy, Debug)]
enum Argument {
    Parameter(usize),
    Object(ObjectId),
}

/// Binds one skill of an action: its arguments are parameters of the action or objects.
fn bind(
    symbols: &Symbols,
    action: &ActionSymbol,
    step: &SkillStep,
    skills: &[&str],
) -> Result<(String, Vec<Argument>), BindingError> {
    if !skills.contains(&step.skill.as_str()) {
        return Err(BindingError::NoSuchSkill {
            action: action.name.clone(),
            skill: step.skill.clone(),
            known: skills.join(", "),
        });
    }
    let argument = |name: &String| {
        let parameter = action.parameters.iter().position(|(n, _)| n == name);
        let object = || symbols.object(name).map(Argument::Object);
        parameter.map(Argument::Parameter).or_else(object).ok_or_else(|| {
            BindingError::NoSuchArgument { action: action.name.clone(), argument: name.clone() }
        })
    };
    let args = step.args.iter().map(argument).collect::<Result<_, _>>()?;
    Ok((step.skill.clone(), args))
}

/// The skills of every action, checked against the domain.
#[derive(Clone, Debug)]
pub struct ActionBindings(BTreeMap<ActionId, Vec<(String, Vec<Argument>)>>);

impl ActionBindings {
    /// Binds every action of the domain to skills, by name.
    ///
    /// # Errors
    /// An action is unbound or unknown, a skill is unknown, or an argument means nothing.
    pub fn new(
        symbols: &Symbols,
        bindings: &BTreeMap<String, Vec<SkillStep>>,
        skills: &[&str],
    ) -> Result<Self, BindingError> {
        if let Some(name) = bindings.keys().find(|name| symbols.action(name).is_none()) {
            return Err(BindingError::NotInDomain(name.clone()));
        }
        let mut bound = BTreeMap::new();
        for (index, action) in symbols.actions.iter().enumerate() {
            let steps = bindings
                .get(&action.name)
                .ok_or_else(|| BindingError::Unbound(action.name.clone()))?;
            let calls = steps
                .iter()
                .map(|step| bind(symbols, action, step, skills))
                .collect::<Result<_, _>>()?;
            bound.insert(ActionId(index as u32), calls);
        }
        Ok(Self(bound))
    }

    /// Only the last skill of each action: for skills that do a whole action by themselves.
    #[must_use]
    pub fn last_only(mut self) -> Self {
        for calls in self.0.values_mut() {
            calls.drain(..calls.len().saturating_sub(1));
        }
        self
    }

    /// The skill calls that execute an action, in order.
    pub fn calls(&self, action: &GroundAction) -> Vec<SkillCall> {
        let steps = self.0.get(&action.schema).map(Vec::as_slice).unwrap_or_default();
        steps
            .iter()
            .map(|(skill, args)| SkillCall {
                skill: skill.clone(),
                args: args
                    .iter()
                    .filter_map(|argument| match argument {
                        Argument::Parameter(i) => action.args.get(*i).copied(),
                        Argument::Object(id) => Some(*id),
                    })
                    .collect(),
            })
            .collect()
    }
}
