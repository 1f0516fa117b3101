//! What depends on what, by symbols, in depmod's order.

use std::collections::{BTreeMap, BTreeSet};

/// For each module everything that it needs, directly or not, as indices. `needed` gives each module's symbols, `owners`
/// the module that exports a symbol; what none exports is the kernel's own.
///
/// The order in each list is that of depmod's topological sort, which goes from the modules that nothing needs down: the
/// last of a list must be loaded first. The error gives the modules that need each other in a circle.
pub(super) fn depends<'a>(
    needed: impl ExactSizeIterator<Item = &'a [String]>,
    owners: &BTreeMap<String, usize>,
) -> Result<Vec<Vec<usize>>, Vec<usize>> {
    let mut users = vec![0_usize; needed.len()];
    let mut direct: Vec<Vec<usize>> = Vec::with_capacity(needed.len());
    for symbols in needed {
        let mut depends = Vec::new();
        for &owner in symbols.iter().filter_map(|symbol| owners.get(symbol)) {
            if !depends.contains(&owner) {
                depends.push(owner);
                users[owner] += 1;
            }
        }
        direct.push(depends);
    }
    let sorted = sort(&direct, users)?;
    let mut place = vec![0; sorted.len()];
    for (at, &index) in sorted.iter().enumerate() {
        place[index] = at;
    }
    // From the bottom up, so that what a module needs is known before the module is looked at.
    let mut all: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); sorted.len()];
    for &index in sorted.iter().rev() {
        let mut places = BTreeSet::new();
        for &depend in &direct[index] {
            places.insert(place[depend]);
            places.extend(&all[depend]);
        }
        all[index] = places;
    }
    Ok(all.into_iter().map(|places| places.into_iter().map(|at| sorted[at]).collect()).collect())
}

/// The modules from those that nothing needs down. `users` says how many need each directly.
fn sort(direct: &[Vec<usize>], mut users: Vec<usize>) -> Result<Vec<usize>, Vec<usize>> {
    // A stack, not a queue: depmod's order, and with it the order in every line of modules.dep, rests on it.
    let mut roots: Vec<usize> = (0..users.len()).filter(|&index| users[index] == 0).collect();
    let mut sorted = Vec::with_capacity(users.len());
    while let Some(root) = roots.pop() {
        sorted.push(root);
        for &depend in &direct[root] {
            users[depend] -= 1;
            if users[depend] == 0 {
                roots.push(depend);
            }
        }
    }
    if sorted.len() < users.len() {
        return Err((0..users.len()).filter(|&index| users[index] > 0).collect());
    }
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depends_on(needed: &[&[&str]], owners: &[(&str, usize)]) -> Result<Vec<Vec<usize>>, Vec<usize>> {
        let needed: Vec<Vec<String>> =
            needed.iter().map(|symbols| symbols.iter().map(|&symbol| symbol.to_owned()).collect()).collect();
        let owners = owners.iter().map(|&(symbol, owner)| (symbol.to_owned(), owner)).collect();
        depends(needed.iter().map(Vec::as_slice), &owners)
    }

    #[test]
    fn the_last_of_a_list_loads_first() {
        let owners = [("b", 1), ("c", 2), ("c2", 2)];
        assert_eq!(
            depends_on(&[&["c", "b", "printk"], &["c", "c2"], &[]], &owners),
            Ok(vec![vec![1, 2], vec![2], vec![]])
        );
    }

    #[test]
    fn circles_are_found() {
        assert_eq!(depends_on(&[&["b"], &["a"], &["a"]], &[("a", 0), ("b", 1)]), Err(vec![0, 1]));
    }
}
