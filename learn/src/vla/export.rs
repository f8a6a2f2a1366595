//! The network as an ONNX graph.

use ergon_controller::learned::ACTION;
use ergon_controller::vla::{PIXELS, PROPRIOCEPTION, WORDS};

use super::model::{Block, CHUNK, HEADS, KEYFRAME, Network, WIDTH};
use crate::layers::{layer_norm, linear, weights};
use crate::onnx::{Graph, Value};

/// The graph: `pictures` (1, cameras, 3, pixels, pixels), 0 to 1, `words` (1, words), their numbers, and
/// `proprioception` (1, proprioception), standardised, to `actions` (1, chunk, action), signed square
/// roots.
pub fn to_onnx(network: &Network) -> Vec<u8> {
    let cameras = network.looks.len();
    let mut g = Graph::new("vla");
    let pictures = g.input("pictures", &[1, cameras, 3, PIXELS, PIXELS]);
    let words = g.input("words", &[1, WORDS]);
    let proprioception = g.input("proprioception", &[1, PROPRIOCEPTION]);
    let numbers = g.to_i64(&words);
    let table = weights(&mut g, &network.words.weight);
    let words = g.gather(&table, &numbers, 0);
    let told = g.reshape(&words, &[1, (WORDS * WIDTH) as i64]);
    let mut tokens = Vec::new();
    let mut direct = vec![proprioception.clone()];
    for (camera, look) in network.looks.iter().enumerate() {
        let picture = g.slice(&pictures, 1, camera as i64, camera as i64 + 1);
        let pixels = PIXELS as i64;
        let picture = g.reshape(&picture, &[1, 3, pixels, pixels]);
        let (keypoints, own) = look.to_onnx(&mut g, &picture, &told);
        tokens.push(own);
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
    let hidden = linear(&mut g, &read, &network.keyframe[0]);
    let hidden = g.relu(&hidden);
    let keyframe = linear(&mut g, &hidden, &network.keyframe[1]);
    let here = g.slice(&proprioception, 1, 0, KEYFRAME as i64);
    let way = g.sub(&keyframe, &here);
    let seen = g.concat(&[&read, &way], 1);
    let actions = network.head.to_onnx(&mut g, &seen);
    let shape = [1, CHUNK, ACTION];
    let actions = g.reshape(&actions, &shape.map(|n| n as i64));
    g.output("actions", &actions, &shape);
    g.finish()
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
