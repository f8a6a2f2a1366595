//! The command `ergon-viewer`, which `ergon view` starts.
#![expect(clippy::print_stderr, reason = "errors and figures for people go to standard error")]
#![expect(clippy::print_stdout, reason = "this is the program")]

mod command;
mod output;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = match command::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nobody may be listening.
            let _unheard = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match command::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(error.code())
        }
    }
}
