//! A thread's sites: which one a host means, with its files and its counters.

use std::sync::Arc;
use std::time::Instant;

use crate::counters::{Registry, SiteCounters};
use crate::file_cache::{Budget, FileCache};
use crate::files::Files;
use crate::settings::Settings;
use crate::status::Status;

/// The default site's place.
pub const DEFAULT: usize = 0;

/// A thread's sites.
#[derive(Debug)]
pub struct Sites {
    settings: Arc<Settings>,
    sites: Vec<(Files, Arc<SiteCounters>)>,
}

impl Sites {
    /// The sites of these settings, for the loop of this number, which may keep so much.
    pub fn new(settings: Arc<Settings>, registry: &Registry, number: usize, budget: Budget, now: Instant) -> Sites {
        let cache = FileCache::new(budget);
        let sites = settings.sites.iter().enumerate().map(|(place, (name, site))| {
            let counters = registry.site(name, number);
            let rendering = Arc::clone(&settings.rendering);
            (Files::new(Arc::clone(site), Arc::clone(&counters), rendering, cache.clone(), place, now), counters)
        });
        Sites { sites: sites.collect(), settings }
    }

    /// The place of the site that `host` (see [`crate::host::read`]) means.
    pub fn place(&self, host: &[u8]) -> usize {
        if self.settings.hosts.is_empty() { DEFAULT } else { self.settings.hosts.get(host).copied().unwrap_or(DEFAULT) }
    }

    /// A site's files.
    pub fn files(&mut self, place: usize) -> &mut Files {
        &mut self.sites[place].0
    }

    /// Counts an answer.
    pub fn count(&self, place: usize, status: Status) {
        self.sites[place].1.answers[status.place()].count(1);
    }
}
