//! The first process of the initramfs.
//!
//! Debian's kernels have the card's controller and ext4 as modules, so something must load them before the root file
//! system can be mounted. This program does just that: early mounts, the modules named in `/modules.list` in their
//! order, wait for the device of `root=`, mount it, hand over to `/sbin/init`. Nothing is probed and nothing is
//! configured: the builder already knows the board, and what it knows stands in the list and on the command line.
//!
//! On the running node the same program makes the initramfs of a kernel that apt brought, see `update`.
//!
//! When it fails it says on the console what is missing and what is there, and restarts the board after a pause: a
//! card that answers late the first time is often there the second.

mod block;
mod cmdline;
mod console;
mod disk_links;
mod failure;
mod handover;
mod modules;
mod mounts;
mod restart;
mod update;
mod wait;

use std::fs;
use std::process;
use std::thread;

use block::{Devices, RootDevice};
use cmdline::Cmdline;
use failure::Failure;

fn main() {
    // Outside the initramfs it would mount over the running system; only the kernel starts it as process 1.
    if process::id() != 1 {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if let Err(error) = update::run(&arguments) {
            eprintln!("bramble-init: {error}");
            process::exit(1);
        }
        return;
    }
    let mut failed_modules = Vec::new();
    let cmdline = match start() {
        Ok(cmdline) => cmdline,
        Err(failure) => restart::after(&failure, &failed_modules, &Cmdline::default()),
    };
    let Err(failure) = boot(&cmdline, &mut failed_modules);
    restart::after(&failure, &failed_modules, &cmdline);
}

/// Mounts what even an error message needs and reads the kernel's command line.
fn start() -> Result<Cmdline, Failure> {
    mounts::early()?;
    let text = fs::read_to_string("/proc/cmdline").map_err(|source| Failure::Read { path: "/proc/cmdline", source })?;
    Ok(Cmdline::parse(&text))
}

/// Everything from the modules to the root's own init; returns only when it fails.
fn boot(
    cmdline: &Cmdline,
    failed_modules: &mut Vec<modules::FailedModule>,
) -> Result<std::convert::Infallible, Failure> {
    let list = modules::read_list()?;
    console::note(&format!("loading {} kernel modules", list.len()));
    modules::load_all(&list, cmdline, failed_modules);

    let root = RootDevice::parse(cmdline.root.as_deref())?;
    thread::sleep(cmdline.delay);
    let devices = Devices::of_this_machine();
    let device = wait::for_device(&devices, &root, cmdline.patience)?;

    if let Some(disk) = devices.disk_of(&device) {
        disk_links::tell_udev(&disk)?;
    }

    console::note(&format!("mounting {} as the root file system", device.display()));
    mounts::root(&device, cmdline)?;
    handover::to_root(cmdline)
}
