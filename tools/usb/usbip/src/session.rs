// SPDX-License-Identifier: GPL-2.0

//! A device behind a connection to `vhci_hcd`.

use std::collections::BTreeMap;
use std::fmt::Display;

use refdev::link::{self, Consumed, Output, Tracer, Way};
use refdev::{Completion, Device, Engine, Outcome};

use crate::command::{Command, IsoPacket, ParseError, Parsed, Submit};
use crate::reply::{RetSubmit, RetUnlink};
use crate::status;

/// Serves one device. Transfers are named by the sequence number of their submit.
pub struct Session<D> {
    engine: Engine<D, u32>,
    /// Highest submit seen; numbers wrap around.
    last_submit: Option<u32>,
    /// Unlinks that arrived before their submit: victim to number of the unlink.
    early_unlinks: BTreeMap<u32, u32>,
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
            output: Output::default(),
            tracer,
        }
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
            self.start(submit);
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
        } else if address.direction() == refdev::Direction::In {
            self.engine.submit_in(header.sequence, address, length);
        } else {
            self.engine.submit_out(header.sequence, address, data);
        }
    }

    /// An unlink can overtake its submit, since the kernel sends each from a list of its own.
    fn unlink(&mut self, sequence: u32, victim: u32) {
        if self.engine.cancel(victim).is_some() {
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

    /// Turns everything that ended into replies.
    fn collect(&mut self) {
        while let Some(buffer) = self.output.take_spent() {
            self.engine.recycle(buffer);
        }
        while let Some(completion) = self.engine.next_completion() {
            self.ret_submit(completion);
        }
    }

    fn ret_submit(&mut self, completion: Completion<u32>) {
        let Completion {
            token,
            outcome,
            actual,
            data,
            ..
        } = completion;
        let status = match outcome {
            Outcome::Done => status::OK,
            Outcome::Stalled => status::STALL,
        };
        let reply = RetSubmit {
            sequence: token,
            status,
            actual: actual as u32,
            ..RetSubmit::default()
        };
        self.send(&reply, RetSubmit::to_bytes);
        self.output.push_payload(data);
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

#[cfg(test)]
mod tests;
