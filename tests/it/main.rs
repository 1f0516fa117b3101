//! The integration tests that boot nothing, one binary: real packages, images judged by tools we did not write. The boots
//! are in `tests/guests`.

mod armv6;
mod beside;
mod command_line;
mod differential;
mod fleet;
mod image;
mod image_fuzz;
mod inspect;
mod interpreted;
mod killed;
mod ld_so_cache;
mod memory;
mod patch;
mod pi5;
mod readme;
mod reproducible;
mod roles_apart;
mod run;
mod shell;
mod unprivileged;
mod without_ssh;

#[allow(dead_code, reason = "tests of both kinds share it, and each takes a part")]
#[path = "../support/cluster.rs"]
mod cluster;
#[path = "../support/every_run.rs"]
mod every_run;
#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/own_project.rs"]
mod own_project;
