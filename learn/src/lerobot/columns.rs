//! Frames as columns.

use std::sync::Arc;

use arrow_array::types::{Float32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, FixedSizeListArray,
    PrimitiveArray, StringArray, StructArray,
};
use arrow_schema::{ArrowError, Field};
use ergon_bench::trace::picture;
use ergon_vocab::Image;
use rayon::prelude::*;

use super::spec::{DatasetSpec, Frame, Kind, Value};
use super::stats::Stats;

/// One column of an episode; vectors lie one after another.
#[derive(Clone, Debug)]
pub(super) enum Column<'a> {
    Images(Vec<&'a Image>),
    Floats(usize, Vec<f32>),
    Ints(usize, Vec<i64>),
    Bools(usize, Vec<bool>),
}

/// Where an episode is in its data set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) episode: usize,
    /// Frames of all episodes before.
    pub(super) first: usize,
    pub(super) task: usize,
}

/// The columns of an episode in the order of [`DatasetSpec::columns`]. The frames must have passed
/// [`DatasetSpec::check_frame`].
pub(super) fn columns<'a>(
    spec: &DatasetSpec,
    place: Place,
    frames: &'a [Frame],
) -> Vec<Column<'a>> {
    let feature = |(i, kind)| Column::gather(kind, frames.iter().map(move |f| &f.values[i]));
    let mut columns: Vec<Column> =
        spec.features.iter().map(|feature| feature.kind).enumerate().map(feature).collect();
    let ints = |number: &dyn Fn(usize) -> usize| {
        Column::Ints(1, (0..frames.len()).map(|i| number(i) as i64).collect())
    };
    let time = |i: usize| (i as f64 / f64::from(spec.fps)) as f32;
    columns.extend([
        Column::Floats(1, (0..frames.len()).map(time).collect()),
        ints(&|i| i),
        ints(&|_| place.episode),
        ints(&|i| place.first + i),
        ints(&|_| place.task),
    ]);
    columns
}

impl<'a> Column<'a> {
    fn gather(kind: Kind, values: impl Iterator<Item = &'a Value>) -> Self {
        let mut column = match kind {
            Kind::Image { .. } => Self::Images(Vec::new()),
            Kind::Floats(n) => Self::Floats(n, Vec::new()),
            Kind::Ints(n) => Self::Ints(n, Vec::new()),
            Kind::Bools(n) => Self::Bools(n, Vec::new()),
        };
        for value in values {
            match (&mut column, value) {
                (Self::Images(all), Value::Image(one)) => all.push(one),
                (Self::Floats(_, all), Value::Floats(one)) => all.extend(one),
                (Self::Ints(_, all), Value::Ints(one)) => all.extend(one),
                (Self::Bools(_, all), Value::Bools(one)) => all.extend(one),
                _ => unreachable!("frames are checked before they are gathered"),
            }
        }
        column
    }

    /// As LeRobot stores it: pictures as PNG beside an empty path, single numbers as they are,
    /// vectors as lists of fixed size.
    pub(super) fn array(&self) -> Result<ArrayRef, String> {
        match self {
            Self::Images(images) => pictures(images),
            Self::Floats(n, all) => listed(*n, numbers::<Float32Type>(all)),
            Self::Ints(n, all) => listed(*n, numbers::<Int64Type>(all)),
            Self::Bools(n, all) => listed(*n, Arc::new(BooleanArray::from(all.clone()))),
        }
    }

    pub(super) fn stats(&self) -> Stats {
        let (n, all): (usize, Vec<f64>) = match self {
            Self::Images(images) => return Stats::of_images(images),
            Self::Floats(n, all) => (*n, all.iter().map(|&v| f64::from(v)).collect()),
            Self::Ints(n, all) => (*n, all.iter().map(|&v| v as f64).collect()),
            Self::Bools(n, all) => (*n, all.iter().map(|&v| f64::from(u8::from(v))).collect()),
        };
        Stats::of_vectors(n, &all)
    }
}

fn numbers<T: ArrowPrimitiveType>(all: &[T::Native]) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(all.iter().copied()))
}

fn listed(length: usize, all: ArrayRef) -> Result<ArrayRef, String> {
    if length == 1 {
        return Ok(all);
    }
    let length = i32::try_from(length).map_err(|e| e.to_string())?;
    let item = Arc::new(Field::new("item", all.data_type().clone(), true));
    let list = FixedSizeListArray::try_new(item, length, all, None);
    Ok(Arc::new(list.map_err(|e| e.to_string())?))
}

fn pictures(images: &[&Image]) -> Result<ArrayRef, String> {
    let pngs: Vec<Vec<u8>> =
        images.par_iter().map(|image| picture::encode(image)).collect::<Result<_, _>>()?;
    let bytes: ArrayRef = Arc::new(BinaryArray::from_iter_values(&pngs));
    let paths: ArrayRef = Arc::new(StringArray::new_null(images.len()));
    let picture = || -> Result<StructArray, ArrowError> {
        let field = |name, array: &ArrayRef| Field::new(name, array.data_type().clone(), true);
        let fields = vec![field("bytes", &bytes), field("path", &paths)];
        StructArray::try_new(fields.into(), vec![bytes.clone(), paths.clone()], None)
    };
    Ok(Arc::new(picture().map_err(|e| e.to_string())?))
}
