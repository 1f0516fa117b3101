//! The integration tests, one binary: real packages, images judged by tools we did not write, boots under QEMU.

mod boards;
mod boot;
mod booted;
mod cluster;
mod command_line;
mod differential;
mod fleet;
mod image;
mod inspect;
mod judge;
mod killed;
mod patch;
mod readme;
mod reproducible;
mod unprivileged;
mod update;
