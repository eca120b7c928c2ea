// SPDX-License-Identifier: GPL-2.0

//! The session as QEMU meets it: bytes in, bytes out.

use refdev::link::Session as _;
use refdev::reference::{FIFO_SIZE, request::code};
use refdev::{Function, Machine, Personality, Speed};

use super::*;
use crate::wire::{Header, kind};

mod bulk_streams;
mod faults;
mod iso;

/// What QEMU 7.2 offers.
const QEMU_CAPS: u32 = 0xff;

/// QEMU's end.
struct Host {
    session: Session<Machine<Box<dyn Function>>>,
    caps: Caps,
}

/// Type, id, and what is behind the header.
type Reply = (u32, u64, Vec<u8>);

impl Host {
    /// Before the hello.
    fn new() -> Self {
        Self::of(Personality::Reference, Speed::High)
    }

    fn of(personality: Personality, speed: Speed) -> Self {
        let device = Machine::new(personality.function("1").unwrap(), speed);
        let session = Session::new(device, Tracer::default());
        Self {
            session,
            caps: Caps::default(),
        }
    }

    /// With a configured device.
    fn connected(caps: u32) -> Self {
        Self::new().connect(caps, 1)
    }

    fn connect(mut self, caps: u32, configuration: u8) -> Self {
        self.replies();
        self.feed(kind::HELLO, 0, &hello(caps));
        self.caps = Caps::OURS.and(Caps::from_raw(caps));
        self.feed(kind::SET_CONFIGURATION, 0, &[configuration]);
        self.replies();
        self
    }

    fn at(&mut self, milliseconds: u64) -> Vec<Reply> {
        self.session.elapse(Duration::from_millis(milliseconds));
        self.replies()
    }

    fn message(&self, kind: u32, id: u64, body: &[u8]) -> Vec<u8> {
        let mut raw = Vec::new();
        Header {
            kind,
            length: body.len(),
            id,
        }
        .push(self.caps, &mut raw);
        raw.extend(body);
        raw
    }

    fn feed(&mut self, kind: u32, id: u64, body: &[u8]) {
        let raw = self.message(kind, id, body);
        let consumed = self.session.input(&raw).unwrap();
        assert_eq!(consumed.used, raw.len());
    }

    fn replies(&mut self) -> Vec<Reply> {
        let output = self.session.output();
        let bytes: Vec<u8> = output.pieces().flatten().copied().collect();
        output.advance(bytes.len());
        let mut rest = &bytes[..];
        let mut replies = Vec::new();
        while let Some(header) = Header::parse(rest, self.caps) {
            let size = self.caps.header_size();
            replies.push((
                header.kind,
                header.id,
                rest[size..size + header.length].to_vec(),
            ));
            rest = &rest[size + header.length..];
        }
        assert!(rest.is_empty());
        replies
    }

    fn write(&mut self, id: u64, data: &[u8]) {
        let body = [&bulk(0x01, 0, data.len())[..], data].concat();
        self.feed(kind::BULK_PACKET, id, &body);
    }

    fn read(&mut self, id: u64, length: usize) {
        self.feed(kind::BULK_PACKET, id, &bulk(0x81, 0, length));
    }

    fn control(&mut self, id: u64, request_type: u8, request: u8, value: u16, data: Data<'_>) {
        let (length, data) = match data {
            Data::Out(data) => (data.len() as u16, data),
            Data::In(length) => (length, &[][..]),
        };
        let mut body = control(request_type, request, value, length, 0);
        body.extend(data);
        self.feed(kind::CONTROL_PACKET, id, &body);
    }
}

#[derive(Clone, Copy)]
enum Data<'a> {
    In(u16),
    Out(&'a [u8]),
}

fn hello(caps: u32) -> Vec<u8> {
    let mut raw = vec![0; 64];
    raw.extend(caps.to_le_bytes());
    raw
}

fn bulk(endpoint: u8, status: u8, length: usize) -> [u8; 10] {
    let [l0, l1, l2, l3, ..] = length.to_le_bytes();
    [endpoint, status, l0, l1, 0, 0, 0, 0, l2, l3]
}

fn control(request_type: u8, request: u8, value: u16, length: u16, status: u8) -> Vec<u8> {
    let [v0, v1] = value.to_le_bytes();
    let [l0, l1] = length.to_le_bytes();
    vec![
        request_type & 0x80,
        request,
        request_type,
        status,
        v0,
        v1,
        0,
        0,
        l0,
        l1,
    ]
}

fn wrote(id: u64, length: usize) -> Reply {
    (kind::BULK_PACKET, id, bulk(0x01, 0, length).to_vec())
}

fn got(id: u64, data: &[u8]) -> Reply {
    (
        kind::BULK_PACKET,
        id,
        [&bulk(0x81, 0, data.len())[..], data].concat(),
    )
}

#[test]
fn the_hello_comes_first_and_the_device_after_qemus() {
    let mut host = Host::new();
    let first = host.replies();
    assert_eq!(
        (first.len(), first[0].0, first[0].2.len()),
        (1, kind::HELLO, 68)
    );
    host.feed(kind::HELLO, 0, &hello(QEMU_CAPS));
    host.caps = Caps::OURS;
    let found: Vec<_> = host
        .replies()
        .iter()
        .map(|(kind, _, body)| (*kind, body.len()))
        .collect();
    let wanted = [
        (kind::INTERFACE_INFO, 132),
        (kind::EP_INFO, 288),
        (kind::DEVICE_CONNECT, 10),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn with_a_poor_peer_everything_is_short() {
    let mut host = Host::new();
    host.replies();
    host.feed(kind::HELLO, 0, &hello(0));
    let found: Vec<_> = host
        .replies()
        .iter()
        .map(|(kind, _, body)| (*kind, body.len()))
        .collect();
    let wanted = [
        (kind::INTERFACE_INFO, 132),
        (kind::EP_INFO, 96),
        (kind::DEVICE_CONNECT, 8),
    ];
    assert_eq!(found, wanted);
    host.feed(kind::SET_CONFIGURATION, 0, &[1]);
    host.replies();
    host.feed(
        kind::BULK_PACKET,
        7,
        &[0x01, 0, 2, 0, 0, 0, 0, 0, b'h', b'i'],
    );
    host.feed(kind::BULK_PACKET, 8, &[0x81, 0, 9, 0, 0, 0, 0, 0]);
    let wanted = [
        (kind::BULK_PACKET, 7, vec![0x01, 0, 2, 0, 0, 0, 0, 0]),
        (
            kind::BULK_PACKET,
            8,
            vec![0x81, 0, 2, 0, 0, 0, 0, 0, b'h', b'i'],
        ),
    ];
    assert_eq!(host.replies(), wanted);
}

#[test]
fn the_hello_is_the_first_and_only_one() {
    let mut host = Host::new();
    let early = host.message(kind::RESET, 0, &[]);
    assert_eq!(host.session.input(&early), Err(Error::Order));
    let mut host = Host::connected(QEMU_CAPS);
    let again = host.message(kind::HELLO, 0, &hello(QEMU_CAPS));
    assert_eq!(host.session.input(&again), Err(Error::Order));
}

#[test]
fn a_hello_with_more_behind_it_switches_the_header_size_at_once() {
    let mut host = Host::new();
    host.replies();
    let mut raw = host.message(kind::HELLO, 0, &hello(QEMU_CAPS));
    host.caps = Caps::OURS;
    raw.extend(host.message(kind::GET_CONFIGURATION, 0x1_0000_0002, &[]));
    assert_eq!(host.session.input(&raw).unwrap().used, raw.len());
    let last = host.replies().pop().unwrap();
    assert_eq!(
        last,
        (kind::CONFIGURATION_STATUS, 0x1_0000_0002, vec![0, 0])
    );
}

#[test]
fn the_configuration_is_set_and_told() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::GET_CONFIGURATION, 0, &[]);
    assert_eq!(
        host.replies(),
        [(kind::CONFIGURATION_STATUS, 0, vec![0, 1])]
    );
    host.feed(kind::SET_CONFIGURATION, 0, &[9]);
    let replies = host.replies();
    let kinds: Vec<_> = replies.iter().map(|reply| reply.0).collect();
    assert_eq!(
        kinds,
        [
            kind::INTERFACE_INFO,
            kind::EP_INFO,
            kind::CONFIGURATION_STATUS
        ]
    );
    assert_eq!(replies[2].2, [4, 1], "refused, and still the old one");
}

#[test]
fn the_alternate_setting_is_set_and_told() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::GET_ALT_SETTING, 0, &[0]);
    assert_eq!(
        host.replies(),
        [(kind::ALT_SETTING_STATUS, 0, vec![0, 0, 0])]
    );
    host.feed(kind::GET_ALT_SETTING, 0, &[1]);
    assert_eq!(
        host.replies(),
        [(kind::ALT_SETTING_STATUS, 0, vec![4, 1, 0])]
    );
    host.feed(kind::SET_ALT_SETTING, 0, &[0, 0]);
    assert_eq!(
        host.replies().pop().unwrap(),
        (kind::ALT_SETTING_STATUS, 0, vec![0, 0, 0])
    );
    host.feed(kind::SET_ALT_SETTING, 0, &[0, 2]);
    assert_eq!(
        host.replies().pop().unwrap(),
        (kind::ALT_SETTING_STATUS, 0, vec![4, 0, 0])
    );
}

#[test]
fn data_goes_round() {
    let mut host = Host::connected(QEMU_CAPS);
    host.read(1, 100);
    assert_eq!(host.replies(), []);
    host.write(2, b"hello");
    assert_eq!(host.replies(), [wrote(2, 5), got(1, b"hello")]);
    let much = vec![3; 300_000];
    host.write(3, &much);
    host.read(4, 300_000);
    assert_eq!(host.replies(), [wrote(3, much.len()), got(4, &much)]);
}

#[test]
fn a_cancelled_packet_comes_back_once() {
    let mut host = Host::connected(QEMU_CAPS);
    host.read(1, 100);
    host.feed(kind::CANCEL_DATA_PACKET, 1, &[]);
    assert_eq!(
        host.replies(),
        [(kind::BULK_PACKET, 1, bulk(0x81, 1, 0).to_vec())]
    );
    host.feed(kind::CANCEL_DATA_PACKET, 1, &[]);
    assert_eq!(host.replies(), []);
    host.write(2, &vec![0; FIFO_SIZE + 9]);
    host.feed(kind::CANCEL_DATA_PACKET, 2, &[]);
    assert_eq!(
        host.replies(),
        [(kind::BULK_PACKET, 2, bulk(0x01, 1, FIFO_SIZE).to_vec())]
    );
}

#[test]
fn control_requests_stalls_and_cancels() {
    let mut host = Host::connected(QEMU_CAPS);
    host.control(1, 0x40, code::SCRATCH_WRITE, 0, Data::Out(b"abc"));
    host.control(2, 0xc0, code::SCRATCH_READ, 0, Data::In(64));
    host.control(3, 0xc0, 0x55, 0, Data::In(64));
    host.control(4, 0xc0, code::NEVER_ANSWER, 0, Data::In(8));
    let mut read = control(0xc0, code::SCRATCH_READ, 0, 3, 0);
    read.extend(b"abc");
    let wanted = [
        (
            kind::CONTROL_PACKET,
            1,
            control(0x40, code::SCRATCH_WRITE, 0, 3, 0),
        ),
        (kind::CONTROL_PACKET, 2, read),
        (kind::CONTROL_PACKET, 3, control(0xc0, 0x55, 0, 0, 4)),
    ];
    assert_eq!(host.replies(), wanted);
    host.feed(kind::CANCEL_DATA_PACKET, 4, &[]);
    let cancelled = control(0xc0, code::NEVER_ANSWER, 0, 0, 1);
    assert_eq!(host.replies(), [(kind::CONTROL_PACKET, 4, cancelled)]);
}

#[test]
fn interrupt_events_come_unasked_while_polled() {
    let mut host = Host::connected(QEMU_CAPS);
    host.control(1, 0x40, code::TRIGGER_EVENT, 7, Data::Out(b""));
    assert_eq!(host.replies().len(), 1, "nobody polls yet");
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x82]);
    let event = |sequence, code| vec![0x82, 0, 8, 0, sequence, 0, 0, 0, code, 0, 0, 0];
    let wanted = [
        (kind::INTERRUPT_RECEIVING_STATUS, 0, vec![0, 0x82]),
        (kind::INTERRUPT_PACKET, 0, event(0, 7)),
    ];
    assert_eq!(host.replies(), wanted);
    host.control(2, 0x40, code::TRIGGER_EVENT, 8, Data::Out(b""));
    assert_eq!(host.replies().len(), 1, "a packet each 8 ms");
    assert_eq!(host.at(7), []);
    assert_eq!(host.session.deadline(), Some(Duration::from_millis(8)));
    assert_eq!(host.at(8), [(kind::INTERRUPT_PACKET, 1, event(1, 8))]);
    assert_eq!(host.at(100), []);
    assert_eq!(
        host.session.deadline(),
        None,
        "the device has nothing to say"
    );
    host.feed(kind::STOP_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.replies();
    host.control(3, 0x40, code::TRIGGER_EVENT, 9, Data::Out(b""));
    assert_eq!(host.replies().len(), 1, "nobody polls any more");
}

#[test]
fn an_endless_source_gives_a_packet_each_period() {
    let mut host = Host::of(Personality::GadgetZero, Speed::High).connect(QEMU_CAPS, 3);
    host.feed(kind::SET_ALT_SETTING, 0, &[0, 1]);
    host.replies();
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x83]);
    assert_eq!(host.replies().len(), 1 + 1);
    assert_eq!(host.at(1).len(), 1);
    assert_eq!(host.at(5).len(), 1, "late, and no backlog");
    assert_eq!(host.session.deadline(), Some(Duration::from_millis(6)));
    host.feed(kind::STOP_INTERRUPT_RECEIVING, 0, &[0x83]);
    assert_eq!(host.replies().len(), 1);
    assert_eq!(host.at(100), []);
    assert_eq!(host.session.deadline(), None);
}

#[test]
fn starting_twice_polls_once() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.feed(kind::STOP_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.replies();
    host.control(1, 0x40, code::TRIGGER_EVENT, 9, Data::Out(b""));
    assert_eq!(host.replies().len(), 1);
}

#[test]
fn only_interrupt_in_endpoints_are_polled() {
    let mut host = Host::connected(QEMU_CAPS);
    for endpoint in [0x01, 0x81, 0x85, 0x80, 0x02] {
        host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[endpoint]);
        let refused = (kind::INTERRUPT_RECEIVING_STATUS, 0, vec![2, endpoint]);
        assert_eq!(host.replies(), [refused], "{endpoint:#x}");
    }
}

#[test]
fn a_halted_interrupt_endpoint_says_so_once_and_recovers() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.replies();
    host.control(1, 0x40, code::HALT, 0x82, Data::Out(b""));
    let stalled = (kind::INTERRUPT_PACKET, 0, vec![0x82, 4, 0, 0]);
    assert_eq!(host.replies()[1..], [stalled]);
    host.control(2, 0x40, code::TRIGGER_EVENT, 9, Data::Out(b""));
    assert_eq!(host.replies().len(), 1);
    let mut clear = control(0x02, 1, 0, 0, 0);
    clear[6] = 0x82;
    host.feed(kind::CONTROL_PACKET, 3, &clear);
    let event = vec![0x82, 0, 8, 0, 0, 0, 0, 0, 9, 0, 0, 0];
    assert!(host.replies().contains(&(kind::INTERRUPT_PACKET, 1, event)));
}

#[test]
fn a_stopped_poll_stays_stopped_when_the_halt_is_cleared() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::START_INTERRUPT_RECEIVING, 0, &[0x82]);
    host.control(1, 0x40, code::HALT, 0x82, Data::Out(b""));
    host.feed(kind::STOP_INTERRUPT_RECEIVING, 0, &[0x82]);
    let mut clear = control(0x02, 1, 0, 0, 0);
    clear[6] = 0x82;
    host.feed(kind::CONTROL_PACKET, 2, &clear);
    host.replies();
    host.control(3, 0x40, code::TRIGGER_EVENT, 9, Data::Out(b""));
    assert_eq!(host.replies().len(), 1);
}

#[test]
fn isochronous_streams_and_interrupt_out_are_refused() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::START_ISO_STREAM, 0, &[0x83, 8, 4]);
    host.feed(kind::STOP_ISO_STREAM, 0, &[0x83]);
    host.feed(kind::ISO_PACKET, 0, &[0x03, 0, 1, 0, b'x']);
    host.feed(kind::INTERRUPT_PACKET, 5, &[0x03, 0, 1, 0, b'x']);
    let wanted = [
        (kind::ISO_STREAM_STATUS, 0, vec![2, 0x83]),
        (kind::ISO_STREAM_STATUS, 0, vec![2, 0x83]),
        (kind::INTERRUPT_PACKET, 5, vec![0x03, 4, 0, 0]),
    ];
    assert_eq!(host.replies(), wanted);
}

#[test]
fn a_reset_deconfigures_without_a_word() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::RESET, 0, &[]);
    assert_eq!(host.replies(), []);
    host.feed(kind::GET_CONFIGURATION, 0, &[]);
    assert_eq!(
        host.replies(),
        [(kind::CONFIGURATION_STATUS, 0, vec![0, 0])]
    );
}

#[test]
fn qemus_filter_is_none_of_our_business_until_it_rejects() {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::FILTER_FILTER, 0, b"-1:-1:-1:-1:0\0");
    assert_eq!(host.replies(), []);
    let reject = host.message(kind::FILTER_REJECT, 0, &[]);
    assert_eq!(host.session.input(&reject), Err(Error::Refused));
    assert!(Error::Refused.to_string().contains("filter="));
}

#[test]
fn one_byte_at_a_time_gives_the_same() {
    let mut host = Host::connected(QEMU_CAPS);
    let body = [&bulk(0x01, 0, 5)[..], b"hello"].concat();
    let mut stream = host.message(kind::BULK_PACKET, 1, &body);
    stream.extend(host.message(kind::BULK_PACKET, 2, &bulk(0x81, 0, 99)));
    let mut pending = Vec::new();
    for byte in stream {
        pending.push(byte);
        let Consumed { used, needed } = host.session.input(&pending).unwrap();
        assert!(needed > pending.len() - used);
        pending.drain(..used);
    }
    assert_eq!(host.replies(), [wrote(1, 5), got(2, b"hello")]);
}
