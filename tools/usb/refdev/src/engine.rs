// SPDX-License-Identifier: GPL-2.0

//! Transfers in flight: queued per endpoint, answered in order, cancelled by token.
//!
//! Isochronous transfers end when their time on the bus is over, be there data or not. The engine
//! has no clock: whoever owns it tells the time with [`Engine::elapse`], in microseconds from any
//! start.

use std::collections::VecDeque;

use crate::device::{Control, Device, In, Out, Stall};
use crate::endpoint::{Address, Direction, EndpointSet};
use crate::setup::Setup;

/// Buffers that are kept for reuse.
const POOL: usize = 64;

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Done,
    /// The device refused.
    Stalled,
}

/// The end of a transfer.
#[derive(Debug, PartialEq, Eq)]
pub struct Completion<T> {
    /// What the frontend called it.
    pub token: T,
    /// Where it went. Control transfers: [`Address::CONTROL`].
    pub address: Address,
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes that moved.
    pub actual: usize,
    /// IN data. Hand it back with [`Engine::recycle`].
    pub data: Vec<u8>,
    /// What only an isochronous transfer that was not refused has.
    pub iso: Option<Isochronous>,
}

/// The end of an isochronous transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Isochronous {
    /// When its first packet was on the bus.
    pub start_us: u64,
    /// Bytes that moved in each packet; the data has them without gaps.
    pub actual: Vec<usize>,
}

/// The end of a transfer in the terms of a protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// As the protocol has it.
    pub status: i32,
    /// Bytes that moved, as the header has it.
    pub actual: u32,
    /// IN data.
    pub data: Vec<u8>,
}

impl<T> Completion<T> {
    /// The answer to the host. `stall` is the protocol's status of a refusal; success is 0.
    pub fn into_answer(self, stall: i32) -> Answer {
        let status = match self.outcome {
            Outcome::Done => 0,
            Outcome::Stalled => stall,
        };
        Answer {
            status,
            actual: self.actual as u32,
            data: self.data,
        }
    }
}

/// A transfer that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// Where it waited.
    pub address: Address,
    /// Bytes that had moved by then.
    pub actual: usize,
}

enum Work {
    Control {
        setup: Setup,
        data: Vec<u8>,
    },
    In {
        wanted: usize,
    },
    Out {
        rest: Vec<u8>,
        taken_of_rest: usize,
        taken_before: usize,
    },
    Iso(IsoWork),
}

struct IsoWork {
    /// Size of each packet.
    lengths: Vec<usize>,
    /// OUT data without gaps.
    data: Vec<u8>,
    start_us: u64,
    end_us: u64,
}

impl Work {
    fn accepted(&self) -> usize {
        match self {
            Self::Out {
                taken_of_rest,
                taken_before,
                ..
            } => taken_before + taken_of_rest,
            Self::Control { .. } | Self::In { .. } | Self::Iso(_) => 0,
        }
    }
}

struct Waiting<T> {
    token: T,
    work: Work,
}

/// What became of an attempt.
enum Progress {
    Waits,
    Ended(End),
}

/// A completion without its name.
struct End {
    outcome: Outcome,
    actual: usize,
    data: Vec<u8>,
    iso: Option<Isochronous>,
}

impl End {
    fn stalled(actual: usize) -> Self {
        Self {
            outcome: Outcome::Stalled,
            actual,
            data: Vec::new(),
            iso: None,
        }
    }

    fn done(actual: usize, data: Vec<u8>) -> Self {
        Self {
            outcome: Outcome::Done,
            actual,
            data,
            iso: None,
        }
    }
}

/// A device with the transfers that the host has in flight to it.
///
/// `T` is whatever the frontend names a transfer by. Ended transfers are collected with
/// [`Engine::next_completion`].
pub struct Engine<D, T> {
    device: D,
    queues: [VecDeque<Waiting<T>>; Address::COUNT],
    ended: VecDeque<Completion<T>>,
    pool: Vec<Vec<u8>>,
    now_us: u64,
    /// Endpoints that isochronous transfers wait on.
    timed: EndpointSet,
}

impl<D: Device, T: Copy + Eq> Engine<D, T> {
    /// Takes over a device.
    pub fn new(device: D) -> Self {
        Self {
            device,
            queues: std::array::from_fn(|_| VecDeque::new()),
            ended: VecDeque::new(),
            pool: Vec::new(),
            now_us: 0,
            timed: EndpointSet::EMPTY,
        }
    }

    /// The device.
    pub fn device(&self) -> &D {
        &self.device
    }

    /// Selects a configuration, outside of a control transfer.
    pub fn set_configuration(&mut self, value: u8) -> Result<(), Stall> {
        let result = self.device.set_configuration(value);
        self.settle();
        result
    }

    /// Selects an alternate setting, outside of a control transfer.
    pub fn set_alternate(&mut self, interface: u8, alternate: u8) -> Result<(), Stall> {
        let result = self.device.set_alternate(interface, alternate);
        self.settle();
        result
    }

    /// The host reset the port. Transfers in flight stay queued until the host cancels them,
    /// and stall if the device does not want them any more.
    pub fn reset(&mut self) {
        self.device.reset();
        self.settle();
    }

    /// Begins a control transfer. `data` is the data stage of an OUT request.
    pub fn submit_control(&mut self, token: T, setup: Setup, data: &[u8]) {
        self.submit(
            Address::CONTROL,
            token,
            Work::Control {
                setup,
                data: data.to_vec(),
            },
        );
    }

    /// Begins an IN transfer of up to `wanted` bytes.
    pub fn submit_in(&mut self, token: T, address: Address, wanted: usize) {
        self.submit(address, token, Work::In { wanted });
    }

    /// Begins an OUT transfer. Only what the device cannot take at once is copied.
    pub fn submit_out(&mut self, token: T, address: Address, data: &[u8]) {
        let idle = self.queues[address.index()].is_empty();
        let answer = if idle {
            self.device.transfer_out(address, data)
        } else {
            Out::Accepted(0)
        };
        match answer {
            Out::Stall => self.end(address, token, End::stalled(0)),
            Out::Accepted(count) if idle && count >= data.len() => {
                self.end(address, token, End::done(data.len(), Vec::new()));
            }
            Out::Accepted(taken_before) => {
                let mut rest = self.pool.pop().unwrap_or_default();
                rest.extend_from_slice(&data[taken_before..]);
                let work = Work::Out {
                    rest,
                    taken_of_rest: 0,
                    taken_before,
                };
                self.queues[address.index()].push_back(Waiting { token, work });
            }
        }
        self.settle();
    }

    /// Begins an isochronous transfer of packets with these sizes. `data` is that of an OUT
    /// transfer, without gaps.
    pub fn submit_iso(&mut self, token: T, address: Address, lengths: Vec<usize>, data: &[u8]) {
        let Some(period_us) = self.iso_period_us(address) else {
            self.end(address, token, End::stalled(0));
            return;
        };
        // One transfer follows the other without a gap, however late the time is told.
        let start_us = match self.queues[address.index()].back() {
            Some(Waiting {
                work: Work::Iso(last),
                ..
            }) => last.end_us,
            _ => self.now_us,
        };
        let work = IsoWork {
            end_us: start_us + lengths.len() as u64 * period_us,
            start_us,
            lengths,
            data: data.to_vec(),
        };
        self.timed.insert(address);
        self.submit(address, token, Work::Iso(work));
    }

    /// The time is now so late. Isochronous transfers that are over by then end.
    pub fn elapse(&mut self, now_us: u64) {
        self.now_us = self.now_us.max(now_us);
        let mut timed = self.timed;
        while let Some(address) = timed.pop() {
            self.advance(address);
            if self.queues[address.index()].is_empty() {
                self.timed.remove(address);
            }
        }
        self.settle();
    }

    /// When the next isochronous transfer is over, if there is one.
    pub fn deadline_us(&self) -> Option<u64> {
        let mut timed = self.timed;
        std::iter::from_fn(|| timed.pop())
            .filter_map(|address| match self.queues[address.index()].front() {
                Some(Waiting {
                    work: Work::Iso(first),
                    ..
                }) => Some(first.end_us),
                _ => None,
            })
            .min()
    }

    fn iso_period_us(&self, address: Address) -> Option<u64> {
        let endpoint = self.device.endpoint(address)?;
        endpoint.transfer.iso_period_us(self.device.speed())
    }

    /// Whatever the host has room for, a packet is not larger than the endpoint's.
    fn max_packet(&self, address: Address) -> usize {
        let endpoint = self.device.endpoint(address);
        endpoint.map_or(0, |it| it.transfer.max_packet(self.device.speed()).into())
    }

    /// Takes a transfer back; `None` if it is unknown or has ended already.
    pub fn cancel(&mut self, token: T) -> Option<Cancelled> {
        for (index, queue) in self.queues.iter_mut().enumerate() {
            let Some(position) = queue.iter().position(|waiting| waiting.token == token) else {
                continue;
            };
            let address = Address::from_index(index)?;
            let actual = queue.remove(position)?.work.accepted();
            // Whoever stood behind the first in line may go on now.
            self.advance(address);
            self.settle();
            return Some(Cancelled { address, actual });
        }
        None
    }

    /// The next transfer that ended, in the order in which they did.
    pub fn next_completion(&mut self) -> Option<Completion<T>> {
        self.ended.pop_front()
    }

    /// Takes a data buffer back for reuse.
    pub fn recycle(&mut self, mut buffer: Vec<u8>) {
        if self.pool.len() < POOL && buffer.capacity() > 0 {
            buffer.clear();
            self.pool.push(buffer);
        }
    }

    /// Transfers that wait for the device.
    pub fn in_flight(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    fn submit(&mut self, address: Address, token: T, work: Work) {
        let queue = &mut self.queues[address.index()];
        queue.push_back(Waiting { token, work });
        if queue.len() == 1 {
            self.advance(address);
        }
        self.settle();
    }

    /// Goes on wherever the device says that it can.
    fn settle(&mut self) {
        loop {
            let mut woken = self.device.wakeups();
            if woken.is_empty() {
                return;
            }
            while let Some(address) = woken.pop() {
                self.advance(address);
            }
        }
    }

    /// Works off the queue of an endpoint until it is empty or has to wait.
    fn advance(&mut self, address: Address) {
        while let Some(mut first) = self.queues[address.index()].pop_front() {
            match self.attempt(address, &mut first.work) {
                Progress::Waits => {
                    self.queues[address.index()].push_front(first);
                    return;
                }
                Progress::Ended(end) => self.end(address, first.token, end),
            }
        }
    }

    fn attempt(&mut self, address: Address, work: &mut Work) -> Progress {
        match work {
            Work::Control { setup, data } => match self.device.control(*setup, data) {
                Control::Done(answer) => {
                    Progress::Ended(End::done(answer.len().max(data.len()), answer))
                }
                Control::Pending => Progress::Waits,
                Control::Stall => Progress::Ended(End::stalled(0)),
            },
            Work::In { wanted } => self.attempt_in(address, *wanted),
            Work::Iso(iso) => self.attempt_iso(address, iso),
            Work::Out {
                rest,
                taken_of_rest,
                taken_before,
            } => match self.device.transfer_out(address, &rest[*taken_of_rest..]) {
                Out::Stall => Progress::Ended(End::stalled(*taken_before + *taken_of_rest)),
                Out::Accepted(count) => {
                    *taken_of_rest += count;
                    if *taken_of_rest < rest.len() {
                        return Progress::Waits;
                    }
                    Progress::Ended(End::done(*taken_before + rest.len(), Vec::new()))
                }
            },
        }
    }

    fn attempt_in(&mut self, address: Address, wanted: usize) -> Progress {
        let mut buffer = self.pool.pop().unwrap_or_default();
        match self.device.transfer_in(address, wanted, &mut buffer) {
            In::Done => Progress::Ended(End::done(buffer.len(), buffer)),
            In::Pending => {
                self.recycle(buffer);
                Progress::Waits
            }
            In::Stall => {
                self.recycle(buffer);
                Progress::Ended(End::stalled(0))
            }
        }
    }

    /// All packets move at the end of the transfer.
    fn attempt_iso(&mut self, address: Address, work: &IsoWork) -> Progress {
        if self.iso_period_us(address).is_none() {
            return Progress::Ended(End::stalled(0));
        }
        if self.now_us < work.end_us {
            return Progress::Waits;
        }
        let mut data = self.pool.pop().unwrap_or_default();
        let actual = match address.direction() {
            Direction::In => self.iso_in(address, &work.lengths, &mut data),
            Direction::Out => self.iso_out(address, work),
        };
        Progress::Ended(End {
            outcome: Outcome::Done,
            actual: actual.iter().sum(),
            data,
            iso: Some(Isochronous {
                start_us: work.start_us,
                actual,
            }),
        })
    }

    /// A packet of a device that has nothing to say is empty.
    fn iso_in(&mut self, address: Address, lengths: &[usize], data: &mut Vec<u8>) -> Vec<usize> {
        let most = self.max_packet(address);
        let packet = |&wanted: &usize| {
            let before = data.len();
            self.device.transfer_in(address, wanted.min(most), data);
            data.len() - before
        };
        lengths.iter().map(packet).collect()
    }

    /// Nobody acknowledges a packet, so all of it moved.
    fn iso_out(&mut self, address: Address, work: &IsoWork) -> Vec<usize> {
        let mut rest = &work.data[..];
        for &length in &work.lengths {
            let (packet, behind) = rest.split_at(length.min(rest.len()));
            self.device.transfer_out(address, packet);
            rest = behind;
        }
        work.lengths.clone()
    }

    fn end(&mut self, address: Address, token: T, end: End) {
        let End {
            outcome,
            actual,
            data,
            iso,
        } = end;
        self.ended.push_back(Completion {
            token,
            address,
            outcome,
            actual,
            data,
            iso,
        });
    }
}

#[cfg(test)]
mod tests;
