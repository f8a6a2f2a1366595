//! From what the network has seen and heard to commands, in either of two ways.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use ergon_controller::learned::ACTION;

use super::model::CHUNK;
use crate::dice::{Dice, Stream};
use crate::layers::linear;
use crate::onnx::{Graph, Value};

/// Width of the hidden layers.
const HIDDEN: usize = 512;
/// Numbers of an answer.
const ANSWER: usize = CHUNK * ACTION;
/// Steps from noise to commands.
const STEPS: usize = 8;
/// Waves by which the time is told.
const WAVES: usize = 8;

/// How commands are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeadKind {
    /// At once; learnt by L1 regression.
    #[default]
    Direct,
    /// Out of noise, by flow matching (Lipman et al. 2023, arXiv:2210.02747, as in pi0, Black et al. 2024,
    /// arXiv:2410.24164).
    Flow,
}

/// The layers.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a network")]
pub(super) enum Head {
    Direct(Direct),
    Flow(Flow),
}

/// Commands at once.
#[derive(Module, Debug)]
pub(super) struct Direct {
    hidden: Linear,
    action: Linear,
}

/// The velocity of what is still partly noise, on its straight way to the commands.
#[derive(Module, Debug)]
pub(super) struct Flow {
    seen: Linear,
    noised: Linear,
    time: Linear,
    hidden: Linear,
    velocity: Linear,
}

impl Head {
    /// Random layers for so many numbers seen.
    pub(super) fn new(kind: HeadKind, seen: usize, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        match kind {
            HeadKind::Direct => Self::Direct(Direct {
                hidden: linear(seen, HIDDEN),
                action: linear(HIDDEN, ANSWER),
            }),
            HeadKind::Flow => Self::Flow(Flow {
                seen: linear(seen, HIDDEN),
                noised: linear(ANSWER, HIDDEN),
                time: linear(2 * WAVES, HIDDEN),
                hidden: linear(HIDDEN, HIDDEN),
                velocity: linear(HIDDEN, ANSWER),
            }),
        }
    }

    /// What was seen, of shape (n, seen), to the signed square roots of commands of shape
    /// (n, [`CHUNK`], [`ACTION`]).
    pub(super) fn answer(&self, seen: Tensor<2>) -> Tensor<3> {
        let n = seen.dims()[0];
        let answer = match self {
            Self::Direct(direct) => direct.forward(seen),
            Self::Flow(flow) => flow.answer(seen),
        };
        answer.reshape([n, CHUNK, ACTION])
    }

    /// The loss of teaching these roots, weighted command by command.
    pub(super) fn loss(
        &self,
        seen: Tensor<2>,
        roots: Tensor<3>,
        weights: Tensor<3>,
        dice: &mut Dice,
    ) -> Tensor<1> {
        let whole = weights.clone().sum() * ACTION as f32;
        let wrong = match self {
            Self::Direct(_) => (self.answer(seen) - roots).abs(),
            Self::Flow(flow) => flow.wrong(seen, roots, dice),
        };
        (wrong * weights).sum() / whole
    }

    /// As in the model.
    pub(super) fn to_onnx(&self, g: &mut Graph, seen: &Value) -> Value {
        match self {
            Self::Direct(direct) => {
                let hidden = linear(g, seen, &direct.hidden);
                let hidden = g.relu(&hidden);
                linear(g, &hidden, &direct.action)
            }
            Self::Flow(flow) => flow.to_onnx(g, seen),
        }
    }
}

impl Direct {
    fn forward(&self, seen: Tensor<2>) -> Tensor<2> {
        self.action.forward(relu(self.hidden.forward(seen)))
    }
}

impl Flow {
    /// The velocity where `x` is at these times, of shape (n, 2 * [`WAVES`]) as waves.
    fn velocity(&self, seen: Tensor<2>, x: Tensor<2>, waves: Tensor<2>) -> Tensor<2> {
        let x = relu(seen + self.noised.forward(x) + self.time.forward(waves));
        self.velocity.forward(relu(self.hidden.forward(x)))
    }

    /// From noise, always the same, so that an answer follows from what was seen.
    fn answer(&self, seen: Tensor<2>) -> Tensor<2> {
        let (n, device) = (seen.dims()[0], seen.device());
        let row = |values: Vec<f32>| {
            let width = values.len();
            Tensor::<2>::from_data(TensorData::new(values, [1, width]), &device).expand([n, width])
        };
        let seen = self.seen.forward(seen);
        let mut x = row(noise());
        for step in 0..STEPS {
            let waves = row(waves(step as f64 / STEPS as f64).to_vec());
            x = x.clone() + self.velocity(seen.clone(), x, waves) / STEPS as f32;
        }
        x
    }

    /// Squared errors of the velocity at a random time on the way from noise to roots.
    fn wrong(&self, seen: Tensor<2>, roots: Tensor<3>, dice: &mut Dice) -> Tensor<3> {
        let (n, device) = (seen.dims()[0], seen.device());
        let tensor = |values: Vec<f32>, width: usize| {
            Tensor::<2>::from_data(TensorData::new(values, [n, width]), &device)
        };
        let noise = tensor((0..n * ANSWER).map(|_| dice.normal(1.0) as f32).collect(), ANSWER);
        // Early times, at which most is still to be decided, come more often, as in pi0.
        let times: Vec<f64> = (0..n).map(|_| 0.999 * (1.0 - dice.unit().powf(2.0 / 3.0))).collect();
        let told = tensor(times.iter().flat_map(|t| waves(*t)).collect(), 2 * WAVES);
        let times = tensor(times.iter().map(|t| *t as f32).collect(), 1);
        let roots = roots.reshape([n, ANSWER]);
        let x = noise.clone() * (1.0 - times.clone()) + roots.clone() * times;
        let velocity = self.velocity(self.seen.forward(seen), x, told);
        (velocity - (roots - noise)).powi_scalar(2).reshape([n, CHUNK, ACTION])
    }

    fn to_onnx(&self, g: &mut Graph, seen: &Value) -> Value {
        let seen = linear(g, seen, &self.seen);
        let mut x = g.constant(&[1, ANSWER], &noise());
        let share = g.constant(&[], &[1.0 / STEPS as f32]);
        for step in 0..STEPS {
            let told = g.constant(&[1, 2 * WAVES], &waves(step as f64 / STEPS as f64));
            let told = linear(g, &told, &self.time);
            let own = linear(g, &x, &self.noised);
            let sum = g.add(&own, &told);
            let sum = g.add(&sum, &seen);
            let sum = g.relu(&sum);
            let hidden = linear(g, &sum, &self.hidden);
            let hidden = g.relu(&hidden);
            let velocity = linear(g, &hidden, &self.velocity);
            let way = g.mul(&velocity, &share);
            x = g.add(&x, &way);
        }
        x
    }
}

/// The noise that every answer begins with.
fn noise() -> Vec<f32> {
    let mut dice = Dice::new(0, Stream::Training);
    (0..ANSWER).map(|_| dice.normal(1.0) as f32).collect()
}

/// A time from 0 to 1 as sines and cosines of [`WAVES`] waves, each half as fast again as the last.
fn waves(time: f64) -> [f32; 2 * WAVES] {
    std::array::from_fn(|i| {
        let angle = std::f64::consts::PI * time * 1.5_f64.powi((i / 2) as i32 + 1);
        (if i % 2 == 0 { libm::sin(angle) } else { libm::cos(angle) }) as f32
    })
}
