//! The way of a training, batch by batch, which may be interrupted and gone on with.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::checkpoint::TrainingState;
use crate::descent::{Descent, Progress};

/// Asks a training for what is needed to go on.
pub type Snapshot<'a> = dyn Fn() -> Result<TrainingState, String> + 'a;

/// Is told of trainings, and may remember how far they came. A training has one phase or several, each
/// by name.
pub trait Keeper {
    /// A phase begins: where an earlier run left it, if it did.
    ///
    /// # Errors
    /// What was kept cannot be read, or is of another training.
    fn begin(&mut self, phase: &str) -> Result<Option<TrainingState>, String>;

    /// A batch was learnt.
    ///
    /// # Errors
    /// What shall be kept cannot be written.
    fn told(
        &mut self,
        phase: &str,
        progress: Progress,
        snapshot: &Snapshot<'_>,
    ) -> Result<(), String>;
}

/// Keeps nothing.
impl Keeper for () {
    fn begin(&mut self, _: &str) -> Result<Option<TrainingState>, String> {
        Ok(None)
    }

    fn told(&mut self, _: &str, _: Progress, _: &Snapshot<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// A network on its way down a loss. Batches of an earlier run are not learnt again, but whatever is drawn
/// for them has to be drawn, so that all later draws are the same.
pub(crate) struct Walk<'k, M> {
    model: M,
    descent: Descent,
    keeper: &'k mut dyn Keeper,
    phase: &'k str,
    /// Batches that came by.
    at: usize,
}

impl<'k, M: Module> Walk<'k, M> {
    /// Begins a phase, or goes on with it.
    pub(crate) fn begin(
        model: M,
        descent: Descent,
        keeper: &'k mut dyn Keeper,
        phase: &'k str,
    ) -> Result<Self, String> {
        let (model, descent) = match keeper.begin(phase)? {
            Some(state) => descent.resumed(model, &state)?,
            None => (model, descent),
        };
        Ok(Self { model, descent, keeper, phase, at: 0 })
    }

    /// The next batch, whose loss is asked for only where it is still to be learnt.
    pub(crate) fn batch(&mut self, loss: impl FnOnce(&M) -> Tensor<1>) -> Result<(), String> {
        self.at += 1;
        if self.at <= self.descent.steps_done() {
            return Ok(());
        }
        let loss = loss(&self.model);
        let (better, progress) = self.descent.step(self.model.clone(), loss);
        self.model = better;
        let (descent, model) = (&self.descent, &self.model);
        self.keeper.told(self.phase, progress, &|| descent.state(model))
    }

    /// The network at the end.
    pub(crate) fn end(self) -> M {
        self.model
    }
}
