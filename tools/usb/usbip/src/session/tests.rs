// SPDX-License-Identifier: GPL-2.0

//! The session as the kernel meets it: bytes in, bytes out.

use refdev::link::Session as _;
use refdev::reference::{Reference, request::code};
use refdev::{Machine, Setup, Speed};

use super::*;

mod faults;
mod iso;

const IN: u32 = 1;
const OUT: u32 = 0;

/// A reply, taken apart.
#[derive(Debug, PartialEq)]
enum Reply {
    Submit {
        sequence: u32,
        status: i32,
        data: Vec<u8>,
    },
    Unlink {
        sequence: u32,
        status: i32,
    },
}

/// The kernel's end: remembers which submits ask for data, since the reply does not tell.
struct Host {
    session: Session<Machine<Reference>>,
    reads: Vec<u32>,
}

impl Host {
    fn new() -> Self {
        let device = Machine::new(Reference::new("1").unwrap(), Speed::High);
        let mut host = Self {
            session: Session::new(device, Tracer::default()),
            reads: Vec::new(),
        };
        host.feed(&submit(1, OUT, 0, 0, setup(0x00, 9, 1, 0), &[]));
        assert_eq!(host.replies(), [ok(1, b"")]);
        host
    }

    fn feed(&mut self, bytes: &[u8]) {
        if bytes[3] == 1 && bytes[15] == 1 {
            self.reads
                .push(u32::from_be_bytes(bytes[4..8].try_into().unwrap()));
        }
        let consumed = self.session.input(bytes).unwrap();
        assert_eq!(consumed.used, bytes.len());
    }

    fn replies(&mut self) -> Vec<Reply> {
        let output = self.session.output();
        let bytes: Vec<u8> = output.pieces().flatten().copied().collect();
        output.advance(bytes.len());
        let mut rest = &bytes[..];
        let mut replies = Vec::new();
        while !rest.is_empty() {
            replies.push(self.reply(&mut rest));
        }
        replies
    }

    fn reply(&self, rest: &mut &[u8]) -> Reply {
        let (header, behind) = rest.split_at(48);
        *rest = behind;
        let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap());
        assert_eq!((word(8), word(12), word(16)), (0, 0, 0));
        let (sequence, status) = (word(4), word(20) as i32);
        if word(0) == 4 {
            return Reply::Unlink { sequence, status };
        }
        assert_eq!(word(0), 3);
        let length = if self.reads.contains(&sequence) {
            word(24) as usize
        } else {
            0
        };
        let (data, behind) = rest.split_at(length);
        *rest = behind;
        Reply::Submit {
            sequence,
            status,
            data: data.to_vec(),
        }
    }
}

fn ok(sequence: u32, data: &[u8]) -> Reply {
    Reply::Submit {
        sequence,
        status: 0,
        data: data.to_vec(),
    }
}

fn stalled(sequence: u32) -> Reply {
    Reply::Submit {
        sequence,
        status: -32,
        data: Vec::new(),
    }
}

fn setup(request_type: u8, request: u8, value: u16, length: u16) -> Setup {
    Setup {
        request_type,
        request,
        value,
        index: 0,
        length,
    }
}

fn submit(
    sequence: u32,
    direction: u32,
    endpoint: u32,
    length: u32,
    setup: Setup,
    data: &[u8],
) -> Vec<u8> {
    let words = [1, sequence, 1, direction, endpoint, 0, length, 0, 0, 0];
    let mut raw: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    raw.extend(setup.to_bytes());
    raw.extend(data);
    raw
}

fn read(sequence: u32, length: u32) -> Vec<u8> {
    submit(sequence, IN, 1, length, Setup::default(), &[])
}

fn write(sequence: u32, data: &[u8]) -> Vec<u8> {
    submit(sequence, OUT, 1, data.len() as u32, Setup::default(), data)
}

fn unlink(sequence: u32, victim: u32) -> Vec<u8> {
    let words = [2, sequence, 1, 0, 0, victim];
    let mut raw: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    raw.resize(48, 0);
    raw
}

#[test]
fn data_goes_round() {
    let mut host = Host::new();
    host.feed(&read(2, 100));
    assert_eq!(host.replies(), []);
    host.feed(&write(3, b"hello"));
    assert_eq!(host.replies(), [ok(3, b""), ok(2, b"hello")]);
}

#[test]
fn large_data_goes_round() {
    let mut host = Host::new();
    let data: Vec<u8> = (0..100_000).map(|at| at as u8).collect();
    for round in 0..5 {
        host.feed(&write(10 + 2 * round, &data));
        host.feed(&read(11 + 2 * round, 200_000));
        assert_eq!(
            host.replies(),
            [ok(10 + 2 * round, b""), ok(11 + 2 * round, &data)]
        );
    }
}

#[test]
fn many_messages_at_once_and_one_byte_at_a_time_give_the_same() {
    let stream: Vec<u8> = [
        read(2, 3),
        write(3, b"abcd"),
        unlink(4, 2),
        read(5, 9),
        unlink(6, 77),
    ]
    .concat();
    let mut at_once = Host::new();
    at_once.reads = vec![2, 5];
    at_once.feed(&stream);
    let wanted = at_once.replies();
    let mut bytewise = Host::new();
    bytewise.reads = vec![2, 5];
    let mut pending = Vec::new();
    for &byte in &stream {
        pending.push(byte);
        let Consumed { used, needed } = bytewise.session.input(&pending).unwrap();
        assert!(needed > pending.len() - used);
        pending.drain(..used);
    }
    assert!(pending.is_empty());
    assert_eq!(bytewise.replies(), wanted);
    assert_eq!(
        wanted.len(),
        4,
        "the last unlink came too early: {wanted:?}"
    );
}

#[test]
fn control_requests_and_stalls() {
    let mut host = Host::new();
    host.feed(&submit(
        2,
        OUT,
        0,
        3,
        setup(0x40, code::SCRATCH_WRITE, 0, 3),
        b"abc",
    ));
    host.feed(&submit(
        3,
        IN,
        0,
        64,
        setup(0xc0, code::SCRATCH_READ, 0, 64),
        &[],
    ));
    host.feed(&submit(4, IN, 0, 64, setup(0xc0, 0x55, 0, 64), &[]));
    assert_eq!(host.replies(), [ok(2, b""), ok(3, b"abc"), stalled(4)]);
}

#[test]
fn a_control_answer_never_exceeds_the_buffer() {
    let mut host = Host::new();
    host.feed(&submit(2, IN, 0, 4, setup(0x80, 6, 0x0100, 18), &[]));
    assert_eq!(host.replies(), [ok(2, &[18, 1, 0, 2])]);
}

#[test]
fn an_endpoint_that_is_not_there_stalls() {
    let mut host = Host::new();
    host.feed(&submit(2, IN, 5, 10, Setup::default(), &[]));
    host.feed(&submit(3, OUT, 5, 1, Setup::default(), b"x"));
    assert_eq!(host.replies(), [stalled(2), stalled(3)]);
}

#[test]
fn an_unlink_takes_back_what_waits() {
    let mut host = Host::new();
    host.feed(&read(2, 9));
    host.feed(&read(3, 9));
    host.feed(&unlink(4, 2));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 4,
            status: -104
        }]
    );
    host.feed(&write(5, b"x"));
    assert_eq!(host.replies(), [ok(5, b""), ok(3, b"x")]);
}

#[test]
fn an_unlink_that_comes_too_late_finds_the_answer_before_it() {
    let mut host = Host::new();
    host.reads.push(2);
    host.feed(&[write(3, b"x"), read(2, 9), unlink(4, 2)].concat());
    let wanted = [
        ok(3, b""),
        ok(2, b"x"),
        Reply::Unlink {
            sequence: 4,
            status: 0,
        },
    ];
    assert_eq!(host.replies(), wanted);
}

#[test]
fn an_unlink_may_overtake_its_submit() {
    let mut host = Host::new();
    host.feed(&read(7, 9));
    host.feed(&unlink(9, 8));
    assert_eq!(host.replies(), [], "the submit is still to come");
    host.feed(&read(8, 9));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 9,
            status: -104
        }]
    );
    host.feed(&write(10, b"x"));
    assert_eq!(
        host.replies(),
        [ok(10, b""), ok(7, b"x")],
        "number 8 was never begun"
    );
}

#[test]
fn an_unlink_may_come_before_everything_else() {
    let device = Machine::new(Reference::new("1").unwrap(), Speed::High);
    let mut host = Host {
        session: Session::new(device, Tracer::default()),
        reads: Vec::new(),
    };
    host.feed(&unlink(2, 1));
    assert_eq!(host.replies(), []);
    host.feed(&read(1, 9));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 2,
            status: -104
        }]
    );
}

#[test]
fn sequence_numbers_wrap_around() {
    let mut host = Host::new();
    host.session.last_submit = Some(u32::MAX);
    host.feed(&unlink(1, 0));
    assert_eq!(host.replies(), [], "number 0 comes after the highest");
    host.feed(&read(0, 9));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 1,
            status: -104
        }]
    );
    host.feed(&unlink(2, u32::MAX));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 2,
            status: 0
        }]
    );
}

#[test]
fn never_answer_waits_until_it_is_taken_back() {
    let mut host = Host::new();
    host.feed(&submit(
        2,
        IN,
        0,
        4,
        setup(0xc0, code::NEVER_ANSWER, 0, 4),
        &[],
    ));
    assert_eq!(host.replies(), []);
    host.feed(&unlink(3, 2));
    assert_eq!(
        host.replies(),
        [Reply::Unlink {
            sequence: 3,
            status: -104
        }]
    );
    host.feed(&submit(4, IN, 0, 1, setup(0x80, 8, 0, 1), &[]));
    assert_eq!(host.replies(), [ok(4, &[1])]);
}

#[test]
fn isochronous_packets_come_back_refused() {
    let mut host = Host::new();
    let mut raw = submit(2, IN, 3, 30, Setup::default(), &[]);
    raw[35] = 2;
    for word in [0u32, 10, 0, 0, 10, 20, 0, 0] {
        raw.extend(word.to_be_bytes());
    }
    host.session.input(&raw).unwrap();
    let output = host.session.output();
    let bytes: Vec<u8> = output.pieces().flatten().copied().collect();
    assert_eq!(bytes.len(), 48 + 2 * 16);
    let words: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
        .collect();
    let stall = -32i32 as u32;
    assert_eq!(words[..10], [3, 2, 0, 0, 0, stall, 0, 0, 2, 2]);
    assert_eq!(words[12..], [0, 10, 0, stall, 10, 20, 0, stall]);
}

#[test]
fn nonsense_ends_the_session() {
    let mut host = Host::new();
    assert!(host.session.input(&[9; 48]).is_err());
}

#[test]
fn the_trace_tells_both_ways() {
    use std::{cell::RefCell, rc::Rc};
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&lines);
    let tracer = Tracer::new(move |line| sink.borrow_mut().push(line.to_owned()));
    let device = Machine::new(Reference::new("1").unwrap(), Speed::High);
    let mut session = Session::new(device, tracer);
    session
        .input(&submit(1, OUT, 0, 0, setup(0x00, 9, 1, 0), &[]))
        .unwrap();
    assert_eq!(
        *lines.borrow(),
        [
            "000001 < submit seq=1 ep=00 length=0 setup=00 09 0001 0000 0",
            "000002 > ret_submit seq=1 status=0 actual=0",
        ]
    );
}
