//! Walks through an MCAP file (<https://mcap.dev/spec>) without trusting a byte of it: every length
//! is checked against what is there, nothing is copied, and every checksum is compared. What the
//! `mcap` crate reads with is made for friendly files; it reserves memory and slices by what the
//! file claims.

use std::collections::BTreeMap;

use mcap::MAGIC;
use mcap::records::op;

/// Why a file cannot be walked to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NotMcap,
    /// It ends too early.
    CutOff,
    Damaged(String),
    /// With this compression.
    Compressed(String),
}

/// What a file holds besides its own bookkeeping.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Metadata { name: &'a str, entries: BTreeMap<&'a str, &'a str> },
    Attachment { name: &'a str, data: &'a [u8] },
    Message { topic: &'a str, encoding: &'a str, time_ns: u64, data: &'a [u8] },
}

/// A chunk that is being walked through.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    end: usize,
    /// The file ends before the chunk does.
    cut: bool,
}

/// A file and the place in it.
pub(super) struct Container<'a> {
    bytes: &'a [u8],
    at: usize,
    chunk: Option<Chunk>,
    /// Whether the file ends as a whole one does. One that does not was cut off, so that lengths
    /// which reach past its end are no damage.
    whole: bool,
    /// Topic and encoding of each channel.
    channels: BTreeMap<u16, (&'a str, &'a str)>,
    /// Where the summary begins, once it is reached.
    summary: Option<usize>,
}

impl<'a> Container<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        if !bytes.starts_with(MAGIC) {
            // An empty file may be the beginning of anything.
            let begun = !bytes.is_empty() && MAGIC.starts_with(bytes);
            return Err(if begun { Fault::CutOff } else { Fault::NotMcap });
        }
        let whole = bytes.len() >= 2 * MAGIC.len() && bytes.ends_with(MAGIC);
        let (at, channels) = (MAGIC.len(), BTreeMap::new());
        Ok(Self { bytes, at, chunk: None, whole, channels, summary: None })
    }

    pub(super) fn has_channel(&self, topic: &str) -> bool {
        self.channels.values().any(|(name, _)| *name == topic)
    }

    /// The next item; `None` at the end of a whole and sound file.
    pub(super) fn next(&mut self) -> Result<Option<Item<'a>>, Fault> {
        loop {
            if let Some(chunk) = self.chunk
                && self.at == chunk.end
            {
                if chunk.cut {
                    return Err(Fault::CutOff);
                }
                self.chunk = None;
            }
            let start = self.at;
            let Some((code, body)) = self.frame()? else { continue };
            let mut fields = Fields(body);
            let malformed = || damaged(format!("the record at byte {start} is malformed"));
            let item = match (code, self.summary) {
                (op::FOOTER, Some(summary)) => {
                    return self.footer(start, body, summary).map(|()| None);
                }
                (op::FOOTER, None) => return Err(damaged("its data section has no end")),
                (_, Some(_)) => None,
                (op::CHANNEL, _) => {
                    let (id, channel) = fields.channel().ok_or_else(malformed)?;
                    self.channels.insert(id, channel);
                    None
                }
                (op::MESSAGE, _) => {
                    let (id, time_ns, data) = fields.message().ok_or_else(malformed)?;
                    let unknown = || damaged(format!("channel {id} was never declared"));
                    let &(topic, encoding) = self.channels.get(&id).ok_or_else(unknown)?;
                    Some(Item::Message { topic, encoding, time_ns, data })
                }
                (op::ATTACHMENT, _) => Some(fields.attachment().ok_or_else(malformed)??),
                (op::METADATA, _) => Some(fields.metadata().ok_or_else(malformed)?),
                (op::DATA_END, _) => {
                    let sum = fields.u32().ok_or_else(malformed)?;
                    check_sum(sum, &self.bytes[..start], "data section")?;
                    self.summary = Some(self.at);
                    None
                }
                _ => None,
            };
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    /// Code and body of the next record; `None` where a chunk begins, which is then entered.
    fn frame(&mut self) -> Result<Option<(u8, &'a [u8])>, Fault> {
        let end = self.chunk.map_or(self.bytes.len(), |chunk| chunk.end);
        let mut fields = Fields(&self.bytes[self.at..end]);
        let head = fields.u8().zip(fields.u64());
        let Some((code, length)) = head else { return Err(self.short()) };
        let inside = self.chunk.is_some();
        match code {
            op::CHUNK if !inside && self.summary.is_none() => {
                return self.enter_chunk(fields.0, length).map(|()| None);
            }
            op::SCHEMA | op::CHANNEL | op::MESSAGE => {}
            _ if inside => return Err(damaged("a chunk holds a record that it must not")),
            _ => {}
        }
        let body = usize::try_from(length).ok().and_then(|n| fields.take(n));
        let Some(body) = body else { return Err(self.short()) };
        self.at = end - fields.0.len();
        Ok(Some((code, body)))
    }

    /// What it means that a record reaches past the end of what is there.
    fn short(&self) -> Fault {
        match self.chunk {
            Some(Chunk { cut: true, .. }) => Fault::CutOff,
            None if !self.whole => Fault::CutOff,
            _ => damaged(format!("the record at byte {} is longer than what holds it", self.at)),
        }
    }

    fn enter_chunk(&mut self, rest: &'a [u8], length: u64) -> Result<(), Fault> {
        let available = usize::try_from(length).ok().and_then(|n| rest.get(..n));
        let mut fields = Fields(available.unwrap_or(rest));
        let Some(header) = fields.chunk_header() else { return Err(self.short()) };
        if !header.compression.is_empty() {
            return Err(Fault::Compressed(header.compression.to_owned()));
        }
        self.at =
            self.bytes.len() - rest.len() + (available.unwrap_or(rest).len() - fields.0.len());
        if available.is_none() {
            if self.whole {
                return Err(self.short());
            }
            // Not one checksum speaks for what is left of a chunk that was being written.
            self.chunk = Some(Chunk { end: self.bytes.len(), cut: true });
            return Ok(());
        }
        if header.length != fields.0.len() as u64 || header.unpacked != header.length {
            return Err(damaged("a chunk is not as long as it says"));
        }
        check_sum(header.sum, fields.0, "chunk")?;
        self.chunk = Some(Chunk { end: self.at + fields.0.len(), cut: false });
        Ok(())
    }

    /// Checks the end of the file, from the footer on.
    fn footer(&self, start: usize, body: &[u8], summary: usize) -> Result<(), Fault> {
        let mut fields = Fields(body);
        let numbers = fields.u64().zip(fields.u64()).zip(fields.u32());
        let Some(((summary_start, _), sum)) = numbers else {
            return Err(damaged("its footer is malformed"));
        };
        if summary_start != 0 && summary_start != summary as u64 {
            return Err(damaged("its summary is not where the footer says"));
        }
        // The sum covers the footer's own code, length and first two numbers.
        check_sum(sum, &self.bytes[summary..start + 9 + 16], "summary")?;
        let magic = &self.bytes[self.at..];
        if body.len() == 20 && magic == MAGIC {
            Ok(())
        } else if MAGIC.starts_with(magic) {
            Err(Fault::CutOff)
        } else {
            Err(damaged("something follows its end"))
        }
    }
}

fn damaged(what: impl Into<String>) -> Fault {
    Fault::Damaged(what.into())
}

/// Compares a checksum; 0 says that there is none.
fn check_sum(sum: u32, bytes: &[u8], what: &str) -> Result<(), Fault> {
    if sum == 0 || sum == crc32fast::hash(bytes) {
        return Ok(());
    }
    Err(damaged(format!("the checksum of its {what} is wrong")))
}

/// The head of a chunk.
struct ChunkHeader<'a> {
    unpacked: u64,
    sum: u32,
    compression: &'a str,
    length: u64,
}

/// Bytes of which fields are taken from the front; `None` where they end too early.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn chunk_header(&mut self) -> Option<ChunkHeader<'a>> {
        let _times = (self.u64()?, self.u64()?);
        Some(ChunkHeader {
            unpacked: self.u64()?,
            sum: self.u32()?,
            compression: self.text()?,
            length: self.u64()?,
        })
    }

    fn channel(&mut self) -> Option<(u16, (&'a str, &'a str))> {
        let (id, _schema) = (self.u16()?, self.u16()?);
        Some((id, (self.text()?, self.text()?)))
    }

    fn message(&mut self) -> Option<(u16, u64, &'a [u8])> {
        let (channel, _sequence) = (self.u16()?, self.u32()?);
        let (time_ns, _publish_time) = (self.u64()?, self.u64()?);
        Some((channel, time_ns, self.0))
    }

    fn metadata(&mut self) -> Option<Item<'a>> {
        let name = self.text()?;
        let mut map = Fields(self.bytes()?);
        let mut entries = BTreeMap::new();
        while !map.0.is_empty() {
            entries.insert(map.text()?, map.text()?);
        }
        Some(Item::Metadata { name, entries })
    }

    /// `None` where it is malformed; an error where its checksum is wrong.
    fn attachment(&mut self) -> Option<Result<Item<'a>, Fault>> {
        let body = self.0;
        let _times = (self.u64()?, self.u64()?);
        let (name, _media_type) = (self.text()?, self.text()?);
        let length = self.u64()?;
        let data = self.take(usize::try_from(length).ok()?)?;
        let covered = &body[..body.len() - self.0.len()];
        let checked = check_sum(self.u32()?, covered, "attachment");
        Some(checked.map(|()| Item::Attachment { name, data }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> Result<usize, Fault> {
        let mut container = Container::open(bytes)?;
        let mut items = 0;
        while container.next()?.is_some() {
            items += 1;
        }
        Ok(items)
    }

    #[test]
    fn only_mcap_files_are_opened() {
        assert_eq!(walk(b""), Err(Fault::NotMcap));
        assert_eq!(walk(b"PK\x03\x04 something else"), Err(Fault::NotMcap));
        assert_eq!(walk(&MAGIC[..5]), Err(Fault::CutOff));
        assert_eq!(walk(MAGIC), Err(Fault::CutOff));
    }

    #[test]
    fn lengths_that_lie_ask_for_no_memory() {
        let record = |code: u8, length: u64, end: &[u8]| {
            [MAGIC, &[code], &length.to_le_bytes(), &[0; 40], end].concat()
        };
        for code in [op::CHUNK, op::MESSAGE, op::ATTACHMENT, op::METADATA, op::DATA_END, 0x7f] {
            assert_eq!(walk(&record(code, u64::MAX, &[])), Err(Fault::CutOff), "{code}");
            let whole = walk(&record(code, u64::MAX, MAGIC));
            assert!(matches!(whole, Err(Fault::Damaged(_))), "{code}: {whole:?}");
        }
    }
}
