// SPDX-License-Identifier: GPL-2.0

//! Transfers in flight: queued per endpoint, answered in order, cancelled by token.

use std::collections::VecDeque;

use crate::device::{Control, Device, In, Out, Stall};
use crate::endpoint::Address;
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
}

impl Work {
    fn accepted(&self) -> usize {
        match self {
            Self::Out {
                taken_of_rest,
                taken_before,
                ..
            } => taken_before + taken_of_rest,
            Self::Control { .. } | Self::In { .. } => 0,
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
    Ended {
        outcome: Outcome,
        actual: usize,
        data: Vec<u8>,
    },
}

impl Progress {
    fn stalled(actual: usize) -> Self {
        Self::Ended {
            outcome: Outcome::Stalled,
            actual,
            data: Vec::new(),
        }
    }

    fn done(actual: usize, data: Vec<u8>) -> Self {
        Self::Ended {
            outcome: Outcome::Done,
            actual,
            data,
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
}

impl<D: Device, T: Copy + Eq> Engine<D, T> {
    /// Takes over a device.
    pub fn new(device: D) -> Self {
        Self {
            device,
            queues: std::array::from_fn(|_| VecDeque::new()),
            ended: VecDeque::new(),
            pool: Vec::new(),
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
            Out::Stall => self.end(address, token, Outcome::Stalled, 0, Vec::new()),
            Out::Accepted(count) if idle && count >= data.len() => {
                self.end(address, token, Outcome::Done, data.len(), Vec::new());
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
                Progress::Ended {
                    outcome,
                    actual,
                    data,
                } => {
                    self.end(address, first.token, outcome, actual, data);
                }
            }
        }
    }

    fn attempt(&mut self, address: Address, work: &mut Work) -> Progress {
        match work {
            Work::Control { setup, data } => match self.device.control(*setup, data) {
                Control::Done(answer) => Progress::done(answer.len().max(data.len()), answer),
                Control::Pending => Progress::Waits,
                Control::Stall => Progress::stalled(0),
            },
            Work::In { wanted } => self.attempt_in(address, *wanted),
            Work::Out {
                rest,
                taken_of_rest,
                taken_before,
            } => match self.device.transfer_out(address, &rest[*taken_of_rest..]) {
                Out::Stall => Progress::stalled(*taken_before + *taken_of_rest),
                Out::Accepted(count) => {
                    *taken_of_rest += count;
                    if *taken_of_rest < rest.len() {
                        return Progress::Waits;
                    }
                    Progress::done(*taken_before + rest.len(), Vec::new())
                }
            },
        }
    }

    fn attempt_in(&mut self, address: Address, wanted: usize) -> Progress {
        let mut buffer = self.pool.pop().unwrap_or_default();
        match self.device.transfer_in(address, wanted, &mut buffer) {
            In::Done => Progress::done(buffer.len(), buffer),
            In::Pending => {
                self.recycle(buffer);
                Progress::Waits
            }
            In::Stall => {
                self.recycle(buffer);
                Progress::stalled(0)
            }
        }
    }

    fn end(&mut self, address: Address, token: T, outcome: Outcome, actual: usize, data: Vec<u8>) {
        self.ended.push_back(Completion {
            token,
            address,
            outcome,
            actual,
            data,
        });
    }
}

#[cfg(test)]
mod tests;
