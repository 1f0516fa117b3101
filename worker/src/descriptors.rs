//! What the process's descriptors are for: `RLIMIT_NOFILE` is one budget for connections and cached files.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Sockets to listen at, loops, logs, and files that wait to be hashed.
const OWN: usize = 192;

/// The most files that caches keep open; their budget in bytes has hardly room for more.
const CACHED: usize = 12 * 1024;

/// How the descriptors are shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptors {
    /// Connections at a time. Each may need a second descriptor, of a file that is in no cache.
    pub connections: usize,
    /// Files that all caches keep open together.
    pub cached: usize,
}

impl Descriptors {
    /// Raises the limit as far as this process may and is of use, and shares it out.
    pub fn share_out(connections: usize) -> Descriptors {
        let mut limit = getrlimit(Resource::Nofile);
        let needed = connections.saturating_mul(2).saturating_add(CACHED + OWN);
        let needed = u64::try_from(needed).unwrap_or(u64::MAX);
        if limit.current.is_some_and(|current| current < needed) {
            limit.current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
            let _ = setrlimit(Resource::Nofile, limit);
        }
        let allowed = getrlimit(Resource::Nofile).current.unwrap_or(needed);
        Descriptors::of(usize::try_from(allowed).unwrap_or(usize::MAX), connections)
    }

    /// Where all does not fit, connections get half, and caches half of what those leave.
    fn of(allowed: usize, wanted: usize) -> Descriptors {
        let shared = allowed.saturating_sub(OWN).max(allowed / 2);
        let connections = wanted.min(shared / 2).max(1);
        let cached = shared.saturating_sub(connections.saturating_mul(2)).max((shared - shared / 2) / 2).min(CACHED);
        Descriptors { connections, cached }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_given_away_than_there_is() {
        for allowed in [20, 64, 256, 1024, 8192, 20_480, 1 << 20] {
            for wanted in [1, 16, 4096, usize::MAX] {
                let shares = Descriptors::of(allowed, wanted);
                assert!(shares.connections <= wanted && shares.connections > 0);
                assert!(shares.connections + shares.cached < allowed, "{allowed} {wanted}: {shares:?}");
            }
        }
        assert_eq!(Descriptors::of(1 << 20, 4096), Descriptors { connections: 4096, cached: CACHED });
        assert_eq!(Descriptors::of(20_480, 4096), Descriptors { connections: 4096, cached: 12_096 });
        assert_eq!(Descriptors::of(8192, 4096), Descriptors { connections: 4000, cached: 2000 });
    }
}
