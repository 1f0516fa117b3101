//! `bramble-worker`: reads its arguments and serves until it is told to stop.

use std::process::ExitCode;

use bramble_worker::arguments::{self, Action};
use bramble_worker::supervisor;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Action::Serve(options)) => match supervisor::serve(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("bramble-worker: {error}");
                ExitCode::FAILURE
            }
        },
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
