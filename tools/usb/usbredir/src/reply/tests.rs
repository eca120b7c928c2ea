// SPDX-License-Identifier: GPL-2.0

use refdev::Machine;
use refdev::reference::Reference;

use super::*;

const ALL: Caps = Caps::OURS;
const NONE: Caps = Caps::from_raw(0);

/// What is behind the header, whose length field is checked.
fn fixed_part(body: &Body, caps: Caps, data: usize) -> Vec<u8> {
    let raw = body.to_bytes(caps, 0x1122, data);
    let header = Header::parse(&raw, caps).unwrap();
    assert_eq!(header.kind, body.kind());
    assert_eq!(header.id, 0x1122);
    let fixed = raw[caps.header_size()..].to_vec();
    assert_eq!(header.length, fixed.len() + data);
    fixed
}

fn device(speed: Speed) -> Machine<Reference> {
    Machine::new(Reference::new("1").unwrap(), speed)
}

fn address(raw: u8) -> Address {
    Address::new(raw).unwrap()
}

#[test]
fn a_hello_has_a_padded_version_and_one_word_of_capabilities() {
    let raw = fixed_part(&Body::Hello, NONE, 0);
    assert_eq!(raw.len(), 68);
    assert!(raw.starts_with(b"usbpipe refdevd "));
    assert_eq!(raw[63], 0, "QEMU prints it as a string");
    assert_eq!(raw[64..], [0x77, 0, 0, 0]);
}

#[test]
fn a_connect_tells_speed_and_ids() {
    let connect = |speed| Body::DeviceConnect {
        speed,
        class: Class {
            class: 1,
            subclass: 2,
            protocol: 3,
        },
        vendor: 0x1209,
        product: 0x0001,
        release: 0x0100,
    };
    let long = [2, 1, 2, 3, 0x09, 0x12, 0x01, 0x00, 0x00, 0x01];
    assert_eq!(fixed_part(&connect(Speed::High), ALL, 0), long);
    assert_eq!(fixed_part(&connect(Speed::High), NONE, 0), long[..8]);
    assert_eq!(fixed_part(&connect(Speed::Full), NONE, 0)[0], 1);
    assert_eq!(fixed_part(&connect(Speed::Super), NONE, 0)[0], 3);
}

#[test]
fn interfaces_fill_a_table_of_32() {
    let info = interface_info(&device(Speed::High));
    let raw = fixed_part(&Body::InterfaceInfo(info), ALL, 0);
    assert_eq!(raw.len(), 4 + 4 * 32);
    assert_eq!(raw[..4], [1, 0, 0, 0]);
    assert_eq!((raw[4], raw[36], raw[68], raw[100]), (0, 0xff, 0, 0));
    assert!(raw[37..].iter().all(|&byte| byte == 0));
}

#[test]
fn more_interfaces_than_the_table_holds_are_left_out() {
    let class = |number| Class {
        class: number,
        subclass: 1,
        protocol: 2,
    };
    let info = InterfaceInfo {
        classes: (0..40).map(class).collect(),
    };
    let raw = fixed_part(&Body::InterfaceInfo(info), ALL, 0);
    assert_eq!((raw.len(), raw[0]), (132, 32));
    assert_eq!(
        (raw[4 + 31], raw[36 + 31], raw[68 + 31], raw[100 + 31]),
        (31, 31, 1, 2)
    );
}

#[test]
fn endpoints_fill_a_table_of_32() {
    for (speed, bulk, interval) in [
        (Speed::Full, 64, 8),
        (Speed::High, 512, 7),
        (Speed::Super, 1024, 7),
    ] {
        let table = endpoint_table(&device(speed));
        let raw = fixed_part(&Body::EpInfo(Box::new(table)), ALL, 0);
        assert_eq!(raw.len(), 3 * 32 + 2 * 32 + 4 * 32);
        assert!(raw[160..].iter().all(|&byte| byte == 0), "no streams");
        let used = |index| [0, 1, 16, 17, 18].contains(&index);
        assert!(
            raw[..32]
                .iter()
                .enumerate()
                .all(|(index, &kind)| (kind != 255) == used(index))
        );
        assert_eq!((raw[0], raw[1], raw[16], raw[17], raw[18]), (0, 2, 0, 2, 3));
        assert_eq!((raw[32 + 1], raw[32 + 18]), (0, interval));
        let size = |index: usize| u16::from_le_bytes([raw[96 + 2 * index], raw[97 + 2 * index]]);
        assert_eq!((size(1), size(17), size(18), size(2)), (bulk, bulk, 64, 0));
    }
}

#[test]
fn without_the_capability_there_are_no_packet_sizes() {
    let table = endpoint_table(&device(Speed::High));
    assert_eq!(
        fixed_part(&Body::EpInfo(Box::new(table)), NONE, 0).len(),
        96
    );
}

#[test]
fn what_is_shown_does_not_change_with_the_configuration() {
    let mut device = device(Speed::High);
    let before = (interface_info(&device), endpoint_table(&device));
    device.set_configuration(1).unwrap();
    assert_eq!((interface_info(&device), endpoint_table(&device)), before);
}

#[test]
fn states_are_a_few_bytes() {
    let states = [
        (Body::ConfigurationStatus(Status::Success, 1), vec![0, 1]),
        (
            Body::AlternateStatus {
                status: Status::Stall,
                interface: 2,
                alternate: 3,
            },
            vec![4, 2, 3],
        ),
        (
            Body::IsoStatus(Status::Invalid, address(0x83)),
            vec![2, 0x83],
        ),
        (
            Body::Iso(PacketEnd {
                address: address(0x83),
                status: Status::Success,
                actual: 0x0102,
                stream: 0,
            }),
            vec![0x83, 0, 2, 1],
        ),
        (
            Body::InterruptStatus(Status::Success, address(0x82)),
            vec![0, 0x82],
        ),
    ];
    for (body, wanted) in states {
        assert_eq!(fixed_part(&body, ALL, 0), wanted);
        assert_eq!(fixed_part(&body, NONE, 0), wanted);
    }
}

#[test]
fn the_end_of_a_control_transfer_repeats_the_request() {
    let setup = Setup {
        request_type: 0xc0,
        request: 2,
        value: 0x0403,
        index: 0x0605,
        length: 0x0807,
    };
    let raw = fixed_part(&Body::Control(Status::Stall, setup), ALL, 7);
    assert_eq!(raw, [0x80, 2, 0xc0, 4, 3, 4, 5, 6, 7, 8]);
    let out = Setup {
        request_type: 0x40,
        ..setup
    };
    assert_eq!(
        fixed_part(&Body::Control(Status::Success, out), ALL, 0)[0],
        0x00
    );
}

#[test]
fn the_end_of_a_transfer_has_its_length() {
    let end = PacketEnd {
        address: address(0x81),
        status: Status::Cancelled,
        actual: 0x0005_1234,
        stream: 0x0a0b_0c0d,
    };
    let long = [0x81, 1, 0x34, 0x12, 0x0d, 0x0c, 0x0b, 0x0a, 5, 0];
    assert_eq!(fixed_part(&Body::Bulk(end), ALL, 0x0005_1234), long);
    assert_eq!(fixed_part(&Body::Bulk(end), NONE, 0), long[..8]);
    let event = PacketEnd {
        address: address(0x82),
        actual: 8,
        ..end
    };
    assert_eq!(fixed_part(&Body::Interrupt(event), ALL, 8), [0x82, 1, 8, 0]);
}
