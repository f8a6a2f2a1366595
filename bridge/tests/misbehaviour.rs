//! Peers that lie, drip, shout or fall silent: every end comes soon and says why.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Running, hasty, observation};
use ergon_bridge::{ClientOptions, Endpoint, Layout, Limits, ServerOptions, openpi, vla_eval};
use ergon_vocab::InstructedPolicy;
use tungstenite::{Message, WebSocket};

/// A server that accepts one connection after the other and does with each what it is told.
fn rogue(act: impl Fn(TcpStream) + Send + 'static) -> Running {
    Running::start(move |listener, stop| {
        listener.set_nonblocking(true).unwrap();
        while !stop.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((tcp, _)) => {
                    tcp.set_nonblocking(false).unwrap();
                    tcp.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
                    act(tcp);
                }
                Err(_) => std::thread::park_timeout(Duration::from_millis(5)),
            }
        }
    })
}

/// A server that greets as openpi's and then does what it is told.
fn rogue_openpi(act: impl Fn(&mut WebSocket<TcpStream>) + Send + 'static) -> Running {
    rogue(move |tcp| {
        let Ok(mut socket) = tungstenite::accept(tcp) else { return };
        socket.send(Message::binary(vec![0x80])).unwrap();
        if socket.read().is_ok_and(|message| message.is_binary()) {
            act(&mut socket);
        }
    })
}

/// What a client says when it connects and asks.
fn error_of(server: &Running) -> String {
    let connected = openpi::Client::connect(server.endpoint(), hasty(Layout::openpi()));
    match connected {
        Err(error) => error.to_string(),
        Ok(mut client) => client.infer(&observation(), "Stay.").unwrap_err().to_string(),
    }
}

fn check_answer(answer: Message, part: &str) {
    let server = rogue_openpi(move |socket| {
        // The client may have left when it saw the first bytes.
        socket.send(answer.clone()).unwrap_or_default();
    });
    let error = error_of(&server);
    assert!(error.contains(part), "expected {part:?} in: {error}");
}

#[test]
fn servers_that_do_not_speak_the_protocol_are_named_as_such() {
    let silent = rogue(|mut tcp| {
        let mut sink = Vec::new();
        tcp.read_to_end(&mut sink).unwrap_or_default();
    });
    let error = error_of(&silent);
    assert!(error.contains("1 s to answer the handshake"), "{error}");
    let web = rogue(|mut tcp| {
        assert!(tcp.read(&mut [0; 4096]).is_ok());
        tcp.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let error = error_of(&web);
    assert!(error.contains("does not speak WebSocket"), "{error}");
    let garbage = rogue(|mut tcp| {
        assert!(tcp.read(&mut [0; 4096]).is_ok());
        tcp.write_all(&[0xff; 4096]).unwrap_or_default();
    });
    let error = error_of(&garbage);
    assert!(error.contains("does not speak WebSocket"), "{error}");
    let gone = rogue(|_| {});
    let error = error_of(&gone);
    assert!(error.contains("lost") || error.contains("WebSocket"), "{error}");
    let mute = rogue(|tcp| {
        let mut socket = tungstenite::accept(tcp).unwrap();
        socket.read().unwrap_err();
    });
    let error = error_of(&mute);
    assert!(error.contains("1 s to send its metadata"), "{error}");
}

#[test]
fn answers_that_are_none_say_what_was_expected() {
    check_answer(Message::binary(vec![0xc1]), "0xc1");
    check_answer(Message::binary(vec![0xdd, 0xff, 0xff, 0xff, 0xff]), "ends in the middle");
    check_answer(Message::binary(vec![0x80]), "actions: expected an entry");
    check_answer(Message::text("Traceback:\n  boom\nValueError: boom"), "error: ValueError: boom");
    check_answer(Message::Close(None), "closed");
}

#[test]
fn silence_and_dripping_end_at_the_same_time() {
    let silent = rogue_openpi(|socket| {
        socket.read().unwrap_err();
    });
    let error = error_of(&silent);
    assert!(error.contains("1 s to answer"), "{error}");
    let dripping = rogue_openpi(|socket| {
        let tcp = socket.get_mut();
        // A binary frame of 125 bytes, one of them every 20 ms.
        for byte in [0x82, 125].into_iter().chain([0; 100]) {
            if tcp.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
    });
    let error = error_of(&dripping);
    assert!(error.contains("1 s to answer"), "{error}");
}

#[test]
fn huge_answers_are_refused_by_their_header() {
    let server = rogue_openpi(|socket| {
        // A binary frame that claims 2^62 bytes.
        let tcp = socket.get_mut();
        tcp.write_all(&[0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        tcp.read(&mut [0; 64]).unwrap_or_default();
    });
    let error = error_of(&server);
    assert!(error.contains("more than 16777216 bytes"), "{error}");
}

#[test]
fn a_server_that_closes_in_the_middle_is_asked_again_on_a_new_connection() {
    let failed_once = AtomicBool::new(false);
    let server = rogue_openpi(move |socket| {
        if !failed_once.swap(true, Ordering::Relaxed) {
            socket.get_mut().write_all(&[0x82, 100, 1, 2, 3]).unwrap();
            return;
        }
        let still = [ergon_vocab::Command::hold(-1.0)];
        let timing = openpi::Timing { infer_ms: 0.0, prev_total_ms: None };
        socket.send(Message::binary(openpi::write_reply(&still, &timing))).unwrap();
    });
    let options =
        ClientOptions { answer_timeout: Duration::from_secs(5), ..hasty(Layout::openpi()) };
    let mut client = openpi::Client::connect(server.endpoint(), options).unwrap();
    assert_eq!(client.infer(&observation(), "Stay.").unwrap().len(), 1);
}

#[test]
fn a_server_that_is_not_there_is_tried_as_often_as_allowed() {
    // Nobody listens there.
    let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port: 1 };
    for error in [
        openpi::Client::connect(endpoint.clone(), hasty(Layout::openpi())).unwrap_err(),
        vla_eval::Client::connect(endpoint, hasty(Layout::vla_eval()), "").unwrap_err(),
    ] {
        assert!(error.to_string().contains("is the policy server running there?"), "{error}");
    }
}

fn client(server: &Running) -> WebSocket<TcpStream> {
    let tcp = TcpStream::connect(server.address).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (socket, _) = tungstenite::client(format!("ws://{}/", server.address), tcp).unwrap();
    socket
}

/// Reads until a text or the end.
fn last_text(socket: &mut WebSocket<TcpStream>) -> String {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => return text.to_string(),
            Ok(_) => {}
            Err(error) => return format!("no text: {error}"),
        }
    }
}

#[test]
fn openpi_clients_that_ask_nonsense_are_told_why_and_closed() {
    let server = Running::openpi(ServerOptions::new(Layout::openpi()));
    let good = openpi::write_request(&Layout::openpi().request(&observation(), "Stay.").unwrap());
    let cut_short = Message::binary(good[..good.len() - 3].to_vec());
    for (message, part) in [
        (Message::binary(vec![0x80]), "observation/state: expected an entry"),
        (Message::binary(vec![0x93, 1, 2, 3]), "got a list"),
        (Message::binary(vec![0x91; 1000]), "deeper"),
        (Message::text("{}"), "expected a binary frame"),
        (cut_short, "ends in the middle"),
    ] {
        let mut socket = client(&server);
        socket.send(message).unwrap();
        let text = last_text(&mut socket);
        assert!(text.contains(part), "expected {part:?} in: {text}");
        let close = socket.read().unwrap();
        let Message::Close(Some(frame)) = close else { panic!("{close:?}") };
        assert_eq!(u16::from(frame.code), 1011);
    }
    let mut socket = client(&server);
    socket.send(Message::binary(good)).unwrap();
    assert!(socket.read().unwrap().is_binary());
    assert!(socket.read().unwrap().is_binary());
}

#[test]
fn vla_eval_clients_that_ask_nonsense_are_told_why_and_kept() {
    let layout = Layout::vla_eval();
    let server = Running::vla_eval(ServerOptions::new(layout.clone()));
    let mut socket = client(&server);
    let hello = vla_eval::Body::ServerHello { model_server: "me".to_owned(), cameras: vec![] };
    let wrong = vla_eval::Message { seq: 7, timestamp: 0.0, body: hello }.write();
    for (message, seq) in
        [(Message::binary(vec![0x80]), 0), (Message::text("hello"), 0), (Message::binary(wrong), 7)]
    {
        socket.send(message).unwrap();
        let Message::Binary(bytes) = socket.read().unwrap() else { panic!("no message") };
        let reply = vla_eval::Message::read(&bytes, &layout, &Limits::default()).unwrap();
        assert!(matches!(reply.body, vla_eval::Body::Error(_)), "{reply:?}");
        assert_eq!(reply.seq, seq);
    }
}

#[test]
fn clients_that_take_too_long_or_too_much_are_let_go() {
    let options = ServerOptions {
        handshake_timeout: Duration::from_millis(500),
        idle_timeout: Duration::from_millis(500),
        limits: Limits { frame_bytes: 1 << 20, ..Limits::default() },
        ..ServerOptions::new(Layout::openpi())
    };
    let server = Running::openpi(options);
    // One that says nothing, one whose head never ends, one that does not ask.
    let mut silent = TcpStream::connect(server.address).unwrap();
    assert_eq!(silent.read(&mut [0; 16]).unwrap_or(0), 0);
    let mut endless = TcpStream::connect(server.address).unwrap();
    endless.write_all(&[b'a'; 10_000]).unwrap_or_default();
    assert_eq!(endless.read(&mut [0; 16]).unwrap_or(0), 0);
    let mut idle = client(&server);
    assert!(idle.read().unwrap().is_binary());
    let close = idle.read().unwrap();
    assert!(close.to_string().contains("too long"), "{close}");
    let mut huge = client(&server);
    assert!(huge.read().unwrap().is_binary());
    // A binary frame, masked, that claims 2^62 bytes.
    huge.get_mut().write_all(&[0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]).unwrap();
    let close = huge.read().unwrap();
    let Message::Close(Some(frame)) = close else { panic!("{close:?}") };
    assert_eq!(u16::from(frame.code), 1009);
}
