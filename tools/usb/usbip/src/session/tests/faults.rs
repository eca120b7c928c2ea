// SPDX-License-Identifier: GPL-2.0

//! What the kernel is told where faults lie to it.

use super::*;

/// A host that is lied to from the second transfer on, and has eight bytes waiting for it.
fn host(faults: &[&str]) -> Host {
    let mut host = Host::new();
    host.feed(&write(2, b"12345678"));
    host.replies();
    let faults = faults.iter().map(|text| text.parse().unwrap());
    host.session.faults = Faults::new(faults);
    host
}

/// The output as it is: header fields from the command on, and the bytes behind them.
fn raw(host: &mut Host) -> Vec<u8> {
    let output = host.session.output();
    let bytes: Vec<u8> = output.pieces().flatten().copied().collect();
    output.advance(bytes.len());
    bytes
}

/// Sequence, status and actual length of a header.
fn fields(header: &[u8]) -> (u32, i32, u32) {
    let word = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap());
    assert_eq!(word(0), 3, "a RET_SUBMIT");
    (word(4), word(20) as i32, word(24))
}

/// What a read of ten bytes gets.
fn told(fault: &str) -> ((u32, i32, u32), Vec<u8>) {
    let mut host = host(&[fault]);
    host.feed(&read(3, 10));
    let bytes = raw(&mut host);
    (fields(&bytes), bytes[48..].to_vec())
}

#[test]
fn the_length_lies_and_the_data_stays_in_step() {
    let data = |text: &[u8]| text.to_vec();
    assert_eq!(told("ep=0x01,actual=0"), ((3, 0, 8), data(b"12345678")));
    assert_eq!(
        told("ep=0x81,actual=asked"),
        ((3, 0, 10), data(b"12345678\xa5\xa5"))
    );
    assert_eq!(told("actual=3"), ((3, 0, 3), data(b"123")));
    for (text, actual) in [
        ("-1", u32::MAX),
        ("+1", 11),
        ("0x80000000", 1 << 31),
        ("0x7fffffff", i32::MAX as u32),
    ] {
        assert_eq!(told(&format!("actual={text}")), ((3, 0, actual), vec![]));
    }
}

#[test]
fn data_can_be_missing_or_too_much() {
    let (header, data) = told("actual=asked,data=4");
    assert_eq!((header, data), ((3, 0, 10), b"1234".to_vec()));
    let (header, data) = told("actual=+2,data=+2");
    assert_eq!((header, data.len()), ((3, 0, 12), 12));
}

#[test]
fn any_status_goes_out() {
    for status in [-32, -71, -115, -4096, 1, i32::MAX, i32::MIN] {
        let (header, data) = told(&format!("status={status}"));
        assert_eq!((header, data.len()), ((3, status, 8), 8));
    }
}

#[test]
fn a_write_lies_without_data() {
    let mut host = host(&["ep=0x01,actual=+1"]);
    host.feed(&write(3, b"abc"));
    let bytes = raw(&mut host);
    assert_eq!((fields(&bytes), bytes.len()), ((3, 0, 4), 48));
    host.feed(&read(4, 20));
    assert_eq!(host.replies(), [ok(4, b"12345678abc")], "it was performed");
}

#[test]
fn a_descriptor_lies() {
    let mut host = host(&[
        "request=6,value=0x200,patch=2:ffff",
        "type=0x80,request=6,value=0x302,reply=ff03,actual=asked,fill=0x41",
    ]);
    let get = |sequence, value, length| {
        let index = if value < 0x300 { 0 } else { 0x409 };
        let setup = Setup {
            index,
            ..setup(0x80, 6, value, length)
        };
        submit(sequence, IN, 0, length.into(), setup, &[])
    };
    host.feed(&[get(3, 0x200, 9), get(4, 0x302, 6), get(5, 0x301, 4)].concat());
    let wanted = [
        ok(3, &[9, 2, 0xff, 0xff, 1, 1, 0, 0x80, 50]),
        ok(4, b"\xff\x03AAAA"),
        ok(5, &[16, 3, b'u', 0]),
    ];
    host.reads.extend([3, 4, 5]);
    assert_eq!(host.replies(), wanted);
}

#[test]
fn what_is_never_answered_can_be_taken_back() {
    let mut host = host(&["ep=0x81,never"]);
    host.feed(&read(3, 4));
    host.feed(&read(4, 4));
    assert_eq!(host.replies(), []);
    host.feed(&[unlink(5, 3), unlink(6, 4), unlink(7, 3)].concat());
    let gone = |sequence, status| Reply::Unlink { sequence, status };
    assert_eq!(host.replies(), [gone(5, -104), gone(6, -104), gone(7, 0)]);
}

#[test]
fn an_unlink_in_the_same_breath_finds_what_was_withheld() {
    let mut host = host(&["never"]);
    host.feed(&[read(3, 4), unlink(4, 3)].concat());
    let wanted = Reply::Unlink {
        sequence: 4,
        status: -104,
    };
    assert_eq!(host.replies(), [wanted]);
}

#[test]
fn taking_back_is_lied_about() {
    let gone = |sequence, status| Reply::Unlink { sequence, status };
    for (fault, wanted) in [
        ("ep=0x81,never,unlink-never", &[][..]),
        ("ep=0x81,unlink-never", &[]),
        ("ep=0x81,unlink-status=0", &[gone(4, 0)]),
        ("ep=0x81,never,unlink-status=-71", &[gone(4, -71)]),
    ] {
        let mut host = Host::new();
        host.session.faults = Faults::new([fault.parse().unwrap()]);
        host.feed(&read(3, 4));
        host.feed(&unlink(4, 3));
        assert_eq!(host.replies(), wanted, "{fault}");
    }
}

#[test]
fn what_is_not_taken_back_goes_on() {
    let mut host = Host::new();
    host.session.faults = Faults::new(["ep=0x81,unlink-never".parse().unwrap()]);
    host.feed(&read(3, 4));
    host.feed(&unlink(4, 3));
    host.feed(&write(5, b"1234"));
    host.reads.push(3);
    assert_eq!(host.replies(), [ok(5, b""), ok(3, b"1234")]);
}

#[test]
fn what_was_seen_is_counted() {
    let mut host = Host::new();
    let faults = ["ep=0x81,nth=2,status=-71", "ep=0x81,nth=3,unlink-status=0"];
    host.session.faults = Faults::new(faults.map(|text| text.parse().unwrap()));
    host.feed(&[write(1, b"a\0b"), read(2, 1), read(3, 2), read(4, 9)].concat());
    host.feed(&unlink(5, 4));
    // The first one was to the request that selected the configuration.
    let wanted = Seen {
        answers: 1 + 4,
        lies: 2,
        bytes: 3,
        not_zero: 2,
    };
    assert_eq!(host.session.seen(), wanted);
}

#[test]
fn answers_come_twice_or_out_of_nowhere() {
    let mut host = host(&["nth=1,twice", "nth=2,stray"]);
    host.feed(&read(3, 4));
    assert_eq!(host.replies(), [ok(3, b"1234"), ok(3, b"1234")]);
    host.feed(&read(4, 4));
    assert_eq!(host.replies(), [ok(4 | STRAY, b""), ok(4, b"5678")]);
}

#[test]
fn others_hear_the_truth() {
    let mut host = host(&["ep=0x81,status=-71,nth=2"]);
    host.feed(&[read(3, 2), read(4, 2), read(5, 2)].concat());
    host.reads.extend([3, 4, 5]);
    let lied = Reply::Submit {
        sequence: 4,
        status: -71,
        data: b"34".to_vec(),
    };
    assert_eq!(host.replies(), [ok(3, b"12"), lied, ok(5, b"56")]);
    assert!(host.session.begun.is_empty());
}
