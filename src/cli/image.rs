//! `bramble image`: the cards of some nodes, or of all.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use anyhow::ensure;
use ipnet::Ipv4Net;
use serde::Serialize;

use super::args::{Archive, Image};
use super::{progress, size};
use crate::archive::{Cache, Policy, mirror};
use crate::assemble::{self, PackageSource, Workspace};
use crate::config::{Node, Plan};
use crate::image::{self, Published};

pub(super) fn run(arguments: &Image) -> anyhow::Result<()> {
    if let (Some(from), Some(output)) = (&arguments.from, &arguments.output_file) {
        return assemble(from, output, arguments.json);
    }
    let plan = arguments.project.plan()?;
    for remark in &plan.remarks {
        tracing::warn!("{remark}");
    }
    let nodes: Vec<&Node> = if arguments.all {
        plan.nodes.iter().collect()
    } else {
        let mut nodes: Vec<&Node> = Vec::new();
        for wanted in &arguments.nodes {
            let called = plan.nodes_called(wanted)?;
            // A node that is named twice is wanted once.
            nodes.extend(called.into_iter().filter(|node| !nodes.contains(node)).collect::<Vec<_>>());
        }
        nodes
    };
    let place = std::path::absolute(&arguments.out).unwrap_or_else(|_| arguments.out.clone());
    ensure!(
        !place.starts_with("/dev"),
        "`{}` is where devices are, not a folder for images; choose another --out, and write a card with dd afterwards",
        arguments.out.display()
    );
    if arguments.json {
        ensure!(
            arguments.out.to_str().is_some(),
            "`--json` cannot name files in `{}`, whose name is not UTF-8; choose another --out",
            arguments.out.display()
        );
    }
    let workspace = arguments.project.workspace(&arguments.out, arguments.payload.as_deref());
    let policy = if arguments.locked { Policy::Locked } else { Policy::Relock };
    let mut report = Report { total: nodes.len(), told: 0, json: arguments.json, delta: arguments.delta };
    let first = nodes.first().map(|node| workspace.image(&node.hostname));
    arguments.archive.with_source(policy, |source| {
        build(&workspace, &plan, &nodes, source, arguments.delta, &mut |published| report.tell(published))
    })?;
    match assemble::prune(&workspace, plan.bases.len()) {
        Ok(0) => {}
        Ok(gone) => tracing::info!("took away {gone} bases that were not used for longest"),
        // The images are there all the same.
        Err(error) => tracing::warn!("{error}"),
    }
    let known_hosts = assemble::known_hosts(&workspace, &plan)?;
    if arguments.json {
        return Ok(());
    }
    if let Some(path) = known_hosts {
        println!("{}: the host keys of all nodes; `ssh -o UserKnownHostsFile={0}` knows them", path.display());
    }
    if let Some(first) = first.filter(|_| !arguments.delta) {
        next(&first);
    }
    Ok(())
}

/// `--from`: the plain image of a base and a patch.
fn assemble(from: &Path, output: &Path, json: bool) -> anyhow::Result<()> {
    ensure!(
        !json || output.to_str().is_some(),
        "`--json` cannot name `{}`, which is not UTF-8; choose another --output",
        output.display()
    );
    let Some((base, patch)) = image::base_and_patch(from) else {
        anyhow::bail!("`{}` is not of the form BASE.img+NODE.patch", from.display());
    };
    let published = image::restore(&base, &patch, output)?;
    Report { total: 1, told: 0, json, delta: false }.tell(&published);
    if !json {
        next(output);
    }
    Ok(())
}

/// Every base that a node stands on is built once, then its nodes together.
fn build(
    workspace: &Workspace,
    plan: &Plan,
    nodes: &[&Node],
    source: &PackageSource<'_>,
    delta: bool,
    tell: &mut dyn FnMut(&Published),
) -> anyhow::Result<()> {
    for (index, base) in plan.bases.iter().enumerate() {
        let mine: Vec<&Node> = nodes.iter().copied().filter(|node| node.base == index).collect();
        if mine.is_empty() {
            continue;
        }
        let base = assemble::base(workspace, plan, base, source)?;
        let write = if delta { assemble::patches } else { assemble::nodes };
        write(workspace, plan, &mine, &base, tell)?;
    }
    Ok(())
}

/// A line for each node as it is done.
struct Report {
    total: usize,
    told: usize,
    json: bool,
    delta: bool,
}

/// What `--json` says of a node.
#[derive(Serialize)]
struct Line<'a> {
    /// Where the image is, or the patch that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a Path>,
    /// Of the image, as everything that follows.
    sha256: &'a str,
    size: u64,
    mapped: u64,
    base: &'a str,
    hostname: Option<&'a str>,
    address: Option<Ipv4Net>,
}

impl Report {
    fn tell(&mut self, published: &Published) {
        self.told += 1;
        let Published { file, manifest } = published;
        let line = if self.json {
            let node = manifest.node.as_ref();
            let line = Line {
                image: (!self.delta).then_some(file),
                patch: self.delta.then_some(file),
                sha256: &manifest.sha256,
                size: manifest.size,
                mapped: manifest.mapped,
                base: &manifest.origin.base,
                hostname: node.map(|node| node.hostname.as_str()),
                address: node.map(|node| node.address),
            };
            serde_json::to_string(&line).unwrap_or_default()
        } else {
            let of = if self.total > 1 { format!("[{}/{}] ", self.told, self.total) } else { String::new() };
            let (all, written) = (size::shown(manifest.size), size::shown(manifest.mapped));
            let over = if self.delta { format!(", over {}.img", manifest.origin.base) } else { String::new() };
            format!("{of}{}: {all}, of which {written} to write{over}", file.display())
        };
        // Who reads no more needs no more lines; the images are wanted all the same.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

/// A path as it is typed at a shell.
fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    shlex::try_quote(&shown).map(Cow::into_owned).unwrap_or(shown)
}

fn next(image: &Path) {
    let image = quoted(image);
    println!("\nNext, with the card's device in place of /dev/sdX (lsblk shows it; all on it is lost):");
    println!("  sudo dd if={image} of=/dev/sdX bs=4M conv=fsync status=progress");
    println!("or, faster:  sudo bmaptool copy {image} /dev/sdX");
}

impl Archive {
    /// Calls `work` with the source of packages that these arguments and the environment name.
    pub(super) fn with_source<T>(
        &self,
        policy: Policy,
        work: impl FnOnce(&PackageSource<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let variable = |name: &str| std::env::var_os(name).map(Into::into);
        let folder = match self.cache.clone() {
            Some(folder) => folder,
            None => Cache::default_folder(variable, std::env::home_dir)?,
        };
        let environment = std::env::var(mirror::VARIABLE).ok();
        let progress = progress::Line::default();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        work(&PackageSource {
            mirror: self.mirror.as_deref(),
            environment: environment.as_deref(),
            cache: &Cache::new(folder),
            progress: &progress,
            policy,
            now: i64::try_from(now.as_secs())?,
        })
    }
}
