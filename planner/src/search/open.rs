//! Open lists.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
};

use crate::chance::Chance;

/// Keys below this have a bucket each; those from here on share a heap.
const NEAR: u32 = 1 << 12;

/// An entry of the heap: f, h, age, id; the best is the greatest.
type Far = (Reverse<u32>, Reverse<u32>, u32, u32);

/// A queue of ids ordered by the smallest f, then the smallest h, then the latest push. Buckets in
/// two levels where keys are small (Burns et al. 2012, "Implementing fast heuristic search code"), a
/// heap beyond.
#[derive(Clone, Debug, Default)]
pub(super) struct BucketQueue {
    /// `buckets[f][h]`.
    buckets: Vec<Vec<Vec<u32>>>,
    /// No entry of the buckets has a smaller f.
    lowest: usize,
    far: BinaryHeap<Far>,
    pushed: u32,
    len: usize,
    peak: usize,
}

impl BucketQueue {
    #[inline]
    pub(super) fn push(&mut self, f: u32, h: u32, id: u32) {
        self.len += 1;
        self.peak = self.peak.max(self.len);
        if f >= NEAR || h >= NEAR {
            self.pushed = self.pushed.wrapping_add(1);
            self.far.push((Reverse(f), Reverse(h), self.pushed, id));
            return;
        }
        let (f, h) = (f as usize, h as usize);
        if self.buckets.len() <= f {
            self.buckets.resize_with(f + 1, Vec::new);
        }
        let row = &mut self.buckets[f];
        if row.len() <= h {
            row.resize_with(h + 1, Vec::new);
        }
        row[h].push(id);
        self.lowest = self.lowest.min(f);
    }

    /// The best entry and the f under which it was pushed.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u32, u32)> {
        while self.lowest < self.buckets.len() {
            let lowest = self.lowest as u32;
            // A heuristic above NEAR may stand at a small f only if weights differ; look there too.
            if self.far.peek().is_some_and(|&(Reverse(f), ..)| f < lowest) {
                break;
            }
            if let Some(id) = self.buckets[self.lowest].iter_mut().find_map(Vec::pop) {
                self.len -= 1;
                return Some((lowest, id));
            }
            // Nothing with a smaller f comes back unless a state is reopened, so its room is freed.
            self.buckets[self.lowest] = Vec::new();
            self.lowest += 1;
        }
        let (Reverse(f), _, _, id) = self.far.pop()?;
        self.len -= 1;
        Some((f, id))
    }

    /// Memory held, bytes, by an estimate: doubling leaves a third of the room unused.
    pub(super) fn bytes(&self) -> usize {
        self.peak * 6
            + self.buckets.len() * size_of::<Vec<Vec<u32>>>()
            + self.far.capacity() * size_of::<Far>()
    }
}

/// A queue of entries ordered by the smallest key, then the earliest push.
#[derive(Clone, Debug)]
pub(super) struct FifoQueue<T> {
    buckets: Vec<VecDeque<T>>,
    lowest: usize,
    far: BinaryHeap<FarEntry<T>>,
    pushed: u64,
    len: usize,
    peak: usize,
}

#[derive(Clone, Debug)]
struct FarEntry<T> {
    key: u32,
    age: u64,
    entry: T,
}

impl<T> PartialEq for FarEntry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for FarEntry<T> {}

impl<T> PartialOrd for FarEntry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for FarEntry<T> {
    /// The greatest is the best.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.key, other.age).cmp(&(self.key, self.age))
    }
}

impl<T> Default for FifoQueue<T> {
    fn default() -> Self {
        Self { buckets: vec![], lowest: 0, far: BinaryHeap::new(), pushed: 0, len: 0, peak: 0 }
    }
}

impl<T> FifoQueue<T> {
    #[inline]
    pub(super) fn push(&mut self, key: u32, entry: T) {
        self.len += 1;
        self.peak = self.peak.max(self.len);
        if key >= NEAR {
            self.pushed += 1;
            self.far.push(FarEntry { key, age: self.pushed, entry });
            return;
        }
        let key = key as usize;
        if self.buckets.len() <= key {
            self.buckets.resize_with(key + 1, VecDeque::new);
        }
        self.buckets[key].push_back(entry);
        self.lowest = self.lowest.min(key);
    }

    /// The best entry.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        while let Some(bucket) = self.buckets.get_mut(self.lowest) {
            if let Some(entry) = bucket.pop_front() {
                self.len -= 1;
                return Some(entry);
            }
            self.lowest += 1;
        }
        let entry = self.far.pop()?.entry;
        self.len -= 1;
        Some(entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Memory held, bytes, by an estimate.
    pub(super) fn bytes(&self) -> usize {
        self.peak * size_of::<T>() * 3 / 2 + self.far.capacity() * size_of::<FarEntry<T>>()
    }
}

/// Entries by their type, out of which any type is drawn, and any entry of it (Xie, Müller, Holte &
/// Imai 2014, "Type-based exploration with multiple search queues for satisficing planning").
#[derive(Clone, Debug)]
pub(super) struct TypeQueue<T> {
    /// No list is empty.
    lists: Vec<((u32, u32), Vec<T>)>,
    place: BTreeMap<(u32, u32), usize>,
    len: usize,
    peak: usize,
}

impl<T> Default for TypeQueue<T> {
    fn default() -> Self {
        Self { lists: vec![], place: BTreeMap::new(), len: 0, peak: 0 }
    }
}

impl<T> TypeQueue<T> {
    pub(super) fn push(&mut self, kind: (u32, u32), entry: T) {
        self.len += 1;
        self.peak = self.peak.max(self.len);
        let place = *self.place.entry(kind).or_insert(self.lists.len());
        if place == self.lists.len() {
            self.lists.push((kind, vec![]));
        }
        self.lists[place].1.push(entry);
    }

    pub(super) fn pop(&mut self, chance: &mut Chance) -> Option<T> {
        if self.lists.is_empty() {
            return None;
        }
        self.len -= 1;
        let place = chance.below(self.lists.len());
        let entries = &mut self.lists[place].1;
        let entry = entries.swap_remove(chance.below(entries.len()));
        if entries.is_empty() {
            let (kind, _) = self.lists.swap_remove(place);
            self.place.remove(&kind);
            if let Some((moved, _)) = self.lists.get(place) {
                self.place.insert(*moved, place);
            }
        }
        Some(entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Memory held, bytes, by an estimate.
    pub(super) fn bytes(&self) -> usize {
        self.peak * size_of::<T>() * 3 / 2 + self.lists.len() * 128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_type_queue_comes_out_once() {
        let (mut queue, mut chance) = (TypeQueue::default(), Chance::new(7));
        let mut out = vec![];
        for entry in 0..500u32 {
            queue.push((entry % 5, entry % 7), entry);
            if entry % 3 == 0 {
                out.extend(queue.pop(&mut chance));
            }
        }
        out.extend(std::iter::from_fn(|| queue.pop(&mut chance)));
        assert!(queue.is_empty() && !out.is_sorted());
        out.sort_unstable();
        assert_eq!(out, (0..500).collect::<Vec<_>>());
    }
}
