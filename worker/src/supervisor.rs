//! The process around the loops: starts them, hears signals, keeps systemd's watchdog quiet, stops gracefully.

use std::io::{self, Read};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::arguments::ServeOptions;
use crate::counters::Registry;
use crate::descriptors::Descriptors;
use crate::event_loop::EventLoop;
use crate::hashes::Hashes;
use crate::listeners::{self, ListenError};
use crate::metrics;
use crate::neighbours::Neighbours;
use crate::notify::Notify;
use crate::probe::Probe;
use crate::settings::{Settings, SettingsError};
use crate::shared::{Bell, Phase, Shared};
use crate::site::Site;

/// The end comes at the latest this long after the draining, whatever clients do.
const LAST: Duration = Duration::from_secs(10);

/// Between two looks whether the loops have ended.
const LOOK: Duration = Duration::from_millis(50);

/// What `systemctl status` shows while all is well.
const SERVING: &str = "READY=1\nSTATUS=serving";

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration or the site cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is nothing to listen at.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The kernel refused something every process may have.
    #[error("cannot set up {what}: {source}")]
    Setup {
        /// The thing refused.
        what: &'static str,
        /// The kernel's word.
        source: io::Error,
    },
    /// A loop ended by itself.
    #[error("a thread has ended: {0}")]
    Thread(String),
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the server cannot start, or a loop fails.
pub fn serve(options: &ServeOptions) -> Result<(), ServeError> {
    let setup = |what| move |source| ServeError::Setup { what, source };
    let registry = Registry::default();
    registry.started.set(seconds_now());
    let hashes = Arc::new(Hashes::start().map_err(setup("a thread"))?);
    let settings = Settings::read(options, Arc::clone(&hashes), &registry)?;
    let listeners = listeners::open(&options.listen, settings.configuration.metrics)?;
    let Descriptors { connections, cached } = Descriptors::share_out(options.connections.get());
    let mut stop = signal_pipe(&[SIGTERM, SIGINT])?;
    let mut reload = signal_pipe(&[SIGHUP])?;
    for listener in listeners.sites.iter() {
        if let Ok(address) = listener.local_addr() {
            eprintln!("bramble-worker: serving {} at {address}", options.root.display());
        }
    }

    let probe = Probe::start(options.root.clone()).map_err(setup("a thread"))?;
    let shared = Arc::new(Shared::new(settings, registry, cached, probe));
    let share = connections.div_ceil(options.workers.get());
    let loops = Loops::start(options.workers.get(), share, &listeners.sites, &shared)?;
    if let Some(listener) = listeners.metrics {
        if let Ok(address) = listener.local_addr() {
            eprintln!("bramble-worker: metrics at {address}");
        }
        metrics::start(listener, Arc::clone(&shared)).map_err(setup("a thread"))?;
    }

    let notify = Notify::from_environment();
    shared.registry.loaded.set(seconds_now());
    notify.send(SERVING);
    supervise(options, &shared, &hashes, &loops, &notify, &mut stop, &mut reload)?;
    notify.send("STOPPING=1\nSTATUS=draining");
    loops.stop(&shared, options.drain);
    if let Some(logger) = &shared.settings().logger {
        logger.flush();
    }
    Ok(())
}

/// Checks what a start with these options would read, and changes nothing.
///
/// # Errors
///
/// When the server would not start with it.
pub fn check(options: &ServeOptions) -> Result<(), ServeError> {
    options.configuration().map_err(SettingsError::from)?;
    Site::open(&options.root).map_err(|source| SettingsError::Site { path: options.root.clone(), source })?;
    Ok(())
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Waits for signals and feeds the watchdog; returns when the process is to stop.
fn supervise(
    options: &ServeOptions,
    shared: &Shared,
    hashes: &Arc<Hashes>,
    loops: &Loops,
    notify: &Notify,
    stop: &mut UnixStream,
    reload: &mut UnixStream,
) -> Result<(), ServeError> {
    let interval = notify.watchdog_interval().map(|interval| Timespec {
        tv_sec: i64::try_from(interval.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: interval.subsec_nanos().into(),
    });
    let mut fed = Instant::now();
    loop {
        let (stopped, reloaded) = {
            let mut waits = [PollFd::new(stop, PollFlags::IN), PollFd::new(reload, PollFlags::IN)];
            match poll(&mut waits, interval.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(ServeError::Setup { what: "waiting for signals", source: error.into() }),
            }
            (!waits[0].revents().is_empty(), !waits[1].revents().is_empty())
        };
        if stopped {
            return Ok(());
        }
        if reloaded {
            drain_pipe(reload);
            notify.send_reloading();
            let status = match Settings::read(options, Arc::clone(hashes), &shared.registry) {
                Ok(settings) => {
                    shared.registry.reloads.count(1);
                    shared.registry.failed_reloads.set(0);
                    shared.registry.loaded.set(seconds_now());
                    shared.set_settings(settings);
                    loops.ring();
                    eprintln!("bramble-worker: reloaded");
                    SERVING
                }
                Err(error) => {
                    shared.registry.failed_reloads.count(1);
                    eprintln!("bramble-worker: not reloaded: {error}");
                    "READY=1\nSTATUS=not reloaded; serving as before"
                }
            };
            notify.send(status);
        }
        if let Some(thread) = loops.threads.iter().find(|thread| thread.is_finished()) {
            return Err(ServeError::Thread(thread.thread().name().unwrap_or("unnamed").to_owned()));
        }
        if notify.watchdog_interval().is_some_and(|interval| fed.elapsed() >= interval) {
            // The server counts as alive only if every loop has given a word since the last time.
            if loops.bells.iter().all(|bell| bell.is_alive(shared)) {
                notify.send("WATCHDOG=1");
            }
            shared.ask();
            loops.ring();
            fed = Instant::now();
        }
    }
}

#[derive(Debug)]
struct Loops {
    bells: Arc<[Arc<Bell>]>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Loops {
    /// Starts the threads and waits until each of them listens.
    fn start(
        number: usize,
        share: usize,
        listeners: &Arc<[TcpListener]>,
        shared: &Arc<Shared>,
    ) -> Result<Loops, ServeError> {
        let setup = |what| move |source| ServeError::Setup { what, source };
        let bells: io::Result<Arc<[Arc<Bell>]>> = (0..number).map(|_| Bell::new().map(Arc::new)).collect();
        let mut loops = Loops { bells: bells.map_err(setup("a thread's bell"))?, threads: Vec::new() };
        let (tell, told) = mpsc::channel();
        for number in 0..number {
            let neighbours = Neighbours::new(Arc::clone(&loops.bells), number);
            let (listeners, shared, tell) = (Arc::clone(listeners), Arc::clone(shared), tell.clone());
            // A loop's cache is not shared with anybody, so the loop must be made where it runs.
            let thread = thread::Builder::new().name(format!("loop-{number}")).spawn(move || {
                let (event_loop, outcome) = match EventLoop::new(listeners, share, neighbours, shared) {
                    Ok(event_loop) => (Some(event_loop), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                // Nobody hears this when another thread has failed, and then the process ends.
                let _ = tell.send(outcome);
                drop(tell);
                event_loop.map_or(Ok(()), EventLoop::run)
            });
            loops.threads.push(thread.map_err(setup("a thread"))?);
        }
        drop(tell);
        for outcome in told {
            outcome.map_err(setup("a thread's epoll"))?;
        }
        Ok(loops)
    }

    fn ring(&self) {
        for bell in self.bells.iter() {
            bell.ring();
        }
    }

    /// Drains, closes, and waits for the loops until the last moment; process exit ends what is left.
    fn stop(&self, shared: &Shared, drain: Duration) {
        let start = Instant::now();
        shared.set_phase(Phase::Draining);
        self.ring();
        thread::sleep(drain);
        shared.set_phase(Phase::Closing);
        self.ring();
        while start.elapsed() < drain + LAST && !self.threads.iter().all(JoinHandle::is_finished) {
            thread::sleep(LOOK);
        }
    }
}

/// A pipe that gets a byte for each of the signals.
fn signal_pipe(signals: &[i32]) -> Result<UnixStream, ServeError> {
    let pipe = || {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        for signal in signals {
            signal_hook::low_level::pipe::register(*signal, writer.try_clone()?)?;
        }
        Ok(reader)
    };
    pipe().map_err(|source| ServeError::Setup { what: "signal handling", source })
}

/// Takes the bytes of all signals so far; they mean one.
fn drain_pipe(pipe: &mut UnixStream) {
    let mut bytes = [0; 64];
    while pipe.read(&mut bytes).is_ok_and(|length| length == bytes.len()) {}
}
