//! The open list of A*: buckets by f, then h.

/// A queue of ids ordered by the smallest f, then the smallest h, then the latest push. Dense small
/// costs are assumed: memory grows with the largest f and h.
#[derive(Clone, Debug, Default)]
pub(super) struct BucketQueue {
    /// `buckets[f][h]`.
    buckets: Vec<Vec<Vec<u32>>>,
    /// No entry has a smaller f.
    lowest: usize,
    len: usize,
    peak: usize,
}

impl BucketQueue {
    pub(super) fn push(&mut self, f: u32, h: u32, id: u32) {
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
        self.len += 1;
        self.peak = self.peak.max(self.len);
    }

    /// The best entry and the f under which it was pushed.
    pub(super) fn pop(&mut self) -> Option<(u32, u32)> {
        while self.lowest < self.buckets.len() {
            if let Some(id) = self.buckets[self.lowest].iter_mut().find_map(Vec::pop) {
                self.len -= 1;
                return Some((self.lowest as u32, id));
            }
            // Nothing with a smaller f comes back unless a state is reopened, so its room is freed.
            self.buckets[self.lowest] = Vec::new();
            self.lowest += 1;
        }
        None
    }

    /// Memory held, bytes, by an estimate: doubling leaves a third of the room unused.
    pub(super) fn bytes(&self) -> usize {
        self.peak * 6 + self.buckets.len() * size_of::<Vec<Vec<u32>>>()
    }
}
