//! No bytes of a peer make the readers of frames panic or take more memory than the limits allow, and
//! what is read reads back from what is written of it.
//!
//! The input is a frame, read as each that a policy server or its client could be sent.
#![no_main]

use ergon_bridge::vla_eval::{Body, Message};
use ergon_bridge::{Layout, Limits, openpi};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { pixels: 1 << 12, ..Limits::default() };
    let layout = Layout::openpi();
    if let Ok(request) = openpi::read_request(data, &layout, &limits) {
        let written = openpi::write_request(&request);
        let again = openpi::read_request(&written, &layout, &limits);
        assert_eq!(again.expect("a written request is one"), request);
    }
    if let Ok(chunk) = openpi::read_reply(data, &limits) {
        assert!(chunk.commands.iter().flat_map(|c| c.to_array()).all(|x| x.abs() <= 1.0));
        let timing = openpi::Timing { infer_ms: 0.0, prev_total_ms: None };
        let written = openpi::write_reply(&chunk.commands, &timing);
        let again = openpi::read_reply(&written, &limits).expect("a written reply is one");
        assert_eq!((again.commands.len(), again.cut), (chunk.commands.len(), 0));
    }
    let layout = Layout::vla_eval();
    if let Ok(message) = Message::read(data, &layout, &limits) {
        let again = Message::read(&message.write(), &layout, &limits);
        let again = again.expect("a written message is one");
        assert_eq!(again.seq, message.seq);
        // Commands lose digits, and a hello's cameras may have been named twice.
        if !matches!(message.body, Body::Action(_) | Body::ServerHello { .. }) {
            assert_eq!(again.body, message.body);
        }
    }
});
