//! Control steps of the simulator on one thread, without a camera and with one of several sizes.

use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ergon_scenarios::Scenario;
use ergon_sim::Simulator;
use ergon_vocab::{Command, Robot};

/// A slow circle over the table with the gripper open.
fn course(step: u32) -> Command {
    let t = f64::from(step) * 0.1;
    Command::from_array([0.3 * t.cos(), 0.3 * t.sin(), 0.0, 0.0, 0.0, 0.0, -1.0])
}

fn control_steps(c: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/hanoi/3.toml");
    let scenario = Scenario::load(&path, &[], &|p| std::fs::read_to_string(p))
        .unwrap_or_else(|e| panic!("{e}"));
    let mut group = c.benchmark_group("control_step");
    group.throughput(Throughput::Elements(1));
    for pixels in [0, 84, 128, 256] {
        let mut cell =
            Simulator::new(&scenario, &scenario.instance(0)).unwrap_or_else(|e| panic!("{e}"));
        if pixels > 0 {
            cell.set_cameras(&[(0, [pixels, pixels])]);
        }
        let mut step = 0;
        group.bench_function(format!("camera_{pixels}"), |b| {
            b.iter(|| {
                step += 1;
                cell.step(&course(step))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, control_steps);
criterion_main!(benches);
