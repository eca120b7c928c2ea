// SPDX-License-Identifier: GPL-2.0

//! Isochronous streams, over the reference device's alternate setting 1.

use super::*;

/// With the setting that has the endpoints, in source/sink mode if asked.
fn host(source: bool) -> Host {
    let mut host = Host::connected(QEMU_CAPS);
    host.feed(kind::SET_ALT_SETTING, 0, &[0, 1]);
    if source {
        let body = control(0x40, code::SET_MODE, 1, 0, 0);
        host.feed(kind::CONTROL_PACKET, 0, &body);
    }
    host.replies();
    host
}

fn packet(id: u64, status: u8, data: &[u8]) -> Reply {
    let header = [0x83, status, data.len() as u8, 0];
    (kind::ISO_PACKET, id, [&header[..], data].concat())
}

#[test]
fn a_stream_gives_a_packet_each_period_until_it_is_stopped() {
    let mut host = host(true);
    host.feed(kind::START_ISO_STREAM, 5, &[0x83, 8, 4]);
    let status = |status| vec![(kind::ISO_STREAM_STATUS, 5, vec![status, 0x83])];
    assert_eq!(host.replies(), status(0));
    assert_eq!(host.at(7), []);
    let first = host.at(8);
    assert_eq!(first.len(), 8);
    assert!(first.iter().all(|reply| reply.2.len() == 4 + 512));
    assert_eq!(first[7].1, 7, "the id counts");
    assert_eq!(host.at(25).len(), 2 * 8, "late, and nothing is lost");
    host.feed(kind::STOP_ISO_STREAM, 5, &[0x83]);
    assert_eq!(host.replies(), status(0));
    assert_eq!(host.at(1000), []);
    assert_eq!(host.session.deadline(), None);
}

#[test]
fn packets_go_round() {
    let mut host = host(false);
    host.feed(kind::START_ISO_STREAM, 1, &[0x03, 8, 4]);
    host.feed(kind::START_ISO_STREAM, 2, &[0x83, 8, 4]);
    host.feed(kind::ISO_PACKET, 9, &[0x03, 0, 2, 0, b'h', b'i']);
    host.feed(kind::ISO_PACKET, 10, &[0x03, 0, 1, 0, b'!']);
    host.replies();
    let replies = host.at(8);
    assert_eq!(
        replies[..3],
        [packet(0, 0, b"hi"), packet(1, 0, b"!"), packet(2, 0, b"")]
    );
    assert_eq!(replies.len(), 8);
}

#[test]
fn another_start_begins_anew() {
    let mut host = host(true);
    host.feed(kind::START_ISO_STREAM, 1, &[0x83, 8, 4]);
    host.at(4);
    host.feed(kind::START_ISO_STREAM, 1, &[0x83, 8, 4]);
    host.replies();
    assert_eq!(host.at(11), []);
    assert_eq!(host.at(12).len(), 8);
}

#[test]
fn a_stream_ends_with_its_setting() {
    let mut host = host(true);
    host.feed(kind::START_ISO_STREAM, 1, &[0x83, 8, 4]);
    host.replies();
    host.feed(kind::SET_ALT_SETTING, 2, &[0, 0]);
    let replies = host.replies();
    let stalled = (kind::ISO_STREAM_STATUS, 0, vec![4, 0x83]);
    assert_eq!(replies.iter().filter(|&reply| *reply == stalled).count(), 1);
    assert_eq!(host.at(1000), []);
    host.feed(kind::STOP_ISO_STREAM, 3, &[0x83]);
    assert_eq!(
        host.replies(),
        [(kind::ISO_STREAM_STATUS, 3, vec![2, 0x83])]
    );
}

#[test]
fn an_endpoint_of_another_kind_has_no_stream() {
    let mut host = host(false);
    for address in [0x81, 0x82, 0x84, 0x05, 0x00] {
        host.feed(kind::START_ISO_STREAM, 1, &[address, 8, 4]);
        let wanted = (kind::ISO_STREAM_STATUS, 1, vec![2, address]);
        assert_eq!(host.replies(), [wanted]);
    }
    host.feed(kind::ISO_PACKET, 9, &[0x01, 0, 1, 0, b'x']);
    assert_eq!(host.at(1000), []);
}
