//! One fixed hash, so that tables are the same in every run.

/// Mixes one word into a hash: multiply and fold, with the constants of Appleby's Murmur hash (2011).
#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    let h = (hash ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 32)
}

#[inline]
fn finish(hash: u64) -> u64 {
    hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ (hash >> 29)
}

/// Hash of a packed state.
#[inline]
pub(crate) fn hash_words(words: &[u64]) -> u64 {
    finish(words.iter().fold(0x9e37_79b9_7f4a_7c15, |h, &w| mix(h, w)))
}

/// Hash of ids.
#[inline]
pub(crate) fn hash_u32s(ids: &[u32]) -> u64 {
    finish(ids.iter().fold(0x9e37_79b9_7f4a_7c15, |h, &w| mix(h, u64::from(w))))
}
