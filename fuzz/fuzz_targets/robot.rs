//! No text makes the readers of robot files, robot descriptions and camera files panic; what a reader
//! takes it takes again.
//!
//! The input is the three texts, with a zero byte between them; bytes that are not UTF-8 are replaced.
#![no_main]

use ergon_bridge::robot::{CameraFile, Chain, RobotFile};
use ergon_vocab::Pose;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut texts = text.split('\0');
    let mut next = || texts.next().unwrap_or_default();
    match RobotFile::parse(next(), "fuzz") {
        Ok(file) => {
            let name = file.full_name("states");
            assert!(name.starts_with('/'));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(chain) = Chain::from_urdf(next(), "panda_link0", "panda_hand_tcp") {
        let middle: Vec<f64> = chain.joints.iter().map(|j| j.kept(0.0)).collect();
        let tool = chain.forward(&middle);
        let (reached, _) = chain.approach(&middle, &tool, &middle);
        assert_eq!(reached.len(), chain.dof());
    }
    if let Ok(camera) = CameraFile::parse(next(), "fuzz") {
        // A frame is where whoever is asked says, here at the mount.
        let Ok(camera) = camera.placed(|_, _| Ok::<_, ()>(Pose::identity())) else { return };
        let _residual = camera.residual();
        assert!(camera.spec("camera").fov_y > 0.0);
    }
});
