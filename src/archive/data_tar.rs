//! The decompressed archive of a package's files: in memory, or where it is large in a file that has no name.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tempfile::{SpooledData, SpooledTempFile};

use super::compression::Compression;

/// What is not longer stays in memory.
const SMALL: usize = 1 << 20;

/// Bytes that are written at once.
const WRITTEN: usize = 256 << 10;

/// A tar archive. Copies share it.
#[derive(Debug, Clone)]
pub enum DataTar {
    Memory(Bytes),
    /// With its length in bytes.
    File(Arc<File>, u64),
}

impl DataTar {
    /// Decompresses `packed`; a large one into a file in the folder `scratch`, which is gone with its last user.
    pub(super) fn unpack(compression: Compression, packed: &Bytes, scratch: &Path) -> io::Result<Self> {
        if compression == Compression::None {
            return Ok(Self::Memory(packed.clone()));
        }
        let mut content = BufWriter::with_capacity(WRITTEN, SpooledTempFile::new_in(SMALL, scratch));
        compression.unpack_to(packed, &mut content)?;
        Ok(match content.into_inner()?.into_inner() {
            SpooledData::InMemory(bytes) => Self::Memory(bytes.into_inner().into()),
            SpooledData::OnDisk(file) => {
                let length = file.metadata()?.len();
                Self::File(Arc::new(file), length)
            }
        })
    }
}

impl<T: Into<Bytes>> From<T> for DataTar {
    fn from(bytes: T) -> Self {
        Self::Memory(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};

    use super::*;

    #[test]
    fn a_large_archive_lies_in_a_file_and_reads_the_same() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        for length in [SMALL, SMALL + 1] {
            let content: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&content).expect("in memory");
            let packed = Bytes::from(encoder.finish().expect("in memory"));
            let read = match DataTar::unpack(Compression::Gzip, &packed, scratch.path()).expect("valid") {
                DataTar::Memory(bytes) if length == SMALL => bytes.to_vec(),
                DataTar::File(file, _) if length > SMALL => {
                    let mut read = Vec::new();
                    (&*file).rewind().expect("a file");
                    (&*file).read_to_end(&mut read).expect("a file");
                    read
                }
                other => panic!("{length}: {other:?}"),
            };
            assert!(read == content);
            let names = std::fs::read_dir(scratch.path()).expect("a folder").count();
            assert_eq!(names, 0, "the file has no name");
        }
    }
}
