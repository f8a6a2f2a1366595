//! The objects that fit a variable.

use ergon_vocab::{ObjectId, Symbols, TypeId};

/// A list of types as it stands at a variable, an index into [`Extents`].
pub(crate) type ExtentId = u32;

/// The objects of each list of types, as a list and as a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extents {
    types: Vec<Box<[TypeId]>>,
    objects: Vec<Box<[u32]>>,
    fits: Vec<Box<[bool]>>,
}

impl Extents {
    /// The extent of a variable of these types.
    pub(crate) fn intern(&mut self, types: &[TypeId], symbols: &Symbols) -> ExtentId {
        if let Some(known) = self.types.iter().position(|t| **t == *types) {
            return known as ExtentId;
        }
        let objects = 0..symbols.objects.len() as u32;
        let fits: Box<[bool]> = objects.clone().map(|o| symbols.fits(ObjectId(o), types)).collect();
        self.types.push(types.into());
        self.objects.push(objects.filter(|&o| fits[o as usize]).collect());
        self.fits.push(fits);
        self.types.len() as ExtentId - 1
    }

    /// Its objects, ascending.
    pub(crate) fn objects(&self, extent: ExtentId) -> &[u32] {
        &self.objects[extent as usize]
    }

    /// Whether an object is one of them.
    pub(crate) fn fits(&self, extent: ExtentId, object: u32) -> bool {
        self.fits[extent as usize][object as usize]
    }
}
