//! No text makes the manifest reader panic, and what it reads reads back from its own text.
//!
//! The input is a `policy.toml`; bytes that are not UTF-8 are replaced.
#![no_main]

use ergon_inference::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let manifest = match Manifest::parse(&String::from_utf8_lossy(data), "fuzz") {
        Ok(manifest) => manifest,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let text = manifest.to_text().expect("what was read can be written");
    let again = Manifest::parse(&text, "written").expect("a written manifest is one");
    assert_eq!(again, manifest);
});
