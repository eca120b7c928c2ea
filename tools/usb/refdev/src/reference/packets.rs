// SPDX-License-Identifier: GPL-2.0

//! A loopback that keeps packets apart.

use std::collections::VecDeque;

/// Packets that a loopback holds at most.
pub const PACKET_QUEUE: usize = 1024;

#[derive(Default)]
pub(super) struct Packets(VecDeque<Vec<u8>>);

impl Packets {
    pub(super) fn is_full(&self) -> bool {
        self.0.len() == PACKET_QUEUE
    }

    /// Keeps a packet, or loses it where there is no room. Empty ones leave no trace.
    pub(super) fn push(&mut self, packet: &[u8]) {
        if !self.is_full() && !packet.is_empty() {
            self.0.push_back(packet.to_vec());
        }
    }

    /// Appends one packet, up to `wanted` bytes of it; the rest is a packet of its own.
    pub(super) fn pop_into(&mut self, wanted: usize, buffer: &mut Vec<u8>) {
        let Some(mut packet) = self.0.pop_front() else {
            return;
        };
        let rest = packet.split_off(wanted.min(packet.len()));
        buffer.extend(packet);
        if !rest.is_empty() {
            self.0.push_front(rest);
        }
    }
}
