//! Facts found reachable, stored by predicate with an index on every argument position.

use ergon_vocab::{Atom, ObjectId, PredicateId, State};
use hashbrown::HashTable;

use crate::hash::hash_u32s;

/// A fact, an index into [`Facts`] in the order of discovery.
pub(super) type FactId = u32;

/// The facts of one predicate.
#[derive(Clone, Debug)]
struct Relation {
    arity: usize,
    /// Arguments of all facts, `arity` a fact.
    args: Vec<u32>,
    /// The fact of each row.
    ids: Vec<FactId>,
    by_args: HashTable<u32>,
    /// Rows that joins may see, in ascending order: facts are indexed when they are processed.
    visible: Vec<u32>,
    /// For each position and object, the visible rows with that object there.
    by_position: Vec<Vec<Vec<u32>>>,
}

impl Relation {
    fn row(&self, row: u32) -> &[u32] {
        &self.args[row as usize * self.arity..][..self.arity]
    }

    fn find(&self, args: &[u32]) -> Option<u32> {
        self.by_args.find(hash_u32s(args), |&row| self.row(row) == args).copied()
    }
}

/// All facts of a grounding.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    relations: Vec<Relation>,
    /// Predicate and row of each fact.
    places: Vec<(u32, u32)>,
    /// Predicates of the domain; the others stand for applicable schemas.
    named: usize,
    objects: usize,
    /// Words held by the lists of the relations, counted when they are full.
    listed: usize,
}

impl Facts {
    /// No facts, of predicates with these arities, over so many objects. Only the first `named`
    /// predicates are those of the domain.
    pub(super) fn new(arities: &[usize], named: usize, objects: usize) -> Self {
        let relation = |&arity: &usize| Relation {
            arity,
            args: vec![],
            ids: vec![],
            by_args: HashTable::new(),
            visible: vec![],
            by_position: vec![vec![]; arity],
        };
        let relations = arities.iter().map(relation).collect();
        Self { relations, places: vec![], named, objects, listed: 0 }
    }

    /// Number of facts.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Number of objects.
    pub(super) fn objects(&self) -> usize {
        self.objects
    }

    /// Adds the facts of a state. Atoms with an unknown predicate or object or a wrong number of
    /// arguments are left out, for no action can speak of them, and so are those of predicates that
    /// are not `wanted`.
    pub(super) fn insert_state(&mut self, state: &State, wanted: impl Fn(usize) -> bool) {
        let mut args = vec![];
        for atom in state {
            if self.well_formed(atom) && wanted(atom.predicate.index()) {
                args.clear();
                args.extend(atom.args.iter().map(|o| o.0));
                self.insert(atom.predicate.0, &args);
            }
        }
    }

    /// Memory held, bytes, from above.
    pub(super) fn bytes(&self) -> u64 {
        // Vectors and tables may be twice as large as what is in them.
        (self.listed * 2 * size_of::<u32>() + self.places.len() * 4 * size_of::<u64>()) as u64
    }

    /// Whether an action can speak of the atom at all.
    pub(super) fn well_formed(&self, atom: &Atom) -> bool {
        self.knows(atom.predicate, atom.args.len())
            && atom.args.iter().all(|o| o.index() < self.objects)
    }

    /// Whether there is such a predicate with so many arguments.
    pub(super) fn knows(&self, predicate: PredicateId, arity: usize) -> bool {
        predicate.index() < self.named
            && self.relations.get(predicate.index()).is_some_and(|r| r.arity == arity)
    }

    /// Adds a fact unless it is there; it stays hidden from joins until [`Facts::reveal`].
    pub(super) fn insert(&mut self, predicate: u32, args: &[u32]) {
        let relation = &mut self.relations[predicate as usize];
        if relation.find(args).is_some() {
            return;
        }
        let row = relation.ids.len() as u32;
        self.listed += relation.arity;
        relation.args.extend_from_slice(args);
        relation.ids.push(self.places.len() as FactId);
        self.places.push((predicate, row));
        let (rows, arity) = (&relation.args, relation.arity);
        let rehash = |&row: &u32| hash_u32s(&rows[row as usize * arity..][..arity]);
        relation.by_args.insert_unique(hash_u32s(args), row, rehash);
    }

    /// Makes a fact visible to joins. Facts are revealed in the order of their ids.
    pub(super) fn reveal(&mut self, fact: FactId) {
        let (predicate, row) = self.places[fact as usize];
        let relation = &mut self.relations[predicate as usize];
        relation.visible.push(row);
        self.listed += 1 + relation.arity;
        for position in 0..relation.arity {
            let object = relation.args[row as usize * relation.arity + position] as usize;
            let lists = &mut relation.by_position[position];
            if lists.len() <= object {
                let more = object + 1 - lists.len();
                self.listed += more * size_of::<Vec<u32>>() / size_of::<u32>();
                lists.resize_with(object + 1, Vec::new);
            }
            lists[object].push(row);
        }
    }

    /// The same facts, none of them visible.
    pub(super) fn hidden(mut self) -> Self {
        for relation in &mut self.relations {
            relation.visible.clear();
            relation.by_position.iter_mut().flatten().for_each(Vec::clear);
        }
        self
    }

    /// Predicate and arguments of a fact.
    pub(super) fn get(&self, fact: FactId) -> (u32, &[u32]) {
        let (predicate, row) = self.places[fact as usize];
        (predicate, self.relations[predicate as usize].row(row))
    }

    /// The fact with these arguments, revealed or not.
    pub(super) fn find(&self, predicate: u32, args: &[u32]) -> Option<FactId> {
        let relation = &self.relations[predicate as usize];
        relation.find(args).map(|row| relation.ids[row as usize])
    }

    /// The fact with these arguments, if it has been revealed.
    pub(super) fn find_visible(&self, predicate: u32, args: &[u32]) -> Option<FactId> {
        let relation = &self.relations[predicate as usize];
        let row = relation.find(args)?;
        // Rows are revealed in order, so the last visible one tells about all.
        let visible = relation.visible.last().is_some_and(|&last| row <= last);
        visible.then(|| relation.ids[row as usize])
    }

    /// The fact of an atom.
    pub(super) fn find_atom(&self, atom: &Atom) -> Option<FactId> {
        let args: Vec<u32> = atom.args.iter().map(|o| o.0).collect();
        if self.well_formed(atom) { self.find(atom.predicate.0, &args) } else { None }
    }

    /// Arguments and fact of a row of a predicate.
    pub(super) fn row(&self, predicate: u32, row: u32) -> (&[u32], FactId) {
        let relation = &self.relations[predicate as usize];
        (relation.row(row), relation.ids[row as usize])
    }

    /// The shortest list of visible rows of a predicate that agree with what is bound.
    pub(super) fn candidates(
        &self,
        predicate: u32,
        bound: impl Iterator<Item = Option<u32>>,
    ) -> &[u32] {
        let relation = &self.relations[predicate as usize];
        let mut best: &[u32] = &relation.visible;
        for (lists, object) in relation.by_position.iter().zip(bound) {
            if let Some(object) = object {
                let rows = lists.get(object as usize).map_or(&[][..], Vec::as_slice);
                if rows.len() < best.len() {
                    best = rows;
                }
            }
        }
        best
    }

    /// A fact as an atom.
    pub(super) fn atom(&self, fact: FactId) -> Atom {
        let (predicate, args) = self.get(fact);
        let args = args.iter().map(|&o| ObjectId(o)).collect();
        Atom { predicate: PredicateId(predicate), args }
    }
}
