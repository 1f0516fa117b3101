//! The configuration file, `/etc/bramble/worker.toml`: everything in it is optional, and an unknown key is an error.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

use crate::host;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Configuration {
    /// The folder of sites, one folder a host.
    pub sites: PathBuf,
    /// Further names of hosts: the name of a folder in `sites`, and the hosts that mean it too.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Machines whose word about clients is believed.
    pub balancers: Vec<Network>,
    /// Whether connections from balancers begin with a PROXY header.
    pub proxy_protocol: bool,
    /// Where to serve metrics, unless systemd passes a socket named `metrics`.
    pub metrics: Option<SocketAddr>,
    /// Access log.
    pub access_log: AccessLog,
    /// `Cache-Control` by path; the first rule that fits counts.
    pub cache: Vec<CacheRule>,
    /// Limits.
    pub limits: Limits,
}

/// Whether and where requests are logged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AccessLog {
    /// The form of a line.
    pub format: LogFormat,
    /// The file to add to; standard output without one.
    pub file: Option<PathBuf>,
}

/// The form of a line in the access log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// No log: cards wear out by writing.
    #[default]
    Off,
    /// Apache's combined format.
    Combined,
    /// One JSON object a line.
    Json,
}

/// A rule for `Cache-Control`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CacheRule {
    /// A pattern (see [`crate::pattern`]) of paths, as `/assets/*`.
    pub path: String,
    /// The field's value.
    pub control: String,
}

/// What is allowed to clients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// Requests a second from one address (from one /64 in IPv6); 0 is no limit.
    pub requests_per_second: u32,
    /// Requests that may come at once before that limit counts.
    pub burst: u32,
    /// Seconds a connection may wait between requests.
    pub idle_seconds: u32,
    /// Seconds a request's head may take from its first byte.
    pub head_seconds: u32,
    /// Seconds an answer may take for every 16 KiB of it.
    pub stall_seconds: u32,
    /// Mebibytes of files kept in memory, in all threads.
    pub cache_mebibytes: u32,
}

impl Default for Configuration {
    fn default() -> Configuration {
        Configuration {
            sites: PathBuf::from("/srv/sites"),
            aliases: BTreeMap::new(),
            balancers: Vec::new(),
            proxy_protocol: false,
            metrics: None,
            access_log: AccessLog::default(),
            cache: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            requests_per_second: 0,
            burst: 100,
            idle_seconds: 15,
            head_seconds: 10,
            stall_seconds: 15,
            cache_mebibytes: 16,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The kernel's word.
        source: io::Error,
    },
    /// The text is no TOML, or has keys or values that are not known.
    #[error("{}: {source}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Place and reason.
        source: Box<toml::de::Error>,
    },
    /// A value that is well formed and useless.
    #[error("{}: {key} = {value:?} is not {expected}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
}

impl Configuration {
    /// Reads the file; one that is missing is an empty one unless it `must_exist`.
    ///
    /// # Errors
    ///
    /// When it cannot be read or says something that is not understood.
    pub fn read(path: &Path, must_exist: bool) -> Result<Configuration, ConfigurationError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Configuration::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => Ok(Configuration::default()),
            Err(source) => Err(ConfigurationError::Read { path: path.to_path_buf(), source }),
        }
    }

    /// Reads the text of the file; `path` is for messages.
    ///
    /// # Errors
    ///
    /// When it says something that is not understood.
    pub fn parse(text: &str, path: &Path) -> Result<Configuration, ConfigurationError> {
        let configuration: Configuration = toml::from_str(text)
            .map_err(|source| ConfigurationError::Form { path: path.to_path_buf(), source: Box::new(source) })?;
        configuration.check(path)?;
        Ok(configuration)
    }

    fn check(&self, path: &Path) -> Result<(), ConfigurationError> {
        let wrong = |key, value: &str, expected| {
            Err(ConfigurationError::Value { path: path.to_path_buf(), key, value: value.to_owned(), expected })
        };
        for (site, hosts) in &self.aliases {
            if let Some(name) = std::iter::once(site).chain(hosts).find(|name| !host::is_name(name.as_bytes())) {
                return wrong("aliases", name, "a host's name");
            }
        }
        for rule in &self.cache {
            if !rule.path.starts_with(['/', '*']) {
                return wrong("cache.path", &rule.path, "a pattern like /assets/* or *.css");
            }
            if rule.control.is_empty() || !rule.control.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
                return wrong("cache.control", &rule.control, "a value for Cache-Control");
            }
        }
        if self.proxy_protocol && self.balancers.is_empty() {
            return wrong("proxy-protocol", "true", "of use without balancers");
        }
        let limits = &self.limits;
        for (key, seconds) in [
            ("limits.idle-seconds", limits.idle_seconds),
            ("limits.head-seconds", limits.head_seconds),
            ("limits.stall-seconds", limits.stall_seconds),
        ] {
            if !(1..=3600).contains(&seconds) {
                return wrong(key, &seconds.to_string(), "a number of seconds from 1 to 3600");
            }
        }
        if limits.burst == 0 {
            return wrong("limits.burst", "0", "a number of requests from 1");
        }
        Ok(())
    }
}

/// A range of addresses, as `10.0.0.0/8`; without a length it is one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: u128,
    mask: u128,
}

impl Network {
    /// Whether the address lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.address
    }
}

/// All addresses as IPv6 ones, so that a range of IPv4 contains a mapped address too.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || format!("{text} is not an address like 10.0.0.1 or a network like 10.0.0.0/8");
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = length.map_or(Ok(longest), str::parse).map_err(|_| wrong())?;
        let host_bits = longest.checked_sub(length).ok_or_else(wrong)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Ok(Network { address: bits(address) & mask, mask })
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Network, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
