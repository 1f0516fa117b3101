//! From an image to a machine that is ready to start, and the start for a person at a terminal.

use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use bytes::Bytes;
use tempfile::TempDir;

use super::EmulateError;
use super::card::{card_size, write_overlay};
use super::device_tree::without;
use super::machine::{Machine, Started, Terminal};
use super::network::{Ports, hardware_address, user_network};
use super::play::play;
use super::{child, program};
use crate::config::{Board, Network};
use crate::disk::BootPartition;

/// For every machine that is played: a busy host may take longer than systemd's 90 s until the emulated board has come to
/// its serial port, and there would be no console.
const PATIENCE: &str = "systemd.default_device_timeout_sec=900";

/// For machines without a watchdog that can be trusted.
const NO_WATCHDOG: &str = "systemd.watchdog_sec=off";

/// For the others: on a busy host a guest may get no turn for as long as a board's watchdog waits.
const PATIENT_WATCHDOG: &str = "systemd.watchdog_sec=45";

/// How to emulate.
#[derive(Debug, Clone, Default)]
pub struct GuestOptions {
    /// Let nothing out of the emulated network; the host's two ports still lead in.
    pub isolated: bool,
    /// Port of the loopback address that leads to the web server; a free one when it is not said.
    pub http_port: Option<u16>,
    /// The same for ssh.
    pub ssh_port: Option<u16>,
    /// Let the machine go on when the guest restarts. It starts what it was started with, so not what a kernel update put
    /// on the card.
    pub restarts: bool,
    /// Further words for the kernel.
    pub cmdline: Vec<String>,
    /// Where a copy of what the console says goes; for [`Guest`](super::Guest) only.
    pub transcript: Option<PathBuf>,
    /// Where the card lies that takes what the guest writes, a qcow2 file over the image; it stays there. Without it the
    /// card goes with the guest.
    pub card: Option<PathBuf>,
    /// Another card in the same machine, for machines whose card is a device; it goes with the guest.
    pub beside: Option<Beside>,
    /// A file that takes down everything that the guest writes to its card, and when it asked the card to keep it, as Linux'
    /// dm-log-writes has it (`Documentation/admin-guide/device-mapper/log-writes.rst`). It is empty and there already.
    pub write_log: Option<PathBuf>,
}

/// A card beside the one that the machine starts from.
#[derive(Debug, Clone)]
pub struct Beside {
    pub image: PathBuf,
    /// Whether the guest finds it before its own.
    pub before: bool,
}

/// A machine that is ready to start. Its files go away with it.
#[derive(Debug)]
pub struct Prepared {
    pub ports: Ports,
    /// What the board would pass over in silence.
    pub warnings: Vec<String>,
    pub(super) program: String,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: TempDir,
}

/// Starts `image` on the emulated `board` with the console on this terminal, and waits for its end. `announce` is told
/// what a user wants to know before the terminal is the guest's.
pub fn run(
    image: &Path,
    board: &Board,
    address: Ipv4Addr,
    network: &Network,
    options: &GuestOptions,
    announce: impl FnOnce(&Prepared),
) -> Result<ExitStatus, EmulateError> {
    let prepared = prepare(image, board, address, network, options, Terminal::Person)?;
    announce(&prepared);
    let spawned = child::command(&prepared.program).args(&prepared.arguments).spawn();
    let failed = |error| program::spawn_error(&prepared.program, error);
    child::wait(&mut spawned.map_err(failed)?).map_err(failed)
}

/// Plays the firmware and lays everything out for QEMU in a temporary folder.
pub(super) fn prepare(
    image: &Path,
    board: &Board,
    address: Ipv4Addr,
    network: &Network,
    options: &GuestOptions,
    terminal: Terminal,
) -> Result<Prepared, EmulateError> {
    let Some(emulation) = &board.emulation else {
        let reason = board.no_emulation.clone().unwrap_or_else(|| "its file does not say how".into());
        return Err(EmulateError::NoEmulation { board: board.name.clone(), reason });
    };
    program::check(&emulation.program, &emulation.machine)?;

    let played = if emulation.boots_card {
        if !options.cmdline.is_empty() {
            return Err(EmulateError::OwnCmdline { machine: emulation.machine.clone() });
        }
        None
    } else {
        let played = play(&BootPartition::open(image)?, emulation.device_tree.as_deref());
        Some(played.map_err(|source| EmulateError::Play { image: image.to_owned(), source })?)
    };
    let mut cmdline = played.as_ref().map(|boot| boot.cmdline.to_string()).unwrap_or_default();
    if emulation.stands_in {
        cmdline = without_consoles(&cmdline);
    }
    let words = emulation.cmdline.iter().chain(&options.cmdline).map(String::as_str);
    let watchdog = if emulation.watchdog { PATIENT_WATCHDOG } else { NO_WATCHDOG };
    for word in words.chain([PATIENCE, watchdog]) {
        cmdline = format!("{cmdline} {word}");
    }

    let folder = tempfile::Builder::new().prefix("bramble-").tempdir();
    let folder = folder.map_err(|error| EmulateError::Io { path: std::env::temp_dir(), error })?;
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).map_err(|error| EmulateError::Io { path: path.clone(), error })?;
        Ok::<_, EmulateError>(path)
    };
    let own = played.as_ref().filter(|_| !emulation.stands_in);
    let device_tree = own.and_then(|boot| Some((boot.device_tree_name.as_ref()?, boot.device_tree.as_ref()?)));
    let device_tree = device_tree.map(|(name, content)| {
        without(content, &emulation.missing).map_err(|source| EmulateError::DeviceTree {
            image: image.to_owned(),
            name: name.clone(),
            source,
        })
    });
    let device_tree = device_tree.transpose()?;
    let handed = |name: &str, content: Option<&Bytes>| content.map(|content| write(name, content)).transpose();
    let kernel = handed("kernel", played.as_ref().map(|boot| &boot.kernel))?;
    let initramfs = handed("initramfs", played.as_ref().and_then(|boot| boot.initramfs.as_ref()))?;
    let device_tree = handed("board.dtb", device_tree.as_ref())?;
    let card = options.card.clone().unwrap_or_else(|| folder.path().join("card.qcow2"));
    lay_card(image, &card)?;
    let beside = options.beside.as_ref().map(|beside| {
        let card = folder.path().join("beside.qcow2");
        lay_card(&beside.image, &card).map(|()| (card, beside.before))
    });
    let beside = beside.transpose()?;

    let ports = Ports::choose(options.http_port, options.ssh_port)?;
    let machine = Machine {
        emulation,
        started: kernel.as_deref().map(|kernel| Started {
            kernel,
            initramfs: initramfs.as_deref(),
            device_tree: device_tree.as_deref(),
            cmdline: &cmdline,
        }),
        card: &card,
        write_log: options.write_log.as_deref(),
        beside: beside.as_ref().map(|(card, before)| (card.as_path(), *before)),
        network: &user_network(address, network, ports, options.isolated)?,
        hardware_address: &hardware_address(address),
        terminal,
        restarts: options.restarts,
    };
    let arguments = machine.arguments();
    Ok(Prepared {
        ports,
        warnings: played.map(|boot| boot.warnings).unwrap_or_default(),
        program: emulation.program.clone(),
        arguments,
        folder,
    })
}

/// The command line without the consoles of a board whose serial ports the machine does not have. Linux takes the first that
/// is of its port's kind (`printk.c`, `try_enable_preferred_console`), and with `ttyAMA10` there is none on `ttyAMA0`.
fn without_consoles(cmdline: &str) -> String {
    cmdline.split_whitespace().filter(|word| !word.starts_with("console=")).collect::<Vec<_>>().join(" ")
}

/// Makes the card that stands for `image` at `card`.
fn lay_card(image: &Path, card: &Path) -> Result<(), EmulateError> {
    let fail = |error| EmulateError::Io { path: image.to_owned(), error };
    let length = fs::metadata(image).map_err(fail)?.len();
    let size = card_size(length).ok_or_else(|| EmulateError::TooLarge { path: image.to_owned(), length })?;
    let image = fs::canonicalize(image).map_err(fail)?;
    write_overlay(card, &image, size).map_err(|error| EmulateError::Io { path: card.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_consoles_are_taken_off_the_command_line() {
        let cmdline = "console=tty0 console=ttyAMA10,115200 root=PARTUUID=1-02 rw consoleblank=0 ro";
        assert_eq!(without_consoles(cmdline), "root=PARTUUID=1-02 rw consoleblank=0 ro");
    }
}
