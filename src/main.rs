//! The `bramble` program: everything is in the library, see [`bramble::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    bramble::cli::main()
}
