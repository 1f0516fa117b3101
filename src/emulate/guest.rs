//! A guest that a test holds: started, asked, and gone when it is dropped.

use std::fs::File;
use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::console::Console;
use super::machine::Terminal;
use super::prepare::{GuestOptions, Prepared, prepare};
use super::{ConsoleError, EmulateError, child, probe, program};
use crate::config::{Board, Network};

/// How long QEMU has to set itself up; it needs a fraction of a second when nobody else works.
const SETTLE: Duration = Duration::from_secs(20);

/// What Linux says last when it has gone down and the board has no way of switching itself off, which the emulated
/// ones have only with their watchdog's driver.
const HALTED: &str = "System halted";

/// What it says last where it believes that there is a way.
const POWER_DOWN: &str = "reboot: Power down";

/// What QEMU says of every connection that comes before the guest has its network, as ours do on purpose.
const NO_NETWORK_YET: &str = "Slirp: Failed to send packet, ret: -1";

/// Starts after which a port that somebody else took in between is no excuse any more.
const TRIES: usize = 3;

/// A running guest. Dropping it ends its QEMU.
#[derive(Debug)]
pub struct Guest {
    qemu: Child,
    console: Console,
    prepared: Prepared,
    /// From the board's data: the deadline of waits is five times this.
    boot_seconds: u32,
    /// From the board's data, too: it is not to be expected that QEMU ends with the guest.
    stays_on: bool,
}

impl Guest {
    /// Starts `image` on the emulated `board`. It comes back as soon as QEMU runs; the guest boots meanwhile.
    pub fn boot(
        image: &Path,
        board: &Board,
        address: Ipv4Addr,
        network: &Network,
        options: &GuestOptions,
    ) -> Result<Self, EmulateError> {
        let mut tries = 0;
        let chosen = options.http_port.is_none() || options.ssh_port.is_none();
        loop {
            tries += 1;
            let prepared = prepare(image, board, address, network, options, Terminal::Program)?;
            let boot_seconds = board.emulation.as_ref().map_or(60, |emulation| emulation.boot_seconds);
            let stays_on = board.emulation.as_ref().is_some_and(|emulation| emulation.stays_on);
            match Self::start(prepared, (boot_seconds, stays_on), options.transcript.as_deref()) {
                Err(EmulateError::Ended(reason)) if reason.contains("host forwarding") && chosen && tries < TRIES => {}
                result => return result,
            }
        }
    }

    fn start(
        prepared: Prepared,
        (boot_seconds, stays_on): (u32, bool),
        transcript: Option<&Path>,
    ) -> Result<Self, EmulateError> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |error| EmulateError::Io { path, error }
        };
        let transcript = transcript.map(|path| File::create(path).map_err(fail(path))).transpose()?;
        // A file and not a pipe: QEMU may warn for as long as it runs, and nobody would empty the pipe.
        let errors = prepared.folder.path().join("errors");
        let spawned = child::command(&prepared.program)
            .args(&prepared.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).map_err(fail(&errors))?)
            .spawn();
        let mut qemu = spawned.map_err(|error| program::spawn_error(&prepared.program, error))?;
        let (Some(input), Some(output)) = (qemu.stdin.take(), qemu.stdout.take()) else {
            let error = io::Error::other("its input and output are not piped");
            return Err(EmulateError::Spawn { program: prepared.program.clone(), error });
        };
        let console = Console::new(input, output, transcript);
        let mut guest = Self { qemu, console, prepared, boot_seconds, stays_on };
        guest.settle()?;
        Ok(guest)
    }

    /// Waits until QEMU has set up its network, which it does last of what can fail.
    fn settle(&mut self) -> Result<(), EmulateError> {
        let deadline = Instant::now() + SETTLE;
        loop {
            let ended = self.wait_exit(Duration::ZERO)?.is_some();
            if ended {
                return Err(EmulateError::Ended(self.complaints()));
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.http_port())).is_ok() || Instant::now() >= deadline {
                // The port may be answered by somebody who took it first; then QEMU is about to end.
                return match self.wait_exit(Duration::from_millis(100))? {
                    Some(_) => Err(EmulateError::Ended(self.complaints())),
                    None => Ok(()),
                };
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Port of the loopback address that leads to the node's port 80.
    pub fn http_port(&self) -> u16 {
        self.prepared.ports.http
    }

    /// Port of the loopback address that leads to the node's port 22.
    pub fn ssh_port(&self) -> u16 {
        self.prepared.ports.ssh
    }

    pub fn console(&mut self) -> &mut Console {
        &mut self.console
    }

    /// What the board would have passed over in silence on its way to the kernel.
    pub fn warnings(&self) -> &[String] {
        &self.prepared.warnings
    }

    /// How long to wait for anything that the boot brings: five times what it usually takes, as machines are busy.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(5 * u64::from(self.boot_seconds))
    }

    /// Waits for the first HTTP answer and says how long after this call it came.
    pub fn wait_http(&mut self, limit: Duration) -> Result<Duration, EmulateError> {
        let port = self.http_port();
        let interval = Duration::from_secs(self.boot_seconds.into()) / 30;
        probe::first_answer(port, interval, limit, || self.console.has_ended()).ok_or_else(|| EmulateError::NoAnswer {
            port,
            seconds: limit.as_secs(),
            tail: [self.console.tail(), self.complaints()].join("\n").trim_end().to_owned(),
        })
    }

    /// Waits for the guest to end by itself, as it does after `poweroff` or `reboot`. None when it has not.
    pub fn wait_exit(&mut self, limit: Duration) -> Result<Option<ExitStatus>, EmulateError> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.qemu.try_wait();
            let program = || self.prepared.program.clone();
            let status = status.map_err(|error| EmulateError::Spawn { program: program(), error })?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types `poweroff` at the shell on the console and waits until the guest is down.
    pub fn shutdown(mut self, limit: Duration) -> Result<(), EmulateError> {
        self.console.send("poweroff")?;
        let last = if self.stays_on { POWER_DOWN } else { HALTED };
        match self.console.wait_for(last, limit) {
            Err(ConsoleError::Ended { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What QEMU itself complained of.
    fn complaints(&self) -> String {
        let mut text = Vec::new();
        let path = self.prepared.folder.path().join("errors");
        // Said where something else has failed already; an unreadable file must not hide that.
        let _ = File::open(path).and_then(|mut file| file.read_to_end(&mut text));
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().filter(|line| !line.ends_with(NO_NETWORK_YET)).collect();
        lines.join("\n")
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // It may have ended already; either way it is waited for, so that no dead process stays behind.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

#[cfg(test)]
mod tests;
