//! What a network is asked, for those who want to know what it is used on.

use std::sync::{Arc, Mutex, PoisonError};

/// Keeps inputs of a network as they occur. A clone keeps them in the same place.
#[derive(Clone, Debug)]
pub struct Tap(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    every: usize,
    most: usize,
    runs: usize,
    inputs: Vec<Vec<Vec<f32>>>,
}

impl Tap {
    /// Keeps the inputs of every so-manieth run, and at most so many.
    pub fn new(every: usize, most: usize) -> Self {
        let kept = Kept { every: every.max(1), most, runs: 0, inputs: Vec::new() };
        Self(Arc::new(Mutex::new(kept)))
    }

    pub(crate) fn note(&self, inputs: &[&[f32]]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.runs.is_multiple_of(kept.every) && kept.inputs.len() < kept.most {
            kept.inputs.push(inputs.iter().map(|input| input.to_vec()).collect());
        }
        kept.runs += 1;
    }

    /// The inputs that were kept, each as [`crate::Model::run`] takes them. The tap is empty afterwards.
    pub fn take(&self) -> Vec<Vec<Vec<f32>>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).inputs)
    }
}
