//! The kinds of work that energy is booked on.

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// Making data, learning from it and writing the networks.
    Train,
    /// Searching for a plan.
    Plan,
    /// From observation to belief.
    Perceive,
    /// Skills and the executive's own decisions.
    Act,
    /// Physics. Not part of the agent: on a real arm it falls away.
    Simulate,
    /// Pictures of the simulated cameras. On a real arm the cameras make them.
    Render,
    /// What the meter counted and no other span claims.
    Idle,
}

impl Span {
    /// All spans with their names.
    pub const ALL: [(&'static str, Self); 7] = [
        ("train", Self::Train),
        ("plan", Self::Plan),
        ("perceive", Self::Perceive),
        ("act", Self::Act),
        ("simulate", Self::Simulate),
        ("render", Self::Render),
        ("idle", Self::Idle),
    ];

    /// Whether the span is the running agent's: neither its training, nor the world that the simulator
    /// plays, nor the machine's idling.
    pub fn is_agent(self) -> bool {
        matches!(self, Self::Plan | Self::Perceive | Self::Act)
    }
}
