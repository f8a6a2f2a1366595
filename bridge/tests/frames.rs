//! Every frame reads back as what was written, and no bytes do harm.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use ergon_bridge::vla_eval::{Body, Message};
use ergon_bridge::{Chunk, Layout, Limits, Request, openpi};
use ergon_vocab::{Command, Image};
use proptest::prelude::*;

fn image() -> impl Strategy<Value = Image> {
    (1..6_usize, 1..6_usize).prop_flat_map(|(width, height)| {
        prop::collection::vec(any::<u8>(), width * height * 3)
            .prop_map(move |data| Image::new(width, height, data).unwrap())
    })
}

fn request(layout: Layout) -> impl Strategy<Value = Request> {
    let keys: Vec<String> = layout.cameras.into_iter().map(|(key, _)| key).collect();
    let images = prop::collection::vec(image(), 0..=keys.len())
        .prop_map(move |images| keys.iter().cloned().zip(images).collect());
    (images, prop::array::uniform8(-1e6_f32..1e6), ".{0,40}")
        .prop_map(|(images, state, prompt)| Request { images, state, prompt })
}

/// Chunks whose numbers are exact as f32.
fn chunk() -> impl Strategy<Value = Chunk> {
    let command = prop::array::uniform7(-1.0_f32..=1.0)
        .prop_map(|numbers| Command::from_array(numbers.map(f64::from)));
    prop::collection::vec(command, 1..60).prop_map(|commands| Chunk { commands, cut: 0 })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        ".{0,20}".prop_map(|benchmark| Body::ClientHello { benchmark }),
        (".{0,20}", prop::collection::vec("[a-z]{1,8}", 0..3)).prop_map(
            |(model_server, mut names)| {
                names.retain(|name| !["state", "language"].contains(&name.as_str()));
                Body::ServerHello { model_server, cameras: names }
            }
        ),
        ".{0,20}".prop_map(|task| Body::EpisodeStart { task }),
        request(Layout::vla_eval()).prop_map(Body::Observation),
        chunk().prop_map(Body::Action),
        any::<u64>().prop_map(|steps| Body::EpisodeEnd { steps }),
        ".{0,80}".prop_map(Body::Error),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    (any::<u64>(), 0.0..1e10, body()).prop_map(|(seq, timestamp, body)| Message {
        seq,
        timestamp,
        body,
    })
}

/// Reads bytes as everything they could be.
fn read_all(bytes: &[u8]) -> [bool; 3] {
    let limits = Limits { pixels: 1 << 12, ..Limits::default() };
    [
        openpi::read_request(bytes, &Layout::openpi(), &limits).is_ok(),
        openpi::read_reply(bytes, &limits).is_ok(),
        Message::read(bytes, &Layout::vla_eval(), &limits).is_ok(),
    ]
}

proptest! {
    #[test]
    fn openpi_requests_read_back(request in request(Layout::openpi())) {
        let bytes = openpi::write_request(&request);
        let again = openpi::read_request(&bytes, &Layout::openpi(), &Limits::default());
        prop_assert_eq!(again.unwrap(), request);
    }

    #[test]
    fn openpi_replies_read_back(chunk in chunk(), infer_ms in 0.0..1e6, previous: Option<f64>) {
        let timing = openpi::Timing { infer_ms, prev_total_ms: previous };
        let bytes = openpi::write_reply(&chunk.commands, &timing);
        prop_assert_eq!(openpi::read_reply(&bytes, &Limits::default()).unwrap(), chunk);
    }

    #[test]
    fn vla_eval_messages_read_back(message in message()) {
        let bytes = message.write();
        let again = Message::read(&bytes, &Layout::vla_eval(), &Limits::default());
        prop_assert_eq!(again.unwrap(), message);
    }

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn frames_that_are_cut_short_are_refused(
        request in request(Layout::openpi()),
        message in message(),
        at in any::<prop::sample::Index>(),
    ) {
        for frame in [openpi::write_request(&request), message.write()] {
            prop_assert_eq!(read_all(&frame[..at.index(frame.len())]), [false; 3]);
        }
    }

    #[test]
    fn frames_with_wrong_bytes_do_no_harm(
        request in request(Layout::openpi()),
        message in message(),
        slips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for mut frame in [openpi::write_request(&request), message.write()] {
            for (at, byte) in &slips {
                let at = at.index(frame.len());
                frame[at] = *byte;
            }
            read_all(&frame);
        }
    }
}
