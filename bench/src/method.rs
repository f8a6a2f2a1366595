//! The methods that can be run.

use std::fmt;
use std::str::FromStr;

/// How the agent acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Planner and executive on facts from pixels, with learned skills: the agent proper.
    NeuroSymbolic,
    /// Hand-written skills and the oracle perceiver: the expert, and the upper bound.
    Scripted,
    /// Learned skills and the oracle perceiver, for ablation.
    LearnedSkills,
    /// Facts from pixels and hand-written skills, for ablation.
    LearnedPerception,
    /// A vision-language-action policy that is told the whole task.
    Vla,
    /// Such a policy that the planner tells one step after the other, by the simulator's own facts, as in
    /// the reference experiment.
    GuidedVla,
}

impl Method {
    /// All methods with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("neuro-symbolic", Self::NeuroSymbolic),
        ("scripted", Self::Scripted),
        ("learned-skills", Self::LearnedSkills),
        ("learned-perception", Self::LearnedPerception),
        ("vla", Self::Vla),
        ("planner-guided-vla", Self::GuidedVla),
    ];

    /// Whether what the agent believes comes from pixels.
    pub fn perceives(self) -> bool {
        matches!(self, Self::NeuroSymbolic | Self::LearnedPerception)
    }

    /// Whether the skills are those of the policy network.
    pub fn has_learned_skills(self) -> bool {
        matches!(self, Self::NeuroSymbolic | Self::LearnedSkills)
    }

    /// Whether the agent's own networks are part of it.
    pub fn has_networks(self) -> bool {
        self.perceives() || self.has_learned_skills()
    }

    /// Whether a policy is told in words what to do.
    pub fn is_instructed(self) -> bool {
        matches!(self, Self::Vla | Self::GuidedVla)
    }

    /// Whether anything looks at pictures.
    pub fn sees(self) -> bool {
        self.has_networks() || self.is_instructed()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, m)| m == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, m)| *m).ok_or_else(|| {
            let known = Self::ALL.map(|(n, _)| n).join(", ");
            format!("expected one of {known}, found {name:?}")
        })
    }
}
