// SPDX-License-Identifier: GPL-2.0

//! A device behind a connection to `vhci_hcd`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use refdev::fault::{Fate, Faults, IsoPacket};
use refdev::link::{self, Consumed, Output, Serve, Tracer, Way};
use refdev::{Answer, Completion, Device, Direction, Engine};

use crate::begun::{Begun, Reply};
use crate::command::{Command, IsoPackets, ParseError, Parsed, Submit};
use crate::reply::{RetSubmit, RetUnlink};
use crate::status;

/// Turns the number of a transfer into one that the host does not have.
const STRAY: u32 = 1 << 30;

/// Serves one device. Transfers are named by the sequence number of their submit.
pub struct Session<D> {
    engine: Engine<D, u32>,
    /// Highest submit seen; numbers wrap around.
    last_submit: Option<u32>,
    /// Unlinks that arrived before their submit: victim to number of the unlink.
    early_unlinks: BTreeMap<u32, u32>,
    faults: Faults,
    /// Transfers of which more is needed when they end.
    begun: BTreeMap<u32, Begun>,
    /// Transfers that ended and that the host does not hear of.
    withheld: BTreeSet<u32>,
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
            begun: BTreeMap::new(),
            withheld: BTreeSet::new(),
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
        } else {
            self.remember(&submit);
            self.start(submit);
        }
    }

    fn remember(&mut self, submit: &Submit<'_>) {
        let setup = (submit.address.number() == 0).then_some(submit.setup);
        let lie = self.faults.pick(submit.address, setup);
        if lie.is_some() || !submit.packets.is_empty() {
            let begun = Begun::new(submit, lie);
            self.begun.insert(submit.header.sequence, begun);
        }
    }

    fn start(&mut self, submit: Submit<'_>) {
        let Submit {
            header,
            address,
            setup,
            data,
            length,
            packets,
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
        } else if !packets.is_empty() {
            let lengths = packets.iter().map(|packet| packet.length as usize);
            let data = gathered(data, packets);
            self.engine
                .submit_iso(header.sequence, address, lengths.collect(), &data);
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
            self.begun.remove(&victim);
            self.ret_unlink(sequence, status::UNLINKED);
        } else if self.withheld.remove(&victim) {
            self.ret_unlink(sequence, status::UNLINKED);
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

    fn ret_unlink(&mut self, sequence: u32, status: i32) {
        // What ended before the unlink must be answered before it.
        self.collect();
        self.send(&RetUnlink { sequence, status }, RetUnlink::to_bytes);
    }

    fn tell(&mut self, fate: Fate, reply: Reply) {
        if fate == Fate::Twice {
            self.ret_submit(reply.clone());
        }
        if fate == Fate::Stray {
            self.ret_submit(Reply::new(reply.header.sequence ^ STRAY, Answer::default()));
        }
        self.ret_submit(reply);
    }

    fn ret_submit(&mut self, reply: Reply) {
        self.send(&reply.header, RetSubmit::to_bytes);
        let packets = reply.packet_bytes();
        self.output.push_payload(reply.data);
        if !packets.is_empty() {
            self.output.push(&packets);
        }
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

    fn elapse(&mut self, now: Duration) {
        self.advance(now);
    }

    fn deadline(&self) -> Option<Duration> {
        self.engine.deadline_us().map(Duration::from_micros)
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

    fn complete(&mut self, mut end: Completion<u32>) {
        let (sequence, iso) = (end.token, end.iso.take());
        let answer = end.into_answer(status::STALL);
        match self.begun.remove(&sequence) {
            None => self.ret_submit(Reply::new(sequence, answer)),
            Some(begun) if begun.fate() == Fate::Never => {
                self.withheld.insert(sequence);
            }
            Some(begun) => self.tell(begun.fate(), begun.reply(sequence, answer, iso)),
        }
    }
}

/// The OUT data of isochronous packets, which may have gaps between them in the buffer, without.
fn gathered(data: &[u8], packets: IsoPackets<'_>) -> Vec<u8> {
    let part = |packet: IsoPacket| {
        let (start, length) = (packet.offset as usize, packet.length as usize);
        let part = data.get(start..).unwrap_or_default();
        &part[..length.min(part.len())]
    };
    packets.iter().flat_map(part).copied().collect()
}

#[cfg(test)]
mod tests;
