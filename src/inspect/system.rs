//! Which system is installed, with which kernels, under which name.

use std::fmt;

use serde::Serialize;

use super::Volume;
use super::network::{Interface, interfaces};

/// The installed system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct System {
    /// `ID`, `VERSION_ID` and `PRETTY_NAME` of os-release(5).
    pub id: String,
    pub version: Option<String>,
    pub name: String,
    /// dpkg's name of the architecture.
    pub architecture: Option<String>,
    /// The kernels that there are modules for.
    pub kernels: Vec<String>,
    pub hostname: Option<String>,
    pub interfaces: Vec<Interface>,
}

impl System {
    /// The system on `volume`; none when it has no os-release, so none is installed there.
    pub(super) fn of(volume: &Volume) -> Option<Self> {
        let release = volume.text("etc/os-release").or_else(|| volume.text("usr/lib/os-release"))?;
        // dpkg asks its own program for it; its files tell only when somebody added an architecture.
        let mut architecture = volume.text("var/lib/dpkg/arch-native");
        if architecture.is_none() {
            architecture = volume.text("var/lib/dpkg/arch");
        }
        if architecture.is_none() {
            let name = |name: &String| Some(name.strip_prefix("libc6:")?.strip_suffix(".list")?.to_owned());
            architecture = volume.names("var/lib/dpkg/info").iter().find_map(name);
        }
        let hostname = volume.text("etc/hostname");
        let first = |text: Option<String>| {
            text.and_then(|text| {
                text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
            })
        };
        let modules = if volume.find("usr/lib/modules").is_some() { "usr/lib/modules" } else { "lib/modules" };
        Some(Self {
            id: field(&release, "ID").unwrap_or_else(|| "linux".to_owned()),
            version: field(&release, "VERSION_ID"),
            name: field(&release, "PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned()),
            architecture: first(architecture),
            kernels: volume.names(modules),
            hostname: first(hostname),
            interfaces: interfaces(volume),
        })
    }
}

/// A value of os-release(5), without its quotes.
fn field(release: &str, key: &str) -> Option<String> {
    let value = release.lines().rev().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "system: {}{}",
            self.name,
            self.architecture.iter().map(|name| format!(", {name}")).collect::<String>()
        )?;
        writeln!(f, "kernel: {}", if self.kernels.is_empty() { "none".to_owned() } else { self.kernels.join(", ") })?;
        writeln!(f, "hostname: {}", self.hostname.as_deref().unwrap_or("none"))?;
        writeln!(f, "network:{}", if self.interfaces.is_empty() { " nothing is set up" } else { "" })?;
        self.interfaces.iter().try_for_each(|interface| writeln!(f, "  {interface}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_may_quote_its_values() {
        let release = "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\nID=debian\n";
        assert_eq!(field(release, "ID").as_deref(), Some("debian"));
        assert_eq!(field(release, "VERSION_ID").as_deref(), Some("13"));
        assert_eq!(field(release, "PRETTY_NAME").as_deref(), Some("Debian GNU/Linux 13 (trixie)"));
        assert_eq!(field(release, "NAME"), None);
    }
}
