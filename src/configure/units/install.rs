//! The `[Install]` section of a unit file (systemd.unit(5)).
//!
//! Read: WantedBy, RequiredBy, UpheldBy, Alias, Also, DefaultInstance, with the specifiers that concern the unit's
//! name (`%i %p %n %N %j %%`). Other specifiers name a machine or a user and cannot be known in a build; a name that
//! holds one is passed over.

/// What the section says; lists in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Install {
    wanted_by: Vec<String>,
    required_by: Vec<String>,
    upheld_by: Vec<String>,
    alias: Vec<String>,
    pub(super) also: Vec<String>,
    default_instance: Option<String>,
}

impl Install {
    pub(super) fn read(unit: &str) -> Self {
        let mut install = Self::default();
        let mut inside = false;
        for line in unit.replace("\\\n", " ").lines().map(str::trim) {
            if line.starts_with(['#', ';']) {
                continue;
            }
            if line.starts_with('[') {
                inside = line == "[Install]";
                continue;
            }
            let Some((key, value)) = line.split_once('=').filter(|_| inside) else { continue };
            let value = value.trim();
            let list = match key.trim_end() {
                "WantedBy" => &mut install.wanted_by,
                "RequiredBy" => &mut install.required_by,
                "UpheldBy" => &mut install.upheld_by,
                "Alias" => &mut install.alias,
                "Also" => &mut install.also,
                "DefaultInstance" => {
                    install.default_instance = (!value.is_empty()).then(|| unquoted(value).to_owned());
                    continue;
                }
                _ => continue,
            };
            // An empty assignment takes back what was said before.
            if value.is_empty() {
                list.clear();
            }
            list.extend(value.split_ascii_whitespace().map(|name| unquoted(name).to_owned()));
        }
        install
    }

    /// Further names of `unit`: places of links below the manager's folder.
    pub(super) fn aliases(&self, unit: &str) -> Vec<String> {
        self.alias.iter().filter_map(|alias| expand(alias, unit)).filter(|alias| alias != unit).collect()
    }

    /// Links in the folders of the units that want `unit`. None when that takes an instance and there is none.
    pub(super) fn wanted(&self, unit: &str) -> Option<Vec<String>> {
        let lists = [(&self.wanted_by, "wants"), (&self.required_by, "requires"), (&self.upheld_by, "upholds")];
        if lists.iter().all(|(list, _)| list.is_empty()) {
            return Some(Vec::new());
        }
        let name = match unit.split_once("@.") {
            Some((prefix, suffix)) => format!("{prefix}@{}.{suffix}", self.default_instance.as_deref()?),
            None => unit.to_owned(),
        };
        let links = lists.into_iter().flat_map(|(list, kind)| {
            list.iter().filter_map(|by| expand(by, &name)).map(|by| format!("{by}.{kind}/{name}")).collect::<Vec<_>>()
        });
        Some(links.collect())
    }
}

/// Replaces specifiers; none when there is one that a build does not know.
fn expand(text: &str, unit: &str) -> Option<String> {
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut expanded = String::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            expanded.push(letter);
            continue;
        }
        expanded.push_str(match rest.next()? {
            'i' => instance,
            'p' => prefix,
            'n' => unit,
            'N' => stem,
            'j' => prefix.rsplit('-').next().unwrap_or(prefix),
            '%' => "%",
            _ => return None,
        });
    }
    Some(expanded)
}

fn unquoted(word: &str) -> &str {
    let inner = |quote| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_install_section_counts() {
        let unit = "[Service]\nWantedBy=no.target\n[Install]\n# WantedBy=no.target\nWantedBy=a.target \\\n  b.target\nAlias=\"x.service\"\n";
        let install = Install::read(unit);
        assert_eq!(
            install.wanted("u.service"),
            Some(vec!["a.target.wants/u.service".into(), "b.target.wants/u.service".into()])
        );
        assert_eq!(install.aliases("u.service"), ["x.service"]);
    }

    #[test]
    fn empty_assignments_take_back() {
        let install = Install::read("[Install]\nWantedBy=a.target\nWantedBy=\nWantedBy=b.target\n");
        assert_eq!(install.wanted("u.service"), Some(vec!["b.target.wants/u.service".into()]));
    }

    #[test]
    fn specifiers_of_the_name_are_expanded() {
        let install =
            Install::read("[Install]\nWantedBy=dev-%i.device net-%j.target %H.target\nAlias=%p-alias@%i.service\n");
        let wanted =
            vec!["dev-eth0.device.wants/a-b@eth0.service".into(), "net-b.target.wants/a-b@eth0.service".into()];
        assert_eq!(install.wanted("a-b@eth0.service"), Some(wanted));
        assert_eq!(install.aliases("a-b@eth0.service"), ["a-b-alias@eth0.service"]);
    }
}
