//! cpio archives of the "newc" kind, which the kernel unpacks its initramfs from
//! (`Documentation/driver-api/early-userspace/buffer-format.rst`).
//!
//! An entry is a header of 110 bytes (a magic and 13 numbers of eight hexadecimal digits), its name with a NUL, and its
//! content, both padded to four bytes. Inode numbers are counted up from one. Only writing is for here; no hard links.

const MAGIC: &str = "070701";

/// The name of the entry that ends an archive.
const TRAILER: &str = "TRAILER!!!";

/// cpio writes whole blocks; the kernel passes over zeros.
const BLOCK: usize = 512;

const DIRECTORY: u32 = 0o040_000;
const CHAR_DEVICE: u32 = 0o020_000;
const FILE: u32 = 0o100_000;

/// A file is larger than the 4 GiB that a header can say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is too large for an initramfs (4 GiB)")]
pub struct CpioError {
    name: String,
}

/// An archive in the making. All entries are root's and of one time.
#[derive(Debug)]
pub struct Cpio {
    out: Vec<u8>,
    inode: u32,
    mtime: u32,
}

impl Cpio {
    /// `mtime` is in seconds since 1970-01-01 UTC.
    pub const fn new(mtime: u32) -> Self {
        Self { out: Vec::new(), inode: 0, mtime }
    }

    pub fn directory(&mut self, name: &str, permissions: u32) -> Result<(), CpioError> {
        self.entry(name, DIRECTORY | permissions, 2, (0, 0), &[])
    }

    pub fn file(&mut self, name: &str, permissions: u32, content: &[u8]) -> Result<(), CpioError> {
        self.entry(name, FILE | permissions, 1, (0, 0), content)
    }

    pub fn char_device(&mut self, name: &str, permissions: u32, major: u32, minor: u32) -> Result<(), CpioError> {
        self.entry(name, CHAR_DEVICE | permissions, 1, (major, minor), &[])
    }

    /// Ends the archive.
    pub fn finish(mut self) -> Result<Vec<u8>, CpioError> {
        self.inode = 0;
        self.mtime = 0;
        self.header(TRAILER, 0, 0, 1, (0, 0), 0)?;
        self.out.resize(self.out.len().next_multiple_of(BLOCK), 0);
        Ok(self.out)
    }

    fn entry(
        &mut self,
        name: &str,
        mode: u32,
        links: u32,
        device: (u32, u32),
        content: &[u8],
    ) -> Result<(), CpioError> {
        self.inode += 1;
        self.header(name, self.inode, mode, links, device, content.len())?;
        self.out.extend_from_slice(content);
        self.pad();
        Ok(())
    }

    fn header(
        &mut self,
        name: &str,
        inode: u32,
        mode: u32,
        links: u32,
        (major, minor): (u32, u32),
        size: usize,
    ) -> Result<(), CpioError> {
        let number = |number: usize| u32::try_from(number).map_err(|_| CpioError { name: name.to_owned() });
        let (size, name_size) = (number(size)?, number(name.len() + 1)?);
        // Owner and group, the archive's own device and the checksum are not used and 0.
        let numbers = [inode, mode, 0, 0, links, self.mtime, size, 0, 0, major, minor, name_size, 0];
        self.out.extend_from_slice(MAGIC.as_bytes());
        for number in numbers {
            self.out.extend_from_slice(format!("{number:08X}").as_bytes());
        }
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(0);
        self.pad();
        Ok(())
    }

    fn pad(&mut self) {
        self.out.resize(self.out.len().next_multiple_of(4), 0);
    }
}
