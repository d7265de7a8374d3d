//! Frames of zstd, and what repeats in their text.
//!
//! `ruzstd` encodes a frame from what a [`Matcher`] finds. Its own one looks back 128 KiB at most, and keeps the
//! oldest place of each five letters, which is the farthest and so the dearest to write. What streams and
//! responses repeat is the newest text of their kind: [`Repeats`] looks for the nearest places first, in the whole
//! frame, and takes the one that saves most bits. The same lines come to a third less.

use ruzstd::encoding::{CompressionLevel, FrameCompressor, Matcher, Sequence};

/// The largest block of a frame, as the format has it.
const BLOCK_BYTES: usize = 128 << 10;
/// How far back a repeat may be: as far as the text of a frame goes.
pub(super) const WINDOW_BYTES: usize = 512 << 10;
/// The shortest repeat that is looked for.
const SHORTEST: usize = 4;
/// The longest one that `ruzstd` encodes rightly.
const LONGEST: usize = 65_538;
/// Places that are looked at for one repeat.
const PLACES: usize = 16;
/// Of the table of the newest places.
const HASH_BITS: u32 = 15;
/// What a letter costs that is written as it is, in bits; digits and signs of JSON are most of them.
const LETTER_BITS: i64 = 4;
/// What a repeat costs, in bits, beside those of its distance: three symbols.
const REPEAT_BITS: i64 = 9;

/// Returns a text as one frame with its checksum.
pub(super) fn compress(text: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let repeats = Repeats::default();
    let mut compressor = FrameCompressor::new_with_matcher(repeats, CompressionLevel::Fastest);
    compressor.set_source(text);
    compressor.set_drain(&mut frame);
    compressor.compress();
    drop(compressor);
    frame
}

/// Finds what repeats.
#[derive(Debug, Default)]
struct Repeats {
    /// The text of the frame so far.
    text: Vec<u8>,
    /// Where its last block begins.
    block: usize,
    /// By the hash of four letters: one more than the newest place of them, 0 for none.
    newest: Vec<u32>,
    /// By place: one more than the place before it with the same hash.
    before: Vec<u32>,
}

/// A part of the text that stood there before.
#[derive(Debug, Clone, Copy)]
struct Repeat {
    offset: usize,
    length: usize,
    /// Bits that it saves.
    saves: i64,
}

impl Repeats {
    fn hash(&self, at: usize) -> Option<usize> {
        let letters: [u8; SHORTEST] = self.text.get(at..at + SHORTEST)?.try_into().ok()?;
        let mixed = u32::from_le_bytes(letters).wrapping_mul(0x9e37_79b1);
        usize::try_from(mixed >> (u32::BITS - HASH_BITS)).ok()
    }

    /// Lets later places find this one.
    fn remember(&mut self, at: usize) {
        let Some(hash) = self.hash(at) else { return };
        let place = u32::try_from(at + 1).unwrap_or(0);
        if let (Some(newest), Some(before)) = (self.newest.get_mut(hash), self.before.get_mut(at)) {
            *before = std::mem::replace(newest, place);
        }
    }

    /// Returns the repeat that saves most here; `None` where none saves anything.
    fn best(&self, at: usize) -> Option<Repeat> {
        let rest = self.text.get(at..self.text.len().min(at + LONGEST))?;
        let mut place = *self.newest.get(self.hash(at)?)?;
        let mut best: Option<Repeat> = None;
        for _ in 0..PLACES {
            let Some(from) = usize::try_from(place).ok()?.checked_sub(1) else { break };
            let offset = at - from;
            if offset > WINDOW_BYTES {
                break;
            }
            let there = self.text.get(from..)?;
            let length = there.iter().zip(rest).take_while(|(one, two)| one == two).count();
            let saves = saved(length, offset);
            if length >= SHORTEST && saves > best.map_or(0, |best| best.saves) {
                best = Some(Repeat { offset, length, saves });
            }
            place = *self.before.get(from)?;
        }
        best
    }
}

fn saved(length: usize, offset: usize) -> i64 {
    let letters = i64::try_from(length).unwrap_or(i64::MAX / LETTER_BITS);
    letters * LETTER_BITS - i64::from(offset.checked_ilog2().unwrap_or(0)) - REPEAT_BITS
}

impl Matcher for Repeats {
    fn get_next_space(&mut self) -> Vec<u8> {
        vec![0; BLOCK_BYTES]
    }

    fn get_last_space(&mut self) -> &[u8] {
        self.text.get(self.block..).unwrap_or_default()
    }

    fn commit_space(&mut self, space: Vec<u8>) {
        self.block = self.text.len();
        self.text.extend(space);
        self.before.resize(self.text.len(), 0);
    }

    fn skip_matching(&mut self) {
        for at in self.block..self.text.len() {
            self.remember(at);
        }
    }

    fn start_matching(&mut self, mut handle_sequence: impl for<'a> FnMut(Sequence<'a>)) {
        // `ruzstd` cannot encode a block in which nothing stands between its repeats: one letter does.
        let (mut at, mut written) = (self.block + 1, self.block);
        self.remember(self.block);
        while at < self.text.len() {
            let found = self.best(at);
            self.remember(at);
            let Some(mut repeat) = found else {
                at += 1;
                continue;
            };
            // One that begins a letter later may save more than that letter costs.
            if let Some(later) = self.best(at + 1)
                && later.saves > repeat.saves + LETTER_BITS
            {
                at += 1;
                self.remember(at);
                repeat = later;
            }
            let literals = self.text.get(written..at).unwrap_or_default();
            let Repeat { offset, length: match_len, .. } = repeat;
            handle_sequence(Sequence::Triple { literals, offset, match_len });
            for place in at + 1..at + match_len {
                self.remember(place);
            }
            at += match_len;
            written = at;
        }
        if let Some(literals) = self.text.get(written..).filter(|rest| !rest.is_empty()) {
            handle_sequence(Sequence::Literals { literals });
        }
    }

    fn reset(&mut self, _level: CompressionLevel) {
        self.text.clear();
        self.before.clear();
        self.newest.clear();
        self.newest.resize(1 << HASH_BITS, 0);
        self.block = 0;
    }

    fn window_size(&self) -> u64 {
        u64::try_from(WINDOW_BYTES).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use ruzstd::decoding::StreamingDecoder;
    use ruzstd::encoding::compress_to_vec;

    use super::*;

    fn decompressed(mut frame: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut decoder = StreamingDecoder::new(&mut frame).unwrap();
        decoder.read_to_end(&mut text).unwrap();
        let decoder = decoder.into_frame_decoder();
        assert_eq!(decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
        assert!(frame.is_empty());
        text
    }

    /// Prices as a stream brings them, until the text has this length.
    fn prices(length: usize, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut text = Vec::new();
        while text.len() < length {
            let (price, size) = (random.u32(836_000..837_000), random.u32(1..99_999));
            let topic = ["ticker", "publicTrade", "books", "kline"][random.usize(..4)];
            text.extend(format!("{{\"t\":179,\"in\":{{\"topic\":\"{topic}\",\"").bytes());
            text.extend(format!("{topic}\":[\"{price}.1\",\"0.{size}\"]}}}}\n").bytes());
        }
        text.truncate(length);
        text
    }

    #[test]
    fn a_frame_becomes_the_text_that_it_was_made_of() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut texts: Vec<Vec<u8>> = (0..40).map(|length| prices(length, &mut random)).collect();
        // Of one block and of several, to the byte, and with repeats farther away than may be written.
        for length in [1_000, 5_000, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 1_500_000] {
            texts.push(prices(length, &mut random));
            texts.push(std::iter::repeat_with(|| random.u8(..)).take(length).collect());
            texts.push(vec![b'a'; length]);
            texts.push([b"{".as_slice(), &vec![b'a'; length], b"}"].concat());
            texts.push(b"ab".repeat(length / 2));
        }
        // A block that repeats the one before it, whole.
        let block = prices(BLOCK_BYTES, &mut random);
        texts.push([block.as_slice(), &block, &block].concat());
        let mut far = prices(20_000, &mut random);
        far.extend(std::iter::repeat_with(|| random.u8(..)).take(WINDOW_BYTES));
        far.extend_from_within(..20_000);
        texts.push(far);
        for text in texts {
            assert!(decompressed(&compress(&text)) == text, "{} bytes", text.len());
        }
    }

    #[test]
    fn it_comes_to_less_than_with_the_matcher_of_the_library() {
        let text = prices(300_000, &mut fastrand::Rng::with_seed(4));
        let theirs = compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
        let ours = compress(&text);
        assert!(ours.len() * 10 < theirs.len() * 9, "{} of {}", ours.len(), theirs.len());
    }
}
