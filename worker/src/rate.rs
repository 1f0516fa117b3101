//! Requests a second from one address: a token bucket for each, in a table that never grows.
//!
//! Four addresses share a row. When a fifth comes, the one that was quiet longest is forgotten; it starts with a full
//! bucket when it comes back, which errs on the client's side.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::configuration::Limits;

/// Rows of the table, a power of two: 4096 addresses in 96 KiB.
const ROWS: u64 = 1024;

/// The limit and what each address has used of it.
#[derive(Debug)]
pub struct Rates {
    per_second: u32,
    burst: u32,
    start: Instant,
    state: RandomState,
    table: Mutex<Vec<[Bucket; 4]>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// The address's hash; 0 is nobody.
    owner: u64,
    /// Thousandths of requests that may still come.
    left: u64,
    /// When that was so, in milliseconds since the start.
    at: u64,
}

impl Rates {
    /// The table, when there is a limit.
    pub fn new(limits: &Limits) -> Option<Rates> {
        (limits.requests_per_second > 0).then(|| Rates {
            per_second: limits.requests_per_second,
            burst: limits.burst,
            start: Instant::now(),
            state: RandomState::new(),
            table: Mutex::new(vec![[Bucket::default(); 4]; usize::try_from(ROWS).unwrap_or_default()]),
        })
    }

    /// Whether a request from this address may be answered now.
    pub fn allow(&self, address: IpAddr, now: Instant) -> bool {
        let owner = self.state.hash_one(network(address)).max(1);
        let now = u64::try_from(now.saturating_duration_since(self.start).as_millis()).unwrap_or(u64::MAX);
        let full = u64::from(self.burst) * 1000;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let row = &mut table[usize::try_from(owner & (ROWS - 1)).unwrap_or_default()];
        let place = row.iter().position(|bucket| bucket.owner == owner).unwrap_or_else(|| {
            let quietest = (0..row.len()).min_by_key(|place| row[*place].at).unwrap_or_default();
            row[quietest] = Bucket { owner, left: full, at: now };
            quietest
        });
        let bucket = &mut row[place];
        // A thousandth a millisecond for each request a second.
        let gained = now.saturating_sub(bucket.at).saturating_mul(u64::from(self.per_second));
        bucket.left = bucket.left.saturating_add(gained).min(full);
        bucket.at = now;
        let allowed = bucket.left >= 1000;
        if allowed {
            bucket.left -= 1000;
        }
        allowed
    }
}

/// What counts as one address: in IPv6 a network of 64 bits, since each customer has at least one of those.
fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rates() -> Rates {
        Rates::new(&Limits { requests_per_second: 10, burst: 3, ..Limits::default() }).expect("a limit")
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let rates = rates();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let start = rates.start;
        let allowed = |address, millis| rates.allow(address, start + Duration::from_millis(millis));
        assert_eq!([0, 0, 0, 0].map(|at| allowed(one, at)), [true, true, true, false]);
        assert!(allowed(other, 0), "another address has its own");
        assert!(!allowed(one, 99), "a tenth of a second is one request");
        assert!(allowed(one, 100) && !allowed(one, 150));
        assert_eq!([5000, 5000, 5000, 5000].map(|at| allowed(one, at)), [true, true, true, false]);
    }

    #[test]
    fn a_network_counts_as_one() {
        let parse = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(network(parse("fd00::1")), network(parse("fd00::ffff:1")));
        assert_ne!(network(parse("fd00::1")), network(parse("fd00:0:0:1::1")));
        assert_eq!(network(parse("::ffff:10.0.0.1")), network(parse("10.0.0.1")));
    }

    #[test]
    fn many_addresses_take_no_more_room() {
        let rates = rates();
        for number in 0..50_000_u32 {
            assert!(rates.allow(IpAddr::from(number.to_be_bytes()), rates.start));
        }
        assert_eq!(rates.table.lock().expect("the table").len(), 1024);
        assert!(Rates::new(&Limits::default()).is_none());
    }
}
