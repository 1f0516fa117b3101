//! A thread's cache of a site's files.
//!
//! A file is served from the cache; once a second at most its name is opened again to see whether it is still the same
//! file, so that a changed site shows within a second. The site's folder itself is looked up again as often: a site is
//! switched by giving its name to another folder, and every answer is then wholly of the old folder or of the new one.

use std::collections::HashMap;
use std::fs::File;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::counters::SiteCounters;
use crate::hashes::Identity;
use crate::mime;
use crate::name_hash::NameHasher;
use crate::negotiate::{self, Coding};
use crate::representation::{Rendering, Representation};
use crate::site::Site;
use crate::status::Status;

/// How long a cached file is taken for current.
const CURRENT_FOR: Duration = Duration::from_secs(1);

/// Files a thread keeps open of one site.
const MOST_FILES: usize = 256;

/// The name asked for in a directory.
const INDEX: &[u8] = b"index.html";

/// What a name stands for.
#[derive(Debug)]
pub enum Found {
    /// A file to send.
    File(Rc<Resource>),
    /// A directory whose name was written without the slash at its end.
    Directory,
}

/// A file with its codings.
#[derive(Debug)]
pub struct Resource {
    plain: Rc<Representation>,
    coded: Vec<(Coding, Rc<Representation>)>,
}

impl Resource {
    /// What to send to a client with this `Accept-Encoding`.
    pub fn choose(&self, accept_encoding: Option<&[u8]>) -> &Rc<Representation> {
        if self.coded.is_empty() {
            return &self.plain;
        }
        match negotiate::choose(accept_encoding, self.coded.iter().map(|(coding, _)| *coding)) {
            Some(place) => &self.coded[place].1,
            None => &self.plain,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Rc<Representation>> {
        std::iter::once(&self.plain).chain(self.coded.iter().map(|(_, representation)| representation))
    }

    fn weight(&self) -> usize {
        self.all().map(|representation| representation.weight()).sum()
    }
}

/// A thread's cache of a site's files.
#[derive(Debug)]
pub struct Files {
    site: Arc<Site>,
    counters: Arc<SiteCounters>,
    /// When the site's folder was looked up last.
    checked: Instant,
    rendering: Arc<Rendering>,
    kept: HashMap<Box<[u8]>, Kept, BuildHasherDefault<NameHasher>>,
    weight: usize,
    heaviest: usize,
}

#[derive(Debug)]
struct Kept {
    resource: Rc<Resource>,
    checked: Instant,
}

impl Files {
    /// An empty cache over `site` that takes up to `heaviest` bytes.
    pub fn new(
        site: Arc<Site>,
        counters: Arc<SiteCounters>,
        rendering: Arc<Rendering>,
        heaviest: usize,
        now: Instant,
    ) -> Files {
        counters.folder.serve(&site, SystemTime::now());
        Files { site, counters, checked: now, rendering, kept: HashMap::default(), weight: 0, heaviest }
    }

    /// Finds what `name` (see [`crate::target::read`]) stands for; for a directory its index file. `name` comes back
    /// changed: it becomes the key of the cache.
    ///
    /// # Errors
    ///
    /// The status of the answer when there is nothing to send.
    pub fn find(&mut self, name: &mut Vec<u8>, directory: bool, now: Instant) -> Result<Found, Status> {
        if directory {
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(INDEX);
        }
        if now >= self.checked + CURRENT_FOR {
            self.checked = now;
            if let Some(site) = self.site.successor() {
                self.counters.folder.serve(&site, SystemTime::now());
                self.site = Arc::new(site);
                self.forget();
            }
        }
        if let Some(kept) = self.kept.get(name.as_slice()).filter(|kept| now < kept.checked + CURRENT_FOR) {
            return Ok(Found::File(Rc::clone(&kept.resource)));
        }
        let found = self.look(name);
        self.drop_kept(name);
        match found {
            Ok(Found::File(resource)) => {
                self.keep(name, Rc::clone(&resource), now);
                Ok(Found::File(resource))
            }
            // `/a/` where `a/index.html` is a directory.
            Ok(Found::Directory) if directory => Err(Status::NotFound),
            found => found,
        }
    }

    /// Opens the name and its codings; what is still the kept file is not read again.
    fn look(&self, name: &[u8]) -> Result<Found, Status> {
        let Some((file, identity)) = self.open(name)? else { return Ok(Found::Directory) };
        let media_type = mime::type_of(name);
        let mut coded = Vec::new();
        if mime::is_compressible(media_type) {
            let mut coded_name = Vec::with_capacity(name.len() + 4);
            for coding in Coding::ALL {
                coded_name.clear();
                coded_name.extend_from_slice(name);
                coded_name.extend_from_slice(coding.suffix());
                // A coding that is no smaller has no use.
                if let Ok(Some(opened)) = self.open(&coded_name)
                    && opened.1.length() < identity.length()
                {
                    coded.push((coding, opened));
                }
            }
        }
        let known = self.kept.get(name).map(|kept| &kept.resource);
        if let Some(known) = known
            && known
                .all()
                .map(|known| &known.identity)
                .eq(std::iter::once(&identity).chain(coded.iter().map(|(_, (_, identity))| identity)))
            && !known.all().any(|known| known.lacks_tag())
        {
            return Ok(Found::File(Rc::clone(known)));
        }
        let varies = !coded.is_empty();
        let read = |coding, opened| {
            Representation::read(&self.rendering, name, media_type, coding, varies, opened)
                .map(Rc::new)
                .map_err(|_| Status::InternalServerError)
        };
        let plain = read(None, (file, identity))?;
        let coded = coded.into_iter().map(|(coding, opened)| Ok((coding, read(Some(coding), opened)?)));
        Ok(Found::File(Rc::new(Resource { plain, coded: coded.collect::<Result<_, _>>()? })))
    }

    /// Opens a file; `None` for a directory.
    fn open(&self, name: &[u8]) -> Result<Option<(File, Identity)>, Status> {
        let file = self.site.beneath(name)?;
        let metadata = file.metadata().map_err(|_| Status::InternalServerError)?;
        if metadata.is_dir() {
            return Ok(None);
        }
        if !metadata.is_file() {
            return Err(Status::NotFound);
        }
        let identity = Identity::of(&metadata);
        Ok(Some((file, identity)))
    }

    fn keep(&mut self, name: &[u8], resource: Rc<Resource>, now: Instant) {
        // Starting over is the simplest order of eviction: what is asked for is back at once.
        let weight = resource.weight() + name.len();
        if self.kept.len() >= MOST_FILES || self.weight + weight > self.heaviest {
            self.forget();
        }
        self.weight += weight;
        self.kept.insert(name.into(), Kept { resource, checked: now });
    }

    fn drop_kept(&mut self, name: &[u8]) {
        if let Some((name, kept)) = self.kept.remove_entry(name) {
            self.weight = self.weight.saturating_sub(kept.resource.weight() + name.len());
        }
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.weight = 0;
    }
}

#[cfg(test)]
mod tests;
