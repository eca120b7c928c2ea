// SPDX-License-Identifier: GPL-2.0

//! A device behind a connection to `vhci_hcd`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use refdev::fault::{Fate, Faults, IsoPacket, Unlink};
use refdev::link::{self, Consumed, Output, Serve, Tracer, Way};
use refdev::{Answer, Completion, Device, Direction, Engine};

use crate::begun::{Begun, Reply};
use crate::command::{Command, IsoPackets, ParseError, Parsed, Submit};
use crate::reply::{RetSubmit, RetUnlink};
use crate::status;

/// Turns the number of a transfer into one that the host does not have.
const STRAY: u32 = 1 << 30;

/// What a connection saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Answers to transfers and to unlinks.
    pub answers: u64,
    /// Those that were not true.
    pub lies: u64,
    /// Bytes that came from the host, but for control requests.
    pub bytes: u64,
    /// Those that were not zero.
    pub not_zero: u64,
}

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
    /// Transfers that ended and that the host does not hear of, and what it hears when it takes
    /// them back.
    withheld: BTreeMap<u32, Unlink>,
    seen: Seen,
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
            withheld: BTreeMap::new(),
            seen: Seen::default(),
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

    /// What it saw so far.
    pub fn seen(&self) -> Seen {
        self.seen
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
            self.look_at(&submit);
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

    fn look_at(&mut self, submit: &Submit<'_>) {
        if submit.address.number() != 0 {
            self.seen.bytes += submit.data.len() as u64;
            self.seen.not_zero += submit.data.iter().filter(|&&byte| byte != 0).count() as u64;
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
        let lie = self.unlink_lie(victim);
        if lie == Unlink::Never {
            self.seen.lies += 1;
        } else if self.engine.cancel(victim).is_some() || self.withheld.remove(&victim).is_some() {
            self.begun.remove(&victim);
            self.ret_cancelled(sequence, lie);
        } else if self.is_to_come(victim) {
            self.early_unlinks.insert(victim, sequence);
        } else {
            self.ret_unlink(sequence, status::OK);
        }
    }

    fn unlink_lie(&self, victim: u32) -> Unlink {
        let begun = self.begun.get(&victim).map(Begun::unlink);
        let withheld = self.withheld.get(&victim).copied();
        begun.or(withheld).unwrap_or_default()
    }

    fn ret_cancelled(&mut self, sequence: u32, lie: Unlink) {
        let status = match lie {
            Unlink::Status(status) => {
                self.seen.lies += 1;
                status
            }
            Unlink::Truth | Unlink::Never => status::UNLINKED,
        };
        self.ret_unlink(sequence, status);
    }

    fn is_to_come(&self, submit: u32) -> bool {
        self.last_submit
            .is_none_or(|last| submit.wrapping_sub(last) as i32 > 0)
    }

    fn ret_unlink(&mut self, sequence: u32, status: i32) {
        // What ended before the unlink must be answered before it.
        self.collect();
        self.seen.answers += 1;
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
        self.seen.answers += 1;
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
        let begun = self.begun.remove(&sequence);
        self.seen.lies += u64::from(begun.as_ref().is_some_and(Begun::lies));
        match begun {
            None => self.ret_submit(Reply::new(sequence, answer)),
            Some(begun) if begun.fate() == Fate::Never => {
                self.withheld.insert(sequence, begun.unlink());
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
