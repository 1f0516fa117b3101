//! A package's `templates` (debconf-devel(7)), read as Debconf::Template does.

use std::collections::BTreeMap;

/// A question: its name, and its other fields by lower-case name. Long descriptions stand as `extended_description`,
/// their lines joined into paragraphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) fields: BTreeMap<String, String>,
}

impl Template {
    /// All templates of a text, without translated fields (`Description-de.UTF-8`). `-C` is no language but the
    /// untranslated form, and stays.
    pub(super) fn read_all(text: &str) -> Vec<Self> {
        text.split("\n\n").filter_map(Self::read).collect()
    }

    fn read(stanza: &str) -> Option<Self> {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut current = String::new();
        for line in stanza.lines().filter(|line| !line.is_empty()) {
            match line.strip_prefix([' ', '\t']) {
                None => {
                    let (name, value) = line.split_once(':')?;
                    current = name.to_ascii_lowercase();
                    fields.insert(current.clone(), value.trim().to_owned());
                }
                Some(rest) => extend(fields.entry(format!("extended_{current}")).or_default(), rest),
            }
        }
        fields.retain(|name, value| {
            *value = value.trim_end_matches('\n').to_owned();
            let extended = name.starts_with("extended_");
            (!extended || !value.is_empty()) && name.split_once('-').is_none_or(|(_, language)| language == "c")
        });
        let name = fields.remove("template")?;
        Some(Self { name, fields })
    }
}

/// Adds a continuation line: `.` parts paragraphs, an indented line stays a line, others run on.
fn extend(text: &mut String, line: &str) {
    let joins = !text.is_empty() && !text.ends_with(['\n', ' ']);
    if line == "." {
        text.push_str("\n\n");
    } else if line.starts_with([' ', '\t']) {
        if joins {
            text.push('\n');
        }
        text.push_str(line.trim_end());
        text.push('\n');
    } else {
        if joins {
            text.push(' ');
        }
        text.push_str(line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_descriptions_become_paragraphs() {
        let text = "\nTemplate: a/b\nType: select\nChoices-C: x, y\nDescription: Short?\n One\n two.\n .\n  - item\n  - next\n three\nDescription-de.UTF-8: Kurz?\n Lang\n";
        let template = Template::read_all(text).remove(0);
        assert_eq!(template.name, "a/b");
        let fields: Vec<(&str, &str)> =
            template.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            fields,
            [
                ("choices-c", "x, y"),
                ("description", "Short?"),
                ("extended_description", "One two.\n\n - item\n - next\nthree"),
                ("type", "select"),
            ]
        );
    }
}
