//! A small stable hash over bits: FNV-1a, 64 bits (Fowler, Noll, Vo). It tells runs apart, it does not
//! guard against malice.

pub(crate) struct Digest(u64);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn float(&mut self, float: f64) {
        self.number(float.to_bits());
    }

    pub(crate) fn floats(&mut self, floats: &[f32]) {
        for float in floats {
            self.bytes(&float.to_bits().to_le_bytes());
        }
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0
    }
}
