//! Where apt finds packages once the node runs: the system's suites, in deb822 form (sources.list(5)).
//!
//! The mirror is the system file's and never the one a build happened to use, which would make the image depend on it.

use std::fmt::Write;

use crate::config::{Pins, System};

/// Where apt looks for it.
pub(super) const PATH: &str = "etc/apt/sources.list.d/system.sources";

/// The sources of `system`, of its suites on request those in `pins`; none when no keyring on the node is named to verify
/// them with.
pub(super) fn of(system: &System, pins: &Pins) -> Option<String> {
    let keyring = system.node_keyring.as_ref()?;
    let mut text = String::new();
    for suite in system.suites.iter().filter(|suite| !suite.on_request || pins.has_suite(&suite.name)) {
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = write!(
            text,
            "{separator}Types: deb\nURIs: {}\nSuites: {}\nComponents: {}\nSigned-By: {keyring}\n",
            place(system, suite.mirror.as_deref(), suite.url.as_deref()),
            suite.dist(),
            system.components.join(" "),
        );
    }
    Some(text)
}

/// A suite's own place: as the system file says, else the path beside the mirror, else the mirror.
fn place(system: &System, path: Option<&str>, url: Option<&str>) -> String {
    let mirror = system.mirror.trim_end_matches('/');
    match (url, path) {
        (Some(url), _) => url.to_owned(),
        (None, Some(path)) if path.contains("://") => path.to_owned(),
        (None, Some(path)) => format!("{}/{path}", mirror.rsplit_once('/').map_or(mirror, |(parent, _)| parent)),
        (None, None) => mirror.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_is_where_the_system_file_says() {
        let system = r#"
            description = "Debian"
            mirror = "http://mirror.example/debian"
            keyring = "keys.pgp"
            node_keyring = "/usr/share/keyrings/debian.pgp"
            architectures = ["arm64"]
            components = ["main", "contrib"]
            packages = []
            suites = [{ name = "trixie" }, { name = "new", on_request = true }, { name = "security", mirror = "debian-security", url = "http://s.example/s" }]
        "#;
        let system: System = toml::from_str(system).expect("a system");
        let expected = "\
Types: deb
URIs: http://mirror.example/debian
Suites: trixie
Components: main contrib
Signed-By: /usr/share/keyrings/debian.pgp

Types: deb
URIs: http://s.example/s
Suites: security
Components: main contrib
Signed-By: /usr/share/keyrings/debian.pgp
";
        assert_eq!(of(&system, &Pins::default()).as_deref(), Some(expected));
        let asked = of(&system, &[("new", "app")].into_iter().collect()).expect("a keyring");
        assert!(asked.contains("\nSuites: new\n"), "{asked}");
        assert_eq!(place(&system, Some("debian-security"), None), "http://mirror.example/debian-security");
    }
}
