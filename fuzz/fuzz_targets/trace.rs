//! No bytes make the trace reader panic or take more memory than they are worth, and what it reads
//! can be looked at.
//!
//! The input is a file; and, since checksums would stop nearly all of them, also the messages of a
//! file with sound ones: each is a byte for its topic, a byte for its length, and its bytes.
#![no_main]

use std::collections::BTreeMap;
use std::io::Cursor;

use ergon_bench::trace::{FORMAT_VERSION, ReplayRobot, Trace};
use ergon_vocab::Robot;
use libfuzzer_sys::fuzz_target;

/// Every channel of a trace, so that none is missing.
const TOPICS: [(&str, &str); 12] = [
    ("/joint_states", "cdr"),
    ("/tf", "cdr"),
    ("/truth/tf", "cdr"),
    ("/ergon/observation", "json"),
    ("/ergon/command", "json"),
    ("/ergon/facts", "json"),
    ("/ergon/plan", "json"),
    ("/ergon/action", "json"),
    ("/ergon/skill", "json"),
    ("/ergon/events", "cdr"),
    ("/ergon/digest", "json"),
    ("/camera/agent/compressed", "cdr"),
];

/// A file whose messages are `data`.
fn wrap(mut data: &[u8]) -> mcap::McapResult<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    let mut writer = mcap::WriteOptions::new().create(&mut file)?;
    let identity = [("format", FORMAT_VERSION), ("seed", "1"), ("scenario", "s"), ("method", "m")];
    writer.write_metadata(&mcap::records::Metadata {
        name: "ergon".into(),
        metadata: identity.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
    })?;
    for name in ["scenario.toml", "domain.pddl"] {
        let (name, media_type, data) = (name.into(), String::new(), b"".into());
        writer.attach(&mcap::Attachment { log_time: 0, create_time: 0, name, media_type, data })?;
    }
    let mut channels = Vec::new();
    for (topic, encoding) in TOPICS {
        channels.push(writer.add_channel(0, topic, encoding, &BTreeMap::new())?);
    }
    while let [topic, length, rest @ ..] = data {
        let (message, rest) = rest.split_at(rest.len().min(*length as usize));
        data = rest;
        let channel_id = channels[*topic as usize % channels.len()];
        let header =
            mcap::records::MessageHeader { channel_id, sequence: 0, log_time: 0, publish_time: 0 };
        writer.write_to_known_channel(&header, message)?;
    }
    writer.finish()?;
    drop(writer);
    Ok(file.into_inner())
}

fn look(bytes: &[u8]) {
    let trace = match Trace::read(bytes) {
        Ok(trace) => trace,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let mut robot = ReplayRobot::new(&trace);
    let _ = robot.observe();
    for recorded in &trace.commands {
        let _ = robot.step(&recorded.command);
    }
    let _ = trace.events_until(1.0);
}

fuzz_target!(|data: &[u8]| {
    look(data);
    look(&wrap(data).expect("memory is large enough"));
});
