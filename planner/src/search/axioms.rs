//! Derived atoms: what the axioms make of a state.
//!
//! Layers of a stratified program are evaluated one after the other, each to its least fixed point
//! by counting what a rule still waits for (Dowling & Gallier 1984).

use super::packing::{Packing, Test};
use crate::ground::{AtomId, ComparisonId, GroundAxiom, GroundTask};

#[derive(Clone, Debug)]
struct Rule {
    head: Test,
    /// Position of the head among the derived atoms.
    derived: u32,
    /// Range in `pass`: tests on basic atoms and on lower layers.
    pass: (u32, u32),
    /// Range in `fail`.
    fail: (u32, u32),
    compares: Box<[ComparisonId]>,
    /// Derived atoms of the same layer that it waits for.
    waits: u32,
}

/// Evaluates axioms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Axioms {
    rules: Vec<Rule>,
    /// Range of the rules of each layer.
    layers: Vec<(u32, u32)>,
    pass: Vec<Test>,
    fail: Vec<Test>,
    /// Rules that wait for each derived atom in its own layer.
    waiting: Vec<Vec<u32>>,
    /// Words that hold derived atoms.
    words: std::ops::Range<usize>,
    /// For each layer, the bits of its derived atoms and of all layers above.
    clear: Vec<Vec<u64>>,
}

/// Buffers of an evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) struct AxiomScratch {
    /// What each rule of the layer still waits for; `u32::MAX` if it need not fire.
    missing: Vec<u32>,
    /// Derived atoms that rules of the layer are to hear of.
    queue: Vec<u32>,
}

impl Axioms {
    pub(crate) fn new(task: &GroundTask, packing: &Packing) -> Self {
        let mut axioms = Self {
            waiting: vec![vec![]; task.atoms.len() - task.basic],
            words: packing.key_words..packing.words,
            ..Self::default()
        };
        let layer_of = |atom: AtomId| task.layers[atom as usize - task.basic];
        let count = task.layers.last().map_or(0, |&last| last + 1);
        let mut at = 0;
        for layer in 0..count {
            let first = axioms.rules.len() as u32;
            while let Some(axiom) = task.axioms.get(at).filter(|a| layer_of(a.head) == layer) {
                axioms.add(axiom, task, packing, layer);
                at += 1;
            }
            axioms.layers.push((first, axioms.rules.len() as u32));
            let mut clear = vec![0; axioms.words.len()];
            for atom in (task.basic..task.atoms.len()).filter(|&a| layer_of(a as AtomId) >= layer) {
                let test = packing.test(atom as AtomId);
                clear[test.word as usize - axioms.words.start] |= test.mask;
            }
            axioms.clear.push(clear);
        }
        axioms
    }

    fn add(&mut self, axiom: &GroundAxiom, task: &GroundTask, packing: &Packing, layer: u32) {
        let same_layer = |atom: AtomId| {
            atom as usize >= task.basic && task.layers[atom as usize - task.basic] == layer
        };
        let (waits, holds): (Vec<AtomId>, Vec<AtomId>) =
            axiom.holds.iter().partition(|&&a| same_layer(a));
        let (pass, fail) = packing.conjunction(&holds, &axiom.lacks);
        let rule = self.rules.len() as u32;
        for &atom in &waits {
            self.waiting[atom as usize - task.basic].push(rule);
        }
        let pass_at = self.pass.len() as u32;
        self.pass.extend(pass);
        let fail_at = self.fail.len() as u32;
        self.fail.extend(fail);
        self.rules.push(Rule {
            head: packing.test(axiom.head),
            derived: axiom.head - task.basic as u32,
            pass: (pass_at, self.pass.len() as u32),
            fail: (fail_at, self.fail.len() as u32),
            compares: axiom.compares.clone(),
            waits: waits.len() as u32,
        });
    }

    /// Number of layers.
    pub(crate) fn layers(&self) -> u32 {
        self.layers.len() as u32
    }

    /// Computes the derived atoms of a state anew from a layer on. `compare` answers numeric
    /// conditions.
    pub(crate) fn derive(
        &self,
        state: &mut [u64],
        from: u32,
        scratch: &mut AxiomScratch,
        compare: impl Fn(ComparisonId, &[u64]) -> bool,
    ) {
        let Some(clear) = self.clear.get(from as usize) else { return };
        state[self.words.clone()].iter_mut().zip(clear).for_each(|(word, mask)| *word &= !mask);
        for &(first, end) in &self.layers[from as usize..] {
            scratch.missing.clear();
            for r in first..end {
                let rule = &self.rules[r as usize];
                let open = !rule.head.holds(state) && self.is_met(rule, state, &compare);
                // A rule whose head holds, or whose other conditions fail, need not fire.
                scratch.missing.push(if open { rule.waits } else { u32::MAX });
                if open && rule.waits == 0 {
                    state[rule.head.word as usize] |= rule.head.value;
                    scratch.queue.push(rule.derived);
                }
            }
            while let Some(derived) = scratch.queue.pop() {
                self.wake(derived, first, state, scratch);
            }
        }
    }

    /// Whether the conditions of a rule on atoms that are known hold.
    fn is_met(
        &self,
        rule: &Rule,
        state: &[u64],
        compare: impl Fn(ComparisonId, &[u64]) -> bool,
    ) -> bool {
        self.pass[rule.pass.0 as usize..rule.pass.1 as usize].iter().all(|t| t.holds(state))
            && !self.fail[rule.fail.0 as usize..rule.fail.1 as usize].iter().any(|t| t.holds(state))
            && rule.compares.iter().all(|&c| compare(c, state))
    }

    /// A derived atom holds: rules of its layer wait for one less.
    fn wake(&self, derived: u32, first: u32, state: &mut [u64], scratch: &mut AxiomScratch) {
        for &next in &self.waiting[derived as usize] {
            let missing = &mut scratch.missing[(next - first) as usize];
            if *missing == u32::MAX {
                continue;
            }
            *missing -= 1;
            let rule = &self.rules[next as usize];
            if *missing == 0 && !rule.head.holds(state) {
                state[rule.head.word as usize] |= rule.head.value;
                scratch.queue.push(rule.derived);
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.rules) + size_of_val(&*self.pass) + size_of_val(&*self.fail)
    }
}

/// The first layer that each basic atom has a part in, `u32::MAX` for none; numeric conditions of
/// axioms count as well, in the second list, by comparison.
pub(crate) fn first_layers(task: &GroundTask) -> (Vec<u32>, Vec<u32>) {
    let mut by_atom = vec![u32::MAX; task.basic];
    let mut by_comparison = vec![u32::MAX; task.comparisons.len()];
    for axiom in &task.axioms {
        let layer = task.layers[axiom.head as usize - task.basic];
        for &atom in axiom.holds.iter().chain(&axiom.lacks) {
            if let Some(first) = by_atom.get_mut(atom as usize) {
                *first = layer.min(*first);
            }
        }
        for &comparison in &axiom.compares {
            let first = &mut by_comparison[comparison as usize];
            *first = layer.min(*first);
        }
    }
    (by_atom, by_comparison)
}
