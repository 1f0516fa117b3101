//! From `cluster.toml` to the plan: reads, checks everything, and puts nodes that are alike onto one base.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_spanned::Spanned;
use sha2::{Digest, Sha256};

use super::cluster::{Cluster, NodeTable};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::hostname::check_label;
use super::keys::Keys;
use super::members::members;
use super::remarks::Remarks;
use super::shelf::Shelf;
use super::source::{Place, SourceFile};
use super::{BaseSpec, Board, Node, Plan, Role, Secret, System};
use super::{choice, network, pins, role, secret, setting, settings, ssh_key};

impl Plan {
    /// Reads a cluster file and everything that it names. `root` is the folder that holds `board-configs`, `rootfs` and
    /// `overlays`; the site and key files are looked for from the cluster file's own folder.
    ///
    /// The error carries every mistake that was found, not only the first.
    pub fn read(cluster_file: &Path, root: &Path) -> Result<Self, Diagnostics> {
        // Of the user's account where HOME is not set, as for many a service.
        read(cluster_file, root, std::env::home_dir().as_deref())
    }
}

/// [`Plan::read`] with the home folder that `~` stands for given.
pub(super) fn read(cluster_file: &Path, root: &Path, home: Option<&Path>) -> Result<Plan, Diagnostics> {
    let source = SourceFile::read(cluster_file).map_err(|unreadable| {
        Diagnostic::from(unreadable).help("the example `cluster.toml` of the repository shows what belongs into it")
    })?;
    let (cluster, mistakes) = Cluster::parse(&source);
    let mut found = Diagnostics::default();
    found.extend(mistakes);
    let Some(cluster) = cluster else { return Err(found) };

    let directory = cluster_file.parent().unwrap_or(Path::new(""));
    let mut reader = Reader {
        source,
        directory,
        boards: Shelf::open(root, &mut found),
        roles: Shelf::open(root, &mut found),
        keys: Keys::read(root, &mut found),
        found,
    };
    let plan = reader.plan(&cluster, root, home);
    match plan {
        Some(plan) if reader.found.is_empty() => Ok(plan),
        _ => Err(reader.found),
    }
}

struct Reader<'a> {
    source: Arc<SourceFile>,
    /// The cluster file's folder.
    directory: &'a Path,
    boards: Shelf<Board>,
    roles: Shelf<Role>,
    keys: Keys,
    found: Diagnostics,
}

impl Reader<'_> {
    fn plan(&mut self, cluster: &Cluster, root: &Path, home: Option<&Path>) -> Option<Plan> {
        let source = Arc::clone(&self.source);
        self.check_name(cluster);
        let network = network::check(&source, &cluster.network, &mut self.found);
        let members = members(&source, cluster, network.as_ref(), &mut self.found);
        let mut systems: Shelf<System> = Shelf::open(root, &mut self.found);
        let system_place = Place::of(&source, &cluster.system);
        let suites = pins::all_suites(&systems, root);
        let system = systems.get(cluster.system.get_ref(), &system_place, &mut self.found).map(|(system, _)| system);
        self.check_pins(cluster, system, &suites);
        let keys = ssh_key::read(&source, &cluster.ssh.authorized_keys, self.directory, home, &mut self.found);

        let secret = secret::read(&source, &cluster.identity, self.directory, home, &mut self.found);

        let mut remarks = Remarks::default();
        let mut bases: Vec<BaseSpec> = Vec::new();
        let mut base_of_entry = BTreeMap::new();
        for (index, node) in cluster.nodes.iter().enumerate() {
            let hostnames: Vec<&str> =
                members.iter().filter(|member| member.entry == index).map(|member| member.hostname.as_str()).collect();
            let base = self.base(cluster, node, system, secret.as_ref(), &hostnames, &mut remarks);
            let Some(mut base) = base else { continue };
            base.authorized_keys.clone_from(&keys);
            let known = bases.iter().position(|other| *other == base);
            base_of_entry.insert(index, known.unwrap_or(bases.len()));
            if known.is_none() {
                bases.push(base);
            }
        }
        give_names(&mut bases, self.directory);
        let nodes = members
            .into_iter()
            .filter_map(|member| {
                let base = *base_of_entry.get(&member.entry)?;
                Some(Node { hostname: member.hostname, address: member.address, base })
            })
            .collect();
        if let Some(secret) = secret.as_ref().filter(|secret| secret.is_open()) {
            remarks.open_secret(secret.file());
        }
        if keys.is_empty() {
            remarks.without_key();
        }
        let (name, network, remarks) = (cluster.name.get_ref().clone(), network?, remarks.lines());
        Some(Plan { name, network, bases, nodes, secret, remarks })
    }

    fn check_name(&mut self, cluster: &Cluster) {
        let name = &cluster.name;
        let place = Place::of(&self.source, name);
        if let Err(bad) = check_label(name.get_ref()) {
            let diagnostic = Diagnostic::new(format!("`{name}` cannot be a cluster's name"))
                .at(&place.inside(name.get_ref(), bad.part), bad.reason);
            self.found.push(match bad.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
        if cluster.nodes.is_empty() {
            self.found.push(
                Diagnostic::new("this cluster has no nodes").at(&place, "").help(
                    "add `[[nodes]]` with `name = \"node[1-4]\"`, `address = \"192.168.1.[11-14]\"` and a `board`",
                ),
            );
        }
    }

    /// The base that an entry's nodes stand on, still without its name and the ssh keys.
    fn base(
        &mut self,
        cluster: &Cluster,
        entry: &Spanned<NodeTable>,
        system: Option<&System>,
        secret: Option<&Secret>,
        hostnames: &[&str],
        remarks: &mut Remarks,
    ) -> Option<BaseSpec> {
        let source = Arc::clone(&self.source);
        let node = entry.get_ref();
        let missing = |key: &str, example: &str| {
            let (name, place) = match &node.name {
                Some(name) => (format!("`{name}`"), Place::of(&source, name)),
                None => ("this node".to_owned(), Place::of(&source, entry)),
            };
            Diagnostic::new(format!("{name} has no {key}"))
                .at(&place, "")
                .help(format!("add `{key} = \"{example}\"` here, or to `[defaults]` for all nodes"))
        };
        let board = match &node.board {
            None => {
                self.found.push(missing("board", "pi3"));
                None
            }
            Some(name) => self.boards.get(name.get_ref(), &Place::of(&source, name), &mut self.found),
        };
        let board = board.map(|(board, its_source)| {
            board.check_keys(its_source, &self.keys, &mut self.found);
            board.clone()
        });
        let roles = match &node.role {
            None => {
                self.found.push(missing("role", "worker"));
                None
            }
            Some(name) => role::layers(name.get_ref(), &Place::of(&source, name), &mut self.roles, &mut self.found),
        };
        let runs = match (system, &board) {
            (Some(system), Some(board)) => choice::architecture(&source, cluster, node, system, board, &mut self.found),
            _ => None,
        };
        let settings = board.as_ref().map(|board| {
            let context = setting::Context { source: &source, board, keys: &self.keys };
            let resolved = settings::resolve(context, node, &cluster.defaults, &mut self.found);
            remarks.settings(&resolved, hostnames);
            resolved.settings
        });
        if board.is_none() {
            settings::names(&source, node, &self.keys, &mut self.found);
        }
        let site = self.site(node, secret);
        let roles = roles?;
        let serves = roles.iter().any(|role| role.site.is_some());
        // A default site is for those nodes that serve one.
        let own_site = node
            .site
            .as_ref()
            .filter(|typed| cluster.defaults.site.as_ref().is_none_or(|site| site.span() != typed.span()));
        if let Some(typed) = own_site.filter(|_| !serves) {
            let title = format!("the role `{}` serves no site", roles.last().map_or("", |role| role.name.as_str()));
            self.found.push(Diagnostic::new(title).at(&Place::of(&source, typed), "").help("take this key out"));
        }
        if serves && node.site.is_none() {
            remarks.without_site(hostnames);
        }
        let (architecture, kernel) = runs?;
        Some(BaseSpec {
            name: String::new(),
            board: board?,
            system: system?.clone(),
            architecture,
            kernel,
            roles,
            from: node.from.clone(),
            settings: settings?,
            authorized_keys: Vec::new(),
            console: node.console,
            debconf: node.debconf.clone(),
            site: site.filter(|_| serves),
        })
    }

    /// What boards, roles and nodes want from suites on request.
    fn check_pins(&mut self, cluster: &Cluster, system: Option<&System>, suites: &BTreeSet<String>) {
        let Some(system) = system else { return };
        let (source, found) = (Arc::clone(&self.source), &mut self.found);
        pins::check(&cluster.defaults.from, &source, &["defaults", "from"], system, None, found);
        for (index, node) in cluster.nodes.iter().enumerate() {
            let node = node.get_ref();
            // What comes from `[defaults]` was looked at there.
            if node.from != cluster.defaults.from {
                pins::check(&node.from, &source, &["nodes", &index.to_string(), "from"], system, None, found);
            }
            // Of unknown ones is told where the base is made.
            let known = |names: &[String], name: &Option<Spanned<String>>| {
                name.as_ref().map(Spanned::get_ref).filter(|name| names.contains(name)).cloned()
            };
            if let Some(name) = known(self.boards.names(), &node.board)
                && let Some((board, its)) = self.boards.take(&name, found)
            {
                pins::check(&board.from, its, &["from"], system, Some(suites), found);
            }
            let mut layers = Vec::from_iter(known(self.roles.names(), &node.role));
            let mut seen = BTreeSet::new();
            while let Some(name) = layers.pop().filter(|name| self.roles.names().contains(name)) {
                if seen.insert(name.clone())
                    && let Some((role, its)) = self.roles.take(&name, found)
                {
                    pins::check(&role.from, its, &["from"], system, Some(suites), found);
                    layers.extend(role.extends.iter().cloned());
                }
            }
        }
    }

    fn site(&mut self, node: &NodeTable, secret: Option<&Secret>) -> Option<PathBuf> {
        let typed = node.site.as_ref()?;
        let site = self.directory.join(typed.get_ref());
        let place = Place::of(&self.source, typed);
        let shown = site.display();
        if !site.is_dir() {
            let title = if site.exists() {
                format!("`{shown}` is not a folder")
            } else {
                format!("there is no folder `{shown}`")
            };
            let help = "name the folder whose files the nodes serve, seen from this file's folder";
            self.found.push(Diagnostic::new(title).at(&place, "").help(help));
            return None;
        }
        // Every link is followed: what counts is where a file lies.
        let real = |path: &Path| std::fs::canonicalize(path).ok();
        let holds = |file: &Path| real(file).zip(real(&site)).is_some_and(|(file, site)| file.starts_with(site));
        let secret = secret.map(|secret| ("the cluster's secret", secret.file()));
        let told = [Some(("this cluster file", Path::new(&self.source.path))), secret];
        let (what, file) = told.into_iter().flatten().find(|(_, file)| holds(file)).unzip();
        let (Some(what), Some(file)) = (what, file) else { return Some(site) };
        self.found.push(
            Diagnostic::new(format!("the site holds {what}, `{}`, and every node would serve it", file.display()))
                .at(&place, "")
                .help("make a folder for the files of the site alone, and name that"),
        );
        None
    }
}

/// Names bases after role and board: "worker-pi2". Where there are several of the same two, each has behind it what tells
/// it from the others, as a sum of what its nodes chose: ids in the images derive from these names, so a name must not
/// depend on the order of the file, nor on where the cluster lies (`directory`).
fn give_names(bases: &mut [BaseSpec], directory: &Path) {
    let plain =
        |base: &BaseSpec| format!("{}-{}", base.roles.last().map_or("", |role| role.name.as_str()), base.board.name);
    let all: Vec<String> = bases.iter().map(plain).collect();
    for (base, plain) in bases.iter_mut().zip(&all) {
        plain.clone_into(&mut base.name);
        if all.iter().filter(|other| *other == plain).count() > 1 {
            let site = base.site.as_deref().map(|site| site.strip_prefix(directory).unwrap_or(site).to_string_lossy());
            // Texts, numbers and lists of them: there is nothing in it that JSON does not have.
            let chosen = serde_json::to_string(&(base.architecture, &base.settings, base.console, site));
            let mut chosen = chosen.unwrap_or_default();
            if !base.debconf.is_empty() {
                chosen += &serde_json::to_string(&base.debconf).unwrap_or_default();
            }
            if !base.from.is_empty() {
                chosen += &serde_json::to_string(&base.from).unwrap_or_default();
            }
            let sum = Sha256::digest(chosen);
            base.name = format!("{plain}-{}", hex::encode(&sum[..3]));
        }
    }
}
