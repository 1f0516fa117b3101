//! The known name that a mistyped one was probably meant to be.

/// The nearest of `known` by edits (a letter more, less, other, or two swapped), if it is near enough to be offered:
/// one edit, two from six letters on. With three, `core_freq` would be offered for `arm_freq`.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let edits = strsim::osa_distance(&typed.to_lowercase(), &candidate.to_lowercase());
        let allowed = if candidate.chars().count() < 6 { 1 } else { 2 };
        if edits <= allowed && best.is_none_or(|(least, _)| edits < least) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// What to say about a name that is not known: the one that was probably meant, or all there are.
pub(super) fn suggestion<'a>(typed: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(typed, known.clone()) {
        return meant(name);
    }
    let all: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    if all.is_empty() { "there are none".to_owned() } else { format!("there are {}", all.join(", ")) }
}

/// The question for one name.
pub(super) fn meant(name: &str) -> String {
    format!("did you mean `{name}`?")
}

#[cfg(test)]
mod tests {
    use super::{nearest, suggestion};

    #[test]
    fn only_near_names_are_offered() {
        assert_eq!(nearest("pi33", ["pi2", "pi3"]), Some("pi3"));
        assert_eq!(nearest("PI2", ["pi2", "pi3"]), Some("pi2"));
        assert_eq!(nearest("ip3", ["pi2", "pi3"]), Some("pi3"));
        assert_eq!(nearest("gpumem", ["arm_freq", "gpu_mem"]), Some("gpu_mem"));
        assert_eq!(nearest("toaster", ["pi2", "pi3"]), None);
        assert_eq!(suggestion("toaster", ["pi2", "pi3"]), "there are `pi2`, `pi3`");
        assert_eq!(suggestion("toaster", []), "there are none");
    }
}
