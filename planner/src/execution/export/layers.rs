//! Layered drawing of an acyclic graph (Sugiyama, Tagawa & Toda 1981, "Methods for visual
//! understanding of hierarchical system structures"): nodes stand in rows, an edge that passes a row
//! gets a slot of its own there, slots are sorted by the mean place of their neighbours.

/// Passes over the rows that sort the slots and pull them towards their neighbours.
const SWEEPS: usize = 12;

/// With more slots than this, edges get none in the rows that they pass, and run straight.
const MOST_SLOTS: usize = 200_000;

/// A place in a row: of a node, or of an edge that passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) row: usize,
    /// Middle of the slot, px from the left of the drawing area.
    pub(super) x: f64,
    /// Room that it takes in the row, px.
    width: f64,
}

/// Where everything goes.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) slots: Vec<Slot>,
    /// For each edge, the slots from its source to its target.
    pub(super) routes: Vec<Vec<usize>>,
    /// Width of the drawing area, px.
    pub(super) width: f64,
}

/// Lays a graph out. `rows` are the nodes of each row; edges lead to a later row. `widths` is the room
/// that each node takes in its row, `passage` that of an edge that passes, px. The first slots are
/// those of the nodes, in order.
pub(super) fn lay_out(
    rows: &[Vec<usize>],
    edges: &[(usize, usize)],
    widths: &[f64],
    passage: f64,
) -> Layout {
    let mut slots: Vec<Slot> = widths.iter().map(|&width| Slot { row: 0, x: 0.0, width }).collect();
    for (row, members) in rows.iter().enumerate() {
        members.iter().for_each(|&node| slots[node].row = row);
    }
    let mut lines = rows.to_vec();
    let mut routes = vec![];
    for &(from, to) in edges {
        let mut route = vec![from];
        let passed = slots[from].row + 1..slots[to].row;
        if slots.len() + passed.len() <= MOST_SLOTS {
            for (row, line) in passed.clone().zip(&mut lines[passed]) {
                route.push(slots.len());
                line.push(slots.len());
                slots.push(Slot { row, x: 0.0, width: passage });
            }
        }
        route.push(to);
        routes.push(route);
    }
    let neighbours = neighbours(slots.len(), &routes);
    let mut layout = Layout { slots, routes, width: 0.0 };
    lines.iter().for_each(|line| layout.spread(line));
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        for i in 0..lines.len() {
            let row = if forward { i } else { lines.len() - 1 - i };
            layout.pull(&mut lines[row], &neighbours[usize::from(!forward)]);
        }
    }
    layout.fit();
    layout
}

/// Neighbours of each slot in the rows before and after it.
fn neighbours(slots: usize, routes: &[Vec<usize>]) -> [Vec<Vec<usize>>; 2] {
    let mut sides = [vec![vec![]; slots], vec![vec![]; slots]];
    for pair in routes.iter().flat_map(|route| route.windows(2)) {
        sides[0][pair[1]].push(pair[0]);
        sides[1][pair[0]].push(pair[1]);
    }
    sides
}

impl Layout {
    /// Puts the slots of a row side by side around 0.
    fn spread(&mut self, line: &[usize]) {
        let total: f64 = line.iter().map(|&s| self.slots[s].width).sum();
        let mut x = -total / 2.0;
        for &s in line {
            let slot = &mut self.slots[s];
            slot.x = x + slot.width / 2.0;
            x += slot.width;
        }
    }

    /// Moves the slots of a row towards the mean of their neighbours on one side, as far as they do
    /// not overlap.
    fn pull(&mut self, line: &mut [usize], neighbours: &[Vec<usize>]) {
        for &slot in line.iter() {
            let near = &neighbours[slot];
            if !near.is_empty() {
                let sum: f64 = near.iter().map(|&n| self.slots[n].x).sum();
                self.slots[slot].x = sum / near.len() as f64;
            }
        }
        line.sort_by(|&a, &b| self.slots[a].x.total_cmp(&self.slots[b].x).then(a.cmp(&b)));
        let wished: f64 = line.iter().map(|&s| self.slots[s].x).sum();
        let mut border = f64::NEG_INFINITY;
        for &s in line.iter() {
            let slot = &mut self.slots[s];
            slot.x = slot.x.max(border + slot.width / 2.0);
            border = slot.x + slot.width / 2.0;
        }
        // Those in each other's way have been pushed to the right: the row moves back as a whole.
        let placed: f64 = line.iter().map(|&s| self.slots[s].x).sum();
        let shift = (placed - wished) / line.len().max(1) as f64;
        line.iter().for_each(|&s| self.slots[s].x -= shift);
    }

    /// Moves the drawing to begin at 0.
    fn fit(&mut self) {
        let left = self.slots.iter().map(|s| s.x - s.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = self.slots.iter().map(|s| s.x + s.width / 2.0).fold(0.0, f64::max);
        if !self.slots.is_empty() {
            self.width = right - left;
            self.slots.iter_mut().for_each(|slot| slot.x -= left);
        }
    }
}
