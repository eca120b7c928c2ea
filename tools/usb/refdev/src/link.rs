// SPDX-License-Identifier: GPL-2.0

//! The seam between a wire protocol and the program that owns the connection.
//!
//! A protocol crate implements [`Session`]: bytes that arrived go in, bytes to send pile up in an
//! [`Output`]. Neither side knows how the other works.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use crate::device::Device;
use crate::engine::{Completion, Engine};

/// Payloads below this size are copied behind their header instead of being queued as they are:
/// a copy of so few bytes costs less than a piece more in the system call.
const SMALL: usize = 16 * 1024;
/// Size of the buffers in which small pieces are gathered.
const GATHERED: usize = 4 * SMALL;
/// Such buffers that are kept for reuse.
const SPARE: usize = 64;

/// What became of bytes that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// So many from the front were used up; the others have to be offered again with more behind.
    pub used: usize,
    /// Size of the message that begins behind them, as far as it is known: at least one byte more
    /// than is there.
    pub needed: usize,
}

/// One connection of a device to a host.
pub trait Session {
    /// What can be wrong with bytes that arrived. The connection is to be closed then.
    type Error: Error + Send + Sync + 'static;

    /// Takes bytes that arrived.
    fn input(&mut self, bytes: &[u8]) -> Result<Consumed, Self::Error>;

    /// The time since the connection began. Comes before each input, and at [`Session::deadline`].
    fn elapse(&mut self, _now: Duration) {}

    /// When there is something to do though nothing arrives.
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// What is to be sent.
    fn output(&mut self) -> &mut Output;

    /// Whether the host has been told of the device, once the output so far is sent.
    fn attached(&self) -> bool {
        true
    }
}

/// A session that puts transfers through an [`Engine`].
pub trait Serve: Session {
    /// What is served.
    type Device: Device;
    /// What names a transfer.
    type Token: Copy + Eq;

    /// Where the transfers are.
    fn engine(&mut self) -> &mut Engine<Self::Device, Self::Token>;

    /// Tells the host of a transfer that ended.
    fn complete(&mut self, end: Completion<Self::Token>);

    /// Tells the engine the time and the host of everything that ended by then.
    fn advance(&mut self, now: Duration) {
        let now_us = now.as_micros().try_into().unwrap_or(u64::MAX);
        self.engine().elapse(now_us);
        self.collect();
    }

    /// Tells the host of everything that ended.
    fn collect(&mut self) {
        while let Some(buffer) = self.output().take_spent() {
            self.engine().recycle(buffer);
        }
        while let Some(end) = self.engine().next_completion() {
            self.complete(end);
        }
    }
}

/// Bytes on their way out.
///
/// Small pieces are gathered in buffers of its own, large payloads are kept as they are.
#[derive(Default)]
pub struct Output {
    chunks: VecDeque<Chunk>,
    /// Bytes of the first chunk that are gone already.
    sent: usize,
    /// Payloads that were sent.
    spent: Vec<Vec<u8>>,
    /// Empty gathering buffers.
    spare: Vec<Vec<u8>>,
}

enum Chunk {
    Gathered(Vec<u8>),
    Payload(Vec<u8>),
}

impl Chunk {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Gathered(bytes) | Self::Payload(bytes) => bytes,
        }
    }
}

impl Output {
    /// Appends a few bytes, by copying.
    pub fn push(&mut self, bytes: &[u8]) {
        if let Some(Chunk::Gathered(last)) = self.chunks.back_mut() {
            if last.len() + bytes.len() <= GATHERED {
                return last.extend_from_slice(bytes);
            }
        }
        let mut chunk = self.spare.pop().unwrap_or_default();
        chunk.reserve(GATHERED);
        chunk.extend_from_slice(bytes);
        self.chunks.push_back(Chunk::Gathered(chunk));
    }

    /// Appends a payload, without copying if it is large.
    pub fn push_payload(&mut self, payload: Vec<u8>) {
        if payload.len() < SMALL {
            self.push(&payload);
            self.spent.push(payload);
        } else {
            self.chunks.push_back(Chunk::Payload(payload));
        }
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// What is to be sent, in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let skip = |index| if index == 0 { self.sent } else { 0 };
        self.chunks
            .iter()
            .enumerate()
            .map(move |(index, chunk)| &chunk.bytes()[skip(index)..])
    }

    /// Notes that bytes were sent.
    pub fn advance(&mut self, count: usize) {
        self.sent += count;
        while let Some(first) = self.chunks.front() {
            let size = first.bytes().len();
            if self.sent < size {
                return;
            }
            self.sent -= size;
            self.retire();
        }
    }

    /// Puts the first chunk where it can be used again.
    fn retire(&mut self) {
        match self.chunks.pop_front() {
            Some(Chunk::Gathered(mut bytes)) if self.spare.len() < SPARE => {
                bytes.clear();
                self.spare.push(bytes);
            }
            Some(Chunk::Payload(bytes)) => self.spent.push(bytes),
            Some(Chunk::Gathered(_)) | None => {}
        }
    }

    /// A payload's buffer that is not needed any more.
    pub fn take_spent(&mut self) -> Option<Vec<u8>> {
        self.spent.pop()
    }
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the host.
    Received,
    /// To the host.
    Sent,
}

/// Takes one line, without its end.
type Sink = Box<dyn FnMut(&str)>;

/// Numbers the messages of a connection and shows them to whoever wants to see them.
#[derive(Default)]
pub struct Tracer {
    sequence: u64,
    sink: Option<Sink>,
}

impl Tracer {
    /// A tracer that hands each message to `sink`, one line without its end.
    pub fn new(sink: impl FnMut(&str) + 'static) -> Self {
        Self {
            sequence: 0,
            sink: Some(Box::new(sink)),
        }
    }

    /// Counts a message, in either direction, and shows it. The first one is number 1.
    pub fn message(&mut self, way: Way, message: &dyn Display) {
        self.sequence += 1;
        let Some(sink) = &mut self.sink else { return };
        let arrow = match way {
            Way::Received => '<',
            Way::Sent => '>',
        };
        sink(&format!("{:06} {arrow} {message}", self.sequence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    fn all(output: &Output) -> Vec<u8> {
        output.pieces().flatten().copied().collect()
    }

    #[test]
    fn bytes_leave_in_order_however_they_are_cut() {
        for step in [7, 47, SMALL - 1, SMALL, SMALL + 1, 50_000] {
            let mut output = Output::default();
            let mut wanted = Vec::new();
            for (index, size) in [0, 1, SMALL - 1, SMALL, SMALL + 1000, 3]
                .into_iter()
                .enumerate()
            {
                let payload = vec![index as u8; size];
                output.push(&[0xaa, 0xbb]);
                wanted.extend([0xaa, 0xbb]);
                wanted.extend(&payload);
                output.push_payload(payload);
            }
            let mut sent: Vec<u8> = Vec::new();
            while !output.is_empty() {
                let rest = all(&output);
                let count = step.min(rest.len());
                sent.extend(&rest[..count]);
                output.advance(count);
            }
            assert_eq!(sent, wanted, "step {step}");
        }
    }

    #[test]
    fn a_large_payload_is_not_copied_and_comes_back() {
        let payload = vec![7; SMALL];
        let address = payload.as_ptr();
        let mut output = Output::default();
        output.push(b"header");
        output.push_payload(payload);
        output.advance(6 + SMALL);
        assert!(output.is_empty());
        let spent: Vec<_> = std::iter::from_fn(|| output.take_spent()).collect();
        assert!(spent.iter().any(|buffer| buffer.as_ptr() == address));
    }

    #[test]
    fn small_pieces_gather_in_bounded_buffers() {
        let mut output = Output::default();
        (0..400).for_each(|_| output.push(&[0; 1000]));
        let sizes: Vec<_> = output.pieces().map(<[u8]>::len).collect();
        assert!(sizes.len() < 10, "gathered: {sizes:?}");
        assert!(
            sizes.iter().all(|&size| size <= GATHERED),
            "bounded: {sizes:?}"
        );
    }

    #[test]
    fn a_trace_line_has_a_number_and_a_way() {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&lines);
        let mut tracer = Tracer::new(move |line| sink.borrow_mut().push(line.to_owned()));
        tracer.message(Way::Received, &"one");
        tracer.message(Way::Sent, &"two");
        assert_eq!(*lines.borrow(), ["000001 < one", "000002 > two"]);
        Tracer::default().message(Way::Sent, &"nobody listens");
    }
}
