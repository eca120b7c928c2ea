// SPDX-License-Identifier: GPL-2.0

use proptest::prelude::*;

use super::*;

/// A submit, field by field as the kernel lays it out.
fn submit_bytes(direction: u32, endpoint: u32, length: u32, packets: i32) -> Vec<u8> {
    let words = [
        1,
        0x0a0b_0c0d,
        0x0001_0002,
        direction,
        endpoint,
        0x201,
        length,
        7,
    ];
    let mut raw: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    raw.extend(packets.to_be_bytes());
    raw.extend(8u32.to_be_bytes());
    raw.extend([0x80, 6, 0, 1, 0, 0, 18, 0]);
    raw
}

fn unlink_bytes() -> Vec<u8> {
    let words = [2u32, 0x11, 0x0001_0002, 0, 0, 0x0a0b_0c0d];
    let mut raw: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    raw.resize(HEADER_SIZE, 0);
    raw
}

fn iso_bytes() -> Vec<u8> {
    let mut raw = submit_bytes(0, 3, 5, 2);
    raw.extend(b"01234");
    let words = [0u32, 2, 0, 0, 2, 3, 1, -18i32 as u32];
    raw.extend(words.into_iter().flat_map(u32::to_be_bytes));
    raw
}

fn out_bytes() -> Vec<u8> {
    [submit_bytes(0, 1, 5, 0), b"hello".to_vec()].concat()
}

fn whole(raw: &[u8]) -> Command<'_> {
    match Command::parse(raw).unwrap() {
        Parsed::Message(command, size) => {
            assert_eq!(size, raw.len());
            command
        }
        Parsed::Incomplete(_) => panic!("incomplete"),
    }
}

fn submit(raw: &[u8]) -> Submit<'_> {
    match whole(raw) {
        Command::Submit(submit) => submit,
        Command::Unlink { .. } => panic!("an unlink"),
    }
}

#[test]
fn a_submit_has_its_fields_in_place() {
    let raw = out_bytes();
    let submit = submit(&raw);
    assert_eq!(
        submit.header,
        Header {
            sequence: 0x0a0b_0c0d,
            device: 0x0001_0002
        }
    );
    assert_eq!(submit.address.raw(), 0x01);
    assert_eq!(
        (submit.flags, submit.length, submit.start_frame),
        (0x201, 5, 7)
    );
    assert_eq!(submit.interval, 8);
    assert_eq!(
        (submit.setup.request_type, submit.setup.value),
        (0x80, 0x0100)
    );
    assert_eq!(submit.data, b"hello");
    assert!(submit.packets.is_empty());
    assert_eq!(submit.to_string(), "submit seq=168496141 ep=01 length=5");
}

#[test]
fn an_in_transfer_carries_no_data() {
    let raw = submit_bytes(1, 0, 4096, -1);
    let submit = submit(&raw);
    assert_eq!(
        (submit.address.raw(), submit.length, submit.data),
        (0x80, 4096, &[][..])
    );
    assert_eq!(
        submit.to_string(),
        "submit seq=168496141 ep=80 length=4096 setup=80 06 0100 0000 18"
    );
}

#[test]
fn isochronous_packets_come_behind_the_data() {
    let raw = iso_bytes();
    let submit = submit(&raw);
    assert_eq!((submit.data, submit.packets.len()), (&b"01234"[..], 2));
    let packets: Vec<_> = submit.packets.iter().collect();
    let second = IsoPacket {
        offset: 2,
        length: 3,
        actual: 1,
        status: -18,
    };
    assert_eq!(
        packets,
        [
            IsoPacket {
                length: 2,
                ..IsoPacket::default()
            },
            second
        ]
    );
    assert!(submit.to_string().ends_with("packets=2"));
}

#[test]
fn an_unlink_names_its_victim() {
    let raw = unlink_bytes();
    let header = Header {
        sequence: 0x11,
        device: 0x0001_0002,
    };
    assert_eq!(
        whole(&raw),
        Command::Unlink {
            header,
            victim: 0x0a0b_0c0d
        }
    );
    assert_eq!(whole(&raw).to_string(), "unlink seq=17 victim=168496141");
}

#[test]
fn every_truncation_is_incomplete_and_says_what_is_missing() {
    for raw in [
        out_bytes(),
        submit_bytes(1, 1, 99, 0),
        unlink_bytes(),
        iso_bytes(),
    ] {
        for length in 0..raw.len() {
            let needed = if length < HEADER_SIZE {
                HEADER_SIZE
            } else {
                raw.len()
            };
            assert_eq!(
                Command::parse(&raw[..length]),
                Ok(Parsed::Incomplete(needed))
            );
        }
        let longer = [&raw[..], b"next"].concat();
        let Ok(Parsed::Message(_, size)) = Command::parse(&longer) else {
            panic!("not parsed")
        };
        assert_eq!(size, raw.len());
    }
}

#[test]
fn nonsense_is_refused_with_its_reason() {
    let refused = |raw: Vec<u8>| Command::parse(&raw).unwrap_err();
    let mut unknown = unlink_bytes();
    unknown[3] = 3;
    assert_eq!(refused(unknown), ParseError::UnknownCommand(3));
    assert_eq!(refused(submit_bytes(2, 1, 0, 0)), ParseError::Direction(2));
    assert_eq!(refused(submit_bytes(0, 16, 0, 0)), ParseError::Endpoint(16));
    assert_eq!(
        refused(submit_bytes(0, 0x101, 0, 0)),
        ParseError::Endpoint(0x101)
    );
    assert_eq!(
        refused(submit_bytes(1, 1, MAX_LENGTH + 1, 0)),
        ParseError::Length(MAX_LENGTH + 1)
    );
    assert_eq!(
        refused(submit_bytes(1, 1, u32::MAX, 0)),
        ParseError::Length(u32::MAX)
    );
    assert_eq!(refused(submit_bytes(1, 1, 0, -2)), ParseError::Packets(-2));
    assert_eq!(
        refused(submit_bytes(1, 1, 0, 1025)),
        ParseError::Packets(1025)
    );
}

#[test]
fn the_largest_transfers_are_accepted() {
    let raw = submit_bytes(1, 15, MAX_LENGTH, 0);
    assert_eq!(submit(&raw).length, MAX_LENGTH as usize);
    let raw = submit_bytes(1, 1, 0, 1024);
    let needed = HEADER_SIZE + 1024 * ISO_PACKET_SIZE;
    assert_eq!(Command::parse(&raw), Ok(Parsed::Incomplete(needed)));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(
        command in 1u32..4,
        mut raw in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Some(start) = raw.get_mut(..4) {
            start.copy_from_slice(&command.to_be_bytes());
        }
        if let Ok(Parsed::Message(_, size)) = Command::parse(&raw) {
            prop_assert!(size <= raw.len());
        }
    }
}
