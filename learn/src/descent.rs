//! What all trainings share: the way down a loss, the learning rate over it, and parts of losses.

use std::sync::{Mutex, PoisonError};

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Bytes, Device, Tensor};

use crate::checkpoint::TrainingState;

/// What is told after every batch.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Batches done and to do.
    pub step: usize,
    /// See `step`.
    pub steps: usize,
    /// Loss of this batch.
    pub loss: f32,
}

/// Held while weights are drawn: the framework has one stream of random numbers for all threads.
static DRAWING: Mutex<()> = Mutex::new(());

/// A network whose weights follow from the seed alone. The framework would draw them when they are first
/// used, when others may have drawn from the same stream.
pub(crate) fn seeded<M: Module>(seed: u64, device: &Device, build: impl FnOnce() -> M) -> M {
    let _held = DRAWING.lock().unwrap_or_else(PoisonError::into_inner);
    device.seed(seed);
    let network = build();
    // Taking a record asks for every weight.
    network.clone().into_record();
    network
}

/// Adam (Kingma and Ba 2015) with a rate that rises at first and falls to the end.
pub(crate) struct Descent {
    optimiser: ModuleOptimizer,
    most: f64,
    step: usize,
    steps: usize,
}

impl Descent {
    /// A descent of so many steps with this highest learning rate.
    pub(crate) fn new(most: f64, steps: usize) -> Self {
        Self { optimiser: AdamConfig::new().init(), most, step: 0, steps }
    }

    /// One step down the gradient of a loss.
    pub(crate) fn step<M: Module>(&mut self, model: M, loss: Tensor<1>) -> (M, Progress) {
        let value = loss.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let model = self.optimiser.step(self.rate(), model, gradients);
        self.step += 1;
        (model, Progress { step: self.step, steps: self.steps, loss: value })
    }

    /// Steps that were made.
    pub(crate) fn steps_done(&self) -> usize {
        self.step
    }

    /// What is needed to go on with this network.
    ///
    /// # Errors
    /// The framework cannot write its state: a bug.
    pub(crate) fn state<M: Module>(&self, model: &M) -> Result<TrainingState, String> {
        let network = model.clone().into_record().into_bytes().map_err(|e| e.to_string())?;
        let optimiser = self.optimiser.into_bytes().map_err(|e| e.to_string())?;
        Ok(TrainingState {
            step: self.step,
            steps: self.steps,
            network: network.to_vec(),
            optimiser: optimiser.to_vec(),
        })
    }

    /// The descent and its network as they were; `model` is one of the same shape.
    ///
    /// # Errors
    /// The state is of another network; the text says how.
    pub(crate) fn resumed<M: Module>(
        self,
        model: M,
        state: &TrainingState,
    ) -> Result<(M, Self), String> {
        let bytes = |all: &[u8]| Bytes::from_bytes_vec(all.to_vec());
        let record = ModuleRecord::from_bytes(bytes(&state.network)).map_err(|e| e.to_string())?;
        let model = model.try_load_record(record).map_err(|e| e.to_string())?;
        let optimiser = self.optimiser.from_bytes(bytes(&state.optimiser));
        let optimiser = optimiser.map_err(|e| e.to_string())?;
        Ok((model, Self { optimiser, step: state.step, steps: state.steps, ..self }))
    }

    /// A linear start and a cosine end.
    fn rate(&self) -> f64 {
        let warm = (self.steps / 20).max(1);
        if self.step < warm {
            return self.most * (self.step + 1) as f64 / warm as f64;
        }
        let left = self.steps.saturating_sub(warm).max(1);
        let share = (self.step - warm) as f64 / left as f64;
        self.most * (0.5 + 0.5 * libm::cos(std::f64::consts::PI * share)).max(0.01)
    }
}

/// Negative logarithm of a Laplace density, summed over the last axis, which keeps an extent of 1.
pub(crate) fn laplace<const D: usize>(
    error: Tensor<D>,
    log_scale: Tensor<D>,
    bounds: [f32; 2],
) -> Tensor<D> {
    let log_scale = log_scale.clamp(bounds[0], bounds[1]);
    let components = error.dims()[D - 1] as f32;
    error.abs().sum_dim(D - 1) * log_scale.clone().neg().exp() + log_scale * components
}

/// Cross entropy of logits and truths of 0 and 1, element by element.
pub(crate) fn cross_entropy<const D: usize>(logits: Tensor<D>, truth: Tensor<D>) -> Tensor<D> {
    let yes = log_sigmoid(logits.clone()) * truth.clone();
    let no = log_sigmoid(logits.neg()) * (truth.neg() + 1.0);
    (yes + no).neg()
}
