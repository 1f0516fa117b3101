//! The known name that a mistyped one was probably meant to be.

/// The nearest of `known` by edits (a letter more, less, other, or two swapped), if it is near enough to be offered:
/// one edit, two from six letters on. With three, `core_freq` would be offered for `arm_freq`.
pub(super) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let edits = distance(&typed.to_lowercase(), &candidate.to_lowercase());
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

/// Damerau-Levenshtein distance (optimal string alignment), in letters.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest, suggestion};

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("pi3", "pi3"), 0);
        assert_eq!(distance("ip3", "pi3"), 1);
        assert_eq!(distance("gpumem", "gpu_mem"), 1);
        assert_eq!(distance("", "pi3"), 3);
        assert_eq!(distance("worker", "balancer"), 6);
    }

    #[test]
    fn only_near_names_are_offered() {
        assert_eq!(nearest("pi33", ["pi2", "pi3"]), Some("pi3"));
        assert_eq!(nearest("PI2", ["pi2", "pi3"]), Some("pi2"));
        assert_eq!(nearest("toaster", ["pi2", "pi3"]), None);
        assert_eq!(suggestion("toaster", ["pi2", "pi3"]), "there are `pi2`, `pi3`");
        assert_eq!(suggestion("toaster", []), "there are none");
    }
}
