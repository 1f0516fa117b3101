//! Which packages a system can have: each one's scripts are run, with those of all that it depends on, as a build does.
//!
//!   cargo run --release --example coverage -- LIST [PACKAGE…]
//!
//! LIST is a file with a name of a package a line; PACKAGE takes only these. A line for each package, then their sum: built
//! natively, with a second stage on the node (of which packages, and at what our shell stops), refused with the place in the
//! script and the reason, or not in the archive. Everything is downloaded that the packages need, into the same cache as a
//! build's.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow};
use bramble::archive::sets::Set;
use bramble::archive::{self, Access, Cache, Deb, Downloader, Lock, LockedPackage, Mirrors, Progress, Wishes, closure};
use bramble::config::{Architecture, Plan};
use bramble::configure::ConfigureOptions;
use bramble::scripts::{self, ScriptsError};
use bramble::unpack::{self, ExcludeRules};

#[derive(Debug)]
struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn done(&self) {}
}

/// What became of a package.
enum Verdict {
    Native,
    /// What the node must configure, each with why.
    SecondStage(Vec<String>),
    Refused {
        by: String,
        reason: String,
    },
    NotThere(String),
}

type Opened = Mutex<BTreeMap<String, Deb>>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (list, only) = arguments.split_first().context("which list of packages?")?;
    let list = std::fs::read_to_string(list).with_context(|| format!("cannot read `{list}`"))?;
    let names: Vec<&str> =
        list.lines().map(str::trim).filter(|name| !name.is_empty() && !name.starts_with('#')).collect();
    let names: Vec<&str> = if only.is_empty() { names } else { only.iter().map(String::as_str).collect() };

    let project = std::env::current_dir()?;
    let plan = Plan::read(&project.join("cluster.toml"), &project)?;
    let base = plan.bases.iter().find(|base| base.architecture == Architecture::Arm64).context("no node is arm64")?;
    let system = &base.system;

    let folder = Cache::default_folder(|name| std::env::var_os(name).map(Into::into), std::env::home_dir)?;
    let (cache, download) = (Cache::new(folder), Downloader::default());
    let environment = std::env::var(archive::mirror::VARIABLE).ok();
    let mirrors = Mirrors::choose(system, None, environment.as_deref(), "/".as_ref())?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let access = Access { mirrors: &mirrors, download: &download, cache: &cache, progress: &Silent, now };
    let wishes = Wishes { without_suites: &[], since: &[] };
    let rootfs = project.join("rootfs");
    let indices = archive::indices::read(&access, system, &rootfs, Architecture::Arm64, wishes, &[])?;
    let suites = indices.suites;
    let universe = closure::Universe::new(indices.entries, &BTreeMap::new())?;

    let scratch = tempfile::tempdir()?;
    let opened = Opened::default();
    let next = AtomicUsize::new(0);
    let verdicts: Vec<Mutex<Option<anyhow::Result<Verdict>>>> = names.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = names.iter().position(|other| other == name).unwrap_or_default();
                    let roots: Vec<String> = system.packages.iter().cloned().chain([(*name).to_owned()]).collect();
                    let verdict = match universe.closure(&roots) {
                        Err(error) => Ok(Verdict::NotThere(error.to_string())),
                        Ok(closure) => {
                            let set = Set {
                                roots: roots.iter().map(String::as_str).collect(),
                                pins: Default::default(),
                                closure,
                            };
                            let lock = Lock::new(&system.name, Architecture::Arm64, suites.clone(), &[set]);
                            judge(&access, &lock, &opened, scratch.path())
                        }
                    };
                    eprintln!("{name}");
                    *verdicts[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
                }
            });
        }
    });

    let (mut native, mut staged, mut refused, mut absent) = (0, 0, 0, 0);
    for (name, verdict) in names.iter().zip(verdicts) {
        let verdict = verdict.into_inner().unwrap_or_else(PoisonError::into_inner);
        match verdict.ok_or_else(|| anyhow!("{name} was not judged"))?? {
            Verdict::Native => {
                native += 1;
                println!("{name}\tnative");
            }
            Verdict::SecondStage(why) => {
                staged += 1;
                println!("{name}\tsecond stage\t{}", why.join("; "));
            }
            Verdict::Refused { by, reason } => {
                refused += 1;
                println!("{name}\trefused\t{by}\t{reason}");
            }
            Verdict::NotThere(reason) => {
                absent += 1;
                println!("{name}\tnot in the archive\t\t{reason}");
            }
        }
    }
    println!("{native} native, {staged} with a second stage, {refused} refused, {absent} not in the archive");
    Ok(())
}

fn judge(access: &Access<'_>, lock: &Lock, opened: &Opened, scratch: &std::path::Path) -> anyhow::Result<Verdict> {
    let packages: Vec<&LockedPackage> = lock.packages.iter().collect();
    let paths = archive::fetch(access, lock, &packages)?;
    let mut debs = Vec::new();
    for (package, path) in packages.iter().zip(paths) {
        let key = package.sha256.to_string();
        let known = opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let deb = match known {
            Some(deb) => deb,
            None => {
                let deb = Deb::read(&std::fs::read(path)?.into(), scratch)?;
                opened.lock().unwrap_or_else(PoisonError::into_inner).insert(key, deb.clone());
                deb
            }
        };
        debs.push(deb);
    }
    let epoch = 1_760_000_000;
    let (tree, packages) = match unpack::unpack(debs, &ExcludeRules::default(), epoch) {
        Ok(unpacked) => unpacked,
        Err(error) => return Ok(Verdict::Refused { by: "unpack".into(), reason: error.to_string() }),
    };
    let mut options = ConfigureOptions {
        architecture: Architecture::Arm64,
        epoch,
        debconf: BTreeMap::new(),
        second_stage: Vec::new(),
    };
    let mut why = Vec::new();
    loop {
        let (by, place, reason) = match scripts::configure(&mut tree.clone(), &packages, &options) {
            Ok(_) if why.is_empty() => return Ok(Verdict::Native),
            Ok(_) => return Ok(Verdict::SecondStage(why)),
            Err(ScriptsError::Stopped { package, script, line, words, reason }) => {
                let place = format!("{package} {script}:{line}");
                (vec![package], place, format!("{reason}\t{words}"))
            }
            Err(ScriptsError::Failed { package, script, status, said }) => {
                let place = format!("{package} {script}");
                (vec![package], place, format!("status {status}: {}", said.replace('\n', " / ")))
            }
            Err(ScriptsError::Unrecognised(scripts)) => {
                let places: Vec<String> = scripts
                    .iter()
                    .map(|one| format!("{} {} for {}", one.package, one.script, one.interpreter))
                    .collect();
                (scripts.into_iter().map(|one| one.package).collect(), places.join(", "), "is for no shell".to_owned())
            }
            Err(error) => (Vec::new(), String::new(), error.to_string().replace('\n', " / ")),
        };
        // What its node can configure is left to it; what is run while it is unpacked cannot be.
        let known = |package: &String| options.second_stage.iter().any(|(known, _)| known == package);
        if by.is_empty() || by.iter().any(known) {
            return Ok(Verdict::Refused { by: place, reason });
        }
        why.push(format!("{place}: {}", reason.split('\t').next().unwrap_or_default()));
        options.second_stage.extend(by.into_iter().map(|package| (package, "the list".to_owned())));
    }
}
