// SPDX-License-Identifier: GPL-2.0

//! Bulk streams, over the variant of the reference device that has them.

use super::*;

/// Both bulk endpoints.
const BOTH: [u8; 4] = [2, 0, 2, 0];

fn host(speed: Speed) -> Host {
    Host::of(Personality::Streams, speed).connect(QEMU_CAPS, 1)
}

fn alloc(host: &mut Host, endpoints: [u8; 4], count: u32) -> u8 {
    let body = [endpoints, count.to_le_bytes()].concat();
    host.feed(kind::ALLOC_BULK_STREAMS, 7, &body);
    let (kind, id, body) = host.replies().pop().unwrap();
    assert_eq!((kind, id), (kind::BULK_STREAMS_STATUS, 7));
    assert_eq!(body[..4], endpoints);
    assert_eq!(body[4..8], count.to_le_bytes());
    body[8]
}

fn packet(endpoint: u8, stream: u32, data: &[u8], length: usize) -> Vec<u8> {
    let mut body = bulk(endpoint, 0, length).to_vec();
    body[4..8].copy_from_slice(&stream.to_le_bytes());
    body.extend(data);
    body
}

fn write(host: &mut Host, id: u64, stream: u32, data: &[u8]) {
    host.feed(
        kind::BULK_PACKET,
        id,
        &packet(0x01, stream, data, data.len()),
    );
}

fn read(host: &mut Host, id: u64, stream: u32) {
    host.feed(kind::BULK_PACKET, id, &packet(0x81, stream, &[], 100));
}

/// Ids, status and data of the replies.
fn ended(host: &mut Host) -> Vec<(u64, u8, Vec<u8>)> {
    let replies = host.replies().into_iter();
    replies
        .map(|(_, id, body)| (id, body[1], body[10..].to_vec()))
        .collect()
}

#[test]
fn the_endpoints_say_that_they_have_streams() {
    for (speed, count) in [(Speed::High, 0), (Speed::Super, 16)] {
        let device = Machine::new(Personality::Streams.function("1").unwrap(), speed);
        let table = reply::endpoint_table(&device);
        assert_eq!(table.map(|it| it.map_or(0, |it| it.max_streams))[17], count);
    }
}

#[test]
fn streams_are_given_to_endpoints_that_have_them() {
    let mut host = host(Speed::Super);
    assert_eq!(alloc(&mut host, BOTH, 16), 0);
    assert_eq!(alloc(&mut host, BOTH, 17), 2);
    assert_eq!(alloc(&mut host, BOTH, 0), 2);
    assert_eq!(
        alloc(&mut host, [0, 0, 4, 0], 1),
        2,
        "an interrupt endpoint"
    );
    let mut slow = self::host(Speed::High);
    assert_eq!(alloc(&mut slow, BOTH, 1), 2);
}

#[test]
fn each_stream_is_a_loopback() {
    let mut host = host(Speed::Super);
    alloc(&mut host, BOTH, 4);
    read(&mut host, 1, 1);
    read(&mut host, 2, 2);
    write(&mut host, 3, 2, b"two");
    assert_eq!(ended(&mut host), [(3, 0, vec![]), (2, 0, b"two".to_vec())]);
    write(&mut host, 4, 4, b"four");
    write(&mut host, 5, 1, b"one");
    read(&mut host, 6, 4);
    let all = [
        (4, 0, vec![]),
        (5, 0, vec![]),
        (1, 0, b"one".to_vec()),
        (6, 0, b"four".to_vec()),
    ];
    assert_eq!(ended(&mut host), all);
    host.write(8, b"none");
    host.read(9, 100);
    assert_eq!(ended(&mut host)[1], (9, 0, b"none".to_vec()));
}

#[test]
fn a_stream_that_there_is_not_is_refused() {
    let mut host = host(Speed::Super);
    read(&mut host, 1, 1);
    assert_eq!(ended(&mut host), [(1, 2, vec![])]);
    alloc(&mut host, BOTH, 4);
    read(&mut host, 2, 5);
    write(&mut host, 3, 4, b"gone");
    assert_eq!(ended(&mut host), [(2, 2, vec![]), (3, 0, vec![])]);
    host.feed(kind::FREE_BULK_STREAMS, 9, &BOTH);
    read(&mut host, 4, 4);
    assert_eq!(host.replies()[1].2[1], 2);
    alloc(&mut host, BOTH, 4);
    read(&mut host, 5, 4);
    assert_eq!(ended(&mut host), [], "emptied");
    host.feed(kind::CANCEL_DATA_PACKET, 5, &[]);
    assert_eq!(ended(&mut host), [(5, 1, vec![])]);
    write(&mut host, 6, 4, b"late");
    assert_eq!(ended(&mut host), [(6, 0, vec![])]);
}
