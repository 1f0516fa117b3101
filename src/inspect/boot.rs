//! The boot partition as boards read it: `config.txt` with its filters, and the kernel's command line.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{InspectError, Volume};
use crate::config_txt::{BoardIdentity, BootConfig, Initramfs, Model, read_config, repeats};
use crate::firmware::{CmdlineTxt, EXTLINUX_PLACES, ExtlinuxConf};

/// Bytes of included files from which on no more are included. Files that include each other many times over would have no end.
const MOST_INCLUDED: usize = 64 << 10;

/// What a partition tells boards: by `config.txt` for Raspberry Pi's firmware, by a menu for U-Boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Boot {
    /// What `config.txt` means, once for all models that take the same from it.
    pub configs: Vec<BoardConfig>,
    /// U-Boot's menu, when that is what starts the kernel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu: Option<String>,
    /// Words of the kernel's command line.
    pub cmdline: Vec<String>,
    /// The partition that `root=` names, when it is one of this card.
    pub root_partition: Option<usize>,
    /// What is not right with it.
    pub warnings: Vec<String>,
}

/// What some models take from `config.txt`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardConfig {
    /// Linux' names of their device trees, without `.dtb`.
    pub models: Vec<String>,
    /// Keys and values.
    pub settings: Vec<(String, String)>,
    /// File and place.
    pub initramfs: Option<(String, String)>,
    /// What these models pass over in silence.
    pub warnings: Vec<String>,
}

impl Boot {
    /// Reads the boot partition `volume`; none when it has no `config.txt` and no `cmdline.txt`. `board` is the name of
    /// a model; without it all those count whose device trees are there.
    pub(super) fn of(volume: &Volume, board: Option<&str>) -> Result<Option<Self>, InspectError> {
        let config = volume.text("config.txt");
        let text = config.as_deref().unwrap_or_default();
        let (any, _) = read_config(text, &BoardIdentity::default(), &included(volume));
        let prefix = any.get("os_prefix").unwrap_or_default();
        let models = match board {
            Some(name) => named(name)?,
            None => present(volume, prefix),
        };
        let mut configs: Vec<BoardConfig> = Vec::new();
        let mut cmdline_file = format!("{prefix}cmdline.txt");
        let mut identities: Vec<(String, BoardIdentity)> = models
            .iter()
            .map(|model| (model.upstream, BoardIdentity { model: Some(*model), ..BoardIdentity::default() }))
            .map(|(tree, identity)| (tree.trim_end_matches(".dtb").to_owned(), identity))
            .collect();
        if identities.is_empty() {
            identities.push(("any model".to_owned(), BoardIdentity::default()));
        }
        for (name, identity) in identities {
            let (read, warnings) = read_config(text, &identity, &included(volume));
            if let Some(file) = read.get("cmdline") {
                cmdline_file = format!("{}{file}", read.get("os_prefix").unwrap_or_default());
            }
            let warnings = warnings.iter().map(ToString::to_string).collect();
            let taken = BoardConfig { models: vec![], ..BoardConfig::of(&read, warnings) };
            match configs.iter_mut().find(|other| BoardConfig { models: vec![], ..(*other).clone() } == taken) {
                Some(same) => same.models.push(name),
                None => configs.push(BoardConfig { models: vec![name], ..taken }),
            }
        }
        let cmdline = volume.text(&cmdline_file);
        if config.is_none() && cmdline.is_none() {
            return Ok(None);
        }
        let mut warnings = Vec::new();
        if config.is_none() {
            warnings.push("there is no config.txt; the board goes by its defaults".to_owned());
        }
        if cmdline.is_none() {
            warnings.push(format!("there is no {cmdline_file}; the kernel gets only the firmware's own words"));
        }
        let cmdline = CmdlineTxt::parse(&cmdline.unwrap_or_default()).words().to_vec();
        Ok(Some(Self { configs, menu: None, cmdline, root_partition: None, warnings }))
    }

    /// Reads U-Boot's menu on `volume`; none when there is none.
    pub(super) fn of_menu(volume: &Volume) -> Option<Self> {
        let (menu, text) = EXTLINUX_PLACES.into_iter().find_map(|place| Some((place, volume.text(place)?)))?;
        let mut warnings = Vec::new();
        let cmdline = match ExtlinuxConf::parse(&text, menu.trim_end_matches("/extlinux.conf")) {
            Ok(conf) => conf.cmdline.words().to_vec(),
            Err(error) => {
                warnings.push(error.to_string());
                Vec::new()
            }
        };
        Some(Self { configs: Vec::new(), menu: Some(menu.to_owned()), cmdline, root_partition: None, warnings })
    }

    /// Every value of `key` on the kernel's command line.
    pub(super) fn words<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.cmdline.iter().filter_map(move |word| word.strip_prefix(key)?.strip_prefix('='))
    }

    /// Finds out which partition `root=` names, from the names that each partition goes by.
    pub(super) fn find_root(&mut self, names: &BTreeMap<String, usize>) {
        let Some(root) = self.words("root").last().map(str::to_owned) else { return };
        let device = root.strip_prefix("/dev/mmcblk").and_then(|rest| rest.split_once('p'));
        self.root_partition = match device {
            Some((_, number)) => number.parse().ok().filter(|number| names.values().any(|other| other == number)),
            None => names.iter().find(|(name, _)| name.eq_ignore_ascii_case(&root)).map(|(_, number)| *number),
        };
        if self.root_partition.is_none() {
            self.warnings.push(format!("root={root} names no partition of this card"));
        }
    }
}

impl BoardConfig {
    fn of(read: &BootConfig, warnings: Vec<String>) -> Self {
        let mut settings: Vec<(String, String)> = Vec::new();
        for (key, value) in read.entries() {
            if !repeats(key) {
                settings.retain(|(other, _)| other != key);
            }
            settings.push((key.clone(), value.clone()));
        }
        let initramfs = read.initramfs().map(|(file, place)| {
            let place = match place {
                Initramfs::FollowKernel => "followkernel".to_owned(),
                Initramfs::Address(address) => format!("{address:#x}"),
            };
            (file.to_owned(), place)
        });
        Self { models: vec![], settings, initramfs, warnings }
    }
}

/// The files of the partition that `config.txt` may include.
fn included(volume: &Volume) -> impl Fn(&str) -> Option<String> + '_ {
    let bytes = Cell::new(0);
    move |file| {
        if bytes.get() >= MOST_INCLUDED {
            return None;
        }
        let text = volume.text(file)?;
        bytes.set(bytes.get() + text.len());
        Some(text)
    }
}

/// The models called `name`: by a filter of the firmware's (`pi3`) or by a device tree.
fn named(name: &str) -> Result<Vec<Model>, InspectError> {
    let tree = format!("{}.dtb", name.trim_end_matches(".dtb"));
    let called = |model: &&Model| model.sees(name) || model.upstream == tree || model.downstream == tree;
    let models: Vec<Model> = Model::all().iter().filter(called).copied().collect();
    if models.is_empty() {
        let mut known: Vec<&str> = Model::all().iter().flat_map(|model| model.filters).copied().collect();
        known.sort_unstable();
        known.dedup();
        return Err(InspectError::Board { name: name.to_owned(), known: known.join(", ") });
    }
    Ok(models)
}

/// The models whose device trees, by either name, are on the partition.
fn present(volume: &Volume, prefix: &str) -> Vec<Model> {
    let mut names = volume.names("");
    names.extend(volume.names(prefix.trim_end_matches('/')));
    let there = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
    Model::all().iter().filter(|model| there(model.upstream) || there(model.downstream)).copied().collect()
}

impl fmt::Display for Boot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for config in &self.configs {
            writeln!(f, "config.txt, for {}:", config.models.join(", "))?;
            for (key, value) in &config.settings {
                writeln!(f, "  {key}={value}")?;
            }
            if let Some((file, place)) = &config.initramfs {
                writeln!(f, "  initramfs {file} {place}")?;
            }
            for warning in &config.warnings {
                writeln!(f, "  passed over: {warning}")?;
            }
        }
        if let Some(menu) = &self.menu {
            writeln!(f, "started by the menu in {menu}")?;
        }
        writeln!(f, "kernel command line:\n  {}", self.cmdline.join(" "))?;
        if let Some(number) = self.root_partition {
            writeln!(f, "  (root is partition {number})")?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "  warning: {warning}"))
    }
}
