// SPDX-License-Identifier: GPL-2.0

//! A device behind a connection to `vhci_hcd`.

use std::collections::BTreeMap;
use std::fmt::Display;

use refdev::fault::{Fate, Faults, Lie};
use refdev::link::{self, Consumed, Output, Serve, Tracer, Way};
use refdev::{Answer, Completion, Device, Direction, Engine};

use crate::command::{Command, IsoPacket, ParseError, Parsed, Submit};
use crate::reply::{RetSubmit, RetUnlink};
use crate::status;

/// Turns the number of a transfer into one that the host does not have.
const STRAY: u32 = 1 << 30;

/// A transfer to lie about.
struct Told {
    lie: Lie,
    direction: Direction,
    asked: u32,
}

impl Told {
    fn distort(&self, answer: &mut Answer) {
        let asked = self.asked;
        // The kernel reads so many bytes behind the header; a length that is negative to it means
        // none, and after one that is too large it does not read on.
        let in_step = |actual| {
            if actual <= asked { actual as usize } else { 0 }
        };
        match self.direction {
            Direction::In => self.lie.distort_in(asked, answer, in_step),
            Direction::Out => self.lie.distort_out(asked, answer),
        }
    }

    fn unlinked(&self) -> i32 {
        self.lie.unlink.unwrap_or(status::UNLINKED)
    }
}

/// Serves one device. Transfers are named by the sequence number of their submit.
pub struct Session<D> {
    engine: Engine<D, u32>,
    /// Highest submit seen; numbers wrap around.
    last_submit: Option<u32>,
    /// Unlinks that arrived before their submit: victim to number of the unlink.
    early_unlinks: BTreeMap<u32, u32>,
    faults: Faults,
    /// Transfers that are lied about when they end.
    told: BTreeMap<u32, Told>,
    /// Transfers that ended and that the host does not hear of, with the status of their unlink.
    withheld: BTreeMap<u32, i32>,
    output: Output,
    tracer: Tracer,
}

impl<D: Device> Session<D> {
    /// Begins to serve a device.
    pub fn new(device: D, tracer: Tracer) -> Self {
        Self {
            engine: Engine::new(device),
            last_submit: None,
            early_unlinks: BTreeMap::new(),
            faults: Faults::default(),
            told: BTreeMap::new(),
            withheld: BTreeMap::new(),
            output: Output::default(),
            tracer,
        }
    }

    /// Lies to the host from now on.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    fn perform(&mut self, command: Command<'_>) {
        self.tracer.message(Way::Received, &command);
        match command {
            Command::Submit(submit) => self.submit(submit),
            Command::Unlink { header, victim } => self.unlink(header.sequence, victim),
        }
    }

    fn submit(&mut self, submit: Submit<'_>) {
        let sequence = submit.header.sequence;
        self.last_submit = Some(sequence);
        if let Some(unlink) = self.early_unlinks.remove(&sequence) {
            self.ret_unlink(unlink, status::UNLINKED);
        } else if !submit.packets.is_empty() {
            self.refuse_isochronous(submit);
        } else {
            self.choose_lie(&submit);
            self.start(submit);
        }
    }

    fn choose_lie(&mut self, submit: &Submit<'_>) {
        let setup = (submit.address.number() == 0).then_some(submit.setup);
        if let Some(lie) = self.faults.pick(submit.address, setup) {
            let told = Told {
                lie,
                direction: submit.address.direction(),
                asked: submit.length as u32,
            };
            self.told.insert(submit.header.sequence, told);
        }
    }

    fn start(&mut self, submit: Submit<'_>) {
        let Submit {
            header,
            address,
            setup,
            data,
            length,
            ..
        } = submit;
        if address.number() == 0 {
            // The device never gives more than the setup packet allows; the buffer may be smaller.
            let room = length.try_into().unwrap_or(u16::MAX);
            let setup = refdev::Setup {
                length: setup.length.min(room),
                ..setup
            };
            self.engine.submit_control(header.sequence, setup, data);
        } else if address.direction() == Direction::In {
            self.engine.submit_in(header.sequence, address, length);
        } else {
            self.engine.submit_out(header.sequence, address, data);
        }
    }

    /// An unlink can overtake its submit, since the kernel sends each from a list of its own.
    fn unlink(&mut self, sequence: u32, victim: u32) {
        self.collect();
        if self.engine.cancel(victim).is_some() {
            let told = self.told.remove(&victim);
            self.ret_unlink(
                sequence,
                told.map_or(status::UNLINKED, |told| told.unlinked()),
            );
        } else if let Some(status) = self.withheld.remove(&victim) {
            self.ret_unlink(sequence, status);
        } else if self.is_to_come(victim) {
            self.early_unlinks.insert(victim, sequence);
        } else {
            self.ret_unlink(sequence, status::OK);
        }
    }

    fn is_to_come(&self, submit: u32) -> bool {
        self.last_submit
            .is_none_or(|last| submit.wrapping_sub(last) as i32 > 0)
    }

    /// No device here has isochronous endpoints, so the host cannot ask for them in earnest. The
    /// packets must come back nevertheless, or the host loses step.
    fn refuse_isochronous(&mut self, submit: Submit<'_>) {
        let packets = submit.packets.len() as u32;
        self.send(
            &RetSubmit {
                sequence: submit.header.sequence,
                status: status::STALL,
                start_frame: submit.start_frame,
                packets,
                errors: packets,
                ..RetSubmit::default()
            },
            RetSubmit::to_bytes,
        );
        for packet in submit.packets.iter() {
            let refused = IsoPacket {
                actual: 0,
                status: status::STALL,
                ..packet
            };
            self.output.push(&refused.to_bytes());
        }
    }

    fn ret_unlink(&mut self, sequence: u32, status: i32) {
        // What ended before the unlink must be answered before it.
        self.collect();
        self.send(&RetUnlink { sequence, status }, RetUnlink::to_bytes);
    }

    fn tell(&mut self, sequence: u32, told: &Told, mut answer: Answer) {
        told.distort(&mut answer);
        match told.lie.fate {
            Fate::Never => {
                self.withheld.insert(sequence, told.unlinked());
                return;
            }
            Fate::Twice => self.ret_submit(sequence, answer.clone()),
            Fate::Stray => self.ret_submit(sequence ^ STRAY, Answer::default()),
            Fate::Once => {}
        }
        self.ret_submit(sequence, answer);
    }

    fn ret_submit(&mut self, sequence: u32, answer: Answer) {
        let reply = RetSubmit {
            sequence,
            status: answer.status,
            actual: answer.actual,
            ..RetSubmit::default()
        };
        self.send(&reply, RetSubmit::to_bytes);
        self.output.push_payload(answer.data);
    }

    fn send<M: Display + Copy>(&mut self, message: &M, bytes: fn(M) -> [u8; crate::HEADER_SIZE]) {
        self.tracer.message(Way::Sent, message);
        self.output.push(&bytes(*message));
    }
}

impl<D: Device> link::Session for Session<D> {
    type Error = ParseError;

    fn input(&mut self, bytes: &[u8]) -> Result<Consumed, ParseError> {
        let mut used = 0;
        let needed = loop {
            match Command::parse(&bytes[used..])? {
                Parsed::Incomplete(needed) => break needed,
                Parsed::Message(command, size) => {
                    self.perform(command);
                    used += size;
                }
            }
        };
        self.collect();
        Ok(Consumed { used, needed })
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }
}

impl<D: Device> Serve for Session<D> {
    type Device = D;
    type Token = u32;

    fn engine(&mut self) -> &mut Engine<D, u32> {
        &mut self.engine
    }

    fn complete(&mut self, end: Completion<u32>) {
        let sequence = end.token;
        let answer = end.into_answer(status::STALL);
        match self.told.remove(&sequence) {
            Some(told) => self.tell(sequence, &told, answer),
            None => self.ret_submit(sequence, answer),
        }
    }
}

#[cfg(test)]
mod tests;
