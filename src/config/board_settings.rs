//! What a board file says about config.txt: which settings the board has, within which bounds, and why not others.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::locate;
use super::keys::Keys;
use super::setting::nobodys;
use super::source::SourceFile;
use super::{Board, BootMenu};
use crate::config_txt::{Model, WHOLE_FIRMWARE_GPU_MEM};

/// The bounds of one setting on one board. Both ends are allowed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub min: i64,
    pub max: i64,
    /// What the firmware does without the key; none when that differs from one of the board's models to the next.
    pub default: Option<i64>,
    /// What is to be known of it on this board, besides the meaning that it has on all.
    pub note: Option<String>,
}

/// Settings that a board does not have, though a person may think so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotHere {
    pub keys: Vec<String>,
    pub reason: String,
}

impl Board {
    /// The models of Raspberry Pi that the device trees of the card describe. None for a board of another maker.
    pub(super) fn models(&self) -> impl Iterator<Item = Model> {
        self.firmware.device_trees.iter().filter_map(|name| Model::of_device_tree(name))
    }

    /// Why the board does not have a setting, where its file says so.
    pub(super) fn why_not(&self, key: &str) -> Option<&str> {
        let told = self.not_here.iter().find(|told| told.keys.iter().any(|other| other == key))?;
        Some(told.reason.trim())
    }

    /// Notes settings whose meaning is nowhere told, and those that are said to be here and not.
    pub(super) fn check_keys(&self, source: &Arc<SourceFile>, keys: &Keys, found: &mut Diagnostics) {
        let unknown = |key: &str, path: &[&str]| nobodys(key, &locate(source, path), keys);
        for key in self.settings.keys().filter(|key| !keys.settings.contains_key(*key)) {
            found.push(unknown(key, &["settings", key]));
        }
        for (index, told) in self.not_here.iter().enumerate() {
            for (member, key) in told.keys.iter().enumerate() {
                let (index, member) = (index.to_string(), member.to_string());
                let path = ["not_here", &index, "keys", &member];
                if !keys.settings.contains_key(key) && !keys.lines.contains_key(key) {
                    found.push(unknown(key, &path));
                } else if self.settings.contains_key(key) {
                    found.push(
                        Diagnostic::new(format!("`{key}` is said to be here and not to be here"))
                            .at(&locate(source, &path), "")
                            .at(&locate(source, &["settings", key]), "its limits"),
                    );
                }
            }
        }
    }

    /// What the tables of settings can get wrong among themselves.
    pub(super) fn check_settings(&self, source: &Arc<SourceFile>, found: &mut Diagnostics) {
        if self.firmware.menu != BootMenu::ConfigTxt && !self.settings.is_empty() {
            found.push(
                Diagnostic::new("settings of config.txt for a board that has none")
                    .at(&locate(source, &["settings"]), "")
                    .at(&locate(source, &["firmware", "menu"]), "this is read instead"),
            );
        }
        for (key, limits) in &self.settings {
            let place = locate(source, &["settings", key]);
            if limits.min > limits.max {
                found.push(
                    Diagnostic::new(format!("no value of `{key}` is allowed"))
                        .at(&place, "`min` is greater than `max`"),
                );
            }
        }
        for (preset, values) in &self.overclock {
            for (key, value) in values {
                let place = locate(source, &["overclock", preset, key]);
                match self.settings.get(key) {
                    None => found.push(
                        Diagnostic::new(format!("the overclock `{preset}` sets `{key}`, which has no limits"))
                            .at(&place, "")
                            .help(format!("add `{key}` to `[settings]`")),
                    ),
                    Some(limits) if !(limits.min..=limits.max).contains(value) => found.push(
                        Diagnostic::new(format!("the overclock `{preset}` passes the limits of `{key}`"))
                            .at(&place, "")
                            .at(&locate(source, &["settings", key]), "the limits"),
                    ),
                    Some(_) => {}
                }
            }
        }
        if let Some(limits) = self.settings.get("gpu_mem")
            && limits.min < WHOLE_FIRMWARE_GPU_MEM
            && self.firmware.cut_down.is_empty()
        {
            found.push(
                Diagnostic::new("less than 32 MB for the GPU take the cut-down firmware, but no file of it is named")
                    .at(&locate(source, &["settings", "gpu_mem"]), "")
                    .help("name `start_cd.elf` and its fixup file in `cut_down` of `[firmware]`"),
            );
        }
    }
}
