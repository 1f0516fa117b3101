//! A thread's cache of files, shared by its sites: one budget, whichever site is busy.
//!
//! Bytes and descriptors are counted in one number: an open file weighs what its share of all descriptors is worth.

use std::cell::RefCell;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::time::Instant;

use crate::files::Resource;
use crate::generations::Generations;
use crate::name_hash::NameHasher;

/// What a thread may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of memory.
    pub bytes: usize,
    /// Open files.
    pub descriptors: usize,
}

/// A file that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) resource: Rc<Resource>,
    /// When its name was looked up last.
    pub(crate) checked: Instant,
    /// How many hashes had been computed then (see [`crate::hashes::Hashes::computed`]).
    pub(crate) computed: usize,
    /// The place of its site.
    pub(crate) site: usize,
}

type KeptByName = Generations<Box<[u8]>, Kept, BuildHasherDefault<NameHasher>>;

/// A thread's cache.
#[derive(Debug, Clone)]
pub struct FileCache {
    pub(crate) kept: Rc<RefCell<KeptByName>>,
    /// Bytes that an open file is worth.
    descriptor: usize,
}

impl FileCache {
    /// An empty cache.
    pub fn new(budget: Budget) -> FileCache {
        let kept = Rc::new(RefCell::new(Generations::new(budget.bytes)));
        FileCache { kept, descriptor: budget.bytes.div_ceil(budget.descriptors.max(1)) }
    }

    pub(crate) fn keep(&self, key: &[u8], kept: Kept) {
        let open = kept.resource.descriptors() * self.descriptor;
        let weight = key.len() + kept.resource.weight().max(open);
        self.kept.borrow_mut().insert(key.into(), kept, weight);
    }

    /// Forgets all, and so closes all files that nobody is being sent.
    pub(crate) fn clear(&self) {
        self.kept.borrow_mut().retain(|_, _| false);
    }

    /// Forgets the files of a site.
    pub(crate) fn forget(&self, site: usize) {
        self.kept.borrow_mut().retain(|_, kept| kept.site != site);
    }
}
