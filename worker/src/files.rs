//! A site's files, as a thread finds and caches them.
//!
//! A file is served from the cache; once a second at most its name is opened again to see whether it is still the same
//! file, so that a changed site shows within a second. The site's folder itself is looked up again as often: a site is
//! switched by giving its name to another folder, and every answer is then wholly of the old folder or of the new one.

use std::fs::File;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::counters::SiteCounters;
use crate::file_cache::{FileCache, Kept};
use crate::hashes::Identity;
use crate::mime;
use crate::negotiate::{self, Coding};
use crate::representation::{Content, Rendering, Representation};
use crate::site::Site;
use crate::status::Status;

/// How long a cached file is taken for current.
const CURRENT_FOR: Duration = Duration::from_secs(1);

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

    /// Its share of memory in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.all().map(|representation| representation.weight()).sum()
    }

    /// The number of files that it keeps open.
    pub(crate) fn descriptors(&self) -> usize {
        self.all().filter(|representation| matches!(representation.content, Content::File(_))).count()
    }

    fn lacks_tag(&self) -> bool {
        self.all().any(|representation| representation.lacks_tag())
    }
}

/// A site's files, as a thread finds them.
#[derive(Debug)]
pub struct Files {
    site: Arc<Site>,
    counters: Arc<SiteCounters>,
    /// When the site's folder was looked up last.
    checked: Instant,
    rendering: Arc<Rendering>,
    cache: FileCache,
    /// Tells the site's files in the cache from those of others.
    place: usize,
}

impl Files {
    /// The files of `site`, the one of this place among all, kept in `cache`.
    pub fn new(
        site: Arc<Site>,
        counters: Arc<SiteCounters>,
        rendering: Arc<Rendering>,
        cache: FileCache,
        place: usize,
        now: Instant,
    ) -> Files {
        counters.folder.serve(&site, SystemTime::now());
        Files { site, counters, checked: now, rendering, cache, place }
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
                self.cache.forget(self.place);
            }
        }
        // No name holds a NUL, so the site's number cannot be taken for a part of one.
        let length = name.len();
        if self.place > 0 {
            name.push(0);
            name.extend_from_slice(&self.place.to_le_bytes());
        }
        if let Some(resource) = self.kept(name, now) {
            return Ok(Found::File(resource));
        }
        let computed = self.rendering.hashes.computed();
        let known = self.cache.kept.borrow_mut().get(name.as_slice()).map(|kept| Rc::clone(&kept.resource));
        let mut found = self.look(&name[..length], known.as_ref());
        if matches!(found, Err(Status::ServiceUnavailable)) {
            // Descriptors have run out, and the cache has some.
            self.cache.clear();
            found = self.look(&name[..length], known.as_ref());
        }
        match found {
            Ok(Found::File(resource)) => {
                let kept = Kept { resource: Rc::clone(&resource), checked: now, computed, site: self.place };
                self.cache.keep(name, kept);
                return Ok(Found::File(resource));
            }
            _ if known.is_some() => self.cache.kept.borrow_mut().remove(name.as_slice()),
            _ => {}
        }
        match found {
            // `/a/` where `a/index.html` is a directory.
            Ok(Found::Directory) if directory => Err(Status::NotFound),
            found => found,
        }
    }

    /// The file of this key where it is kept, taken for current, and lacks no hash that may be there by now.
    fn kept(&self, key: &[u8], now: Instant) -> Option<Rc<Resource>> {
        let mut cache = self.cache.kept.borrow_mut();
        let kept = match cache.young(key) {
            Some(kept) => kept,
            None => cache.get(key)?,
        };
        if now >= kept.checked + CURRENT_FOR
            || (kept.resource.lacks_tag() && kept.computed != self.rendering.hashes.computed())
        {
            return None;
        }
        Some(Rc::clone(&kept.resource))
    }

    /// Opens the name and its codings; what is still the `known` file is not read again.
    fn look(&self, name: &[u8], known: Option<&Rc<Resource>>) -> Result<Found, Status> {
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
        if let Some(known) = known
            && known
                .all()
                .map(|known| &known.identity)
                .eq(std::iter::once(&identity).chain(coded.iter().map(|(_, (_, identity))| identity)))
            && !known.lacks_tag()
            && !known.all().any(|known| known.lacks_time())
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
}

#[cfg(test)]
mod tests;
