//! From labelled frames to tensors.

use burn::tensor::{Device, Int, Tensor, TensorData};
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
    /// For each landmark: whether it is asked, whether it is seen, column, row. Shape (n, landmarks, 4).
    pub(super) landmarks: Tensor<3>,
    /// The cell of the map of features in which each class, then each landmark, is; any where it is
    /// not seen. Shape (n, classes + landmarks, 1).
    pub(super) cells: Tensor<3, Int>,
}

/// Views with the index of their camera; `landmarks` is their number.
pub(super) fn batch(
    views: &[(usize, &View)],
    pixels: usize,
    landmarks: usize,
    gains: &[[f32; 3]],
    device: &Device,
) -> Batch {
    let n = views.len();
    let area = pixels * pixels;
    let mut pictures = vec![0.0f32; n * 3 * area];
    pictures.par_chunks_mut(3 * area).zip(views).zip(gains).for_each(|((out, (_, view)), gain)| {
        brightened(&view.picture, gain, out);
    });
    let cameras: Vec<f32> =
        views.iter().map(|(camera, _)| if *camera == 0 { 0.0 } else { 1.0 }).collect();
    let classes = views.first().map_or(0, |(_, v)| v.objects.len());
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let objects: Vec<f32> = views
        .iter()
        .flat_map(|(_, view)| &view.objects)
        .flat_map(|o| {
            let edge = (o.edge.max(1.0) / TYPICAL_EDGE as f32).ln();
            [flag(!o.doubtful), flag(o.seen), o.centre[0], o.centre[1], edge, o.turn[0], o.turn[1]]
        })
        .collect();
    let mut corners = vec![0.0f32; n * landmarks * 4];
    for (out, (_, view)) in corners.chunks_exact_mut(landmarks * 4).zip(views) {
        for (out, l) in out.chunks_exact_mut(4).zip(&view.landmarks) {
            out.copy_from_slice(&[1.0, flag(l.seen), l.at[0], l.at[1]]);
        }
    }
    let side = pixels / 4;
    let cell = |at: [f32; 2]| {
        let [column, row] = at.map(|x| ((x / 4.0).max(0.0) as usize).min(side - 1));
        (row * side + column) as i32
    };
    let cells: Vec<i32> = views
        .iter()
        .flat_map(|(_, view)| {
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
