//! Permissions as chmod(1) writes them: octal, or `u+rwX,g=u,o-w`.

/// Changes of permission bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// All bits; a folder keeps its setuid and setgid bits where they are not written with five digits.
    Octal {
        bits: u16,
        keep: bool,
    },
    Clauses(Vec<Clause>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// The bits of those who are meant; none where nobody is named, which is everybody as far as the umask lets.
    who: Option<u16>,
    operator: u8,
    permissions: Permissions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Permissions {
    /// Of each who is meant: read, write and execute in the lowest three bits; `X`, `s` and `t`.
    Bits { bits: u16, conditional: bool, set_id: bool, sticky: bool },
    /// Those that `u`, `g` or `o` has: how far its bits stand from the lowest ones.
    Of(u16),
}

const USER: u16 = 0o4700;
const GROUP: u16 = 0o2070;
const OTHERS: u16 = 0o1007;

impl Mode {
    /// None where it is no mode.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let bits = u16::from_str_radix(text, 8).ok().filter(|bits| *bits <= 0o7777)?;
            return Some(Self::Octal { bits, keep: text.len() < 5 });
        }
        let mut clauses = Vec::new();
        for part in text.split(',') {
            let end = part.find(['+', '-', '='])?;
            let mut who = None;
            for letter in part[..end].chars() {
                let bits = match letter {
                    'u' => USER,
                    'g' => GROUP,
                    'o' => OTHERS,
                    'a' => 0o7777,
                    _ => return None,
                };
                who = Some(who.unwrap_or(0) | bits);
            }
            let mut rest = &part[end..];
            while let Some(operator) = rest.bytes().next() {
                let next = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |at| at + 1);
                clauses.push(Clause { who, operator, permissions: Permissions::parse(&rest[1..next])? });
                rest = &rest[next..];
            }
        }
        Some(Self::Clauses(clauses))
    }

    /// The permissions of something that had `mode`.
    pub(super) fn applied(&self, mode: u16, is_folder: bool, umask: u16) -> u16 {
        match self {
            Self::Octal { bits, keep } if *keep && is_folder => bits | (mode & 0o6000),
            Self::Octal { bits, .. } => *bits,
            Self::Clauses(clauses) => clauses.iter().fold(mode, |mode, clause| clause.applied(mode, is_folder, umask)),
        }
    }
}

impl Permissions {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "u" => return Some(Self::Of(6)),
            "g" => return Some(Self::Of(3)),
            "o" => return Some(Self::Of(0)),
            _ => {}
        }
        let (mut bits, mut conditional, mut set_id, mut sticky) = (0, false, false, false);
        for letter in text.chars() {
            match letter {
                'r' => bits |= 0o4,
                'w' => bits |= 0o2,
                'x' => bits |= 0o1,
                'X' => conditional = true,
                's' => set_id = true,
                't' => sticky = true,
                _ => return None,
            }
        }
        Some(Self::Bits { bits, conditional, set_id, sticky })
    }
}

impl Clause {
    fn applied(&self, mode: u16, is_folder: bool, umask: u16) -> u16 {
        let wanted = match self.permissions {
            Permissions::Of(shift) => {
                let bits = (mode >> shift) & 0o7;
                bits * 0o111
            }
            Permissions::Bits { mut bits, conditional, set_id, sticky } => {
                if conditional && (is_folder || mode & 0o111 != 0) {
                    bits |= 0o1;
                }
                (bits * 0o111) | if set_id { 0o6000 } else { 0 } | if sticky { 0o1000 } else { 0 }
            }
        };
        let meant = match self.who {
            Some(bits) => bits,
            None => 0o7777 & !umask,
        };
        let bits = wanted & meant;
        match self.operator {
            b'+' => mode | bits,
            b'-' => mode & !bits,
            // A folder keeps setuid and setgid where `=` does not name them.
            _ => {
                let cleared = self.who.unwrap_or(0o7777) & if is_folder { 0o1777 } else { 0o7777 };
                (mode & !cleared) | bits
            }
        }
    }
}
