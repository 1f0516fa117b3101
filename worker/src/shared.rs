//! What the supervisor tells the loops, and what they tell it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use crate::counters::Registry;
use crate::neighbours::Letterbox;
use crate::probe::Probe;
use crate::settings::Settings;

/// Where the process is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It serves.
    Serving,
    /// It was told to stop: it still answers, `/healthz` says 503, and every answer closes its connection.
    Draining,
    /// It accepts nothing more and ends when the last answer has left.
    Closing,
}

/// The supervisor's word to all loops.
#[derive(Debug)]
pub struct Shared {
    phase: AtomicU8,
    /// Counts the times the loops were asked whether they live.
    pulse: AtomicU64,
    settings: Mutex<Arc<Settings>>,
    /// Files that the caches of all loops may keep open.
    pub cached_descriptors: usize,
    /// Whether the default site can be read.
    pub probe: Arc<Probe>,
    /// What is counted.
    pub registry: Registry,
}

impl Shared {
    /// The beginning: serving with these settings, with so many files kept open.
    pub fn new(settings: Settings, registry: Registry, cached_descriptors: usize, probe: Probe) -> Shared {
        let settings = Mutex::new(Arc::new(settings));
        Shared {
            phase: AtomicU8::new(0),
            pulse: AtomicU64::new(0),
            settings,
            cached_descriptors,
            probe: Arc::new(probe),
            registry,
        }
    }

    /// The phase.
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Serving,
            1 => Phase::Draining,
            _ => Phase::Closing,
        }
    }

    /// Goes to another phase; the loops must be woken to see it.
    pub fn set_phase(&self, phase: Phase) {
        let number = match phase {
            Phase::Serving => 0,
            Phase::Draining => 1,
            Phase::Closing => 2,
        };
        self.phase.store(number, Ordering::Release);
    }

    /// The settings of now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other settings in force; the loops must be woken to see them.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Asks the loops for a sign of life; they must be woken to hear it.
    pub fn ask(&self) {
        self.pulse.fetch_add(1, Ordering::AcqRel);
    }
}

/// One loop's bell with its letterbox, and its sign of life.
#[derive(Debug)]
pub struct Bell {
    /// Connections from other loops.
    pub letterbox: Letterbox,
    bell: OwnedFd,
    answered: AtomicU64,
}

impl Bell {
    /// A bell that has not rung.
    ///
    /// # Errors
    ///
    /// When the process has no descriptor left.
    pub fn new() -> std::io::Result<Bell> {
        let bell = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Bell { letterbox: Letterbox::default(), bell, answered: AtomicU64::new(0) })
    }

    /// Wakes the loop. A bell that is ringing already cannot ring louder, so a full counter is no error.
    pub fn ring(&self) {
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }

    /// Silences the bell and gives the sign of life that `shared` asks for.
    pub fn heard(&self, shared: &Shared) {
        let _ = rustix::io::read(&self.bell, &mut [0; 8]);
        self.answered.store(shared.pulse.load(Ordering::Acquire), Ordering::Release);
    }

    /// Whether the loop has answered the last question.
    pub fn is_alive(&self, shared: &Shared) -> bool {
        self.answered.load(Ordering::Acquire) == shared.pulse.load(Ordering::Acquire)
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}
