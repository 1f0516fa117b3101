//! The compressions of packages and indices, told apart by the file name's suffix.

use std::io::{self, Write};

/// How a member or an index is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Xz,
    Zstd,
}

impl Compression {
    /// The compression that `name` says it has behind `stem`: `data.tar.xz` behind `data.tar` is xz. `None` when the
    /// name is another one or the suffix is unknown.
    pub fn of(name: &str, stem: &str) -> Option<Self> {
        match name.strip_prefix(stem)? {
            "" => Some(Self::None),
            ".gz" => Some(Self::Gzip),
            ".xz" => Some(Self::Xz),
            ".zst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The whole content of a packed file. A stream that ends early or carries wrong checksums is an error.
    pub fn unpack(self, packed: &[u8]) -> io::Result<Vec<u8>> {
        // Four times is what the archive's packages grow by on average; it saves most of the reallocations.
        let mut content = Vec::with_capacity(packed.len().saturating_mul(4));
        self.unpack_to(packed, &mut content)?;
        Ok(content)
    }

    /// As [`Compression::unpack`], piece by piece into `content`.
    pub(super) fn unpack_to(self, packed: &[u8], content: &mut impl Write) -> io::Result<()> {
        match self {
            Self::None => content.write_all(packed)?,
            Self::Gzip => drop(io::copy(&mut flate2::read::MultiGzDecoder::new(packed), content)?),
            Self::Xz => drop(io::copy(&mut liblzma::read::XzDecoder::new_multi_decoder(packed), content)?),
            Self::Zstd => {
                let mut rest = packed;
                while !rest.is_empty() {
                    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&mut rest).map_err(io::Error::other)?;
                    io::copy(&mut decoder, content)?;
                }
            }
        }
        Ok(())
    }
}
