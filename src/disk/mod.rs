//! What lies on a card, one on-disk format a file: partition table, FAT32, ext4, block map; and files with holes.
//!
//! Layout comes before bytes: a volume is planned in memory, tells where every file will lie, and is then written into
//! its [`Region`] of the image in one pass. Nothing here knows nodes, roles or boards, and nothing reads a clock or
//! draws a number: times and ids are parameters ([`ids`] derives them from names).

pub mod areas;
pub mod block_map;
pub mod bmap;
pub mod boot_partition;
mod direct;
pub mod ext4;
pub mod ext4_reader;
mod ext4_size;
pub mod fat;
pub mod file_system;
pub mod guid_table;
mod holes;
pub mod ids;
pub mod listing;
pub mod mbr;
pub mod new_file;
pub mod other_file;
pub mod partition;
pub mod partition_table;
pub mod region;
pub mod size;
pub mod slice;
pub mod sparse;

#[cfg(test)]
pub(crate) mod judge;

pub use areas::{Area, Areas};
pub use block_map::BlockMap;
pub use boot_partition::BootPartition;
pub use file_system::{FileContent, FileSystem};
pub use ids::{Ids, Names};
pub use listing::{EntryKind, Listing, ListingEntry};
pub use new_file::{FileError, NewFile};
pub use other_file::OtherFile;
pub use partition::{Partition, PartitionKind};
pub use partition_table::PartitionTable;
pub use region::Region;
pub use slice::Slice;

/// Bytes of a sector, as partition tables and FAT count them. SD cards know no other size.
pub const SECTOR: u64 = 512;

/// Bytes of a block, as ext4 and block maps count them.
pub const BLOCK: u64 = 4096;

/// 2^20 bytes.
pub const MIB: u64 = 1 << 20;
