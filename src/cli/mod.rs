//! The command line: arguments, progress and messages; one file for each command. No logic lives here.

mod args;
mod check;
mod clean;
mod diff;
mod explain;
mod image;
mod inspect;
mod lock;
mod log;
mod plain;
mod progress;
mod run;
mod verify;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::assemble::Workspace;
use crate::config::{Diagnostics, Plan};
use crate::disk::size;
use args::{Arguments, Command, Project};

/// Runs the program on the process's arguments. Exit status: 0 done, 1 failed, 2 not understood; `diff`
/// has its own.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.verbose);
    let done = match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Image(arguments) => image::run(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Lock(arguments) => lock::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Diff(arguments) => return diff::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Clean(arguments) => clean::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::failure(&error);
            ExitCode::FAILURE
        }
    }
}

impl Project {
    /// The folder with board-configs, rootfs and overlays.
    fn folder(&self) -> &Path {
        match (&self.project, self.cluster.parent()) {
            (Some(project), _) => project,
            (None, Some(parent)) if parent != Path::new("") => parent,
            _ => Path::new("."),
        }
    }

    /// The folders to work with: images in `out`, and our compiled programs in `payload` where it is named.
    fn workspace(&self, out: &Path, payload: Option<&Path>) -> Workspace {
        let project = self.folder().to_owned();
        let payload = payload.map_or_else(|| project.join("target/payload"), Path::to_owned);
        Workspace { project, out: out.to_owned(), payload }
    }

    /// Reads and checks the cluster. What is wrong with it is already rendered: it shows its own lines.
    fn plan(&self) -> anyhow::Result<Plan> {
        Plan::read(&self.cluster, self.folder()).map_err(|diagnostics| rendered(&diagnostics))
    }
}

/// Mistakes as an error that shows its own lines.
fn rendered(diagnostics: &Diagnostics) -> anyhow::Error {
    anyhow::Error::new(log::Rendered(diagnostics.render(std::io::stderr().is_terminal())))
}
