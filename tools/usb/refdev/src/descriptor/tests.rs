// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::Function;
use crate::reference::Reference;

fn reference() -> Description {
    Reference::new("0001").unwrap().description().clone()
}

/// Splits a configuration at the lengths that its descriptors claim.
fn split(mut raw: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(&length) = raw.first() {
        let (part, rest) = raw.split_at(length.into());
        parts.push(part);
        raw = rest;
    }
    parts
}

#[test]
fn the_device_descriptor_is_right_at_each_speed() {
    let expected = |usb: u8, packet| {
        let ids = [0x09, 0x12, 0x01, 0x00, 0x00, 0x01];
        [
            &[18, 1, 0, usb, 0xff, 0, 0, packet][..],
            &ids,
            &[1, 2, 3, 1],
        ]
        .concat()
    };
    assert_eq!(reference().device_descriptor(Speed::Full), expected(2, 64));
    assert_eq!(reference().device_descriptor(Speed::High), expected(2, 64));
    assert_eq!(reference().device_descriptor(Speed::Super), expected(3, 9));
}

#[test]
fn the_configuration_is_right_at_high_speed() {
    let raw = reference()
        .configuration_descriptor(0, Speed::High)
        .unwrap();
    let parts: [&[u8]; 13] = [
        &[9, 2, 97, 0, 1, 1, 0, 0x80, 50],
        &[9, 4, 0, 0, 3, 0xff, 0, 0, 0],
        &[7, 5, 0x01, 2, 0x00, 0x02, 0],
        &[7, 5, 0x81, 2, 0x00, 0x02, 0],
        &[7, 5, 0x82, 3, 64, 0, 7],
        &[9, 4, 0, 1, 7, 0xff, 0, 0, 0],
        &[7, 5, 0x01, 2, 0x00, 0x02, 0],
        &[7, 5, 0x81, 2, 0x00, 0x02, 0],
        &[7, 5, 0x82, 3, 64, 0, 7],
        &[7, 5, 0x03, 1, 0x00, 0x02, 4],
        &[7, 5, 0x83, 1, 0x00, 0x02, 4],
        &[7, 5, 0x04, 3, 64, 0, 7],
        &[7, 5, 0x84, 3, 64, 0, 7],
    ];
    assert_eq!(split(&raw), parts);
}

#[test]
fn full_speed_differs_in_packets_and_period() {
    let raw = reference()
        .configuration_descriptor(0, Speed::Full)
        .unwrap();
    assert_eq!(split(&raw)[2], [7, 5, 0x01, 2, 64, 0, 0]);
    assert_eq!(split(&raw)[4], [7, 5, 0x82, 3, 64, 0, 8]);
    assert_eq!(split(&raw)[9], [7, 5, 0x03, 1, 0x00, 0x02, 1]);
}

#[test]
fn super_speed_has_companions() {
    let raw = reference()
        .configuration_descriptor(0, Speed::Super)
        .unwrap();
    let parts: [&[u8]; 8] = [
        &[9, 2, 157, 0, 1, 1, 0, 0x80, 12],
        &[9, 4, 0, 0, 3, 0xff, 0, 0, 0],
        &[7, 5, 0x01, 2, 0x00, 0x04, 0],
        &[6, 48, 0, 0, 0, 0],
        &[7, 5, 0x81, 2, 0x00, 0x04, 0],
        &[6, 48, 0, 0, 0, 0],
        &[7, 5, 0x82, 3, 64, 0, 7],
        &[6, 48, 0, 0, 64, 0],
    ];
    assert_eq!(split(&raw)[..8], parts);
    let iso: [&[u8]; 2] = [&[7, 5, 0x03, 1, 0x00, 0x02, 4], &[6, 48, 0, 0, 0x00, 0x02]];
    assert_eq!(split(&raw)[15..17], iso);
}

#[test]
fn the_other_speed_is_the_configuration_under_another_name() {
    let description = reference();
    for (speed, other) in [(Speed::Full, Speed::High), (Speed::High, Speed::Full)] {
        let mut wanted = description.configuration_descriptor(0, other).unwrap();
        wanted[1] = 7;
        assert_eq!(
            description.other_speed_descriptor(0, speed).unwrap(),
            wanted
        );
        let qualifier = [10, 6, 0, 2, 0xff, 0, 0, 64, 1, 0];
        assert_eq!(description.device_qualifier(speed).unwrap(), qualifier);
    }
    assert_eq!(description.other_speed_descriptor(0, Speed::Super), None);
    assert_eq!(description.other_speed_descriptor(1, Speed::High), None);
    assert_eq!(description.device_qualifier(Speed::Super), None);
    assert_eq!(description.configuration_descriptor(1, Speed::High), None);
}

#[test]
fn the_object_store_adds_up() {
    let raw = reference().bos_descriptor(Speed::Super).unwrap();
    let parts: [&[u8]; 3] = [
        &[5, 15, 22, 0, 2],
        &[7, 16, 2, 2, 0, 0, 0],
        &[10, 16, 3, 0, 0x0e, 0, 1, 1, 0xf4, 1],
    ];
    assert_eq!(split(&raw), parts);
    assert_eq!(usize::from(raw[2]), raw.len());
    assert_eq!(reference().bos_descriptor(Speed::High), None);
}

#[test]
fn strings_come_in_one_language() {
    let description = reference();
    assert_eq!(
        description.string_descriptor(0, 0).unwrap(),
        [4, 3, 0x09, 0x04]
    );
    let serial = [10, 3, b'0', 0, b'0', 0, b'0', 0, b'1', 0];
    assert_eq!(description.string_descriptor(3, LANGUAGE).unwrap(), serial);
    assert_eq!(description.string_descriptor(3, 0x0407), None);
    assert_eq!(description.string_descriptor(4, LANGUAGE), None);
    assert_eq!(description.string_descriptor(255, LANGUAGE), None);
}

#[test]
fn the_longest_string_fits() {
    let description = Reference::new(&"9".repeat(126))
        .unwrap()
        .description()
        .clone();
    let raw = description.string_descriptor(3, LANGUAGE).unwrap();
    assert_eq!((raw.len(), raw[0]), (254, 254));
}

#[test]
fn a_device_without_strings_has_no_indices() {
    let description = Description::new(1, 2);
    assert_eq!(
        description.device_descriptor(Speed::High)[14..],
        [0, 0, 0, 0]
    );
    assert_eq!(description.string_descriptor(1, LANGUAGE), None);
}
