//! FAT file systems: a writer of FAT32, and a reader of FAT12, FAT16 and FAT32 that anybody may have made.
//!
//! After Microsoft's "FAT: General Overview of On-Disk Format" 1.03. The reader is our own because the crate `fatfs`
//! (0.3.6) follows a directory's clusters in a circle without end, reads 4 GiB of a file in 20 MiB, takes a chain that
//! breaks off for the file's end, and panics on cluster 1. Its writer makes directories that `fsck.fat` rejects.

mod boot_sector;
mod directory;
mod error;
pub mod fat32;
mod name;
mod table;
mod time;
mod volume;
mod walk;

pub use error::FatReadError;
pub use volume::{FatFacts, FatVolume};
