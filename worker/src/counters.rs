//! What is counted while serving. Each number has one writer, a loop; metrics are read from another thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::site::Site;
use crate::status::Status;

/// A number that one thread changes and others read.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds, for the one thread that writes: no locked instruction is needed.
    pub fn count(&self, more: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
    }

    /// Adds, where several threads do.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// Replaces the number.
    pub fn set(&self, number: u64) {
        self.0.store(number, Ordering::Relaxed);
    }

    /// The number.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of the latency histogram in microseconds; a last bucket takes the rest.
pub const BOUNDS: [u64; 11] =
    [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];

/// What a loop counts.
#[derive(Debug, Default)]
pub struct LoopCounters {
    /// Connections accepted.
    pub accepted: Counter,
    /// Connections now.
    pub open: Counter,
    /// Connections closed because they ran out of time.
    pub timed_out: Counter,
    /// Idle connections closed for newcomers.
    pub reclaimed: Counter,
    /// Requests refused by the rate limit.
    pub limited: Counter,
    /// Bytes sent, heads included.
    pub sent: Counter,
    /// Answers by the time they took; not cumulative.
    pub latency: [Counter; BOUNDS.len() + 1],
    /// The time of all answers in nanoseconds.
    pub latency_sum: Counter,
}

impl LoopCounters {
    /// Counts `number` answers that took `time` each.
    pub fn answered(&self, number: u64, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.latency[bucket].count(number);
        self.latency_sum.count(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).saturating_mul(number));
    }
}

/// What connections did in a turn, for the loop to count.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bytes sent.
    pub sent: u64,
    /// Answers that left in the turn their request came in.
    pub at_once: u64,
    /// The time another answer took.
    pub later: Option<Duration>,
}

/// What a loop counts of a site: answers by status, in the order of [`Status::ALL`].
#[derive(Debug, Default)]
pub struct SiteCounters {
    /// Answers.
    pub answers: [Counter; Status::ALL.len()],
    /// The folder it is served from.
    pub folder: FolderCounters,
}

/// What a loop notes of the folder that a site is served from.
#[derive(Debug, Default)]
pub struct FolderCounters {
    /// The folder's number; zero before the first.
    number: Counter,
    /// When it was taken into service, in seconds since 1970.
    since: Counter,
    /// When its list of names changed last, in seconds since 1970.
    modified: Counter,
    /// Times another folder took its place.
    switches: Counter,
}

impl FolderCounters {
    /// Notes what is served from now on; the same folder again, as after a reload, is nothing new.
    pub fn serve(&self, site: &Site, now: SystemTime) {
        let before = self.number.get();
        if before == site.number() {
            return;
        }
        self.switches.count(u64::from(before != 0));
        self.since.set(now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()));
        self.modified.set(site.modified());
        self.number.set(site.number());
    }
}

/// What is served of a site, as the loop knows it that noticed the last switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folder {
    /// Times a folder took another's place.
    pub switches: u64,
    /// When it was taken into service, in seconds since 1970.
    pub since: u64,
    /// When its list of names changed last, in seconds since 1970.
    pub modified: u64,
}

/// All counters of the process. They live as long as it does, whatever is reloaded.
#[derive(Debug, Default)]
pub struct Registry {
    loops: Mutex<Vec<Arc<LoopCounters>>>,
    /// By site's name and loop.
    sites: Mutex<Vec<(String, usize, Arc<SiteCounters>)>>,
    /// Lines of the access log that were lost.
    pub lost_lines: Arc<Counter>,
    /// Times the configuration was taken anew.
    pub reloads: Counter,
    /// Times it could not be, since it last was.
    pub failed_reloads: Counter,
    /// When the process started, in seconds since 1970.
    pub started: Counter,
    /// When the configuration was taken last, the start of the process included, in seconds since 1970.
    pub loaded: Counter,
}

impl Registry {
    /// A new loop's counters and its number.
    pub fn add_loop(&self) -> (usize, Arc<LoopCounters>) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        let counters = Arc::new(LoopCounters::default());
        loops.push(Arc::clone(&counters));
        (loops.len() - 1, counters)
    }

    /// The counters of a loop for a site; after a reload the same again.
    pub fn site(&self, name: &str, number: usize) -> Arc<SiteCounters> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, counters)) = sites.iter().find(|(known, of, _)| known == name && *of == number) {
            return Arc::clone(counters);
        }
        let counters = Arc::new(SiteCounters::default());
        sites.push((name.to_owned(), number, Arc::clone(&counters)));
        counters
    }

    /// Adds a number up over all loops.
    pub fn sum(&self, number: impl Fn(&LoopCounters) -> u64) -> u64 {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|counters| number(counters)).sum()
    }

    /// The folder of a site. A loop without clients has not noticed the last switch, so the one that has seen the most
    /// of them tells.
    pub fn folder(&self, name: &str) -> Option<Folder> {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let folders = sites.iter().filter(|(known, ..)| known == name).map(|(_, _, counters)| &counters.folder);
        let folders = folders.map(|folder| Folder {
            switches: folder.switches.get(),
            since: folder.since.get(),
            modified: folder.modified.get(),
        });
        folders.max()
    }

    /// Answers by site's name, in the order of names, and status.
    pub fn answers(&self) -> Vec<(String, [u64; Status::ALL.len()])> {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sums: Vec<(String, [u64; Status::ALL.len()])> = Vec::new();
        for (name, _, counters) in sites.iter() {
            let place = match sums.iter().position(|(known, _)| known == name) {
                Some(place) => place,
                None => {
                    sums.push((name.clone(), [0; Status::ALL.len()]));
                    sums.len() - 1
                }
            };
            for (sum, counter) in sums[place].1.iter_mut().zip(&counters.answers) {
                *sum += counter.get();
            }
        }
        sums.sort();
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_and_sites_are_added_up() {
        let registry = Registry::default();
        for _ in 0..2 {
            let (number, counters) = registry.add_loop();
            counters.sent.count(10);
            registry.site("b", number).answers[Status::Ok.place()].count(2);
            registry.site("a", number).answers[Status::NotFound.place()].count(1);
            registry.site("b", number).answers[Status::Ok.place()].count(1);
        }
        assert_eq!(registry.sum(|counters| counters.sent.get()), 20);
        let answers = registry.answers();
        assert_eq!((answers[0].0.as_str(), answers[0].1[Status::NotFound.place()]), ("a", 2));
        assert_eq!((answers[1].0.as_str(), answers[1].1[Status::Ok.place()]), ("b", 6));
    }

    #[test]
    fn another_folder_is_a_switch() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let site = |name: &str| {
            let folder = dir.path().join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            Site::open(&folder).expect("the site")
        };
        let (a, b) = (site("a"), site("b"));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let registry = Registry::default();
        assert_eq!(registry.folder("s"), None);
        let (busy, idle) = (registry.site("s", 0), registry.site("s", 1));
        busy.folder.serve(&a, at(10));
        idle.folder.serve(&a, at(11));
        busy.folder.serve(&a, at(12));
        assert_eq!(registry.folder("s"), Some(Folder { switches: 0, since: 11, modified: a.modified() }));
        busy.folder.serve(&b, at(20));
        assert_eq!(registry.folder("s"), Some(Folder { switches: 1, since: 20, modified: b.modified() }));
    }

    #[test]
    fn times_fall_into_buckets() {
        let counters = LoopCounters::default();
        counters.answered(3, Duration::from_micros(100));
        counters.answered(1, Duration::from_micros(101));
        counters.answered(1, Duration::from_secs(60));
        assert_eq!((counters.latency[0].get(), counters.latency[1].get(), counters.latency[11].get()), (3, 1, 1));
        assert_eq!(counters.latency_sum.get(), 60_000_401_000);
    }
}
