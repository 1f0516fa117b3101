//! Conditional filters of `config.txt`: the `[…]` lines.
//!
//! Source: "Conditional Filters" in the Raspberry Pi documentation. Filters of one type replace each other, filters of
//! different types must all hold, `[all]` forgets every one of them.

use std::collections::BTreeMap;
use std::fmt;

use super::{BoardIdentity, Model};

/// One `[…]` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `[all]`: everything below is for every board again.
    All,
    /// `[none]`: everything below is for no board.
    None,
    /// `[pi2]`, `[cm4]`: a model, by the firmware's name for it. Any word that is no other filter ends up here.
    Model(String),
    /// `[board-type=0x14]`: the model's number in its revision code.
    BoardType(u32),
    /// `[0x12345678]`: one board, by its serial number.
    Serial(u64),
    /// `[tryboot]`: the one boot after `reboot "0 tryboot"`.
    Tryboot,
    /// `[gpio4=1]`: the level of a pin.
    Gpio { pin: u8, high: bool },
    /// `[EDID=DEL-DELL_U2422H]`: a monitor.
    Edid(String),
    /// `[HDMI:1]`: says which port the settings below are for, and holds back none of them.
    Hdmi(u8),
}

/// What replaces what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    None,
    Model,
    BoardType,
    Serial,
    Tryboot,
    Gpio,
    Edid,
    Hdmi,
}

impl Filter {
    /// Understands the text between the brackets.
    pub fn parse(text: &str) -> Self {
        let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x")?, 16).ok();
        if let Some(name) = text.strip_prefix("EDID=") {
            return Self::Edid(name.to_owned());
        }
        if let Some(kind) = text.strip_prefix("board-type=").and_then(number).and_then(|kind| u32::try_from(kind).ok())
        {
            return Self::BoardType(kind);
        }
        if let Some((pin, level)) = text.strip_prefix("gpio").and_then(|rest| rest.split_once('='))
            && let (Ok(pin), Ok(level)) = (pin.parse(), level.parse::<u8>())
        {
            return Self::Gpio { pin, high: level != 0 };
        }
        if let Some(port) = text.strip_prefix("HDMI:").and_then(|port| port.parse().ok()) {
            return Self::Hdmi(port);
        }
        match (text, number(text)) {
            ("all", _) => Self::All,
            ("none", _) => Self::None,
            ("tryboot", _) => Self::Tryboot,
            (_, Some(serial)) => Self::Serial(serial),
            _ => Self::Model(text.to_owned()),
        }
    }

    /// Whether settings below it are for this board.
    pub fn holds_on(&self, board: &BoardIdentity) -> bool {
        match self {
            Self::All | Self::Hdmi(_) => true,
            Self::None => false,
            Self::Model(_) | Self::BoardType(_) => board.model.is_some_and(|model| self.suits(&model)),
            Self::Serial(serial) => board.serial == Some(*serial),
            Self::Tryboot => board.tryboot,
            Self::Gpio { pin, high } => board.high_pins.contains(pin) == *high,
            Self::Edid(name) => board.monitors.contains(name),
        }
    }

    /// Whether there is a situation in which settings below it are for a board of this model.
    pub fn suits(&self, model: &Model) -> bool {
        match self {
            Self::None => false,
            Self::Model(name) => model.sees(name),
            Self::BoardType(kind) => model.board_type == *kind,
            _ => true,
        }
    }

    /// None for the filter that ends all others.
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::All => None,
            // "Prevents any settings that follow from being applied to any hardware": only `[all]` undoes it.
            Self::None => Some(Kind::None),
            Self::Model(_) => Some(Kind::Model),
            Self::BoardType(_) => Some(Kind::BoardType),
            Self::Serial(_) => Some(Kind::Serial),
            Self::Tryboot => Some(Kind::Tryboot),
            Self::Gpio { .. } => Some(Kind::Gpio),
            Self::Edid(_) => Some(Kind::Edid),
            Self::Hdmi(_) => Some(Kind::Hdmi),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("[all]"),
            Self::None => formatter.write_str("[none]"),
            Self::Model(name) => write!(formatter, "[{name}]"),
            Self::BoardType(kind) => write!(formatter, "[board-type={kind:#x}]"),
            Self::Serial(serial) => write!(formatter, "[{serial:#x}]"),
            Self::Tryboot => formatter.write_str("[tryboot]"),
            Self::Gpio { pin, high } => write!(formatter, "[gpio{pin}={}]", u8::from(*high)),
            Self::Edid(name) => write!(formatter, "[EDID={name}]"),
            Self::Hdmi(port) => write!(formatter, "[HDMI:{port}]"),
        }
    }
}

/// The filters in force at one line of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters(BTreeMap<Kind, Filter>);

impl Filters {
    /// Takes the next `[…]` line into account.
    pub fn apply(&mut self, filter: Filter) {
        match filter.kind() {
            Some(kind) => {
                self.0.insert(kind, filter);
            }
            None => self.0.clear(),
        }
    }

    /// The filters, in no order that matters.
    pub fn iter(&self) -> impl Iterator<Item = &Filter> {
        self.0.values()
    }

    /// The first filter that holds the line back; none when the line is for this board.
    pub fn against(&self, board: &BoardIdentity) -> Option<&Filter> {
        self.iter().find(|filter| !filter.holds_on(board))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> BoardIdentity {
        BoardIdentity::of_device_tree("bcm2837-rpi-3-b-plus.dtb")
    }

    fn holds(filters: &[&str]) -> bool {
        let mut state = Filters::default();
        for filter in filters {
            state.apply(Filter::parse(filter));
        }
        state.against(&board()).is_none()
    }

    #[test]
    fn every_filter_reads_back_as_written() {
        for text in
            ["all", "none", "pi3+", "board-type=0x14", "0x12345678", "tryboot", "gpio4=1", "EDID=VSC-TD2220", "HDMI:1"]
        {
            assert_eq!(Filter::parse(text).to_string(), format!("[{text}]"));
            assert!(text.starts_with("pi") || !matches!(Filter::parse(text), Filter::Model(_)), "{text}");
        }
    }

    #[test]
    fn a_filter_replaces_its_like_and_joins_the_others() {
        assert!(holds(&["pi3"]) && holds(&["pi3+"]) && !holds(&["pi4"]));
        assert!(holds(&["pi4", "pi3"]), "the later model takes the place of the earlier");
        assert!(!holds(&["tryboot", "pi3"]), "a model does not undo another type");
        assert!(!holds(&["pi3", "gpio4=1"]) && holds(&["pi3", "gpio4=0"]));
        assert!(holds(&["tryboot", "none", "all"]));
        assert!(!holds(&["none", "pi3"]));
        assert!(holds(&["HDMI:1"]) && !holds(&["none", "HDMI:1"]));
    }
}
