//! The policy's two files.

use std::collections::BTreeMap;

use ergon_controller::learned::ACTION;
use ergon_controller::vla::{CAMERAS, NORMALISED, PIXELS, PROPRIOCEPTION, VOCABULARY, WORDS};
use ergon_inference::{FORMAT_VERSION, Kind, Manifest, ModelError, ModelFile};
use ergon_vocab::Command;

use super::batch::Samples;
use super::export::to_onnx;
use super::model::{CHUNK, Network};
use crate::training::{Circumstances, tensor};

/// The two files of a policy that was trained on these samples; `cameras` are names.
///
/// # Errors
/// The graph is not what the manifest says: a bug.
pub fn vla_file(
    network: &Network,
    samples: &Samples<'_>,
    cameras: &[String],
    circumstances: &Circumstances,
) -> Result<ModelFile, ModelError> {
    let inputs = vec![
        tensor(
            "pictures",
            &[1, cameras.len(), 3, PIXELS, PIXELS],
            "share of full intensity",
            Some([0.0, 1.0]),
            "pictures of the cameras, planes of red, green and blue, row 0 on top",
        ),
        tensor(
            "words",
            &[1, WORDS],
            "",
            Some([0.0, (samples.vocabulary().numbers() - 1) as f64]),
            "the instruction: 0 for none, 1 for an unknown word, then the vocabulary",
        ),
        tensor(
            "proprioception",
            &[1, PROPRIOCEPTION],
            "",
            None,
            "position, axis times angle, fingers, standardised",
        ),
    ];
    let outputs = vec![tensor(
        "actions",
        &[1, CHUNK, ACTION],
        "signed square root of the share of the command's scale",
        None,
        "commands of this and the next control steps: translation, rotation, gripper",
    )];
    let list = |all: &[String]| all.iter().cloned().map(toml::Value::String).collect();
    let parameters = toml::Table::from_iter([
        (CAMERAS.to_owned(), toml::Value::Array(list(cameras))),
        (VOCABULARY.to_owned(), toml::Value::Array(list(samples.vocabulary().words()))),
    ]);
    let manifest = Manifest {
        version: FORMAT_VERSION,
        name: if samples.guided() { "planner-guided-vla" } else { "vla" }.into(),
        kind: Kind::Vla,
        digest: String::new(),
        control_hz: Some(Command::RATE_HZ),
        inputs,
        outputs,
        normalisation: BTreeMap::from([(NORMALISED.into(), samples.normalisation().clone())]),
        parameters,
        training: Some(circumstances.record()),
    };
    ModelFile::seal(manifest, to_onnx(network))
}
