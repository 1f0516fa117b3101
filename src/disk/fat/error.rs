//! What is wrong with a FAT file system.

use std::io;

/// Why a FAT file system cannot be read. Paths have no leading slash.
#[derive(Debug, thiserror::Error)]
pub enum FatReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("its boot sector has {value} as {field}, which no FAT file system has")]
    BootSector { field: &'static str, value: u64 },
    #[error("its boot sector puts the end of {part} at byte {end}, and there are only {length}")]
    Outside { part: &'static str, end: u64, length: u64 },
    #[error("there is no `/{0}` on it")]
    Missing(String),
    #[error("`/{path}` leads to cluster {cluster}, and there are clusters 2 to {last}")]
    Cluster { path: String, cluster: u32, last: u32 },
    #[error("`/{path}` leads to cluster {cluster}, which is marked as free or bad")]
    Unused { path: String, cluster: u32 },
    #[error("the clusters of `/{path}` end before its {size} bytes do")]
    Short { path: String, size: u64 },
    #[error("the clusters of `/{path}` come to cluster {cluster} a second time")]
    Circle { path: String, cluster: u32 },
    #[error("the directory `/{path}` has cluster {cluster}, which it or another directory has already")]
    Directory { path: String, cluster: u32 },
    #[error("the directory `/{0}` has more than the 65536 entries that FAT allows")]
    Entries(String),
    #[error("`/{path}` is said to have {size} bytes, more than the file system has left")]
    Size { path: String, size: u64 },
    #[error("the directory `/{0}` holds a name that no path can have")]
    Name(String),
    #[error("`/{0}` has a longer path than Linux takes (4095 bytes)")]
    Path(String),
    #[error("its names and paths take more than {0} bytes together")]
    Listing(u64),
}
