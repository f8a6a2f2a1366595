//! CDR, the wire format of ROS 2 messages: little endian, aligned as XCDR version 1 (OMG DDS-XTypes
//! 1.3, 7.4.1). A number of n bytes starts at a multiple of n, counted from the end of the four
//! bytes of encapsulation header. A string is its length with its final NUL, then its bytes. A
//! sequence is its length, then its elements.

/// Plain CDR, little endian, no options.
const ENCAPSULATION: [u8; 4] = [0, 1, 0, 0];

/// Writes one message.
#[derive(Clone, Debug)]
pub(super) struct CdrWriter(Vec<u8>);

impl CdrWriter {
    pub(super) fn new() -> Self {
        Self(ENCAPSULATION.to_vec())
    }

    fn align(&mut self, to: usize) {
        let used = self.0.len() - ENCAPSULATION.len();
        self.0.resize(ENCAPSULATION.len() + used.next_multiple_of(to), 0);
    }

    pub(super) fn i32(&mut self, number: i32) {
        self.align(4);
        self.0.extend(number.to_le_bytes());
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.align(4);
        self.0.extend(number.to_le_bytes());
    }

    pub(super) fn f64(&mut self, number: f64) {
        self.align(8);
        self.0.extend(number.to_le_bytes());
    }

    /// Length of a sequence or string. Longer ones than the format can tell are not built here.
    fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    pub(super) fn string(&mut self, text: &str) {
        self.length(text.len() + 1);
        self.0.extend(text.as_bytes());
        self.0.push(0);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.extend(bytes);
    }

    pub(super) fn f64s(&mut self, numbers: &[f64]) {
        self.sequence(numbers, |cdr, &number| cdr.f64(number));
    }

    /// A sequence; an empty one ends after its length, without padding for elements.
    pub(super) fn sequence<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads one message; `None` wherever the bytes end too early or are not what was asked for.
#[derive(Clone, Debug)]
pub(super) struct CdrReader<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> CdrReader<'a> {
    /// `None` unless the bytes begin with the header that [`CdrWriter`] writes.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { body: bytes.strip_prefix(&ENCAPSULATION)?, at: 0 })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.body.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number<const N: usize>(&mut self) -> Option<[u8; N]> {
        let padding = self.at.next_multiple_of(N) - self.at;
        self.take(padding)?;
        self.take(N)?.try_into().ok()
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.number().map(i32::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.number().map(u32::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.number().map(f64::from_le_bytes)
    }

    pub(super) fn string(&mut self) -> Option<&'a str> {
        let text = self.bytes()?.strip_suffix(&[0])?;
        std::str::from_utf8(text).ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A sequence. A length that the rest of the bytes cannot hold ends in `None` at the first
    /// element that is missing, before memory for the others is taken.
    pub(super) fn sequence<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let length = self.u32()?;
        let mut items = Vec::new();
        for _ in 0..length {
            let before = self.at;
            items.push(read(self)?);
            // Elements of no bytes would let a short message ask for any amount of memory.
            if self.at == before {
                return None;
            }
        }
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut CdrWriter), expected: &[u8]) {
        let mut cdr = CdrWriter::new();
        write(&mut cdr);
        let bytes = cdr.finish();
        assert_eq!(&bytes[..4], [0, 1, 0, 0]);
        assert_eq!(&bytes[4..], expected);
    }

    #[test]
    fn numbers_are_little_endian() {
        check(|c| c.u32(0x0102_0304), &[4, 3, 2, 1]);
        check(|c| c.i32(-2), &[0xfe, 0xff, 0xff, 0xff]);
        // 1.0 is 0x3ff0_0000_0000_0000.
        check(|c| c.f64(1.0), &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }

    #[test]
    fn alignment_is_counted_after_the_header() {
        let expected = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
        check(
            |c| {
                c.u32(1);
                c.f64(1.0);
            },
            &expected,
        );
    }

    #[test]
    fn strings_end_in_nul_and_pad_what_follows() {
        check(|c| c.string(""), &[1, 0, 0, 0, 0]);
        check(
            |c| {
                c.string("ab");
                c.u32(7);
            },
            &[3, 0, 0, 0, b'a', b'b', 0, 0, 7, 0, 0, 0],
        );
    }

    #[test]
    fn sequences_pad_before_their_first_element_only_if_there_is_one() {
        check(|c| c.f64s(&[]), &[0, 0, 0, 0]);
        check(|c| c.f64s(&[1.0]), &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
        check(|c| c.bytes(&[9, 8]), &[2, 0, 0, 0, 9, 8]);
        check(
            |c| c.sequence(&["a", "b"], |c, s| c.string(s)),
            &[2, 0, 0, 0, 2, 0, 0, 0, b'a', 0, 0, 0, 2, 0, 0, 0, b'b', 0],
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut cdr = CdrWriter::new();
        cdr.i32(-5);
        cdr.string("name");
        cdr.f64s(&[0.1, -2.5]);
        cdr.bytes(&[1, 2, 3]);
        let bytes = cdr.finish();
        let mut reader = CdrReader::new(&bytes).unwrap();
        assert_eq!(reader.i32(), Some(-5));
        assert_eq!(reader.string(), Some("name"));
        assert_eq!(reader.sequence(CdrReader::f64), Some(vec![0.1, -2.5]));
        assert_eq!(reader.bytes(), Some(&[1, 2, 3][..]));
        assert_eq!(reader.u32(), None);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let bytes = [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff];
        let reader = || CdrReader::new(&bytes).unwrap();
        assert_eq!(reader().bytes(), None);
        assert_eq!(reader().string(), None);
        assert_eq!(reader().sequence(CdrReader::f64), None);
        assert_eq!(reader().sequence(|_| Some(())), None);
        assert!(CdrReader::new(&[0, 0, 0, 0]).is_none());
        assert!(CdrReader::new(&[0]).is_none());
    }
}
