// SPDX-License-Identifier: GPL-2.0

//! The queue of interrupt events.

use std::collections::VecDeque;

use crate::device::Stall;

/// Events that can wait for the host.
pub const EVENT_QUEUE: usize = 64;

/// What the interrupt endpoint sends: 8 bytes, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counts the triggers that were accepted, from 0. A `u32` at offset 0.
    pub sequence: u32,
    /// What the trigger said. A `u16` at offset 4; the last two bytes are zero.
    pub code: u16,
}

impl Event {
    /// Size on the wire.
    pub const SIZE: usize = 8;

    /// The wire form.
    pub fn to_bytes(self) -> [u8; Self::SIZE] {
        let [s0, s1, s2, s3] = self.sequence.to_le_bytes();
        let [c0, c1] = self.code.to_le_bytes();
        [s0, s1, s2, s3, c0, c1, 0, 0]
    }
}

#[derive(Default)]
pub(super) struct Events {
    waiting: VecDeque<Event>,
    next: u32,
    sent: u32,
}

impl Events {
    /// Events that the host has fetched.
    pub(super) fn sent(&self) -> u32 {
        self.sent
    }

    pub(super) fn push(&mut self, code: u16) -> Result<(), Stall> {
        if self.waiting.len() == EVENT_QUEUE {
            return Err(Stall);
        }
        self.waiting.push_back(Event {
            sequence: self.next,
            code,
        });
        self.next = self.next.wrapping_add(1);
        Ok(())
    }

    /// Appends one event, cut to `wanted` bytes; nothing if none waits.
    pub(super) fn pop_into(&mut self, wanted: usize, buffer: &mut Vec<u8>) {
        let Some(event) = self.waiting.pop_front() else {
            return;
        };
        buffer.extend_from_slice(&event.to_bytes()[..wanted.min(Event::SIZE)]);
        self.sent = self.sent.wrapping_add(1);
    }
}
