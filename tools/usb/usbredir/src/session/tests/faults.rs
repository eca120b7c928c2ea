// SPDX-License-Identifier: GPL-2.0

//! What QEMU is told where faults lie to it.

use super::*;
use crate::fault::{UnsuitableFault, check};

/// A host that is lied to, and has eight bytes waiting for it.
fn host(faults: &[&str]) -> Host {
    let mut host = Host::connected(QEMU_CAPS);
    host.write(1, b"12345678");
    host.replies();
    let faults = faults.iter().map(|text| text.parse().unwrap());
    host.session.faults = Faults::new(faults);
    host
}

/// The answer to a read of ten bytes: status, length in the header, length of the data.
fn told(fault: &str) -> (u8, u32, usize) {
    let mut host = host(&[fault]);
    host.read(2, 10);
    let replies = host.replies();
    let [(kind::BULK_PACKET, 2, body)] = &replies[..] else {
        panic!("{replies:?}");
    };
    let length = [body[2], body[3], body[8], body[9]];
    (body[1], u32::from_le_bytes(length), body.len() - 10)
}

#[test]
fn status_and_length_lie_and_the_data_follows() {
    assert_eq!(told("status=6"), (6, 8, 8));
    assert_eq!(told("actual=asked"), (0, 10, 10));
    assert_eq!(told("actual=+1"), (0, 11, 11));
    assert_eq!(told("actual=0,status=255"), (255, 0, 0));
    assert_eq!(told("actual=-1"), (0, u32::MAX, 0));
    assert_eq!(told("ep=0x01,actual=0"), (0, 8, 8));
}

#[test]
fn a_write_lies_without_data() {
    let mut host = host(&["ep=0x01,actual=+1"]);
    host.write(2, b"abc");
    assert_eq!(host.replies(), [wrote(2, 4)]);
}

#[test]
fn a_control_answer_lies() {
    let mut host = host(&["request=6,patch=0:00,status=3"]);
    let mut body = vec![0x80, 6, 0x80, 0];
    body.extend([0, 1, 0, 0, 4, 0]);
    host.feed(kind::CONTROL_PACKET, 9, &body);
    let wanted = [0x80, 6, 0x80, 3, 0, 1, 0, 0, 4, 0, 0, 1, 0, 2];
    assert_eq!(host.replies(), [(kind::CONTROL_PACKET, 9, wanted.to_vec())]);
}

#[test]
fn what_is_never_answered_can_be_taken_back_once() {
    let mut host = host(&["never,count=1"]);
    host.read(2, 4);
    assert_eq!(host.replies(), []);
    host.feed(kind::CANCEL_DATA_PACKET, 2, &[]);
    let wanted = (kind::BULK_PACKET, 2, bulk(0x81, 1, 0).to_vec());
    assert_eq!(host.replies(), [wanted]);
    host.feed(kind::CANCEL_DATA_PACKET, 2, &[]);
    assert_eq!(host.replies(), []);
}

#[test]
fn answers_come_twice_or_out_of_nowhere() {
    let mut host = host(&["nth=1,twice", "nth=2,stray"]);
    host.read(2, 4);
    assert_eq!(host.replies(), [got(2, b"1234"), got(2, b"1234")]);
    host.read(3, 4);
    assert_eq!(host.replies(), [got(3 | STRAY, b""), got(3, b"5678")]);
}

#[test]
fn a_polled_endpoint_lies() {
    for (fault, wanted) in [
        ("ep=0x82,status=6", &[6][..]),
        ("ep=0x82,twice", &[0, 0]),
        ("ep=0x82,never", &[]),
    ] {
        let mut host = host(&[fault]);
        host.feed(kind::START_INTERRUPT_RECEIVING, 1, &[0x82]);
        host.replies();
        host.session
            .engine
            .submit_control(Token::Packet(9), setup_of(code::TRIGGER_EVENT), &[]);
        host.session.collect();
        let found: Vec<u8> = host.replies().iter().map(|(_, _, body)| body[1]).collect();
        assert_eq!(found, wanted, "{fault}");
        host.at(8);
        assert_eq!(host.session.engine.in_flight(), 1, "the next poll waits");
    }
}

fn setup_of(request: u8) -> Setup {
    Setup {
        request_type: 0x40,
        request,
        ..Setup::default()
    }
}

#[test]
fn what_cannot_be_told_is_refused() {
    let refused = |text: &str| check(&text.parse().unwrap()).err();
    assert_eq!(refused("status=255,actual=+1"), None);
    assert_eq!(refused("status=256"), Some(UnsuitableFault::Status(256)));
    assert_eq!(refused("status=-32"), Some(UnsuitableFault::Status(-32)));
    for text in [
        "errors=0",
        "packets=1",
        "packet-status=0",
        "packet=0",
        "unlink-never",
        "mix=1",
        "wreck=1",
    ] {
        assert_eq!(refused(text), Some(UnsuitableFault::VhciOnly), "{text}");
    }
}
