//! Links to the partitions of the disk that the root file system is on.
//!
//! Cards of one cluster have the same ids. With two of them in one machine (one in a reader, to be mended) udev's links by
//! id lead to whichever came last; only the first process knows where the root was found.

use std::fs;

use crate::failure::Failure;

/// udev reads rules here, too (udev(7)).
const FOLDER: &str = "/run/udev/rules.d";
const NAME: &str = "60-bramble-disk.rules";

/// Leaves udev a rule that makes `/dev/bramble/part1` and so on.
///
/// # Errors
///
/// When the rule cannot be written.
pub(crate) fn tell_udev(disk: &str) -> Result<(), Failure> {
    let path = format!("{FOLDER}/{NAME}");
    let written = fs::create_dir_all(FOLDER).and_then(|()| fs::write(&path, rule(disk)));
    written.map_err(|source| Failure::Write { path: path.clone(), source })
}

fn rule(disk: &str) -> String {
    // sysfs writes the `/` of names like cciss/c0d0 as `!`, and so does udev in what it compares.
    format!("SUBSYSTEM==\"block\", ENV{{DEVTYPE}}==\"partition\", KERNELS==\"{disk}\", SYMLINK+=\"bramble/part%n\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_for_the_partitions_of_one_disk() {
        assert_eq!(
            rule("mmcblk0"),
            "SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"partition\", KERNELS==\"mmcblk0\", SYMLINK+=\"bramble/part%n\"\n"
        );
    }
}
