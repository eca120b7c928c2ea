// SPDX-License-Identifier: GPL-2.0

use proptest::prelude::*;

use super::*;

const LONG: Caps = Caps::OURS;
const SHORT: Caps = Caps::from_raw(0);

fn message(kind: u32, body: &[u8], caps: Caps) -> Vec<u8> {
    let mut raw = Vec::new();
    Header {
        kind,
        length: body.len(),
        id: 0x55,
    }
    .push(caps, &mut raw);
    raw.extend(body);
    raw
}

fn parse(kind: u32, body: &[u8], caps: Caps) -> Result<Parsed<'static>, ParseError> {
    // Leaked so that results can be compared without lifetimes; a few bytes each.
    Message::parse(message(kind, body, caps).leak(), caps)
}

fn body(kind: u32, raw: &[u8], caps: Caps) -> Body<'static> {
    match parse(kind, raw, caps) {
        Ok(Parsed::Message(message, size)) => {
            assert_eq!((size, message.id), (caps.header_size() + raw.len(), 0x55));
            message.body
        }
        other => panic!("type {kind}: {other:?}"),
    }
}

fn address(raw: u8) -> Address {
    Address::new(raw).unwrap()
}

fn hello(caps: &[u8]) -> Vec<u8> {
    let mut raw = b"qemu usb-redir guest 7.2".to_vec();
    raw.resize(VERSION_SIZE, 0);
    raw.extend(caps);
    raw
}

/// Type, what is behind the header, and what it means.
type Sample = (u32, Vec<u8>, Body<'static>);

/// One of each message that carries no data.
fn plain_samples() -> Vec<Sample> {
    vec![
        (
            kind::HELLO,
            hello(&[0xf6, 0, 0, 0]),
            Body::Hello(Caps::from_raw(0xf6)),
        ),
        (kind::RESET, vec![], Body::Reset),
        (kind::SET_CONFIGURATION, vec![3], Body::SetConfiguration(3)),
        (kind::GET_CONFIGURATION, vec![], Body::GetConfiguration),
        (
            kind::SET_ALT_SETTING,
            vec![1, 2],
            Body::SetAlternate {
                interface: 1,
                alternate: 2,
            },
        ),
        (kind::GET_ALT_SETTING, vec![1], Body::GetAlternate(1)),
        (
            kind::START_ISO_STREAM,
            vec![0x83, 8, 4],
            Body::StartIso(address(0x83)),
        ),
        (
            kind::ALLOC_BULK_STREAMS,
            vec![2, 0, 2, 0, 16, 0, 0, 0],
            Body::AllocStreams(EndpointSet::from_raw(0x0002_0002), 16),
        ),
        (
            kind::FREE_BULK_STREAMS,
            vec![2, 0, 0, 0],
            Body::FreeStreams(EndpointSet::from_raw(2)),
        ),
        (
            kind::STOP_ISO_STREAM,
            vec![0x83],
            Body::StopIso(address(0x83)),
        ),
        (
            kind::START_INTERRUPT_RECEIVING,
            vec![0x82],
            Body::StartInterrupt(address(0x82)),
        ),
        (
            kind::STOP_INTERRUPT_RECEIVING,
            vec![0x82],
            Body::StopInterrupt(address(0x82)),
        ),
        (kind::CANCEL_DATA_PACKET, vec![], Body::Cancel),
        (kind::FILTER_REJECT, vec![], Body::FilterReject),
    ]
}

/// Transfers whose form does not depend on the capabilities.
fn transfer_samples() -> Vec<Sample> {
    let packet = |raw, length, data| Packet {
        address: address(raw),
        stream: 0,
        length,
        data,
    };
    let control = |request_type, length, data| {
        let setup = Setup {
            request_type,
            request: 9,
            value: 0x0201,
            index: 0x0403,
            length,
        };
        Body::Control(setup, data)
    };
    let read = vec![0x80, 9, 0xc0, 0, 1, 2, 3, 4, 0x10, 0];
    let write = vec![0x00, 9, 0x40, 0, 1, 2, 3, 4, 2, 0, b'h', b'i'];
    let iso = vec![0x03, 0, 2, 0, b'h', b'i'];
    let interrupt = vec![0x02, 0, 1, 0, b'x'];
    vec![
        (kind::CONTROL_PACKET, read, control(0xc0, 16, &[])),
        (kind::CONTROL_PACKET, write, control(0x40, 2, b"hi")),
        (kind::ISO_PACKET, iso, Body::Iso(packet(0x03, 2, b"hi"))),
        (
            kind::INTERRUPT_PACKET,
            interrupt,
            Body::Interrupt(packet(0x02, 1, b"x")),
        ),
    ]
}

fn samples() -> Vec<Sample> {
    [plain_samples(), transfer_samples()].concat()
}

#[test]
fn every_message_has_its_fields_in_place() {
    for (kind, raw, wanted) in samples() {
        for caps in [LONG, SHORT] {
            assert_eq!(body(kind, &raw, caps), wanted, "type {kind}");
        }
    }
    assert_eq!(
        body(kind::FILTER_FILTER, b"0x1209:1|-1", LONG),
        Body::Filter
    );
}

#[test]
fn a_bulk_packet_has_a_short_or_a_long_length() {
    let wanted = |length| {
        Body::Bulk(Packet {
            address: address(0x81),
            stream: 0x0403_0201,
            length,
            data: &[],
        })
    };
    let short = [0x81, 0, 0x34, 0x12, 1, 2, 3, 4];
    assert_eq!(body(kind::BULK_PACKET, &short, SHORT), wanted(0x1234));
    let long = [0x81, 0, 0x34, 0x12, 1, 2, 3, 4, 0x56, 0];
    assert_eq!(body(kind::BULK_PACKET, &long, LONG), wanted(0x0056_1234));
    let out = [0x01, 0, 3, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', b'c'];
    let packet = Packet {
        address: address(0x01),
        stream: 0,
        length: 3,
        data: b"abc",
    };
    assert_eq!(body(kind::BULK_PACKET, &out, LONG), Body::Bulk(packet));
}

#[test]
fn a_hello_may_have_no_or_more_capabilities() {
    assert_eq!(
        body(kind::HELLO, &hello(&[]), SHORT),
        Body::Hello(Caps::default())
    );
    let more = hello(&[0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(
        body(kind::HELLO, &more, SHORT),
        Body::Hello(Caps::IDS_64BITS)
    );
    assert!(parse(kind::HELLO, &hello(&[1, 2, 3]), SHORT).is_err());
}

#[test]
fn every_truncation_of_the_stream_is_incomplete() {
    for (kind, raw, _) in samples() {
        for caps in [LONG, SHORT] {
            let whole = message(kind, &raw, caps);
            for length in 0..whole.len() {
                let header = caps.header_size();
                let needed = if length < header { header } else { whole.len() };
                let found = Message::parse(&whole[..length], caps);
                assert_eq!(found, Ok(Parsed::Incomplete(needed)), "type {kind}");
            }
            let longer = [&whole[..], b"next"].concat();
            let Ok(Parsed::Message(_, size)) = Message::parse(&longer, caps) else {
                panic!("type {kind} not parsed")
            };
            assert_eq!(size, whole.len());
        }
    }
}

/// The header says that the message is whole, and it is too short or too long for its type.
#[test]
fn every_wrong_length_is_refused() {
    for (kind, raw, _) in samples() {
        let mut longer = raw.clone();
        longer.push(0);
        let refused = ParseError::Length {
            kind,
            length: longer.len(),
        };
        assert_eq!(parse(kind, &longer, LONG), Err(refused), "type {kind}");
        for length in 0..raw.len() {
            // A hello without capabilities is a whole one.
            if (kind, length) != (kind::HELLO, VERSION_SIZE) {
                let refused = ParseError::Length { kind, length };
                assert_eq!(
                    parse(kind, &raw[..length], LONG),
                    Err(refused),
                    "type {kind}"
                );
            }
        }
    }
    let bulk = [0x01, 0, 3, 0, 0, 0, 0, 0, 0, 0, b'a', b'b', b'c'];
    for length in 0..bulk.len() {
        assert!(
            parse(kind::BULK_PACKET, &bulk[..length], LONG).is_err(),
            "{length}"
        );
    }
}

#[test]
fn an_enormous_message_is_refused_before_it_arrives() {
    let mut raw = Vec::new();
    Header {
        kind: kind::BULK_PACKET,
        length: MAX_LENGTH + 1,
        id: 0,
    }
    .push(LONG, &mut raw);
    assert!(Message::parse(&raw, LONG).is_err());
    let mut raw = Vec::new();
    Header {
        kind: kind::BULK_PACKET,
        length: MAX_LENGTH,
        id: 0,
    }
    .push(LONG, &mut raw);
    assert_eq!(
        Message::parse(&raw, LONG),
        Ok(Parsed::Incomplete(16 + MAX_LENGTH))
    );
}

#[test]
fn impossible_endpoints_are_refused() {
    let refused = |kind, raw: &[u8], endpoint| {
        let wanted = Err(ParseError::Endpoint { kind, endpoint });
        assert_eq!(parse(kind, raw, LONG), wanted);
    };
    refused(kind::START_INTERRUPT_RECEIVING, &[0x92], 0x92);
    refused(kind::BULK_PACKET, &[0x41, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x41);
    refused(kind::INTERRUPT_PACKET, &[0x12, 0, 0, 0], 0x12);
    // The direction of the endpoint and that of the request differ.
    refused(
        kind::CONTROL_PACKET,
        &[0x80, 9, 0x40, 0, 0, 0, 0, 0, 0, 0],
        0x80,
    );
    refused(
        kind::CONTROL_PACKET,
        &[0x00, 9, 0xc0, 0, 0, 0, 0, 0, 0, 0],
        0x00,
    );
    refused(
        kind::CONTROL_PACKET,
        &[0x81, 9, 0xc0, 0, 0, 0, 0, 0, 0, 0],
        0x81,
    );
}

#[test]
fn messages_of_the_other_side_or_of_the_future_are_refused() {
    let ours = [
        kind::DEVICE_CONNECT,
        kind::DEVICE_DISCONNECT,
        kind::INTERFACE_INFO,
        kind::EP_INFO,
        kind::CONFIGURATION_STATUS,
        kind::ALT_SETTING_STATUS,
        kind::ISO_STREAM_STATUS,
        kind::INTERRUPT_RECEIVING_STATUS,
    ];
    // Buffered bulk input needs a capability that we do not announce.
    for kind in ours
        .into_iter()
        .chain([20, 25, 26, 27, 28, 99, 104, u32::MAX])
    {
        assert_eq!(parse(kind, &[], LONG), Err(ParseError::Kind(kind)));
    }
}

#[test]
fn the_trace_names_what_matters() {
    let show = |kind, raw: &[u8]| match parse(kind, raw, LONG) {
        Ok(Parsed::Message(message, _)) => message.to_string(),
        other => panic!("{other:?}"),
    };
    let control = [0x80, 6, 0x80, 0, 0, 1, 0, 0, 18, 0];
    assert_eq!(
        show(kind::CONTROL_PACKET, &control),
        "control 80 06 0100 0000 18 id=85"
    );
    let bulk = [0x81, 0, 0, 2, 0, 0, 0, 0, 0, 0];
    assert_eq!(
        show(kind::BULK_PACKET, &bulk),
        "bulk ep=81 length=512 id=85"
    );
    assert_eq!(
        show(kind::CANCEL_DATA_PACKET, &[]),
        "cancel_data_packet id=85"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(
        kind in prop_oneof![0u32..30, 98u32..106],
        length in 0usize..80,
        body in prop::collection::vec(any::<u8>(), 0..80),
        long: bool,
    ) {
        let caps = if long { LONG } else { SHORT };
        let mut raw = Vec::new();
        Header { kind, length, id: 1 }.push(caps, &mut raw);
        raw.extend(body);
        if let Ok(Parsed::Message(_, size)) = Message::parse(&raw, caps) {
            prop_assert!(size <= raw.len());
        }
    }
}
