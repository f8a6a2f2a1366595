//! Our clients and our servers, for both protocols.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{Running, observation, open_echo, patient};
use ergon_bridge::{Layout, ServerOptions, openpi, vla_eval};
use ergon_vocab::{Command, InstructedPolicy, PolicyError};

const POSE: [f64; 7] = [0.5, -0.25, 0.125, 1.0, 0.0, -0.5, 1.0];

/// Resets, requests and the step that the policy knew, and the first red of the agent's picture.
fn counts(command: &Command) -> [u64; 4] {
    let [resets, asked, step, pixel, ..] = command.to_array();
    [resets * 64.0, asked * 64.0, step * 64.0, pixel * 255.0].map(|x| x.round() as u64)
}

fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn openpi_hands_over_chunks_in_full() {
    let server = Running::openpi(ServerOptions::new(Layout::openpi()));
    let options = patient(Layout::openpi());
    let mut client = openpi::Client::connect(server.endpoint(), options).unwrap();
    assert!(client.metadata().contains("ergon"), "{}", client.metadata());
    for asked in 1..4 {
        client.reset().unwrap();
        let commands = client.infer(&observation(), "Stay.").unwrap();
        assert_eq!(commands.len(), 2);
        assert_eq!(counts(&commands[0]), [1, asked, asked - 1, 51]);
        assert_eq!(commands[1].to_array(), POSE);
    }
    assert_eq!(client.cuts().load(Ordering::Relaxed), 0);
    for (prompt, part) in [("fail", "told to fail"), ("nothing", "no command"), ("nan", "finite")] {
        let error = client.infer(&observation(), prompt).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    // The server has closed; the next request is on a new connection, with a new policy.
    let commands = client.infer(&observation(), "Stay.").unwrap();
    assert_eq!(counts(&commands[0]), [1, 1, 0, 51]);
}

#[test]
fn vla_eval_hands_out_one_command_at_a_time() {
    let options =
        ServerOptions { name: "echo".to_owned(), ..ServerOptions::new(Layout::vla_eval()) };
    let server = Running::vla_eval(options);
    let options = patient(Layout::vla_eval());
    let mut client = vla_eval::Client::connect(server.endpoint(), options, "test").unwrap();
    assert_eq!(client.model_server(), "echo");
    let mut ask = |prompt: &str| client.infer(&observation(), prompt);
    let first = ask("Stay.").unwrap();
    assert_eq!((first.len(), counts(&first[0])), (1, [1, 1, 0, 51]));
    assert_eq!(ask("Stay.").unwrap()[0].to_array(), POSE);
    assert_eq!(counts(&ask("Stay.").unwrap()[0]), [1, 2, 2, 51]);
    // Another instruction: the rest of the chunk is forgotten.
    assert_eq!(counts(&ask("Go.").unwrap()[0]), [1, 3, 3, 51]);
    client.reset().unwrap();
    let commands = client.infer(&observation(), "Go.").unwrap();
    assert_eq!(counts(&commands[0]), [2, 4, 0, 51]);
    for (prompt, part) in [("fail", "told to fail"), ("nan", "finite")] {
        let error = client.infer(&observation(), prompt).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("observation_failed"), "{error}");
    }
}

#[test]
fn health_is_answered_and_other_requests_are_told_what_is_here() {
    let server = Running::openpi(ServerOptions::new(Layout::openpi()));
    let response = get(server.address, "/healthz");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\nOK\n"), "{response}");
    assert!(get(server.address, "/").starts_with("HTTP/1.1 426 "));
    let server = Running::vla_eval(ServerOptions::new(Layout::vla_eval()));
    assert!(get(server.address, "/health").ends_with("\r\n\r\n{\"status\": \"ok\"}\n"));
}

#[test]
fn a_policy_that_panics_or_cannot_be_opened_harms_its_own_connection_only() {
    let server = Running::openpi(ServerOptions::new(Layout::openpi()));
    let connect = || openpi::Client::connect(server.endpoint(), patient(Layout::openpi())).unwrap();
    let (mut one, mut other) = (connect(), connect());
    let error = one.infer(&observation(), "panic").unwrap_err().to_string();
    assert!(error.contains("lost"), "{error}");
    assert_eq!(other.infer(&observation(), "Stay.").unwrap().len(), 2);
    assert_eq!(one.infer(&observation(), "Stay.").unwrap().len(), 2);

    let server = Running::start(|listener, stop| {
        let open = || Err(PolicyError("no such file".to_owned()));
        openpi::serve(listener, open, &ServerOptions::new(Layout::openpi()), stop).unwrap();
    });
    let error = openpi::Client::connect(server.endpoint(), patient(Layout::openpi())).unwrap_err();
    assert!(error.to_string().contains("no such file"), "{error}");
}

#[test]
fn connections_are_limited_and_a_stopped_server_lets_go_of_its_clients() {
    let options = ServerOptions { max_connections: 1, ..ServerOptions::new(Layout::openpi()) };
    let server = Running::openpi(options);
    let mut client =
        openpi::Client::connect(server.endpoint(), common::hasty(Layout::openpi())).unwrap();
    let refused = openpi::Client::connect(server.endpoint(), common::hasty(Layout::openpi()));
    assert!(refused.is_err());
    // Dropping joins the server's threads, though the client is still there.
    drop(server);
    let error = client.infer(&observation(), "Stay.").unwrap_err().to_string();
    assert!(error.contains("is the policy server running"), "{error}");
}

#[test]
fn a_client_finds_a_server_that_was_started_anew() {
    let server = Running::openpi(ServerOptions::new(Layout::openpi()));
    let address = server.address;
    let mut client = openpi::Client::connect(server.endpoint(), patient(Layout::openpi())).unwrap();
    drop(server);
    let late = std::thread::spawn(move || {
        std::thread::park_timeout(Duration::from_millis(300));
        Running::start_at(address, |listener, stop| {
            let options = ServerOptions::new(Layout::openpi());
            openpi::serve(listener, open_echo, &options, stop).unwrap();
        })
    });
    assert_eq!(client.infer(&observation(), "Stay.").unwrap().len(), 2);
    late.join().unwrap();
}
