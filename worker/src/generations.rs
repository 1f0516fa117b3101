//! A map with a budget that forgets what was not used for longest.
//!
//! Entries live in two generations. What is used moves to the young one; when that has half of the budget, the old one
//! is forgotten and the young one takes its place. So an entry that is used goes on living, whatever else comes by, and
//! nothing has to be noted when it is found in the young generation, where most are.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// A map of entries that have weights.
#[derive(Debug)]
pub struct Generations<K, V, S> {
    young: HashMap<K, (V, usize), S>,
    old: HashMap<K, (V, usize), S>,
    /// The weight of the young generation.
    weight: usize,
    /// The most that one generation may weigh.
    half: usize,
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> Generations<K, V, S> {
    /// An empty map of entries that weigh up to `budget` together.
    pub fn new(budget: usize) -> Generations<K, V, S> {
        Generations { young: HashMap::default(), old: HashMap::default(), weight: 0, half: budget / 2 }
    }

    /// The entry, when it is in the young generation.
    pub fn young<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).map(|(value, _)| value)
    }

    /// The entry, which is in the young generation from now on.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if let Some((key, (value, weight))) = self.old.remove_entry(key) {
            self.insert(key, value, weight);
        }
        self.young(key)
    }

    /// Puts an entry in the place of any of the same key. One that weighs more than half of the budget is not kept.
    pub fn insert(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.half {
            return;
        }
        if self.weight + weight > self.half {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, (value, weight));
    }

    /// Forgets an entry.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        if let Some((_, weight)) = self.young.remove(key) {
            self.weight -= weight;
        }
        self.old.remove(key);
    }

    /// Forgets the entries that `stays` says no to.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &V) -> bool) {
        self.old.retain(|key, (value, _)| stays(key, value));
        self.young.retain(|key, (value, _)| stays(key, value));
        self.weight = self.young.values().map(|(_, weight)| weight).sum();
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    fn map() -> Generations<u32, u32, RandomState> {
        Generations::new(20)
    }

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut map = map();
        for key in 0..1000 {
            map.insert(key, key, 1);
            assert_eq!(map.get(&0).copied(), Some(0), "used between any two");
            assert!(map.len() <= 20);
        }
        assert_eq!((map.get(&999).copied(), map.get(&500).copied()), (Some(999), None));
    }

    #[test]
    fn weights_count_and_not_numbers() {
        let mut map = map();
        map.insert(1, 1, 11);
        assert!(map.is_empty(), "more than half of the budget");
        map.insert(1, 1, 6);
        map.insert(2, 2, 6);
        map.insert(3, 3, 6);
        assert_eq!((map.get(&1).copied(), map.get(&2).copied(), map.get(&3).copied()), (None, Some(2), Some(3)));
        map.insert(3, 4, 1);
        assert_eq!((map.get(&3).copied(), map.len()), (Some(4), 2), "in the place of the other");
    }

    #[test]
    fn what_does_not_stay_weighs_nothing() {
        let mut map = map();
        for key in 0..15 {
            map.insert(key, key, 1);
        }
        map.retain(|key, _| *key == 3 || *key == 14);
        assert_eq!((map.len(), map.weight), (2, 1));
    }
}
