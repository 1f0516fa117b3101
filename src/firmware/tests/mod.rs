//! The boot partition's texts for every board of the repository.

pub(super) mod example;
mod golden;
mod read_back;

use crate::config::tests::Project;
use crate::config::{BaseSpec, Board};

/// The base of one node with these lines for it in the cluster file.
fn base(project: &Project, lines: &str) -> BaseSpec {
    let head = "name = \"test\"\nsystem = \"forky\"\nnetwork = { subnet = \"10.0.0.0/24\" }\n\
                defaults = { role = \"worker\", site = \"site\" }\n[[nodes]]\nname = \"node1\"\naddress = \"10.0.0.11\"\n";
    project.accepts(&format!("{head}{lines}\n")).bases.remove(0)
}

/// The boards of the project.
fn boards(project: &Project) -> Vec<Board> {
    project.boards().iter().map(|name| base(project, &format!("board = \"{name}\"")).board).collect()
}
