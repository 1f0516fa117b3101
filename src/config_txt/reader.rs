//! `config.txt`, read: what one board takes from it.
//!
//! As the board's firmware does: lines are cut at the limit, filters hold settings back, the last value of a key wins,
//! and what makes no sense is skipped. Unlike it, every such thing is told as a [`ConfigWarning`]. Overlays
//! (`dtoverlay`, `dtparam`) are kept as plain entries and not applied.

use std::fmt;

use super::filter::{Filter, Filters};
use super::raw::LINE_LIMIT;
use super::writer::Initramfs;
use super::{BoardIdentity, Model};

/// How deep files may include each other; the firmware's own limit is not documented.
const INCLUDE_DEPTH: usize = 8;

/// The settings that hold on one board, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BootConfig {
    entries: Vec<(String, String)>,
    initramfs: Option<(String, Initramfs)>,
}

/// Something that the board passes over in silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigWarning {
    /// The file's name on the FAT partition.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub reason: String,
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl BootConfig {
    /// The value of `key` that counts: the last one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }

    /// As [`BootConfig::get`] for a number, decimal or `0x…`; what follows the digits is not looked at.
    pub fn number(&self, key: &str) -> Option<i64> {
        let value = self.get(key)?;
        let (sign, digits) = value.strip_prefix('-').map_or((1, value), |digits| (-1, digits));
        let (radix, digits) = digits.strip_prefix("0x").map_or((10, digits), |digits| (16, digits));
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        i64::from_str_radix(&digits[..end], radix).ok().map(|number| sign * number)
    }

    /// Every key and value that holds, earlier ones that a later one overrules too.
    pub fn entries(&self) -> &[(String, String)] {
        &self.entries
    }

    /// The initramfs and its place, from `initramfs` or from `ramfsfile` and `ramfsaddr`.
    pub fn initramfs(&self) -> Option<(&str, Initramfs)> {
        if let Some((file, place)) = &self.initramfs {
            return Some((file, *place));
        }
        let address = self.number("ramfsaddr").and_then(|address| u32::try_from(address).ok()).filter(|&at| at != 0);
        Some((self.get("ramfsfile")?, address.map_or(Initramfs::FollowKernel, Initramfs::Address)))
    }
}

/// Reads `config.txt` for `board`. `include` gives the content of a file on the same partition, to follow `include`
/// lines.
pub fn read_config(
    text: &str,
    board: &BoardIdentity,
    include: &dyn Fn(&str) -> Option<String>,
) -> (BootConfig, Vec<ConfigWarning>) {
    let mut reader =
        Reader { board, include, filters: Filters::default(), config: BootConfig::default(), warnings: vec![] };
    reader.file("config.txt", text, 0);
    (reader.config, reader.warnings)
}

struct Reader<'a> {
    board: &'a BoardIdentity,
    include: &'a dyn Fn(&str) -> Option<String>,
    filters: Filters,
    config: BootConfig,
    warnings: Vec<ConfigWarning>,
}

impl Reader<'_> {
    fn file(&mut self, file: &str, text: &str, depth: usize) {
        // One warning for a section is enough.
        let mut held_back: Option<Filter> = None;
        for (index, whole) in text.lines().enumerate() {
            let mut warnings = Vec::new();
            let line = cut(whole);
            if line.len() < whole.len() && !whole.trim_start().starts_with('#') {
                warnings.push(format!(
                    "only the first {LINE_LIMIT} bytes of the line are read: `{}` is cut off",
                    &whole[line.len()..]
                ));
            }
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')).map(|(name, _)| name) {
                let filter = Filter::parse(name);
                if let Filter::Model(name) = &filter
                    && !Model::is_filter(name)
                {
                    warnings.push(format!("section `[{name}]` is no filter that the firmware knows; it never matches"));
                }
                self.filters.apply(filter);
                held_back = None;
            } else if !line.is_empty() && !line.starts_with('#') {
                match self.filters.against(self.board) {
                    None => self.entry(line, depth, &mut warnings),
                    Some(filter) if held_back.as_ref() != Some(filter) => {
                        // The others depend on a moment, not on the board.
                        if matches!(filter, Filter::Model(name) if Model::is_filter(name)) {
                            warnings.push(format!("what is below `{filter}` is not for this board"));
                        }
                        held_back = Some(filter.clone());
                    }
                    Some(_) => {}
                }
            }
            let line = index + 1;
            self.warnings.extend(warnings.into_iter().map(|reason| ConfigWarning {
                file: file.to_owned(),
                line,
                reason,
            }));
        }
    }

    fn entry(&mut self, line: &str, depth: usize, warnings: &mut Vec<String>) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("initramfs"), Some(file), place) => {
                let place = match place {
                    // Debian's hook writes none.
                    None | Some("followkernel" | "0") => Initramfs::FollowKernel,
                    Some(address) => {
                        let digits = address.strip_prefix("0x").map(|digits| u32::from_str_radix(digits, 16));
                        match digits.unwrap_or_else(|| address.parse()) {
                            Ok(address) => Initramfs::Address(address),
                            Err(_) => {
                                return warnings.push(format!("`{address}` is neither an address nor `followkernel`"));
                            }
                        }
                    }
                };
                self.config.initramfs = Some((file.to_owned(), place));
            }
            (Some("include"), Some(file), None) => match (self.include)(file) {
                _ if depth == INCLUDE_DEPTH => {
                    warnings.push(format!("`{file}` is not read: too many files include each other"));
                }
                Some(text) => self.file(file, &text, depth + 1),
                None => warnings.push(format!("included file `{file}` is not on the partition")),
            },
            _ => match line.split_once('=') {
                Some((key, value)) if !key.is_empty() && !key.contains(char::is_whitespace) => {
                    self.config.entries.push((key.to_owned(), value.to_owned()));
                }
                Some(_) => warnings.push(format!("`{line}` is skipped: write `key=value` without a space before `=`")),
                None => warnings.push(format!("`{line}` is skipped: it has no `=`")),
            },
        }
    }
}

/// The part of a line that the firmware reads; a character that the limit splits goes too.
fn cut(line: &str) -> &str {
    let end = (0..=line.len().min(LINE_LIMIT)).rev().find(|&end| line.is_char_boundary(end)).unwrap_or(0);
    &line[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config_txt::ConfigTxt;

    fn read(text: &str) -> (BootConfig, Vec<String>) {
        let board = BoardIdentity::of_device_tree("bcm2836-rpi-2-b.dtb");
        let include = |file: &str| match file {
            "more.txt" => Some("gpu_mem=32\nnonsense\n".to_owned()),
            "loop.txt" => Some("include loop.txt\n".to_owned()),
            _ => None,
        };
        let (config, warnings) = read_config(text, &board, &include);
        (config, warnings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_last_value_that_holds_wins() {
        let (config, warnings) =
            read("gpu_mem=64\n  gpu_mem=16  \r\n[pi4]\ngpu_mem=76\narm_freq=1\n[all]\n# gpu_mem=1\n");
        assert_eq!((config.get("gpu_mem"), config.get("arm_freq")), (Some("16"), None));
        assert_eq!(warnings, ["config.txt:4: what is below `[pi4]` is not for this board"]);
    }

    #[test]
    fn long_lines_are_cut() {
        let (config, warnings) = read(&format!("#{}\nkernel={}{}\n", "-".repeat(200), "k".repeat(91), "tail"));
        assert_eq!(config.get("kernel"), Some("k".repeat(91).as_str()));
        assert_eq!(warnings, ["config.txt:2: only the first 98 bytes of the line are read: `tail` is cut off"]);
    }

    #[test]
    fn initramfs_has_its_own_grammar() {
        assert_eq!(read("initramfs a.img followkernel").0.initramfs(), Some(("a.img", Initramfs::FollowKernel)));
        assert_eq!(read("initramfs a.img").0.initramfs(), Some(("a.img", Initramfs::FollowKernel)));
        assert_eq!(read("initramfs a.img 0x00800000").0.initramfs(), Some(("a.img", Initramfs::Address(0x80_0000))));
        assert_eq!(read("ramfsfile=a.img\nramfsaddr=0").0.initramfs(), Some(("a.img", Initramfs::FollowKernel)));
        let (config, warnings) = read("initramfs=a.img");
        assert_eq!((config.initramfs(), config.get("initramfs")), (None, Some("a.img")));
        assert!(warnings.is_empty());
        assert_eq!(read("initramfs a.img here").1, ["config.txt:1: `here` is neither an address nor `followkernel`"]);
    }

    #[test]
    fn included_files_are_read_in_place() {
        let (config, warnings) = read("gpu_mem=16\ninclude more.txt\ninclude none.txt\ninclude loop.txt\n");
        assert_eq!(config.get("gpu_mem"), Some("32"));
        assert_eq!(
            warnings,
            [
                "more.txt:2: `nonsense` is skipped: it has no `=`",
                "config.txt:3: included file `none.txt` is not on the partition",
                "loop.txt:1: `loop.txt` is not read: too many files include each other",
            ]
        );
    }

    #[test]
    fn lines_that_the_board_skips_are_told() {
        let (_, warnings) = read("gpu_mem = 16\n[pi22]\narm_freq=900\n[gpio4=1]\n[all]\n[tryboot]\na=1\n");
        assert_eq!(
            warnings,
            [
                "config.txt:1: `gpu_mem = 16` is skipped: write `key=value` without a space before `=`",
                "config.txt:2: section `[pi22]` is no filter that the firmware knows; it never matches",
            ]
        );
    }

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        let (config, _) = read("a=16 # MB\nb=0x1f\nc=-2\nd=fast\n");
        let numbers: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|key| config.number(key)).collect();
        assert_eq!(numbers, [Some(16), Some(31), Some(-2), None, None]);
    }

    proptest! {
        /// Whatever the writer takes reads back as the same settings, with nothing to warn of.
        #[test]
        fn what_is_written_reads_back(
            settings in prop::collection::vec(("\\PC{1,40}", "\\PC{0,100}"), 0..12),
            comment in "\\PC{0,90}",
            file in "\\PC{1,70}",
            address in any::<u32>(),
        ) {
            let mut written = ConfigTxt::new();
            let _ = written.comment(&comment);
            let mut kept = Vec::new();
            for (key, value) in settings {
                if written.set(&key, &value).is_ok() {
                    kept.push((key, value));
                }
            }
            let place = if address == 0 { Initramfs::FollowKernel } else { Initramfs::Address(address) };
            let named = written.initramfs(&file, place).is_ok();
            let (config, warnings) = read(&written.to_string());
            prop_assert_eq!(config.entries(), kept.as_slice());
            prop_assert_eq!(config.initramfs(), named.then_some((file.as_str(), place)));
            prop_assert_eq!(warnings, Vec::<String>::new());
        }

        /// As above with keys and values that the writer takes, so that the test does not run empty.
        #[test]
        fn real_settings_read_back(settings in prop::collection::vec(("[a-z_]{1,24}", -9999_i64..9999), 0..30)) {
            let mut written = ConfigTxt::new();
            for (key, value) in &settings {
                written.set(key, value).expect("a key of letters and a number");
            }
            let (config, warnings) = read(&written.to_string());
            for (key, value) in settings.iter().rev().enumerate().filter_map(|(index, (key, value))| {
                let overruled = settings.iter().rev().take(index).any(|(later, _)| later == key);
                (!overruled).then_some((key, value))
            }) {
                prop_assert_eq!(config.number(key), Some(*value));
            }
            prop_assert_eq!(warnings, Vec::<String>::new());
        }
    }
}
