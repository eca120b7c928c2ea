// SPDX-License-Identifier: GPL-2.0

//! What alternate setting 1 adds, and the variant with two interfaces.

use super::*;

fn larger() -> Machine<Reference> {
    let mut device = device();
    device.set_alternate(0, 1).unwrap();
    device
}

#[test]
fn setting_0_has_none_of_it() {
    let mut device = device();
    for address in [ISO_OUT, LOOP_OUT] {
        assert_eq!(device.transfer_out(address, b"x"), Out::Stall);
    }
    for address in [ISO_IN, LOOP_IN] {
        assert_eq!(device.transfer_in(address, 1, &mut Vec::new()), In::Stall);
    }
}

#[test]
fn each_pair_is_a_loopback_that_keeps_packets_apart() {
    let mut device = larger();
    for (address, way_back) in [(ISO_OUT, ISO_IN), (LOOP_OUT, LOOP_IN)] {
        device.wakeups();
        for packet in [&b"one"[..], b"", b"three"] {
            let taken = Out::Accepted(packet.len());
            assert_eq!(device.transfer_out(address, packet), taken);
        }
        assert!(device.wakeups().contains(way_back));
        assert_eq!(read(&mut device, way_back, 64), Some(b"one".to_vec()));
        assert_eq!(read(&mut device, way_back, 2), Some(b"th".to_vec()));
        assert_eq!(read(&mut device, way_back, 64), Some(b"ree".to_vec()));
        assert_eq!(read(&mut device, way_back, 64), None);
    }
    assert_eq!(
        read(&mut device, BULK_IN, 64),
        None,
        "the bulk one is apart"
    );
}

#[test]
fn a_full_loopback_loses_or_waits() {
    let mut device = larger();
    for _ in 0..PACKET_QUEUE {
        assert_eq!(device.transfer_out(ISO_OUT, b"i"), Out::Accepted(1));
        assert_eq!(device.transfer_out(LOOP_OUT, b"l"), Out::Accepted(1));
    }
    assert_eq!(device.transfer_out(ISO_OUT, b"x"), Out::Accepted(1), "lost");
    assert_eq!(device.transfer_out(LOOP_OUT, b"x"), Out::Accepted(0));
    device.wakeups();
    assert_eq!(read(&mut device, LOOP_IN, 1), Some(b"l".to_vec()));
    assert!(device.wakeups().contains(LOOP_OUT));
    assert_eq!(device.transfer_out(LOOP_OUT, b"x"), Out::Accepted(1));
    let packets = std::iter::from_fn(|| read(&mut device, ISO_IN, 1));
    assert_eq!(packets.count(), PACKET_QUEUE);
}

#[test]
fn the_isochronous_source_has_a_pattern_of_its_own() {
    let mut device = larger();
    out(&mut device, code::SET_MODE, 1, &[]);
    out(&mut device, code::SET_SEED, 7, &[]);
    let mut wanted = Vec::new();
    Pattern::new(7).append(300, &mut wanted);
    assert_eq!(device.transfer_out(ISO_OUT, b"swallowed"), Out::Accepted(9));
    assert_eq!(read(&mut device, ISO_IN, 200).unwrap(), wanted[..200]);
    assert_eq!(read(&mut device, BULK_IN, 300).unwrap(), wanted);
    assert_eq!(read(&mut device, ISO_IN, 100).unwrap(), wanted[200..]);
    assert_eq!(status(&mut device).in_bytes, 300, "only bulk is counted");
    device.transfer_out(LOOP_OUT, b"x");
    assert_eq!(read(&mut device, LOOP_IN, 9), Some(b"x".to_vec()));
}

#[test]
fn a_new_setting_empties_them() {
    let mut device = larger();
    device.transfer_out(ISO_OUT, b"x");
    device.transfer_out(LOOP_OUT, b"x");
    device.set_alternate(0, 1).unwrap();
    assert_eq!(read(&mut device, ISO_IN, 1), None);
    assert_eq!(read(&mut device, LOOP_IN, 1), None);
}

#[test]
fn only_endpoints_that_can_be_halted_are() {
    let mut device = larger();
    for address in [LOOP_OUT, LOOP_IN] {
        let raw = address.raw().into();
        assert_eq!(out(&mut device, code::HALT, raw, &[]), OK);
    }
    assert_eq!(device.transfer_out(LOOP_OUT, b"x"), Out::Stall);
    for address in [ISO_OUT, ISO_IN] {
        let raw = address.raw().into();
        assert_eq!(out(&mut device, code::HALT, raw, &[]), Control::Stall);
    }
}

#[test]
fn two_interfaces_share_the_endpoints() {
    let mut device = Machine::new(Reference::two_interfaces("1").unwrap(), Speed::High);
    device.set_configuration(1).unwrap();
    assert_eq!(device.transfer_out(BULK_OUT, b"x"), Out::Stall);
    device.set_alternate(1, 1).unwrap();
    assert_eq!(device.transfer_out(BULK_OUT, b"x"), Out::Accepted(1));
    assert_eq!(read(&mut device, BULK_IN, 9), Some(b"x".to_vec()));
    assert_eq!(out(&mut device, code::TRIGGER_EVENT, 5, &[]), OK);
    assert_eq!(read(&mut device, INTERRUPT_IN, 8).unwrap()[4], 5);
    assert!(device.set_alternate(0, 1).is_err());
    let raw = device
        .description()
        .configuration_descriptor(0, Speed::High);
    let raw = raw.unwrap();
    let class_of = |at: usize| (raw[at + 2], raw[at + 3], raw[at + 5]);
    assert_eq!((raw[4], raw.len()), (2, 9 + 16 + 9 + 23));
    assert_eq!(
        [9, 25, 34].map(class_of),
        [(0, 0, 255), (1, 0, 10), (1, 1, 10)]
    );
    assert_eq!(device.description().device_descriptor(Speed::High)[4], 0);
}
