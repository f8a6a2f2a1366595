//! The network as an ONNX graph.

use burn::nn::conv::Conv2d as Layer;
use ergon_controller::learned::ACTION;
use ergon_controller::vla::{PIXELS, PROPRIOCEPTION, WORDS};

use super::model::{Block, CHANNELS, CHUNK, HEADS, KEYPOINTS, Network, PATCHES, WIDTH};
use crate::detector::grid_values;
use crate::layers::{conv, layer_norm, linear, point, weights};
use crate::onnx::{Graph, Value};

/// The graph: `pictures` (1, cameras, 3, pixels, pixels), 0 to 1, `words` (1, words), their numbers, and
/// `proprioception` (1, proprioception), standardised, to `actions` (1, chunk, action), signed square
/// roots.
pub fn to_onnx(network: &Network) -> Vec<u8> {
    let cameras = network.keypoints.len();
    let mut g = Graph::new("vla");
    let pictures = g.input("pictures", &[1, cameras, 3, PIXELS, PIXELS]);
    let words = g.input("words", &[1, WORDS]);
    let proprioception = g.input("proprioception", &[1, PROPRIOCEPTION]);
    let numbers = g.to_i64(&words);
    let table = weights(&mut g, &network.words.weight);
    let words = g.gather(&table, &numbers, 0);
    let mean = g.reduce_mean(&words, &[1], false);
    let told = linear(&mut g, &mean, &network.film);
    let mut tokens = Vec::new();
    let mut direct = vec![proprioception.clone()];
    for (camera, layer) in network.keypoints.iter().enumerate() {
        let picture = g.slice(&pictures, 1, camera as i64, camera as i64 + 1);
        let pixels = PIXELS as i64;
        let picture = g.reshape(&picture, &[1, 3, pixels, pixels]);
        let (keypoints, patches) = look(&mut g, network, &picture, &told);
        let own = linear(&mut g, &keypoints, layer);
        tokens.push(g.reshape(&own, &[1, 1, WIDTH as i64]));
        tokens.push(patches);
        direct.push(keypoints);
    }
    tokens.push(words);
    let own = linear(&mut g, &proprioception, &network.proprioception);
    tokens.push(g.reshape(&own, &[1, 1, WIDTH as i64]));
    tokens.push(g.constant(&[1, 1, WIDTH], &[0.0; WIDTH]));
    let tokens = g.concat(&tokens.iter().collect::<Vec<_>>(), 1);
    let places = weights(&mut g, &network.places);
    let mut x = g.add(&tokens, &places);
    let count = network.places.val().dims()[0] as i64;
    for layers in &network.blocks {
        x = block(&mut g, layers, &x, count);
    }
    let last = g.slice(&x, 1, count - 1, count);
    let last = g.reshape(&last, &[1, WIDTH as i64]);
    direct.insert(0, layer_norm(&mut g, &last, &network.norm));
    let read = g.concat(&direct.iter().collect::<Vec<_>>(), 1);
    let actions = network.head.to_onnx(&mut g, &read);
    let shape = [1, CHUNK, ACTION];
    let actions = g.reshape(&actions, &shape.map(|n| n as i64));
    g.output("actions", &actions, &shape);
    g.finish()
}

/// As in the model.
fn look(g: &mut Graph, network: &Network, picture: &Value, told: &Value) -> (Value, Value) {
    let half = g.constant(&[], &[0.5]);
    let x = g.sub(picture, &half);
    let x = conv(g, &x, &network.stem[0], 1);
    let x = g.relu(&x);
    let x = conv(g, &x, &network.stem[1], 1);
    let channels = CHANNELS as i64;
    let mut part = |i: i64| {
        let own = g.slice(told, 1, i * channels, (i + 1) * channels);
        g.reshape(&own, &[1, channels, 1, 1])
    };
    let (scale, shift) = (part(0), part(1));
    let one = g.constant(&[], &[1.0]);
    let scale = g.add(&scale, &one);
    let x = g.mul(&x, &scale);
    let x = g.add(&x, &shift);
    let x = g.relu(&x);
    let side = PIXELS / 2;
    let cells = side * side;
    let logits = point(g, &x, &network.attention);
    let logits = g.reshape(&logits, &[KEYPOINTS as i64, cells as i64]);
    let attention = g.softmax(&logits, 1);
    let grid = g.constant(&[cells, 2], &grid_values(side));
    let keypoints = g.matmul(&attention, &grid);
    let keypoints = g.reshape(&keypoints, &[1, 2 * KEYPOINTS as i64]);
    let patches = patches(g, &network.patches, x);
    (keypoints, patches)
}

fn patches(g: &mut Graph, layers: &[Layer], mut x: Value) -> Value {
    for layer in layers {
        x = conv(g, &x, layer, 1);
        x = g.relu(&x);
    }
    let x = g.reshape(&x, &[1, WIDTH as i64, (PATCHES * PATCHES) as i64]);
    g.transpose(&x, &[0, 2, 1])
}

fn block(g: &mut Graph, layers: &Block, x: &Value, tokens: i64) -> Value {
    let (width, heads) = (WIDTH as i64, HEADS as i64);
    let normal = layer_norm(g, x, &layers.before);
    let all = linear(g, &normal, &layers.attention);
    let mut part = |i: i64, order: &[i64]| {
        let own = g.slice(&all, 2, i * width, (i + 1) * width);
        let own = g.reshape(&own, &[1, tokens, heads, width / heads]);
        g.transpose(&own, order)
    };
    let (queries, keys) = (part(0, &[0, 2, 1, 3]), part(1, &[0, 2, 3, 1]));
    let values = part(2, &[0, 2, 1, 3]);
    let logits = g.matmul(&queries, &keys);
    let scale = g.constant(&[], &[(WIDTH as f32 / HEADS as f32).sqrt()]);
    let logits = g.div(&logits, &scale);
    let attention = g.softmax(&logits, 3);
    let joined = g.matmul(&attention, &values);
    let joined = g.transpose(&joined, &[0, 2, 1, 3]);
    let joined = g.reshape(&joined, &[1, tokens, width]);
    let joined = linear(g, &joined, &layers.joined);
    let x = g.add(x, &joined);
    let normal = layer_norm(g, &x, &layers.between);
    let wide = linear(g, &normal, &layers.wide);
    let wide = g.relu(&wide);
    let narrow = linear(g, &wide, &layers.narrow);
    g.add(&x, &narrow)
}
