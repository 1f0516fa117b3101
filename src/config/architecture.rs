//! Debian's names for the processors of Raspberry Pis.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a processor understands, from least to most; each runs what those before it run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cpu {
    Armv5,
    /// The ARM1176 of the Pi 1 and the Zero.
    Armv6,
    Armv7,
    /// 64 bits, and 32 as well.
    Armv8,
}

/// A Debian architecture that a Raspberry Pi runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// ARMv5 and up, soft float: the Pi 1 and the Zero under Debian.
    Armel,
    /// ARMv7 with hard float: the Pi 2 and up.
    Armhf,
    /// ARMv8, 64 bits: the Pi 3 and up.
    Arm64,
}

impl Architecture {
    /// The name as Debian writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Armel => "armel",
            Self::Armhf => "armhf",
            Self::Arm64 => "arm64",
        }
    }

    /// The processor that Debian compiles it for. Raspbian's armhf is for a lesser one, which its system file says.
    pub const fn cpu(self) -> Cpu {
        match self {
            Self::Armel => Cpu::Armv5,
            Self::Armhf => Cpu::Armv7,
            Self::Arm64 => Cpu::Armv8,
        }
    }

    /// The folder below `usr/lib` for this architecture's libraries (Debian's multiarch triplet).
    pub const fn multiarch(self) -> &'static str {
        match self {
            Self::Armel => "arm-linux-gnueabi",
            Self::Armhf => "arm-linux-gnueabihf",
            Self::Arm64 => "aarch64-linux-gnu",
        }
    }

    /// The Rust target that the worker and init are compiled for. One ARMv6 hard-float binary, which brings its own
    /// libc, serves every 32-bit system, whatever that system's own float convention.
    pub const fn payload_target(self) -> &'static str {
        match self {
            Self::Armel | Self::Armhf => "arm-unknown-linux-musleabihf",
            Self::Arm64 => "aarch64-unknown-linux-musl",
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Armv5 => "ARMv5",
            Self::Armv6 => "ARMv6",
            Self::Armv7 => "ARMv7",
            Self::Armv8 => "ARMv8",
        })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
