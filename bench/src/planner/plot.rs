//! Plots of a race as SVG.

use plotters::{
    prelude::*,
    style::{Color, ShapeStyle},
};

use super::{RaceError, Row};

/// Size of a plot, pixels.
const SIZE: (u32, u32) = (900, 600);
/// Processor times below this are drawn here, s: the axis is logarithmic.
const SHORTEST: f64 = 1e-3;
/// Colours for the curves, distinguishable also with red-green weakness (Okabe and Ito 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];
const FONT: &str = "sans-serif";

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A cactus plot: how many instances each contestant solves within a given processor time.
///
/// # Errors
/// The plot cannot be drawn.
pub fn cactus(rows: &[Row], cpu_secs: f64) -> Result<String, RaceError> {
    let mut svg = String::new();
    draw_cactus(&mut svg, rows, cpu_secs).map_err(|e| RaceError::Plot(e.to_string()))?;
    Ok(svg)
}

/// Processor times of two contestants, one point an instance; an unsolved instance lies at the limit.
///
/// # Errors
/// The plot cannot be drawn.
pub fn scatter(
    rows: &[Row],
    ours: (&str, &str),
    peer: (&str, &str),
    cpu_secs: f64,
) -> Result<String, RaceError> {
    let time = |r: &Row| if r.solved() { r.cpu_secs.clamp(SHORTEST, cpu_secs) } else { cpu_secs };
    let pairs = rows.iter().filter(|r| r.contestant() == peer).filter_map(|p| {
        let same = |r: &&Row| r.contestant() == ours && r.instance() == p.instance();
        rows.iter().find(same).map(|o| (time(p), time(o)))
    });
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let mut svg = String::new();
    draw_scatter(&mut svg, &pairs, ours, peer, cpu_secs)
        .map_err(|e| RaceError::Plot(e.to_string()))?;
    Ok(svg)
}

fn draw_cactus(svg: &mut String, rows: &[Row], cpu_secs: f64) -> Drawn {
    let mut names: Vec<(&str, &str)> = vec![];
    rows.iter().map(Row::contestant).for_each(|c| {
        if !names.contains(&c) {
            names.push(c);
        }
    });
    let curves: Vec<Vec<f64>> = names.iter().map(|name| times(rows, *name)).collect();
    let most = curves.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(15)
        .caption("Instances solved within a processor time", (FONT, 22))
        .x_label_area_size(45)
        .y_label_area_size(75)
        .build_cartesian_2d((SHORTEST..cpu_secs).log_scale(), 0..most + 1)?;
    chart
        .configure_mesh()
        .x_desc("processor time of the whole process, s")
        .y_desc("instances solved")
        .x_label_formatter(&|s| seconds(*s))
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 17))
        .light_line_style(WHITE)
        .draw()?;
    for ((curve, name), colour) in curves.iter().zip(&names).zip(COLOURS.iter().cycle()) {
        let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: 2 };
        let label = format!("{} {} ({})", name.0, name.1, curve.len());
        chart
            .draw_series(LineSeries::new(stairs(curve, cpu_secs), style))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font((FONT, 15))
        .draw()?;
    root.present()?;
    Ok(())
}

/// Sorted processor times of the instances that a contestant solved, s.
fn times(rows: &[Row], contestant: (&str, &str)) -> Vec<f64> {
    let solved = rows.iter().filter(|r| r.contestant() == contestant && r.solved());
    let mut times: Vec<f64> = solved.map(|r| r.cpu_secs.max(SHORTEST)).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The number of instances solved as a step function of time.
fn stairs(times: &[f64], end: f64) -> Vec<(f64, usize)> {
    let mut points = vec![(SHORTEST, 0)];
    for (solved, time) in times.iter().enumerate() {
        points.push((*time, solved));
        points.push((*time, solved + 1));
    }
    points.push((end, times.len()));
    points
}

fn draw_scatter(
    svg: &mut String,
    pairs: &[(f64, f64)],
    ours: (&str, &str),
    peer: (&str, &str),
    cpu_secs: f64,
) -> Drawn {
    let root = SVGBackend::with_string(svg, (SIZE.1 + 40, SIZE.1)).into_drawing_area();
    root.fill(&WHITE)?;
    let axis = || (SHORTEST..cpu_secs * 1.2).log_scale();
    let mut chart = ChartBuilder::on(&root)
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(75)
        .caption("Processor time, s (unsolved: at the limit)", (FONT, 20))
        .build_cartesian_2d(axis(), axis())?;
    chart
        .configure_mesh()
        .x_desc(format!("{} {}", peer.0, peer.1))
        .y_desc(format!("{} {}", ours.0, ours.1))
        .x_label_formatter(&|s| seconds(*s))
        .y_label_formatter(&|s| seconds(*s))
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 17))
        .light_line_style(WHITE)
        .draw()?;
    for (factor, shade) in [(1.0, 0.8), (0.25, 0.4), (0.1, 0.4)] {
        let line = [(SHORTEST / factor, SHORTEST), (cpu_secs, cpu_secs * factor)];
        chart.draw_series(LineSeries::new(line, BLACK.mix(shade)))?;
        let text = if factor < 1.0 { format!("x {factor}") } else { "equal".to_owned() };
        let place = (cpu_secs * 0.5, cpu_secs * factor * 0.42);
        chart.draw_series([Text::new(text, place, (FONT, 14))])?;
    }
    let dot = |p: &(f64, f64)| Circle::new(*p, 4, COLOURS[0].mix(0.7).filled());
    chart.draw_series(pairs.iter().map(dot))?;
    root.present()?;
    Ok(())
}

/// `1 ms`, `10 s`.
fn seconds(secs: f64) -> String {
    let (value, unit) = if secs < 0.9995 { (secs * 1e3, "ms") } else { (secs, "s") };
    format!("{} {unit}", (value * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::row::tests::solved;

    #[test]
    fn the_curve_climbs_at_each_solved_instance() {
        let points = stairs(&[0.01, 0.5], 60.0);
        assert_eq!(points, [(1e-3, 0), (0.01, 0), (0.01, 1), (0.5, 1), (0.5, 2), (60.0, 2)]);
    }

    #[test]
    fn plots_name_their_axes_and_contestants() {
        let rows = [solved("easy", "ergon", 0.0001, 3.0), solved("easy", "pyperplan", 2.0, 3.0)];
        let svg = cactus(&rows, 60.0).unwrap();
        for words in ["instances solved", "processor time", "ergon plain (1)", "100 ms", "10 s"] {
            assert!(svg.contains(words), "{words} is not in {svg}");
        }
        let svg = scatter(&rows, ("ergon", "plain"), ("pyperplan", "plain"), 60.0).unwrap();
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(cactus(&[], 60.0).is_ok());
    }
}
