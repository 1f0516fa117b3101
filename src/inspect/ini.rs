//! Files of sections and keys, as systemd (`systemd.syntax(7)`) and NetworkManager (`nm-settings-keyfile(5)`) have them.

/// A section and its keys, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section<'a> {
    pub(super) name: &'a str,
    pub(super) entries: Vec<(&'a str, &'a str)>,
}

/// Reads a text. Lines before the first section, comments and lines without `=` are left out.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push(Section { name, entries: Vec::new() });
        } else if let (Some(section), Some((key, value))) = (sections.last_mut(), line.split_once('=')) {
            section.entries.push((key.trim(), value.trim()));
        }
    }
    sections
}

impl<'a> Section<'a> {
    /// Every value of `key`.
    pub(super) fn values(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.entries.iter().filter(move |(other, _)| *other == key).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_may_stand_twice_and_keys_too() {
        let read =
            sections("lost=1\n[Address]\nAddress = 10.0.0.1/8\n# no\n[Address]\nAddress=10.0.0.2/8\nAddress=::1\n");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].entries, [("Address", "10.0.0.1/8")]);
        assert_eq!(read[1].values("Address").collect::<Vec<_>>(), ["10.0.0.2/8", "::1"]);
    }
}
