//! The settings in force until the next SIGHUP: the configuration, and the sites that were found by it.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::access_log::Logger;
use crate::arguments::ServeOptions;
use crate::configuration::{Configuration, ConfigurationError};
use crate::counters::Registry;
use crate::hashes::Hashes;
use crate::host;
use crate::rate::Rates;
use crate::representation::Rendering;
use crate::site::Site;

/// Sites beside the default one; more are left out, for their caches' sake.
const MOST_SITES: usize = 1024;

/// Why there is nothing to serve with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The default site's folder cannot be used.
    #[error("cannot open the site {}: {source}; name another folder with --root", path.display())]
    Site {
        /// The folder.
        path: PathBuf,
        /// The kernel's word.
        source: io::Error,
    },
    /// The log's file cannot be opened.
    #[error("cannot start the access log: {0}; see access-log.file in the configuration")]
    Log(io::Error),
}

/// Everything that SIGHUP reads anew.
#[derive(Debug)]
pub struct Settings {
    /// The configuration file, with the command line's words in place.
    pub configuration: Configuration,
    /// The sites by name; the first is the default one, of the name `default`.
    pub sites: Vec<(String, Arc<Site>)>,
    /// The places in `sites` by host.
    pub hosts: HashMap<Vec<u8>, usize>,
    /// The node's name, for `X-Served-By`.
    pub hostname: String,
    /// The inputs of every rendering.
    pub rendering: Arc<Rendering>,
    /// The rate limit, when there is one.
    pub rates: Option<Rates>,
    /// The access log, when there is one.
    pub logger: Option<Arc<Logger>>,
}

impl Settings {
    /// Reads everything.
    ///
    /// # Errors
    ///
    /// When the configuration or the default site cannot be used.
    pub fn read(options: &ServeOptions, hashes: Arc<Hashes>, registry: &Registry) -> Result<Settings, SettingsError> {
        let configuration = options.configuration()?;
        let default =
            Site::open(&options.root).map_err(|source| SettingsError::Site { path: options.root.clone(), source })?;
        let mut sites = vec![("default".to_owned(), Arc::new(default))];
        sites.extend(found(&configuration.sites));
        let mut hosts: HashMap<Vec<u8>, usize> = sites
            .iter()
            .enumerate()
            .skip(1)
            .map(|(place, (name, _))| (name.to_ascii_lowercase().into(), place))
            .collect();
        for (name, aliases) in &configuration.aliases {
            let Some(place) = hosts.get(name.to_ascii_lowercase().as_bytes()).copied() else {
                eprintln!(
                    "bramble-worker: {} has no folder {name}, so its aliases mean nothing",
                    configuration.sites.display()
                );
                continue;
            };
            for alias in aliases {
                hosts.entry(alias.to_ascii_lowercase().into()).or_insert(place);
            }
        }
        let logger =
            Logger::start(&configuration.access_log, Arc::clone(&registry.lost_lines)).map_err(SettingsError::Log)?;
        let rendering = Rendering { cache: configuration.cache.clone(), image_time: image_time(), hashes };
        Ok(Settings {
            sites,
            hosts,
            hostname: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            rendering: Arc::new(rendering),
            rates: Rates::new(&configuration.limits),
            logger: logger.map(Arc::new),
            configuration,
        })
    }

    /// Bytes of files that may be kept in memory.
    pub fn cache_bytes(&self) -> usize {
        usize::try_from(self.configuration.limits.cache_mebibytes).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }
}

/// The sites of a folder, in the order of their names. No folder is no sites.
fn found(folder: &Path) -> Vec<(String, Arc<Site>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| host::is_name(name.as_bytes())).collect();
    names.sort_unstable();
    if names.len() > MOST_SITES {
        eprintln!("bramble-worker: {} has more than {MOST_SITES} folders; the others are left out", folder.display());
        names.truncate(MOST_SITES);
    }
    names.into_iter().filter_map(|name| Some((name.clone(), Arc::new(Site::open(&folder.join(name)).ok()?)))).collect()
}

/// The time that all files of an image carry; this program came with the image, so it carries it too.
fn image_time() -> Option<i64> {
    fs::metadata("/proc/self/exe").ok().map(|metadata| metadata.mtime())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_a_host_s_name_are_sites() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for name in ["b.example", "a.example", ".hidden", "a..b", "with space"] {
            fs::create_dir(dir.path().join(name)).expect("a folder");
        }
        fs::write(dir.path().join("file"), "").expect("a file");
        let names: Vec<String> = found(dir.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a.example", "b.example"]);
        assert!(found(Path::new("/nowhere/at/all")).is_empty());
        assert!(image_time().is_some());
    }
}
