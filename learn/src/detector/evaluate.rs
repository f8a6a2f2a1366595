use super::batch::batch;
use super::model::{Detector, DetectorConfig, TYPICAL};
use crate::scenes::{Frame, View};
use burn::tensor::Device;

/// Errors of a detector on frames it was not trained on, by camera.
pub fn evaluate(model: &Detector, config: DetectorConfig, frames: &[Frame]) {
    let device = Device::flex();
    for camera in 0..2 {
        let (mut place, mut edge, mut turn, mut corner, mut calib) =
            (vec![], vec![], vec![], vec![], vec![]);
        let (mut wrong, mut asked) = ([0usize; 2], 0usize);
        for chunk in frames.chunks(16) {
            let views: Vec<(usize, &View)> =
                chunk.iter().map(|f| (camera, &f.views[camera])).collect();
            let gains = vec![[1.0; 3]; views.len()];
            let b = batch(&views, config.pixels, config.landmarks, &gains, &device);
            let a = model.forward(b.pictures.clone(), b.cameras.clone());
            let o: Vec<f32> = a.objects.into_data().try_to_vec().unwrap();
            let l: Vec<f32> = a.landmarks.into_data().try_to_vec().unwrap();
            let truth = views.iter().flat_map(|(_, v)| &v.objects);
            for (a, t) in o.chunks_exact(8).zip(truth) {
                if t.doubtful {
                    continue;
                }
                asked += 1;
                if (a[0] > 0.0) != t.seen {
                    wrong[usize::from(t.seen)] += 1;
                }
                if !t.seen {
                    continue;
                }
                let e = (a[1] - t.centre[0]).hypot(a[2] - t.centre[1]);
                place.push(e);
                calib.push(e / a[3].exp());
                edge.push((a[4].exp() * TYPICAL - t.edge).abs() / t.edge);
                let d = (a[7].atan2(a[6]) - t.turn[1].atan2(t.turn[0])) / 4.0;
                let q = std::f32::consts::FRAC_PI_2;
                turn.push((d - (d / q).round() * q).abs());
            }
            let truth = views.iter().flat_map(|(_, v)| &v.landmarks);
            for (a, t) in l.chunks_exact(4).zip(truth) {
                if t.seen {
                    corner.push((a[1] - t.at[0]).hypot(a[2] - t.at[1]));
                }
            }
        }
        let q = |v: &mut Vec<f32>, p: f64| {
            v.sort_by(f32::total_cmp);
            v.get((v.len() as f64 * p) as usize).copied().unwrap_or(0.0)
        };
        eprintln!(
            "camera {camera}: seen asked {asked} false {} missed {}; place px {:.2} {:.2} {:.2} (of scale {:.2} {:.2}); edge {:.3} {:.3}; turn {:.3} {:.3}; corner {:.2} {:.2}",
            wrong[0],
            wrong[1],
            q(&mut place, 0.5),
            q(&mut place, 0.95),
            q(&mut place, 0.99),
            q(&mut calib, 0.5),
            q(&mut calib, 0.95),
            q(&mut edge, 0.5),
            q(&mut edge, 0.95),
            q(&mut turn, 0.5),
            q(&mut turn, 0.95),
            q(&mut corner, 0.5),
            q(&mut corner, 0.95)
        );
    }
}
