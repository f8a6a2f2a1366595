//! From labelled frames to tensors.

use burn::tensor::{Device, Int, Tensor, TensorData};
use ergon_perception::detector::{Expected, LANDMARK_INPUTS};
use ergon_vocab::Image;
use rayon::prelude::*;

use super::TYPICAL_EDGE;
use crate::scenes::View;

/// Pictures with their labels.
pub(super) struct Batch {
    /// Shape (n, 3, pixels, pixels), 0 to 1.
    pub(super) pictures: Tensor<4>,
    /// 0 on the cell, 1 on the hand. Shape (n, 1).
    pub(super) cameras: Tensor<2>,
    /// For each class: whether its being seen is asked, whether it is seen, column, row, logarithm of
    /// the edge over the typical one, cosine, sine. Shape (n, classes, 7).
    pub(super) objects: Tensor<3>,
    /// The landmarks that are asked for. Shape (n, landmarks, [`LANDMARK_INPUTS`]).
    pub(super) asked: Tensor<3>,
    /// For each landmark: whether it is asked, whether it is seen, column, row. Shape (n, landmarks, 4).
    pub(super) landmarks: Tensor<3>,
    /// The cell of the map of features in which each class, then each landmark, is; any where it is
    /// not seen. Shape (n, classes + landmarks, 1).
    pub(super) cells: Tensor<3, Int>,
}

/// A view with the index of its camera, a gain for each colour, and how far landmarks are asked for from where
/// they are, as a share of how far they are from where they should be.
pub(super) struct Item<'a> {
    pub(super) camera: usize,
    pub(super) view: &'a View,
    pub(super) gain: [f32; 3],
    pub(super) astray: f64,
}

/// Items as tensors, with at most `landmarks` landmarks each.
pub(super) fn batch(items: &[Item<'_>], pixels: usize, landmarks: usize, device: &Device) -> Batch {
    let n = items.len();
    let area = pixels * pixels;
    let mut pictures = vec![0.0f32; n * 3 * area];
    pictures.par_chunks_mut(3 * area).zip(items).for_each(|(out, item)| {
        brightened(&item.view.picture, &item.gain, out);
    });
    let cameras: Vec<f32> = items.iter().map(|i| if i.camera == 0 { 0.0 } else { 1.0 }).collect();
    let classes = items.first().map_or(0, |i| i.view.objects.len());
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let objects: Vec<f32> = items
        .iter()
        .flat_map(|item| &item.view.objects)
        .flat_map(|o| {
            let edge = (o.edge.max(1.0) / TYPICAL_EDGE as f32).ln();
            [flag(!o.doubtful), flag(o.seen), o.centre[0], o.centre[1], edge, o.turn[0], o.turn[1]]
        })
        .collect();
    let mut corners = vec![0.0f32; n * landmarks * 4];
    let mut asked = vec![0.0f32; n * landmarks * LANDMARK_INPUTS];
    let queries = asked.chunks_exact_mut(landmarks * LANDMARK_INPUTS);
    for ((out, query), item) in corners.chunks_exact_mut(landmarks * 4).zip(queries).zip(items) {
        let slots = out.chunks_exact_mut(4).zip(query.chunks_exact_mut(LANDMARK_INPUTS));
        for ((out, query), l) in slots.zip(&item.view.landmarks) {
            out.copy_from_slice(&[1.0, flag(l.seen), l.at[0], l.at[1]]);
            let there = l.at.map(f64::from);
            let at = [0, 1].map(|k| there[k] + item.astray * (l.expected.at[k] - there[k]));
            query.copy_from_slice(&Expected { at, ..l.expected }.query(pixels));
        }
    }
    let side = pixels / 4;
    let cell = |at: [f32; 2]| {
        let [column, row] = at.map(|x| ((x / 4.0).max(0.0) as usize).min(side - 1));
        (row * side + column) as i32
    };
    let cells: Vec<i32> = items
        .iter()
        .flat_map(|Item { view, .. }| {
            let corners = (0..landmarks).map(|i| view.landmarks.get(i).map_or([0.0; 2], |l| l.at));
            view.objects.iter().map(|o| o.centre).chain(corners).map(cell)
        })
        .collect();
    let queries = classes + landmarks;
    let tensor = |data, shape| TensorData::new(data, shape);
    Batch {
        pictures: Tensor::from_data(TensorData::new(pictures, [n, 3, pixels, pixels]), device),
        cameras: Tensor::from_data(TensorData::new(cameras, [n, 1]), device),
        objects: Tensor::from_data(tensor(objects, [n, classes, 7]), device),
        asked: Tensor::from_data(TensorData::new(asked, [n, landmarks, LANDMARK_INPUTS]), device),
        landmarks: Tensor::from_data(tensor(corners, [n, landmarks, 4]), device),
        cells: Tensor::from_data(TensorData::new(cells, [n, queries, 1]), device),
    }
}

/// The planes of a picture, times a gain a channel.
fn brightened(picture: &Image, gain: &[f32; 3], out: &mut [f32]) {
    picture.planes(out);
    let area = picture.width() * picture.height();
    for (plane, gain) in out.chunks_exact_mut(area).zip(gain) {
        plane.iter_mut().for_each(|x| *x = (*x * gain).min(1.0));
    }
}
