// SPDX-License-Identifier: GPL-2.0

//! Isochronous endpoints: streams IN, packets OUT.

use super::*;

/// Isochronous transfers in flight to a stream, and packets in each.
const STREAM_DEPTH: u8 = 2;
const STREAM_PACKETS: usize = 8;

impl<D: Device> Session<D> {
    /// An OUT stream needs nothing but its packets.
    pub(super) fn start_iso(&mut self, id: u64, address: Address) {
        if !self.is_isochronous(address) {
            return self.iso_status(id, Status::Invalid, address);
        }
        self.end_stream(address);
        self.iso_status(id, Status::Success, address);
        if let Some(size) = self.packet_size(address, reply::ISOCHRONOUS) {
            self.streams.insert(address, size);
            (0..STREAM_DEPTH).for_each(|slot| self.stream(address, slot, size));
        }
    }

    fn stream(&mut self, address: Address, slot: u8, size: usize) {
        let token = Token::Stream(address, slot);
        self.engine
            .submit_iso(token, address, vec![size; STREAM_PACKETS], &[]);
    }

    fn is_isochronous(&self, address: Address) -> bool {
        let table = reply::endpoint_table(self.engine.device());
        table[address.index()].is_some_and(|endpoint| endpoint.kind == reply::ISOCHRONOUS)
    }

    pub(super) fn stop_iso(&mut self, id: u64, address: Address) {
        let was_there = self.streams.contains_key(&address) || self.is_isochronous(address);
        self.end_stream(address);
        let status = if was_there {
            Status::Success
        } else {
            Status::Invalid
        };
        self.iso_status(id, status, address);
    }

    fn end_stream(&mut self, address: Address) {
        self.streams.remove(&address);
        for slot in 0..STREAM_DEPTH {
            self.engine.cancel(Token::Stream(address, slot));
        }
    }

    fn iso_status(&mut self, id: u64, status: Status, address: Address) {
        self.send(id, &reply::Body::IsoStatus(status, address), Vec::new());
    }

    pub(super) fn iso_out(&mut self, id: u64, packet: Packet<'_>) {
        let Packet { address, data, .. } = packet;
        self.engine
            .submit_iso(Token::IsoOut(id), address, vec![data.len()], data);
    }

    /// Packets of a stream go out unasked, and the next transfer begins. A stream whose endpoint is
    /// gone ends with a status.
    pub(super) fn streamed(&mut self, address: Address, slot: u8, end: Completion<Token>) {
        let Some(&size) = self.streams.get(&address) else {
            return;
        };
        let Some(iso) = end.iso else {
            self.end_stream(address);
            return self.iso_status(0, Status::Stall, address);
        };
        let mut rest = &end.data[..];
        for actual in iso.actual {
            let (packet, behind) = rest.split_at(actual.min(rest.len()));
            self.iso_in(address, packet);
            rest = behind;
        }
        self.stream(address, slot, size);
    }

    fn iso_in(&mut self, address: Address, packet: &[u8]) {
        let end = PacketEnd {
            address,
            status: Status::Success,
            actual: packet.len(),
            stream: 0,
        };
        let id = self.iso_packets;
        self.iso_packets += 1;
        self.send(id, &reply::Body::Iso(end), packet.to_vec());
    }
}
