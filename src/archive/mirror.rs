//! The archive's address: an option says it, else the environment, else the host's own apt sources, else the system
//! file.
//!
//! Many places have a mirror of their own and no other way out, and on a Debian machine apt already knows it. Mirrors
//! are trusted with nothing: all they serve is checked against signatures or the lock.

use std::path::Path;

use super::control;
use super::time;
use crate::config::System;

/// The mirror of a system, and where its own-path suites and its past states are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrors {
    /// URL below which `dists` and `pool` are, without a slash at the end.
    main: String,
    /// Own-path suites whose place the host's apt or the system file names: path ("debian-security") to URL.
    own: Vec<(String, String)>,
    snapshot: Option<String>,
    /// Who named the mirror, for messages.
    pub origin: Origin,
}

/// Who named a mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Option,
    Environment,
    HostSources,
    SystemFile,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    #[error("mirror `{url}` is no address; write it as `http://host/debian`")]
    NotUrl { url: String },
}

/// The environment variable that names a mirror.
pub const VARIABLE: &str = "BRAMBLE_MIRROR";

impl Mirrors {
    /// Chooses the mirror. `environment` is the value of [`VARIABLE`]; `root` is the host's root folder, whose
    /// `etc/os-release` and `etc/apt` are read.
    pub fn choose(
        system: &System,
        option: Option<&str>,
        environment: Option<&str>,
        root: &Path,
    ) -> Result<Self, MirrorError> {
        let given = option.map(|url| (url, Origin::Option));
        let given = given.or(environment.map(|url| (url, Origin::Environment)));
        let (main, own, origin) = match given.filter(|(url, _)| !url.is_empty()) {
            Some((url, origin)) => (url.to_owned(), Vec::new(), origin),
            None => match host_mirror(root) {
                Some(main) => (main, host_own(root), Origin::HostSources),
                None => (system.mirror.clone(), system_own(system), Origin::SystemFile),
            },
        };
        let main = main.trim_end_matches('/').to_owned();
        if !is_http(&main) {
            return Err(MirrorError::NotUrl { url: main });
        }
        Ok(Self { main, own, snapshot: system.snapshot.clone(), origin })
    }

    /// The mirror, as it was named.
    pub fn main(&self) -> &str {
        &self.main
    }

    /// The URL that a suite's `dists` and `pool` are below. `own` is the suite's own mirror path: a whole URL, or the
    /// name of a sibling of the main mirror ("debian-security").
    pub fn base(&self, own: Option<&str>) -> String {
        let Some(own) = own else { return self.main.clone() };
        if is_http(own) {
            return own.trim_end_matches('/').to_owned();
        }
        if let Some((_, url)) = self.own.iter().find(|(path, _)| path == own) {
            return url.clone();
        }
        let parent = match self.main.rsplit_once('/') {
            Some((parent, _)) if !parent.ends_with('/') => parent,
            _ => &self.main,
        };
        format!("{parent}/{own}")
    }

    /// The URL of a past state of the archive that a suite's `pool` is below.
    pub fn snapshot(&self, own: Option<&str>, at: i64) -> Option<String> {
        let template = self.snapshot.as_deref()?;
        let template = match (own, template.split_once("/{time}")) {
            (Some(own), Some((archive, rest))) if !is_http(own) => {
                let (parent, _) = archive.rsplit_once('/')?;
                format!("{parent}/{own}/{{time}}{rest}")
            }
            _ => template.to_owned(),
        };
        Some(template.replace("{time}", &time::compact(at)).trim_end_matches('/').to_owned())
    }
}

fn is_http(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

/// One source of apt: its addresses and suites, of binary packages.
#[derive(Debug, PartialEq, Eq)]
struct AptSource {
    urls: Vec<String>,
    suites: Vec<String>,
    components: Vec<String>,
}

/// The first source that serves the host's own Debian release. Other archives (vendors' packages) name other suites.
fn host_mirror(root: &Path) -> Option<String> {
    let codename = debian_codename(root)?;
    let of_debian = |source: &AptSource| {
        let names = [codename.as_str(), "stable", "oldstable", "testing", "unstable", "sid"];
        source.suites.iter().any(|suite| names.contains(&suite.as_str()))
            && source.components.iter().any(|component| component == "main")
    };
    let sources = sources(root);
    let mut urls = sources.iter().filter(|source| of_debian(source)).flat_map(|source| &source.urls);
    urls.find(|url| is_http(url)).map(|url| url.trim_end_matches('/').to_owned())
}

/// Mirrors of archives beside the main one that the system file names, by path.
fn system_own(system: &System) -> Vec<(String, String)> {
    let own = system.suites.iter().filter_map(|suite| Some((suite.mirror.clone()?, suite.url.clone()?)));
    own.map(|(path, url)| (path, url.trim_end_matches('/').to_owned())).collect()
}

/// Mirrors of archives beside the main one that the host's apt knows, by the last part of their path.
fn host_own(root: &Path) -> Vec<(String, String)> {
    let sources = sources(root);
    let urls = sources.iter().flat_map(|source| &source.urls).map(|url| url.trim_end_matches('/'));
    let security = urls.filter(|url| is_http(url) && url.ends_with("/debian-security"));
    security.take(1).map(|url| ("debian-security".to_owned(), url.to_owned())).collect()
}

/// The release of a host that is Debian itself; derivatives' mirrors do not serve Debian.
fn debian_codename(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join("etc/os-release")).ok()?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    };
    if value("ID")? != "debian" {
        return None;
    }
    Some(value("VERSION_CODENAME").unwrap_or_else(|| "sid".to_owned()))
}

/// All enabled binary sources, in apt's order: `sources.list`, then the files of `sources.list.d` by name. Files that
/// cannot be read are passed over: the host's apt is a hint only.
fn sources(root: &Path) -> Vec<AptSource> {
    let apt = root.join("etc/apt");
    let mut files = vec![apt.join("sources.list")];
    if let Ok(folder) = apt.join("sources.list.d").read_dir() {
        let mut names: Vec<_> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
        names.sort();
        files.extend(names);
    }
    let mut all = Vec::new();
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("list") => all.extend(text.lines().filter_map(one_line)),
            Some("sources") => all.extend(control::paragraphs(&text).filter_map(|paragraph| deb822(&paragraph.ok()?))),
            _ => {}
        }
    }
    all
}

/// `deb [option=value …] url suite component…` of sources.list(5).
fn one_line(line: &str) -> Option<AptSource> {
    let line = line.split('#').next().unwrap_or_default();
    let rest = line.trim().strip_prefix("deb")?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1,
        None => rest,
    };
    let mut words = rest.split_ascii_whitespace().map(str::to_owned);
    Some(AptSource { urls: vec![words.next()?], suites: vec![words.next()?], components: words.collect() })
}

/// A paragraph of a `.sources` file.
fn deb822(paragraph: &control::Paragraph) -> Option<AptSource> {
    let words = |field| paragraph.get(field).unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect();
    let types: Vec<String> = words("Types");
    let enabled = !paragraph.get("Enabled").is_some_and(|value| matches!(value, "no" | "false" | "off" | "0"));
    let source = AptSource { urls: words("URIs"), suites: words("Suites"), components: words("Components") };
    (enabled && types.iter().any(|kind| kind == "deb")).then_some(source)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn system() -> System {
        toml::from_str(
            r#"
            description = "Debian 13 (trixie)"
            mirror = "http://debian.example/debian"
            snapshot = "http://snapshot.debian.org/archive/debian/{time}"
            keyring = "keyrings/debian-archive.pgp"
            architectures = ["armhf"]
            suites = [{ name = "trixie" }]
            components = ["main"]
            packages = []
            "#,
        )
        .expect("valid")
    }

    fn host(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("temporary folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("below root")).expect("writable");
            fs::write(path, text).expect("writable");
        }
        root
    }

    fn choose(files: &[(&str, &str)]) -> Mirrors {
        Mirrors::choose(&system(), None, None, host(files).path()).expect("valid")
    }

    const DEBIAN: (&str, &str) = ("etc/os-release", "PRETTY_NAME=x\nID=debian\nVERSION_CODENAME=bookworm\n");
    const ONE_LINE: &str = "# deb http://commented.example/debian bookworm main\n\
                            deb-src http://source.example/debian bookworm main\n\
                            deb https://vendor.example/apt vendor-bookworm main\n\
                            deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/pub/debian/ bookworm main # ours\n\
                            deb http://mirror.example/sec/debian-security bookworm-security main\n";

    #[test]
    fn the_first_who_speaks_is_heard() {
        let root = host(&[DEBIAN, ("etc/apt/sources.list", ONE_LINE)]);
        let chosen = |option, environment| {
            let mirrors = Mirrors::choose(&system(), option, environment, root.path()).expect("valid");
            (mirrors.main().to_owned(), mirrors.origin)
        };
        let (option, environment) = (Some("http://a.example/debian/"), Some("http://b.example/debian"));
        assert_eq!(chosen(option, environment), ("http://a.example/debian".to_owned(), Origin::Option));
        assert_eq!(chosen(None, environment), ("http://b.example/debian".to_owned(), Origin::Environment));
        assert_eq!(chosen(None, Some("")), ("http://mirror.example/pub/debian".to_owned(), Origin::HostSources));
        assert_eq!(choose(&[]).main(), "http://debian.example/debian");
        assert_eq!(choose(&[]).origin, Origin::SystemFile);
        assert_eq!(
            Mirrors::choose(&system(), Some("mirror.example"), None, root.path()).expect_err("no scheme").to_string(),
            "mirror `mirror.example` is no address; write it as `http://host/debian`"
        );
    }

    #[test]
    fn sources_files_are_read_too() {
        let text = "Types: deb deb-src\nURIs: https://vendor.example/apt\nSuites: nodistro\nComponents: main\n\n\
                    Enabled: no\nTypes: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\n\n\
                    Types: deb\n# comment\nURIs: mirror+file:/etc/m http://on.example/debian\n\
                    Suites: bookworm bookworm-updates\nComponents: main contrib\n\n\
                    Types: deb\nURIs: http://on.example/s/debian-security\nSuites: bookworm-security\nComponents: main\n";
        let mirrors = choose(&[DEBIAN, ("etc/apt/sources.list.d/debian.sources", text)]);
        assert_eq!(mirrors.main(), "http://on.example/debian");
        assert_eq!(mirrors.base(Some("debian-security")), "http://on.example/s/debian-security");
    }

    #[test]
    fn derivatives_and_foreign_archives_do_not_count() {
        let ubuntu = ("etc/os-release", "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n");
        assert_eq!(choose(&[ubuntu, ("etc/apt/sources.list", ONE_LINE)]).origin, Origin::SystemFile);
        let vendor = ("etc/apt/sources.list", "deb https://vendor.example/apt vendor-bookworm main\n");
        assert_eq!(choose(&[DEBIAN, vendor]).origin, Origin::SystemFile);
    }

    #[test]
    fn suites_on_their_own_path_are_siblings_unless_the_host_knows_better() {
        let known = choose(&[DEBIAN, ("etc/apt/sources.list", ONE_LINE)]);
        assert_eq!(known.base(None), "http://mirror.example/pub/debian");
        assert_eq!(known.base(Some("debian-security")), "http://mirror.example/sec/debian-security");
        assert_eq!(known.base(Some("https://other.example/x/")), "https://other.example/x");
        let plain = choose(&[]);
        assert_eq!(plain.base(Some("debian-security")), "http://debian.example/debian-security");
        let bare = Mirrors::choose(&system(), Some("http://127.0.0.1:8080"), None, Path::new("/nowhere"));
        assert_eq!(bare.expect("valid").base(Some("debian-security")), "http://127.0.0.1:8080/debian-security");
    }

    #[test]
    fn snapshots_are_named_by_time() {
        let mirrors = choose(&[]);
        assert_eq!(
            mirrors.snapshot(None, 1_789_199_741).as_deref(),
            Some("http://snapshot.debian.org/archive/debian/20260912T075541Z")
        );
        assert_eq!(
            mirrors.snapshot(Some("debian-security"), 1_789_199_741).as_deref(),
            Some("http://snapshot.debian.org/archive/debian-security/20260912T075541Z")
        );
    }
}
