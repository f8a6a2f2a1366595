//! The program as a person starts it, on a machine without a display. Needs a Vulkan driver; software is
//! enough (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers).
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SIZE: [usize; 2] = [640, 360];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn viewer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ergon-viewer"));
    command.current_dir(root()).args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

fn check(output: &Output, code: i32, words: &[&str]) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    for word in ["error: ", "hint: "].iter().chain(words) {
        assert!(told.contains(word), "{word:?} is not told: {told}");
    }
}

/// A screenshot of a scripted run at a time: RGB.
fn screenshot(folder: &Path, at: &str) -> Vec<u8> {
    let file = folder.join(format!("{at}.png"));
    let size = format!("{}x{}", SIZE[0], SIZE[1]);
    let picture = file.to_str().unwrap();
    let output = viewer(&["scenarios/hanoi/3.toml", "--method", "scripted", "--size", &size])
        .args(["--screenshot", picture, "--at", at])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!([info.width as usize, info.height as usize], SIZE);
    bytes
}

/// How many pixels of a part of the picture (in shares of its width) are of some colour.
fn count(rgb: &[u8], columns: [f32; 2], is: impl Fn([u8; 3]) -> bool) -> usize {
    let pixels = rgb.chunks_exact(3).enumerate();
    pixels
        .filter(|(i, p)| {
            let share = (i % SIZE[0]) as f32 / SIZE[0] as f32;
            (columns[0]..columns[1]).contains(&share) && is([p[0], p[1], p[2]])
        })
        .count()
}

#[test]
fn a_screenshot_shows_scene_and_panels() {
    let folder = tempfile::tempdir().unwrap();
    let early = screenshot(folder.path(), "0");
    let late = screenshot(folder.path(), "6");
    let (scene, panels) = ([0.25, 0.68], [0.7, 1.0]);
    let red = |[r, g, b]: [u8; 3]| r > 110 && g < 90 && b < 90;
    let light = |[r, g, b]: [u8; 3]| r > 150 && g > 150 && b > 150;
    let dark = |[r, g, b]: [u8; 3]| r < 45 && g < 50 && b < 60;
    let blue_ink = |[r, g, b]: [u8; 3]| b > 170 && r < 150 && g > 100;
    for picture in [&early, &late] {
        assert!(count(picture, scene, red) > 20, "no red block");
        assert!(count(picture, scene, light) > 5000, "no room and no arm");
        assert!(count(picture, panels, dark) > 20_000, "no panels");
        assert!(count(picture, panels, light) > 200, "no text");
    }
    assert!(count(&late, panels, blue_ink) > 20, "no step under way");
    let moved = early.iter().zip(&late).filter(|(a, b)| a.abs_diff(**b) > 40).count();
    assert!(moved > 2000, "nothing moved: {moved}");
}

#[test]
fn what_is_no_trace_is_told_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.mcap");
    std::fs::write(&file, b"this is no trace").unwrap();
    check(
        &viewer(&[file.to_str().unwrap()]).output().unwrap(),
        31,
        &["not an MCAP file", "--record"],
    );
    check(&viewer(&["nowhere.mcap"]).output().unwrap(), 31, &["nowhere.mcap"]);
    check(&viewer(&["scenarios/hanoi/nowhere.toml"]).output().unwrap(), 31, &["nowhere.toml"]);
}

#[test]
fn a_missing_display_is_told_with_a_remedy() {
    let output = viewer(&["scenarios/hanoi/3.toml", "--method", "scripted"]).output().unwrap();
    check(&output, 69, &["DISPLAY", "--screenshot", "libxkbcommon-x11-0"]);
    let output = viewer(&["scenarios/hanoi/3.toml", "--method", "scripted"])
        .env("DISPLAY", ":64321")
        .output()
        .unwrap();
    check(&output, 69, &[":64321"]);
}

#[test]
fn a_missing_driver_is_told_with_a_remedy() {
    let output =
        viewer(&["scenarios/hanoi/3.toml", "--method", "scripted", "--screenshot", "no.png"])
            .env("WGPU_BACKEND", "vulkan")
            .env("VK_DRIVER_FILES", "/nowhere.json")
            .env("VK_ICD_FILENAMES", "/nowhere.json")
            .output()
            .unwrap();
    check(&output, 69, &["Vulkan", "mesa-vulkan-drivers"]);
    assert!(!root().join("no.png").exists());
}
