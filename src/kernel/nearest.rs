//! The known names nearest to a mistyped one.

/// How many changes may lie between the names.
const REACH: usize = 2;

/// How many names are worth reading.
const SHOWN: usize = 3;

/// Names that become `name` with no more than two changes of a letter, or that contain it; nearest first.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let near = |known: &'a str| {
        let distance = strsim::levenshtein(name, known);
        (distance <= REACH || (name.len() > REACH && known.contains(name))).then_some((distance, known))
    };
    let mut found: Vec<(usize, &str)> = known.filter_map(near).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(SHOWN).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_nearest_first() {
        let known = ["ext4", "ext2", "jbd2", "smsc95xx", "sdhci_iproc", "sdhci"];
        assert_eq!(nearest("exta4", known.into_iter()), ["ext4", "ext2"]);
        assert_eq!(nearest("iproc", known.into_iter()), ["sdhci_iproc"]);
        assert_eq!(nearest("nothing", known.into_iter()), [""; 0]);
    }
}
