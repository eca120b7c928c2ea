// SPDX-License-Identifier: GPL-2.0

//! Isochronous transfers, over the reference device's alternate setting 1.

use super::*;

const ISO: u32 = 3;

/// A host with a device that has isochronous endpoints.
fn host(fault: Option<&str>) -> Host {
    let mut host = Host::new();
    let set = Setup {
        value: 1,
        ..setup(0x01, 11, 1, 0)
    };
    host.feed(&submit(1, OUT, 0, 0, set, &[]));
    assert_eq!(host.replies(), [ok(1, b"")]);
    let faults = fault.iter().map(|text| text.parse().unwrap());
    host.session.faults = Faults::new(faults);
    host
}

/// A submit with packets of (offset, length).
fn iso(sequence: u32, way: u32, length: u32, data: &[u8], packets: &[(u32, u32)]) -> Vec<u8> {
    let mut raw = submit(sequence, way, ISO, length, Setup::default(), data);
    raw[32..36].copy_from_slice(&(packets.len() as u32).to_be_bytes());
    for &(offset, length) in packets {
        raw.extend(
            [offset, length, 0, 0]
                .into_iter()
                .flat_map(u32::to_be_bytes),
        );
    }
    raw
}

/// Words of a header from the status on, data, and packets.
type IsoReply = ([u32; 5], Vec<u8>, Vec<[u32; 4]>);

/// The output up to now, with so many bytes of data, as one reply.
fn reply(host: &mut Host, milliseconds: u64, data: usize) -> IsoReply {
    host.session.elapse(Duration::from_millis(milliseconds));
    let output = host.session.output();
    let bytes: Vec<u8> = output.pieces().flatten().copied().collect();
    output.advance(bytes.len());
    let word = |raw: &[u8], at: usize| u32::from_be_bytes(raw[4 * at..][..4].try_into().unwrap());
    assert_eq!(word(&bytes, 0), 3);
    let header = std::array::from_fn(|at| word(&bytes, 5 + at));
    let packets = bytes[48 + data..]
        .chunks(16)
        .map(|raw| std::array::from_fn(|at| word(raw, at)));
    (header, bytes[48..48 + data].to_vec(), packets.collect())
}

/// What a read of two packets of ten bytes gets after "abc" and "de" were sent.
fn told(fault: Option<&str>, data: usize) -> IsoReply {
    let mut host = host(fault);
    host.feed(&iso(2, OUT, 5, b"abcde", &[(0, 3), (3, 2)]));
    reply(&mut host, 2, 0);
    let stream = iso(3, IN, 20, &[], &[(0, 10), (10, 10)]);
    host.session.input(&stream).unwrap();
    reply(&mut host, 4, data)
}

#[test]
fn packets_go_round_in_time() {
    let mut host = host(None);
    // With a gap of two bytes in the buffer.
    host.session
        .input(&iso(2, OUT, 7, b"abc__de", &[(0, 3), (5, 2)]))
        .unwrap();
    assert!(host.session.output().is_empty());
    assert_eq!(host.session.deadline(), Some(Duration::from_millis(2)));
    let wanted = vec![[0, 3, 3, 0], [5, 2, 2, 0]];
    assert_eq!(reply(&mut host, 2, 0), ([0, 5, 0, 2, 0], vec![], wanted));
    host.session
        .input(&iso(3, IN, 20, &[], &[(0, 10), (10, 10)]))
        .unwrap();
    let wanted = vec![[0, 10, 3, 0], [10, 10, 2, 0]];
    let found = reply(&mut host, 4, 5);
    assert_eq!(found, ([0, 5, 2, 2, 0], b"abcde".to_vec(), wanted));
    assert_eq!(host.session.deadline(), None);
    assert!(host.session.begun.is_empty());
}

#[test]
fn a_packet_outside_of_the_buffer_has_no_data() {
    let mut host = host(None);
    let packets = [(0, 2), (9, 5), (2, u32::MAX)];
    host.session
        .input(&iso(2, OUT, 4, b"abcd", &packets))
        .unwrap();
    assert_eq!(reply(&mut host, 3, 0).2.len(), 3);
    host.session
        .input(&iso(3, IN, 20, &[], &[(0, 20)]))
        .unwrap();
    assert_eq!(reply(&mut host, 4, 2).1, b"ab");
}

#[test]
fn an_unlink_takes_back_what_waits_for_its_time() {
    let mut host = host(None);
    host.feed(&iso(2, OUT, 1, b"x", &[(0, 1)]));
    host.feed(&unlink(3, 2));
    let wanted = Reply::Unlink {
        sequence: 3,
        status: -104,
    };
    assert_eq!(host.replies(), [wanted]);
    assert!(host.session.begun.is_empty());
}

#[test]
fn packets_lie() {
    let (header, _, packets) = told(Some("packet=1,packet-actual=+5,packet-status=-18"), 18);
    assert_eq!(
        header,
        [0, 18, 2, 2, 1],
        "the sum is what the kernel checks"
    );
    assert_eq!(packets, [[0, 10, 3, 0], [10, 10, 15, -18i32 as u32]]);
    let (header, data, packets) = told(Some("packet-offset=0x7fffffff,packet-length=0"), 5);
    assert_eq!((header[1], data), (5, b"abcde".to_vec()));
    assert_eq!(packets, [[0x7fff_ffff, 0, 3, 0], [0x7fff_ffff, 0, 2, 0]]);
    let (header, data, packets) = told(Some("packet-actual=-1"), 0);
    assert_eq!((header[1], data.len(), packets.len()), (-2i32 as u32, 0, 2));
}

#[test]
fn the_header_lies() {
    let (header, _, packets) = told(Some("errors=-1"), 5);
    assert_eq!((header[4], packets.len()), (u32::MAX, 2));
    for (count, behind, sum) in [
        ("0", 0, 0),
        ("1", 1, 3),
        ("2", 2, 5),
        ("+1", 0, 5),
        ("-1", 0, 5),
    ] {
        let (header, _, packets) = told(Some(&format!("packets={count}")), sum);
        assert_eq!((packets.len(), header[1]), (behind, sum as u32), "{count}");
    }
    let (header, _, packets) = told(Some("actual=20,status=-71"), 20);
    assert_eq!(header[..2], [-71i32 as u32, 20]);
    assert_eq!(packets[0], [0, 10, 3, 0]);
}
