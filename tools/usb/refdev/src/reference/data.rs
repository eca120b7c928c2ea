// SPDX-License-Identifier: GPL-2.0

//! The bulk data path: loopback FIFO, source and sink, counters and checksums.

use std::collections::VecDeque;

use super::pattern::Pattern;
use super::status::Status;

/// Bytes that the loopback holds at most.
pub const FIFO_SIZE: usize = 1 << 20;

/// What the bulk endpoints do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// OUT comes back IN.
    #[default]
    Loopback,
    /// OUT is swallowed, IN is a pattern.
    SourceSink,
}

impl Mode {
    /// The mode with this number, as SET_MODE has it.
    pub const fn from_raw(raw: u16) -> Option<Self> {
        match raw {
            0 => Some(Self::Loopback),
            1 => Some(Self::SourceSink),
            _ => None,
        }
    }

    /// The number, as GET_STATUS has it.
    pub const fn raw(self) -> u32 {
        match self {
            Self::Loopback => 0,
            Self::SourceSink => 1,
        }
    }
}

/// Bytes that went one way.
#[derive(Clone, Copy, Default)]
struct Tally {
    bytes: u64,
    crc32c: u32,
}

impl Tally {
    fn add(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, data);
    }
}

#[derive(Default)]
pub(super) struct DataPath {
    mode: Mode,
    seed: u32,
    source: Pattern,
    fifo: VecDeque<u8>,
    taken: Tally,
    given: Tally,
}

impl DataPath {
    /// Empties everything that carries data; mode and seed stay.
    pub(super) fn clear(&mut self) {
        self.fifo.clear();
        self.taken = Tally::default();
        self.given = Tally::default();
        self.source = Pattern::new(self.seed);
    }

    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// The pattern of the current seed, from its start.
    pub(super) fn pattern(&self) -> Pattern {
        Pattern::new(self.seed)
    }

    pub(super) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        self.clear();
    }

    pub(super) fn set_seed(&mut self, seed: u32) {
        self.seed = seed;
        self.source = Pattern::new(seed);
    }

    /// Takes OUT data, as much as there is room for.
    pub(super) fn push(&mut self, data: &[u8]) -> usize {
        let count = match self.mode {
            Mode::Loopback => data.len().min(FIFO_SIZE - self.fifo.len()),
            Mode::SourceSink => data.len(),
        };
        let data = &data[..count];
        self.taken.add(data);
        if self.mode == Mode::Loopback {
            self.fifo.extend(data);
        }
        count
    }

    /// Appends IN data, up to `wanted` bytes.
    pub(super) fn pull(&mut self, wanted: usize, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        match self.mode {
            Mode::Loopback => self.drain(wanted, buffer),
            Mode::SourceSink => self.source.append(wanted, buffer),
        }
        self.given.add(&buffer[start..]);
    }

    fn drain(&mut self, wanted: usize, buffer: &mut Vec<u8>) {
        let count = wanted.min(self.fifo.len());
        let (front, back) = self.fifo.as_slices();
        let from_front = count.min(front.len());
        buffer.extend_from_slice(&front[..from_front]);
        buffer.extend_from_slice(&back[..count - from_front]);
        self.fifo.drain(..count);
    }

    pub(super) fn status(&self, events_sent: u32) -> Status {
        Status {
            mode: self.mode.raw(),
            events_sent,
            out_bytes: self.taken.bytes,
            in_bytes: self.given.bytes,
            out_crc32c: self.taken.crc32c,
            in_crc32c: self.given.crc32c,
            fifo_used: self.fifo.len() as u32,
            fifo_size: FIFO_SIZE as u32,
            seed: self.seed.into(),
        }
    }
}
