//! Types out of who takes part where: argument positions that share an object have one type.

use super::traces::Traces;

/// The types of argument positions and objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    /// For each action the type of each argument.
    pub(super) of_action: Vec<Vec<usize>>,
    /// The type of each object, in the order of the traces' objects.
    pub(super) of_object: Vec<usize>,
    /// How many types there are.
    pub(super) count: usize,
    /// For each action the pairs of arguments of one type that never were the same object.
    pub(super) apart: Vec<Vec<(usize, usize)>>,
}

impl Kinds {
    pub(super) fn of(traces: &Traces) -> Self {
        let mut starts = vec![0];
        for (arity, _) in traces.actions.values() {
            starts.push(starts[starts.len() - 1] + arity);
        }
        let mut parent: Vec<usize> = (0..starts[starts.len() - 1]).collect();
        let mut seat: Vec<Option<usize>> = vec![None; traces.objects.len()];
        for (_, _, step) in traces.steps() {
            for (place, &object) in step.args.iter().enumerate() {
                let place = starts[step.action] + place;
                let first = *seat[object as usize].get_or_insert(place);
                let (a, b) = (root(&parent, first), root(&parent, place));
                parent[a.max(b)] = a.min(b);
            }
        }
        let mut numbers = vec![];
        let mut kind = |place: usize| {
            let root = root(&parent, place);
            numbers.iter().position(|&n| n == root).unwrap_or_else(|| {
                numbers.push(root);
                numbers.len() - 1
            })
        };
        let of_action: Vec<Vec<usize>> =
            starts.windows(2).map(|w| (w[0]..w[1]).map(&mut kind).collect()).collect();
        let of_object = seat.into_iter().map(|s| s.map_or(0, &mut kind)).collect();
        let count = numbers.len();
        let mut kinds = Self { of_action, of_object, count, apart: vec![] };
        kinds.apart = (0..traces.actions.len()).map(|action| kinds.pairs(traces, action)).collect();
        kinds
    }

    fn pairs(&self, traces: &Traces, action: usize) -> Vec<(usize, usize)> {
        let kinds = &self.of_action[action];
        let ever_same = |i: usize, j: usize| {
            traces.steps().any(|(_, _, s)| s.action == action && s.args[i] == s.args[j])
        };
        let pairs = (0..kinds.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        pairs.filter(|&(i, j)| kinds[i] == kinds[j] && !ever_same(i, j)).collect()
    }

    /// Every tuple of different argument positions of an action whose types are `wanted`.
    pub(super) fn tuples(&self, action: usize, wanted: &[usize]) -> Vec<Vec<usize>> {
        let kinds = &self.of_action[action];
        wanted.iter().fold(vec![vec![]], |rows: Vec<Vec<usize>>, &kind| {
            let mut longer = vec![];
            for row in rows {
                let fits = |i: &usize| kinds[*i] == kind && !row.contains(i);
                longer.extend((0..kinds.len()).filter(fits).map(|i| [&row[..], &[i]].concat()));
            }
            longer
        })
    }

    /// Every list of types of a length, ascending.
    pub(super) fn lists(&self, length: usize) -> Vec<Vec<usize>> {
        (0..length).fold(vec![vec![]], |lists: Vec<Vec<usize>>, _| {
            let mut next = vec![];
            for list in lists {
                let from = list.last().copied().unwrap_or(0);
                next.extend((from..self.count).map(|kind| [&list[..], &[kind]].concat()));
            }
            next
        })
    }
}

fn root(parent: &[usize], mut place: usize) -> usize {
    while parent[place] != place {
        place = parent[place];
    }
    place
}
