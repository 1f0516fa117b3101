//! `bramble-worker`: reads its arguments and serves until it is told to stop.

use std::process::ExitCode;

use bramble_worker::arguments::{self, Action};
use bramble_worker::supervisor::{self, ServeError};

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Action::Serve(options)) => end(supervisor::serve(&options)),
        Ok(Action::Check(options)) => end(supervisor::check(&options)),
        Ok(Action::Print(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bramble-worker: {error}; see bramble-worker --help");
            ExitCode::from(2)
        }
    }
}

fn end(outcome: Result<(), ServeError>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bramble-worker: {error}");
            ExitCode::FAILURE
        }
    }
}
