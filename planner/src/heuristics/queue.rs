//! The queue of relaxed exploration.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::relaxation::Proposition;

/// Costs below this have a bucket each; those from here on share a heap.
const NEAR: u32 = 1 << 13;

/// Propositions to be looked at, in order of cost: buckets (Dial 1969) for small costs, a heap beyond.
#[derive(Clone, Debug, Default)]
pub(super) struct CostQueue {
    buckets: Vec<Vec<Proposition>>,
    at: usize,
    /// Buckets from here on are empty.
    end: usize,
    far: BinaryHeap<Reverse<(u32, Proposition)>>,
}

impl CostQueue {
    pub(super) fn clear(&mut self) {
        self.buckets[..self.end].iter_mut().for_each(Vec::clear);
        (self.at, self.end) = (0, 0);
        self.far.clear();
    }

    #[inline]
    pub(super) fn push(&mut self, cost: u32, proposition: Proposition) {
        if cost >= NEAR {
            self.far.push(Reverse((cost, proposition)));
            return;
        }
        let cost = cost as usize;
        if self.buckets.len() <= cost {
            self.buckets.resize_with(cost + 1, Vec::new);
        }
        self.buckets[cost].push(proposition);
        self.at = self.at.min(cost);
        self.end = self.end.max(cost + 1);
    }

    /// Lowers the cost of a proposition, if it is higher. Whether it was.
    #[inline]
    pub(super) fn lower(&mut self, costs: &mut [u32], proposition: Proposition, cost: u32) -> bool {
        let known = &mut costs[proposition as usize];
        let lower = cost < *known;
        if lower {
            *known = cost;
            self.push(cost, proposition);
        }
        lower
    }

    /// A cheapest entry with the cost it was pushed with.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u32, Proposition)> {
        while self.at < self.end {
            if let Some(proposition) = self.buckets[self.at].pop() {
                return Some((self.at as u32, proposition));
            }
            self.at += 1;
        }
        self.far.pop().map(|Reverse(entry)| entry)
    }
}
