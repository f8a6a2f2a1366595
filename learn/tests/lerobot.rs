//! LeRobot data sets: written, read back, resumed, refused, damaged; and judged by the real package.
#![cfg(feature = "lerobot")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ergon_learn::lerobot::{
    DatasetError, DatasetSpec, Feature, Frame, Kind, Reader, Value, Writer,
};
use ergon_vocab::Image;
use proptest::prelude::*;
use tempfile::TempDir;

const TASKS: [&str; 2] = ["stack the red block on the green block", "put the mug in the bin"];

/// One feature of every kind, and those that LeRobot's policies look for; pictures of `side` pixels.
fn spec(side: usize) -> DatasetSpec {
    let picture = Kind::Image { height: side, width: side };
    let features = vec![
        Feature::new("observation.images.agent", picture),
        Feature::new("observation.images.wrist", picture),
        Feature::new("observation.state", Kind::Floats(8)).named((0..8).map(|i| format!("s{i}"))),
        Feature::new("observation.environment_state", Kind::Floats(3)),
        Feature::new("action", Kind::Floats(7)),
        Feature::new("skill_index", Kind::Ints(1)),
        Feature::new("contacts", Kind::Bools(2)).named(["left", "right"]),
    ];
    DatasetSpec { robot_type: "panda".into(), fps: 20, features }
}

/// Frame `i` of an episode; `.ci/lerobot_check.py` knows these formulas.
fn frame(side: usize, episode: usize, i: usize) -> Frame {
    let picture = |shift: usize| {
        let byte = |at: usize| ((at * 7 + shift + 5 * i + 11 * episode) % 256) as u8;
        Value::Image(Image::new(side, side, (0..side * side * 3).map(byte).collect()).unwrap())
    };
    let wave = |n: usize, step: f32| {
        let number = |j: usize| ((i + episode) as f32 * step + j as f32).sin();
        Value::Floats((0..n).map(number).collect())
    };
    let values = vec![
        picture(0),
        picture(100),
        wave(8, 0.01),
        wave(3, 0.05),
        wave(7, 0.02),
        Value::Ints(vec![(i / 10) as i64]),
        Value::Bools(vec![i.is_multiple_of(2), episode == 1]),
    ];
    Frame { values }
}

fn frames(side: usize, episode: usize, count: usize) -> Vec<Frame> {
    (0..count).map(|i| frame(side, episode, i)).collect()
}

/// Adds the episodes from the writer's next to the last, each a bit longer than the one before.
fn add(writer: &mut Writer, side: usize, episodes: usize) {
    for episode in writer.episodes()..episodes {
        let frames = frames(side, episode, 5 + episode);
        assert_eq!(writer.add_episode(TASKS[episode % 2], &frames), Ok(episode));
    }
}

fn write(root: &Path, side: usize, episodes: usize) {
    let mut writer = Writer::create(root, spec(side)).unwrap();
    add(&mut writer, side, episodes);
    writer.finish().unwrap();
}

/// Every file of a folder by its path in it.
fn contents(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(root).unwrap().into(), std::fs::read(path).unwrap());
            }
        }
    }
    files
}

fn put(root: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    for (path, bytes) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn read_all(root: &Path) -> Result<Vec<(String, Vec<Frame>)>, DatasetError> {
    let reader = Reader::open(root)?;
    let episode = |(i, episode): (usize, &ergon_learn::lerobot::Episode)| {
        let frames = reader.frames(i)?.collect::<Result<Vec<_>, _>>()?;
        assert_eq!(frames.len(), episode.length);
        Ok((episode.task.clone(), frames))
    };
    reader.episodes().iter().enumerate().map(episode).collect()
}

#[test]
fn what_is_written_reads_back() {
    let root = TempDir::new().unwrap();
    write(root.path(), 6, 3);
    assert_eq!(Reader::open(root.path()).unwrap().spec(), &spec(6));
    let expected: Vec<_> = (0..3).map(|e| (TASKS[e % 2].to_owned(), frames(6, e, 5 + e))).collect();
    assert_eq!(read_all(root.path()), Ok(expected));
    let names: Vec<_> = contents(root.path()).into_keys().collect();
    let expected = [
        "data/chunk-000/file-000.parquet",
        "meta/episodes/chunk-000/file-000.parquet",
        "meta/info.json",
        "meta/stats.json",
        "meta/tasks.parquet",
    ];
    assert_eq!(names, expected.map(PathBuf::from));
}

#[test]
fn episodes_longer_than_a_batch_read_back() {
    let root = TempDir::new().unwrap();
    let mut writer = Writer::create(root.path(), spec(2)).unwrap();
    for (episode, count) in [70, 33, 1].into_iter().enumerate() {
        writer.add_episode("wait", &frames(2, episode, count)).unwrap();
    }
    writer.finish().unwrap();
    let lengths = read_all(root.path()).unwrap().into_iter().map(|(_, frames)| frames);
    assert!(lengths.eq([frames(2, 0, 70), frames(2, 1, 33), frames(2, 2, 1)]));
}

#[test]
fn a_resumed_data_set_has_the_bytes_of_an_uninterrupted_one() {
    let (whole, parts) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    write(whole.path(), 4, 5);
    let mut writer = Writer::create(parts.path(), spec(4)).unwrap();
    add(&mut writer, 4, 2);
    drop(writer);
    // What a writer leaves that is stopped in the middle of an episode.
    std::fs::write(parts.path().join("unfinished/episode-000002.parquet.tmp"), b"PAR1").unwrap();
    let mut writer = Writer::resume(parts.path(), spec(4)).unwrap();
    assert_eq!(writer.episodes(), 2);
    add(&mut writer, 4, 5);
    writer.finish().unwrap();
    assert!(contents(whole.path()) == contents(parts.path()));
}

fn check_error<T: std::fmt::Debug>(root: &Path, result: Result<T, DatasetError>, expected: &str) {
    let found = result.unwrap_err().to_string();
    assert_eq!(found.replace(&root.display().to_string(), "ROOT"), expected);
}

#[test]
fn what_is_no_beginning_or_no_end_is_refused() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    let missing = "ROOT/unfinished/info.json: expected an unfinished data set; create it; a \
                   finished data set takes no more episodes";
    check_error(root, Writer::resume(root, spec(4)), missing);
    let writer = Writer::create(root, spec(4)).unwrap();
    check_error(root, writer.finish(), "episode 0: expected an episode, found none");
    check_error(
        root,
        Writer::create(root, spec(4)),
        "ROOT: expected an empty folder; resume what was begun there, or name another folder",
    );
    check_error(
        root,
        Writer::resume(root, spec(5)),
        "ROOT/unfinished/info.json: expected the same specification; resume with the specification \
         that the data set was created with",
    );
    check_error(
        root,
        Reader::open(root),
        "ROOT/unfinished: expected a finished data set; resume it and finish it",
    );
    let mut writer = Writer::resume(root, spec(4)).unwrap();
    add(&mut writer, 4, 1);
    writer.finish().unwrap();
    check_error(root, Writer::resume(root, spec(4)), missing);
    let reader = Reader::open(root).unwrap();
    check_error(root, reader.frames(1), "episode: expected less than 1, found 1");
}

#[test]
fn frames_that_do_not_fit_are_refused_and_leave_no_trace() {
    let root = TempDir::new().unwrap();
    let mut writer = Writer::create(root.path(), spec(4)).unwrap();
    let mut check = |change: &dyn Fn(&mut Vec<Value>), expected: &str| {
        let mut frames = frames(4, 0, 2);
        change(&mut frames[1].values);
        check_error(root.path(), writer.add_episode("wait", &frames), expected);
    };
    check(
        &|values| values[0] = Value::Image(Image::new(4, 3, vec![0; 36]).unwrap()),
        "feature observation.images.agent, episode 0, frame 1: expected a picture of 4 x 4 pixels, \
         found a picture of 4 x 3 pixels",
    );
    check(
        &|values| values[4] = Value::Floats(vec![0.0; 6]),
        "feature action, episode 0, frame 1: expected 7 f32, found 6 f32",
    );
    check(
        &|values| values[4] = Value::Floats(vec![0.0, f32::NAN, 0.0, 0.0, 0.0, 0.0, 0.0]),
        "feature action, episode 0, frame 1: expected finite numbers, found NaN at 1",
    );
    check(
        &|values| values[5] = Value::Bools(vec![true]),
        "feature skill_index, episode 0, frame 1: expected 1 i64, found 1 bool",
    );
    check(
        &|values| values.truncate(6),
        "feature contacts, episode 0, frame 1: expected 2 bool, found no value",
    );
    check(
        &|values| values.push(Value::Ints(vec![1])),
        "feature (none), episode 0, frame 1: expected 7 values, found 8",
    );
    check_error(
        root.path(),
        writer.add_episode("wait", &[]),
        "episode 0: expected at least one frame, found none",
    );
    check_error(
        root.path(),
        writer.add_episode(" ", &frames(4, 0, 1)),
        "episode 0: expected a task in words, found none",
    );
    assert_eq!(contents(root.path()).len(), 1);
}

#[test]
fn specifications_that_make_no_data_set_are_refused() {
    let root = TempDir::new().unwrap();
    let check = |feature: Feature, expected: &str| {
        let mut spec = spec(4);
        spec.features.push(feature);
        check_error(root.path(), Writer::create(root.path(), spec), expected);
    };
    check(
        Feature::new("action", Kind::Ints(1)),
        "feature action: expected a name of its own, found a second column of that name",
    );
    check(
        Feature::new("timestamp", Kind::Floats(1)),
        "feature timestamp: expected a name of its own, found a second column of that name",
    );
    check(
        Feature::new("a/b", Kind::Ints(1)),
        "feature a/b: expected a name without `/`, found `a/b`",
    );
    check(
        Feature::new("none", Kind::Floats(0)),
        "feature none: expected 1 to 65536 numbers, or 1 to 4096 pixels a side, found 0 f32",
    );
    check(
        Feature::new("pair", Kind::Floats(2)).named(["only one"]),
        "feature pair: expected 2 names, found 1",
    );
    assert!(contents(root.path()).is_empty());
}

#[test]
fn other_versions_and_features_are_refused_with_a_reason() {
    let root = TempDir::new().unwrap();
    write(root.path(), 4, 1);
    let path = root.path().join("meta/info.json");
    let info = std::fs::read_to_string(&path).unwrap();
    let check = |from: &str, to: &str, expected: &str| {
        std::fs::write(&path, info.replacen(from, to, 1)).unwrap();
        check_error(root.path(), Reader::open(root.path()), expected);
    };
    check(
        "v3.0",
        "v2.1",
        "ROOT/meta/info.json: expected codebase_version \"v3.0\", found \"v2.1\"; convert the data \
         set with LeRobot's own scripts",
    );
    check(
        "\"dtype\": \"image\"",
        "\"dtype\": \"video\"",
        "ROOT/meta/info.json: feature observation.images.agent: expected image (H, W, 3), or \
         float32, int64 or bool (n,), found video [4, 4, 3]; leave the feature out of the data set",
    );
    check(
        "\"total_frames\": 5",
        "\"total_frames\": 6",
        "ROOT/meta/info.json: expected 1 episodes of 6 frames, found 1 of 5 in meta/episodes; \
         restore the file or write the data set again",
    );
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(Vec<(prop::sample::Index, u8)>),
    Cut(prop::sample::Index),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let flip = (any::<prop::sample::Index>(), 1..=255u8);
        prop_oneof![
            3 => prop::collection::vec(flip, 1..8).prop_map(Self::Flip),
            1 => any::<prop::sample::Index>().prop_map(Self::Cut),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip(flips) => {
                for (at, bits) in flips {
                    let at = at.index(bytes.len());
                    bytes[at] ^= bits;
                }
            }
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
}

proptest! {
    /// An error, or data where the damage does not show; never a panic.
    #[test]
    fn damaged_data_sets_are_read_without_panic(
        file in any::<prop::sample::Index>(),
        damage in Damage::any(),
    ) {
        static WHOLE: std::sync::OnceLock<BTreeMap<PathBuf, Vec<u8>>> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            let root = TempDir::new().unwrap();
            write(root.path(), 4, 2);
            contents(root.path())
        });
        let root = TempDir::new().unwrap();
        let mut files = whole.clone();
        damage.apply(files.values_mut().nth(file.index(whole.len())).unwrap());
        put(root.path(), &files);
        drop(read_all(root.path()));
    }

    #[test]
    fn damaged_episodes_are_resumed_and_finished_without_panic(damage in Damage::any()) {
        static BEGUN: std::sync::OnceLock<BTreeMap<PathBuf, Vec<u8>>> = std::sync::OnceLock::new();
        let begun = BEGUN.get_or_init(|| {
            let root = TempDir::new().unwrap();
            add(&mut Writer::create(root.path(), spec(4)).unwrap(), 4, 2);
            contents(root.path())
        });
        let root = TempDir::new().unwrap();
        let mut files = begun.clone();
        damage.apply(files.get_mut(Path::new("unfinished/episode-000001.parquet")).unwrap());
        put(root.path(), &files);
        drop(Writer::resume(root.path(), spec(4)).and_then(Writer::finish));
    }
}

#[test]
#[ignore = "needs ERGON_LEROBOT_PYTHON; .ci/lerobot-check sets it up"]
fn the_real_package_reads_it() {
    let python = std::env::var_os("ERGON_LEROBOT_PYTHON").expect("ERGON_LEROBOT_PYTHON is not set");
    let root = TempDir::new().unwrap();
    let mut writer = Writer::create(root.path(), spec(64)).unwrap();
    for (episode, count) in [120, 100, 110].into_iter().enumerate() {
        writer.add_episode(TASKS[episode % 2], &frames(64, episode, count)).unwrap();
    }
    writer.finish().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/lerobot_check.py");
    let output = Command::new(python).arg(script).arg(root.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    if let Some(kept) = std::env::var_os("ERGON_LEROBOT_KEEP") {
        put(Path::new(&kept), &contents(root.path()));
    }
}
