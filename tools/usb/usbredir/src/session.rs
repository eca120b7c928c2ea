// SPDX-License-Identifier: GPL-2.0

//! A device behind a connection to QEMU.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use refdev::fault::{Fate, Faults, Lie};
use refdev::link::{self, Consumed, Output, Serve, Tracer, Way};
use refdev::machine::{feature, request};
use refdev::{Address, Answer, Completion, Device, Direction, EndpointSet, Engine, Setup};
use thiserror::Error;

use crate::fault::distort;
use crate::message::{Body, Message, Packet, Parsed};
use crate::reply::{self, PacketEnd};
use crate::wire::{Caps, ParseError, Status};

mod bulk_streams;
mod poll;
mod stream;

use bulk_streams::BulkStreams;

/// Why a connection cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// Bytes that cannot be a message.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A second hello, or something else before the first.
    #[error("usbredir message out of order: the first, and only the first, must be a hello")]
    Order,
    /// QEMU does not want the device.
    #[error("QEMU refused the device: look at the filter= of its usb-redir device")]
    Refused,
}

/// Turns the id of a transfer into one that QEMU does not have.
const STRAY: u64 = 1 << 31;

/// What a transfer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// By QEMU: the id of its packet.
    Packet(u64),
    /// By us: the poll of an interrupt endpoint.
    Poll(Address),
    /// By us: one of the isochronous transfers of a stream.
    Stream(Address, u8),
    /// Nobody asks for its end: an isochronous OUT packet, by QEMU's id.
    IsoOut(u64),
}

/// What the answer to a packet must repeat.
#[derive(Clone, Copy)]
enum Request {
    Control(Setup),
    Bulk { address: Address, stream: u32 },
    InterruptOut(Address),
}

impl Request {
    fn direction(self) -> Direction {
        match self {
            Self::Control(setup) => setup.direction(),
            Self::Bulk { address, .. } | Self::InterruptOut(address) => address.direction(),
        }
    }

    /// The answer, without its data.
    fn ended(self, answer: &Answer) -> reply::Body {
        let end = |address, stream| PacketEnd {
            address,
            status: Status::from_raw(answer.status as u8),
            actual: answer.actual as usize,
            stream,
        };
        match self {
            Self::Control(setup) => {
                let length = answer.actual.try_into().unwrap_or(u16::MAX);
                let status = Status::from_raw(answer.status as u8);
                reply::Body::Control(status, Setup { length, ..setup })
            }
            Self::Bulk { address, stream } => reply::Body::Bulk(end(address, stream)),
            Self::InterruptOut(address) => reply::Body::Interrupt(end(address, 0)),
        }
    }
}

/// A packet of QEMU's that is to be answered.
struct Begun {
    request: Request,
    asked: u32,
    lie: Option<Lie>,
}

/// Serves one device.
pub struct Session<D> {
    engine: Engine<D, Token>,
    /// Agreed capabilities, once QEMU's hello is there.
    caps: Option<Caps>,
    requests: HashMap<u64, Begun>,
    faults: Faults,
    /// Packets that ended and that QEMU does not hear of.
    withheld: HashSet<u64>,
    /// Interrupt endpoints that QEMU polls and that stalled.
    stalled_polls: EndpointSet,
    /// Interrupt endpoints that are polled again, and when.
    due_polls: BTreeMap<Address, Duration>,
    /// Since the connection began.
    now: Duration,
    /// Counts what interrupt endpoints send.
    interrupts: u64,
    /// Isochronous IN endpoints that stream, and the size of their packets.
    streams: BTreeMap<Address, usize>,
    /// Counts what isochronous endpoints send.
    iso_packets: u64,
    bulk_streams: BulkStreams,
    output: Output,
    tracer: Tracer,
}

impl<D: Device> Session<D> {
    /// Begins to serve a device: our hello is the first output.
    pub fn new(device: D, tracer: Tracer) -> Self {
        let mut session = Self {
            engine: Engine::new(device),
            caps: None,
            requests: HashMap::new(),
            faults: Faults::default(),
            withheld: HashSet::new(),
            stalled_polls: EndpointSet::EMPTY,
            due_polls: BTreeMap::new(),
            now: Duration::ZERO,
            interrupts: 0,
            streams: BTreeMap::new(),
            iso_packets: 0,
            bulk_streams: BulkStreams::default(),
            output: Output::default(),
            tracer,
        };
        session.send(0, &reply::Body::Hello, Vec::new());
        session
    }

    /// Lies to QEMU from now on. Each fault should have passed [`check`](crate::check).
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Before they are agreed on there are none.
    fn caps(&self) -> Caps {
        self.caps.unwrap_or_default()
    }

    fn perform(&mut self, message: Message<'_>) -> Result<(), Error> {
        self.tracer.message(Way::Received, &message);
        let id = message.id;
        match (message.body, self.caps) {
            (Body::Hello(theirs), None) => self.connect(theirs),
            (Body::Hello(_), Some(_)) | (_, None) => return Err(Error::Order),
            (Body::FilterReject, _) => return Err(Error::Refused),
            (Body::Control(setup, data), _) => self.control(id, setup, data),
            (Body::Bulk(packet), _) => self.bulk(id, packet),
            (Body::Interrupt(packet), _) => self.interrupt_out(id, packet),
            (Body::Cancel, _) => self.cancel(id),
            (body, _) => self.configure(id, body),
        }
        Ok(())
    }

    /// The order is fixed: interfaces, endpoints, device.
    fn connect(&mut self, theirs: Caps) {
        self.caps = Some(Caps::OURS.and(theirs));
        self.send_info();
        let device = self.engine.device();
        let description = device.description();
        let connect = reply::Body::DeviceConnect {
            speed: device.speed(),
            class: description.class,
            vendor: description.vendor,
            product: description.product,
            release: description.release,
        };
        self.send(0, &connect, Vec::new());
    }

    fn send_info(&mut self) {
        let interfaces = reply::interface_info(self.engine.device());
        self.send(0, &reply::Body::InterfaceInfo(interfaces), Vec::new());
        let endpoints = reply::endpoint_table(self.engine.device());
        self.send(0, &reply::Body::EpInfo(Box::new(endpoints)), Vec::new());
    }

    /// Messages that do not carry data.
    fn configure(&mut self, id: u64, body: Body<'_>) {
        match body {
            Body::Reset => {
                self.bulk_streams = BulkStreams::default();
                self.engine.reset();
            }
            Body::SetConfiguration(value) => {
                self.bulk_streams = BulkStreams::default();
                let result = self.engine.set_configuration(value);
                self.send_info();
                self.configuration_status(id, status(result));
            }
            Body::GetConfiguration => self.configuration_status(id, Status::Success),
            Body::SetAlternate {
                interface,
                alternate,
            } => {
                self.bulk_streams = BulkStreams::default();
                let result = self.engine.set_alternate(interface, alternate);
                self.send_info();
                self.alternate_status(id, interface, status(result));
            }
            Body::GetAlternate(interface) => {
                let known = self.engine.device().alternate(interface);
                self.alternate_status(id, interface, status(known.map(drop)));
            }
            Body::StartInterrupt(address) => self.start_interrupt(id, address),
            Body::StopInterrupt(address) => self.stop_interrupt(id, address),
            Body::StartIso(address) => self.start_iso(id, address),
            Body::StopIso(address) => self.stop_iso(id, address),
            Body::Iso(packet) => self.iso_out(id, packet),
            Body::AllocStreams(endpoints, count) => self.alloc_streams(id, endpoints, count),
            Body::FreeStreams(endpoints) => self.free_streams(id, endpoints),
            _ => {}
        }
    }

    fn configuration_status(&mut self, id: u64, status: Status) {
        let value = self.engine.device().configuration();
        self.send(
            id,
            &reply::Body::ConfigurationStatus(status, value),
            Vec::new(),
        );
    }

    fn alternate_status(&mut self, id: u64, interface: u8, status: Status) {
        let alternate = self.engine.device().alternate(interface).unwrap_or(0);
        let body = reply::Body::AlternateStatus {
            status,
            interface,
            alternate,
        };
        self.send(id, &body, Vec::new());
    }

    fn control(&mut self, id: u64, setup: Setup, data: &[u8]) {
        let lie = self.faults.pick(Address::CONTROL, Some(setup));
        self.begin(id, Request::Control(setup), setup.length.into(), lie);
        self.engine.submit_control(Token::Packet(id), setup, data);
    }

    fn begin(&mut self, id: u64, request: Request, asked: usize, lie: Option<Lie>) {
        let asked = asked as u32;
        let begun = Begun {
            request,
            asked,
            lie,
        };
        self.requests.insert(id, begun);
    }

    fn bulk(&mut self, id: u64, packet: Packet<'_>) {
        let Packet {
            address,
            stream,
            length,
            data,
        } = packet;
        let lie = self.faults.pick(address, None);
        self.begin(id, Request::Bulk { address, stream }, length, lie);
        if stream != 0 {
            return self.streamed_bulk(id, packet);
        }
        match address.direction() {
            Direction::In => self.engine.submit_in(Token::Packet(id), address, length),
            Direction::Out => self.engine.submit_out(Token::Packet(id), address, data),
        }
    }

    fn interrupt_out(&mut self, id: u64, packet: Packet<'_>) {
        let address = packet.address;
        let lie = self.faults.pick(address, None);
        self.begin(id, Request::InterruptOut(address), packet.length, lie);
        self.engine
            .submit_out(Token::Packet(id), address, packet.data);
    }

    /// QEMU remembers what it cancelled until the packet came back, so it gets one.
    fn cancel(&mut self, id: u64) {
        let cancelled = self.engine.cancel(Token::Packet(id));
        let was_there = self.withheld.remove(&id) || self.bulk_streams.cancel(id);
        if cancelled.is_none() && !was_there {
            return;
        }
        let Some(begun) = self.requests.remove(&id) else {
            return;
        };
        let answer = Answer {
            status: Status::Cancelled.raw().into(),
            actual: cancelled.map_or(0, |cancelled| cancelled.actual as u32),
            data: Vec::new(),
        };
        self.answer(id, begun.request, answer);
    }

    /// Packet size of an IN endpoint if it is of this kind.
    fn packet_size(&self, address: Address, kind: u8) -> Option<usize> {
        let table = reply::endpoint_table(self.engine.device());
        let endpoint = table[address.index()].filter(|_| address.direction() == Direction::In)?;
        (endpoint.kind == kind).then_some(endpoint.max_packet.into())
    }

    fn ended(&mut self, id: u64, mut answer: Answer) {
        let Some(mut begun) = self.requests.remove(&id) else {
            return;
        };
        let fate = match begun.lie.take() {
            Some(lie) => {
                distort(&lie, begun.request.direction(), begun.asked, &mut answer);
                lie.fate
            }
            None => Fate::Once,
        };
        match fate {
            Fate::Never => {
                self.requests.insert(id, begun);
                self.withheld.insert(id);
                return;
            }
            Fate::Twice => self.answer(id, begun.request, answer.clone()),
            Fate::Stray => self.answer(id ^ STRAY, begun.request, Answer::default()),
            Fate::Once => {}
        }
        self.answer(id, begun.request, answer);
    }

    fn answer(&mut self, id: u64, request: Request, answer: Answer) {
        self.send(id, &request.ended(&answer), answer.data);
        if let Request::Control(setup) = request {
            self.resume_poll(setup);
        }
    }

    fn send(&mut self, id: u64, body: &reply::Body, data: Vec<u8>) {
        self.tracer.message(Way::Sent, &Numbered { body, id });
        self.output
            .push(&body.to_bytes(self.caps(), id, data.len()));
        self.output.push_payload(data);
    }
}

struct Numbered<'a> {
    body: &'a reply::Body,
    id: u64,
}

impl fmt::Display for Numbered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} id={}", self.body, self.id)
    }
}

fn status(result: Result<(), refdev::Stall>) -> Status {
    result.map_or(Status::Stall, |()| Status::Success)
}

impl<D: Device> link::Session for Session<D> {
    type Error = Error;

    fn input(&mut self, bytes: &[u8]) -> Result<Consumed, Error> {
        let mut used = 0;
        let needed = loop {
            match Message::parse(&bytes[used..], self.caps())? {
                Parsed::Incomplete(needed) => break needed,
                Parsed::Message(message, size) => {
                    self.perform(message)?;
                    used += size;
                }
            }
            self.collect();
        };
        Ok(Consumed { used, needed })
    }

    fn elapse(&mut self, now: Duration) {
        self.begin_due_polls(now);
        self.advance(now);
    }

    fn deadline(&self) -> Option<Duration> {
        let iso = self.engine.deadline_us().map(Duration::from_micros);
        iso.into_iter().chain(self.next_poll()).min()
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    fn attached(&self) -> bool {
        self.caps.is_some()
    }
}

impl<D: Device> Serve for Session<D> {
    type Device = D;
    type Token = Token;

    fn engine(&mut self) -> &mut Engine<D, Token> {
        &mut self.engine
    }

    fn complete(&mut self, end: Completion<Token>) {
        let stall = Status::Stall.raw().into();
        match end.token {
            Token::Packet(id) => self.ended(id, end.into_answer(stall)),
            Token::Poll(address) => self.polled(address, end.into_answer(stall)),
            Token::Stream(address, slot) => self.streamed(address, slot, end),
            Token::IsoOut(_) => self.engine.recycle(end.data),
        }
    }
}

#[cfg(test)]
mod tests;
