// SPDX-License-Identifier: GPL-2.0

//! Bulk streams: several queues of one endpoint, told apart by a number (USB 3.2, 8.12.1.4).
//!
//! What a device makes of its streams is up to its class. Here each stream of a pair of endpoints
//! is a loopback of its own, apart from what the endpoints do without streams: what is sent OUT
//! comes back IN on the stream of the same number, and no other one.

use std::collections::VecDeque;

use super::*;

/// An endpoint's number without direction, and a stream of it.
type Lane = (u8, u32);

/// The state of all of them.
#[derive(Default)]
pub(super) struct BulkStreams {
    /// How many streams an endpoint has now.
    counts: BTreeMap<Address, u32>,
    /// What was sent and not fetched yet.
    sent: BTreeMap<Lane, VecDeque<u8>>,
    /// Who waits for it: QEMU's id, and how much there is room for.
    waiting: BTreeMap<Lane, VecDeque<(u64, usize)>>,
}

impl BulkStreams {
    fn set(&mut self, mut endpoints: EndpointSet, count: u32) {
        while let Some(address) = endpoints.pop() {
            self.counts.insert(address, count);
            self.sent.retain(|lane, _| lane.0 != address.number());
        }
    }

    fn has(&self, address: Address, stream: u32) -> bool {
        let count = self.counts.get(&address).copied();
        (1..=count.unwrap_or(0)).contains(&stream)
    }

    /// Forgets who waits; whether there was such a one.
    pub(super) fn cancel(&mut self, id: u64) -> bool {
        self.waiting.values_mut().any(|waiting| {
            let position = waiting.iter().position(|waiting| waiting.0 == id);
            position.and_then(|at| waiting.remove(at)).is_some()
        })
    }

    /// Somebody who waits for what is there, and that.
    fn next(&mut self, lane: Lane) -> Option<(u64, Vec<u8>)> {
        let sent = self.sent.get_mut(&lane).filter(|sent| !sent.is_empty())?;
        let (id, room) = self.waiting.get_mut(&lane)?.pop_front()?;
        Some((id, sent.drain(..room.min(sent.len())).collect()))
    }
}

impl<D: Device> Session<D> {
    pub(super) fn alloc_streams(&mut self, id: u64, endpoints: EndpointSet, count: u32) {
        let table = reply::endpoint_table(self.engine.device());
        let has_them = |address: Address| {
            table[address.index()].is_some_and(|endpoint| endpoint.max_streams >= count)
        };
        let mut rest = endpoints;
        let possible = count > 0 && std::iter::from_fn(|| rest.pop()).all(has_them);
        if possible {
            self.bulk_streams.set(endpoints, count);
        }
        let status = if possible {
            Status::Success
        } else {
            Status::Invalid
        };
        self.send(
            id,
            &reply::Body::StreamsStatus(status, endpoints, count),
            Vec::new(),
        );
    }

    pub(super) fn free_streams(&mut self, id: u64, endpoints: EndpointSet) {
        self.bulk_streams.set(endpoints, 0);
        let body = reply::Body::StreamsStatus(Status::Success, endpoints, 0);
        self.send(id, &body, Vec::new());
    }

    /// A packet of a stream; the request was taken down.
    pub(super) fn streamed_bulk(&mut self, id: u64, packet: Packet<'_>) {
        let Packet {
            address,
            stream,
            length,
            data,
        } = packet;
        if !self.bulk_streams.has(address, stream) {
            return self.ended(id, answer(Status::Invalid, 0, Vec::new()));
        }
        let lane = (address.number(), stream);
        let streams = &mut self.bulk_streams;
        match address.direction() {
            Direction::In => {
                let waiting = streams.waiting.entry(lane).or_default();
                waiting.push_back((id, length));
            }
            Direction::Out => {
                streams.sent.entry(lane).or_default().extend(data);
                self.ended(id, answer(Status::Success, length, Vec::new()));
            }
        }
        while let Some((id, data)) = self.bulk_streams.next(lane) {
            self.ended(id, answer(Status::Success, data.len(), data));
        }
    }
}

fn answer(status: Status, actual: usize, data: Vec<u8>) -> Answer {
    Answer {
        status: status.raw().into(),
        actual: actual as u32,
        data,
    }
}
