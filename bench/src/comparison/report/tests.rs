use std::collections::BTreeMap;

use super::text::{escape, joules, percent, seconds, significant};
use super::*;
use crate::EpisodeRecord;
use crate::comparison::{Cost, MeterLabel, TrainingCost};

const NASTY: &str = "<script>alert(\"1\")</script> & 'co', 50_%";

fn experiment() -> Experiment {
    let text = format!(
        "version = 1\nname = \"a\"\ntitle = {title:?}\npolicies = \"p\"\nseed = 7\n\
         [[task]]\nname = \"3 blocks\"\nscenario = \"3.toml\"\n\
         [[task]]\nname = {NASTY:?}\nscenario = \"x.toml\"\n\
         [[method]]\nname = \"agent\"\nmethod = \"neuro-symbolic\"\nepisodes = 2\n\
         [[method]]\nname = {NASTY:?}\nmethod = \"vla\"\npolicy = \"vla\"\nepisodes = 2\n\
         [[method]]\nname = \"early\"\nmethod = \"vla\"\npolicy = \"vla-1\"\nepisodes = 2\ncurve = true\n",
        title = format!("Title {NASTY}")
    );
    Experiment::parse(&text, "a.toml").unwrap()
}

fn entry(task: &str, method: &str, seed: u64, success: bool) -> Entry {
    let record = EpisodeRecord {
        scenario: "s".into(),
        method: "m".into(),
        seed,
        success,
        success_reference: success,
        goal_share: if success { 1.0 } else { 0.5 },
        outcome: if success { "solved" } else { "gave-up" }.into(),
        reason: if success { "" } else { "the time limit of <9> s" }.into(),
        steps: 100,
        time_secs: 5.0,
        first_plan: success.then_some(14),
        actions: 14,
        retries: 0,
        replans: 0,
        disturbances: vec![],
        violations: vec![],
        drops: 1,
        misplaced: 0,
        collisions: 2,
        work_joules: 12.5,
        digest: "00".into(),
    };
    let secs = BTreeMap::from([("plan".to_owned(), 0.5), ("simulate".to_owned(), 9.0)]);
    let energy = BTreeMap::from([("plan".to_owned(), 2_000_000), ("simulate".to_owned(), 9)]);
    let cost = Cost { processor_secs: secs, microjoules: energy };
    Entry { task: task.into(), method: method.into(), record, cost }
}

/// The agent succeeds, the policy never does.
fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for task in ["3 blocks", NASTY] {
        for (method, success) in [("agent", true), (NASTY, false), ("early", false)] {
            entries.extend((7..9).map(|seed| entry(task, method, seed, success)));
        }
    }
    entries
}

fn training(method: &str, network: &str, joules: f64) -> TrainingCost {
    TrainingCost {
        method: method.into(),
        network: network.into(),
        command: "ergon train --out /home/me/secret/p".into(),
        demonstrations: 50,
        frames: 1000,
        wall_secs: 100.0,
        cpu_secs: 200.0,
        joules,
        joules_kind: "estimated: by a model".into(),
    }
}

fn circumstances() -> Circumstances {
    let agent = [training("agent", "detector", 600.0), training("agent", "skills", 400.0)];
    let policies = [training(NASTY, "vla", 2e5), training("early", "vla-1", 1e5)];
    Circumstances {
        version: "0.1.0".into(),
        commit: "abc".into(),
        commits: [(NASTY.to_owned(), ["abc".into(), "def".into()].into())].into(),
        processors: BTreeMap::new(),
        processor: NASTY.into(),
        threads: 2,
        system: "linux".into(),
        runtime: "native /opt/secret/libonnxruntime.so: ORT".into(),
        meter: MeterLabel {
            name: "model".into(),
            kind: "estimated".into(),
            range: [0.5, 2.5],
            assumptions: "4 W".into(),
        },
        trainings: agent.into_iter().chain(policies).collect(),
        works: vec![],
        experiment: NASTY.into(),
    }
}

fn with<T>(entries: &[Entry], clips: &[Clip], check: impl Fn(Report<'_>) -> T) -> T {
    let (experiment, circumstances) = (experiment(), circumstances());
    let circumstances = Some(&circumstances);
    check(Report { experiment: &experiment, entries, circumstances, clips })
}

fn clip() -> Clip {
    Clip {
        task: NASTY.into(),
        method: NASTY.into(),
        seed: 7,
        success: false,
        time_secs: 100.0,
        shown_secs: 45.0,
        speed: 3.0,
        same: true,
        gif: b"GIF89a".to_vec(),
    }
}

#[test]
fn names_from_files_are_nothing_but_text() {
    assert_eq!(escape("a<b>&\"'\u{1}"), "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}");
    let html = with(&entries(), &[clip()], |r| r.html());
    for not_there in ["<script", "\"1\"", "javascript", "http-equiv", "src=\"http", "href=\"http"] {
        assert!(!html.contains(not_there), "{not_there} is in the page");
    }
    assert!(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;"));
}

#[test]
fn every_tag_that_is_opened_is_closed() {
    let html = with(&entries(), &[clip()], |r| r.html());
    for tag in [
        "section", "table", "thead", "tbody", "tr", "th", "td", "div", "figure", "svg", "text",
        "ul",
    ] {
        let opened =
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!((ids.len(), all > 5), (all, true));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let all = |r: Report<'_>| (r.html(), r.csv(), r.latex());
    let entries = entries();
    assert_eq!(with(&entries, &[clip()], all), with(&entries, &[clip()], all));
}

#[test]
fn a_method_without_success_has_no_energy_of_a_success() {
    let entries = entries();
    let html = with(&entries, &[], |r| r.html());
    assert!(html.contains("<strong>no success</strong>") && html.contains("2\u{a0}× out of time"));
    assert!(!html.contains("NaN") && !html.contains("inf\u{a0}"));
    // A thousand joules against the best checkpoint's: none succeeds, so the one that took less.
    let told =
        "1.00\u{a0}% of the 100\u{a0}kJ of early, the best checkpoint of vla: within the aim";
    assert!(html.contains(told), "{html}");
    let csv = with(&entries, &[], |r| r.csv());
    let failed =
        csv.lines().find(|l| l.starts_with("3 blocks,early,vla,vla-1,true,2,0,0,")).unwrap();
    assert!(failed.contains(",estimated,2,1,5,,,,100,200,100000,out of time: 2"), "{failed}");
}

#[test]
fn what_was_run_elsewhere_is_told() {
    let mut earlier = circumstances();
    earlier.processors.insert(NASTY.to_owned(), ["old".to_owned()].into());
    let mut now = Circumstances { commits: BTreeMap::new(), ..circumstances() };
    now.trainings.retain(|t| t.method != "early");
    now.follow(&earlier);
    assert_eq!(now.trainings, earlier.trainings);
    assert_eq!([now.ran("agent"), now.ran("agent")], [true, false]);
    assert_eq!(now.commits["agent"].len(), 1);
    let (experiment, entries) = (experiment(), entries());
    let circumstances = Some(&now);
    let html =
        Report { experiment: &experiment, entries: &entries, circumstances, clips: &[] }.html();
    let told = format!("{}: old; agent: {}", escape(NASTY), escape(NASTY));
    assert!(html.contains(&told), "{html}");
}

#[test]
fn checkpoints_are_compared_on_the_tasks_that_all_of_them_ran() {
    let tried = |task, method, success| (0..2).map(move |i| (task, method, 7 + i, success > i));
    let runs = tried("3 blocks", "agent", 2)
        .chain(tried("3 blocks", NASTY, 2))
        .chain(tried(NASTY, NASTY, 0))
        .chain(tried("3 blocks", "early", 1));
    let entries: Vec<Entry> = runs.map(|(t, m, seed, done)| entry(t, m, seed, done)).collect();
    let html = with(&entries, &[], |r| r.html());
    let told = format!("of {}, the best checkpoint of vla", escape(NASTY));
    assert!(html.contains(&told), "{html}");
}

#[test]
fn nothing_at_all_is_told_as_such() {
    let html = with(&[], &[], |r| r.html());
    assert!(html.contains("No episode has been run yet.") && html.contains("Nothing to show yet."));
    let (experiment, entries) = (experiment(), entries());
    let bare = Report { experiment: &experiment, entries: &[], circumstances: None, clips: &[] };
    for report in [bare, Report { entries: &entries, ..bare }] {
        let text = report.html() + &report.csv() + &report.latex();
        assert!(!text.contains("NaN") && text.contains("How it was run is not on record."));
    }
    assert_eq!(bare.csv().lines().count(), 1);
}

#[test]
fn folders_of_the_machine_are_not_told() {
    let html = with(&entries(), &[], |r| r.html());
    assert!(!html.contains("secret") && html.contains("native libonnxruntime.so: ORT"));
    for (text, told) in [
        ("a /b/c/d.so: x", "a d.so: x"),
        ("--out=/tmp/x", "--out=x"),
        ("policies/vla https://a/b 1/2", "policies/vla https://a/b 1/2"),
        ("/", "/"),
    ] {
        assert_eq!(without_folders(text), told);
    }
}

#[test]
fn a_field_of_the_csv_stays_one() {
    assert_eq!(csv::quoted("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
    assert_eq!(csv::quoted("3 blocks"), "3 blocks");
    let csv = with(&entries(), &[], |r| r.csv());
    // Without what is quoted every line has the same commas.
    let mut quoted = false;
    let bare: String = csv
        .chars()
        .filter(|c| {
            quoted ^= *c == '"';
            !quoted
        })
        .collect();
    assert_eq!(bare.lines().count(), 7);
    assert!(bare.lines().all(|l| l.matches(',').count() == 35), "{bare}");
}

#[test]
fn latex_takes_names_as_text() {
    assert_eq!(
        latex::escape("50 % of_a & b $ # {x} ~ ^ \\ [1] – <"),
        "50 \\% of\\_a \\& b \\$ \\# \\{x\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} \
         {[}1{]} -- \\textless{}"
    );
    let latex = with(&entries(), &[], |r| r.latex());
    for part in ["\\toprule", "\\bottomrule", "NSM (paper)", "no success", "50\\_\\%"] {
        assert!(latex.contains(part), "{part} is not in {latex}");
    }
    let rows = latex.lines().filter(|l| l.ends_with("\\\\"));
    let cells: Vec<usize> = rows.map(|l| l.replace("\\&", "").matches('&').count()).collect();
    assert!(cells.iter().all(|n| [2, 4].contains(n)), "{cells:?}");
}

#[test]
fn films_are_within_the_page() {
    let html = with(&entries(), &[clip()], |r| r.html());
    assert!(html.contains("src=\"data:image/gif;base64,R0lGODlh\""));
    assert!(
        html.contains(
            "The first 45.0\u{a0}s of 100\u{a0}s, 3 times as fast; run again from its seed"
        )
    );
}

#[test]
fn the_first_success_and_failure_of_every_row_are_filmed() {
    let mut entries = entries();
    entries.push(entry("3 blocks", "agent", 10, false));
    let seen: Vec<(&str, &str, u64, bool)> = scenes(&experiment(), &entries)
        .into_iter()
        .map(|e| (e.task.as_str(), e.method.as_str(), e.record.seed, e.record.success))
        .collect();
    let expected = [
        ("3 blocks", "agent", 7, true),
        ("3 blocks", "agent", 10, false),
        ("3 blocks", NASTY, 7, false),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn numbers_are_short_and_true() {
    assert_eq!([percent(0.0), percent(1.0), percent(0.34)].join(" "), "0 100 34.0");
    assert_eq!([significant(0.012_34), significant(1234.5)].join(" "), "0.0123 1234");
    assert_eq!(joules(68.5e6), "68.5\u{a0}MJ");
    assert_eq!(joules(0.0), "0\u{a0}J");
    assert_eq!(seconds(145_560.0), "40\u{a0}h\u{a0}26\u{a0}min");
    assert_eq!(seconds(4.54), "4.54\u{a0}s");
    assert_eq!([seconds(0.000_29), seconds(0.0)], ["0.290\u{a0}ms", "0\u{a0}s"]);
}

#[test]
fn axes_hold_their_values() {
    use super::svg::Scale;
    let log = Scale::decades([3.0, 450.0, 0.0].into_iter()).unwrap();
    assert_eq!(log, Scale::Log([1.0, 1000.0]));
    assert_eq!(log.ticks(), [1.0, 10.0, 100.0, 1000.0]);
    assert!((log.place(10.0) - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(Scale::decades([0.0].into_iter()), None);
    assert_eq!(Scale::from_zero([7.2].into_iter()), Some(Scale::Linear([0.0, 8.0])));
    assert_eq!(Scale::Linear([0.0, 8.0]).ticks(), [0.0, 2.0, 4.0, 6.0, 8.0]);
}
