// SPDX-License-Identifier: GPL-2.0

//! Configurations that break a rule each, and what is said of them.

use super::super::{
    Bos, Configuration, Error,
    ErrorKind::{
        self,
        *, //
    },
};
use crate::prelude::{
    kunit_tests,
    pr_err, //
};

/// A name, bytes, and what is wrong with them: where, and what.
pub(super) type Case<'a> = (&'a str, &'a [u8], &'a [(usize, ErrorKind)]);

/// A configuration is not even started.
const HEADERS: &[Case<'_>] = &[
    ("nothing", &[], &[(0, Truncated)]),
    ("one byte", &[9], &[(0, Truncated)]),
    (
        "no length",
        &[0, 2, 9, 0, 0, 1, 0, 0x80, 0],
        &[(0, BadLength)],
    ),
    (
        "length 1",
        &[1, 2, 9, 0, 0, 1, 0, 0x80, 0],
        &[(0, BadLength)],
    ),
    (
        "length 8",
        &[8, 2, 9, 0, 0, 1, 0, 0x80, 0],
        &[(0, TooShort)],
    ),
    (
        "length 10",
        &[10, 2, 9, 0, 0, 1, 0, 0x80, 0],
        &[(0, Overrun)],
    ),
    ("cut off", &[9, 2, 9, 0, 0, 1, 0, 0x80], &[(0, Overrun)]),
    (
        "a device",
        &[9, 1, 9, 0, 0, 1, 0, 0x80, 0],
        &[(0, WrongType)],
    ),
];

const TOTALS: &[Case<'_>] = &[
    ("empty", &[9, 2, 9, 0, 0, 1, 0, 0x80, 0], &[]),
    ("other speed", &[9, 7, 9, 0, 0, 1, 0, 0x80, 0], &[]),
    ("more behind", &[9, 2, 9, 0, 0, 1, 0, 0x80, 0, 0, 0], &[]),
    (
        "total of 0",
        &[9, 2, 0, 0, 0, 1, 0, 0x80, 0],
        &[(0, TotalLength)],
    ),
    (
        "total of 8",
        &[9, 2, 8, 0, 0, 1, 0, 0x80, 0],
        &[(0, TotalLength)],
    ),
    (
        "total of 10",
        &[9, 2, 10, 0, 0, 1, 0, 0x80, 0],
        &[(0, TotalLength)],
    ),
    (
        "total of 65535",
        &[9, 2, 0xff, 0xff, 0, 1, 0, 0x80, 0, 2, 0xff],
        &[(0, TotalLength)],
    ),
    (
        "longer header",
        &[10, 2, 9, 0, 0, 1, 0, 0x80, 0, 0],
        &[(0, TotalLength)],
    ),
    (
        "total cuts an interface",
        &[9, 2, 17, 0, 0, 1, 0, 0x80, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, Overrun)],
    ),
    (
        "total leaves a byte",
        &[9, 2, 10, 0, 0, 1, 0, 0x80, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, Truncated)],
    ),
];

/// At least as many bytes as any configuration that is put together here.
const ROOM: usize = 0xff;

/// Descriptors in a configuration of one interface.
const BODIES: &[Case<'_>] = &[
    ("no interface", &[], &[(0, InterfaceCount)]),
    (
        "length 0",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 0, 5],
        &[(18, BadLength)],
    ),
    (
        "length 1",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 1, 5],
        &[(18, BadLength)],
    ),
    (
        "overrun",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 3, 0x24],
        &[(18, Overrun)],
    ),
    (
        "short interface",
        &[8, 4, 0, 0, 0, 3, 0, 0],
        &[(0, InterfaceCount), (9, TooShort)],
    ),
    (
        "two interfaces",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 4, 1, 0, 0, 3, 0, 0, 0],
        &[(0, InterfaceCount), (18, InterfaceNumber)],
    ),
    (
        "number 1 alone",
        &[9, 4, 1, 0, 0, 3, 0, 0, 0],
        &[(9, InterfaceNumber)],
    ),
    (
        "altsetting twice",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(18, DuplicateAltSetting)],
    ),
    (
        "no altsetting 0",
        &[9, 4, 0, 1, 0, 3, 0, 0, 0],
        &[(9, NoDefaultAltSetting)],
    ),
    (
        "altsetting 0 last",
        &[9, 4, 0, 1, 0, 3, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[],
    ),
    (
        "endpoint missing",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0],
        &[(9, EndpointCount)],
    ),
    (
        "endpoint too many",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1],
        &[(9, EndpointCount)],
    ),
    (
        "short endpoint",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0, 6, 5, 0x81, 3, 8, 0],
        &[(18, TooShort)],
    ),
    (
        "endpoint first",
        &[7, 5, 0x81, 3, 8, 0, 1, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, EndpointWithoutInterface)],
    ),
    (
        "endpoint 0",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0, 7, 5, 0x80, 3, 8, 0, 1],
        &[(18, EndpointZero)],
    ),
    (
        "reserved address",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0, 7, 5, 0x91, 3, 8, 0, 1],
        &[(18, OutOfRange)],
    ),
    (
        "four packets per microframe",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0, 7, 5, 0x81, 3, 0, 0x1c, 1],
        &[(18, OutOfRange)],
    ),
    (
        "endpoint twice",
        &[
            9, 4, 0, 0, 2, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1, 7, 5, 0x81, 2, 8, 0, 1,
        ],
        &[(25, DuplicateEndpoint)],
    ),
    (
        "both directions of a number",
        &[
            9, 4, 0, 0, 2, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1, 7, 5, 0x01, 3, 8, 0, 1,
        ],
        &[],
    ),
    (
        "control endpoint beside another",
        &[
            9, 4, 0, 0, 2, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1, 7, 5, 0x01, 0, 8, 0, 0,
        ],
        &[(25, DuplicateEndpoint)],
    ),
    (
        "a device",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 2, 1],
        &[(18, Unexpected)],
    ),
    (
        "a configuration",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 2, 9, 0, 0, 1, 0, 0, 0],
        &[(18, Unexpected)],
    ),
    (
        "a type of a vendor",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0x41],
        &[],
    ),
    (
        "association of nothing",
        &[8, 0x0b, 0, 0, 1, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, AssociationRange)],
    ),
    (
        "association of a missing interface",
        &[8, 0x0b, 0, 2, 1, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, AssociationRange)],
    ),
    (
        "association past the last number",
        &[8, 0x0b, 255, 255, 1, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, AssociationRange)],
    ),
    (
        "short association",
        &[7, 0x0b, 0, 1, 1, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0],
        &[(9, TooShort)],
    ),
    (
        "two associations",
        &[
            8, 0x0b, 0, 1, 1, 0, 0, 0, 8, 0x0b, 0, 1, 1, 0, 0, 0, 9, 4, 0, 0, 0, 3, 0, 0, 0,
        ],
        &[(17, AssociationOverlap)],
    ),
];

/// What follows on the descriptor of an interface of one endpoint, number 0.
const COMPANIONS: &[Case<'_>] = &[
    (
        "bulk at its limits",
        &[7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 15, 16, 0, 0],
        &[],
    ),
    (
        "burst of 17",
        &[7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 16, 0, 0, 0],
        &[(25, OutOfRange)],
    ),
    (
        "131072 streams",
        &[7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 0, 17, 0, 0],
        &[(25, OutOfRange)],
    ),
    (
        "isochronous at its limits",
        &[7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 15, 2, 0, 0],
        &[],
    ),
    (
        "four bursts",
        &[7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 0, 3, 0, 0],
        &[(25, OutOfRange)],
    ),
    (
        "burst of control packets",
        &[7, 5, 0x01, 0, 0, 2, 0, 6, 0x30, 1, 0, 0, 0],
        &[(25, OutOfRange)],
    ),
    (
        "short",
        &[7, 5, 0x81, 2, 0, 4, 0, 5, 0x30, 0, 0, 0],
        &[(25, TooShort)],
    ),
    (
        "before the endpoint",
        &[6, 0x30, 0, 0, 0, 0, 7, 5, 0x81, 2, 0, 4, 0],
        &[(18, StrayCompanion)],
    ),
    (
        "two",
        &[
            7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 0, 0, 0, 0, 6, 0x30, 0, 0, 0, 0,
        ],
        &[(31, StrayCompanion)],
    ),
    (
        "behind a class's",
        &[7, 5, 0x81, 2, 0, 4, 0, 3, 0x25, 1, 6, 0x30, 0, 0, 0, 0],
        &[(28, StrayCompanion)],
    ),
    (
        "the next one announced",
        &[
            7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 0, 0x80, 1, 0, 8, 0x31, 0, 0, 0, 4, 0, 0,
        ],
        &[],
    ),
    (
        "the next one missing",
        &[7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 0, 0x80, 1, 0],
        &[(25, MissingCompanion)],
    ),
    (
        "the next one not announced",
        &[
            7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 0, 0, 1, 0, 8, 0x31, 0, 0, 0, 4, 0, 0,
        ],
        &[(31, StrayCompanion)],
    ),
    (
        "the next one short",
        &[
            7, 5, 0x81, 1, 0, 4, 1, 6, 0x30, 0, 0x80, 1, 0, 7, 0x31, 0, 0, 0, 4, 0,
        ],
        &[(25, MissingCompanion), (31, TooShort)],
    ),
];

const STORES: &[Case<'_>] = &[
    ("empty", &[5, 0x0f, 5, 0, 0], &[]),
    ("short", &[4, 0x0f, 5, 0], &[(0, TooShort)]),
    ("total of 4", &[5, 0x0f, 4, 0, 0], &[(0, TotalLength)]),
    ("total of 6", &[5, 0x0f, 6, 0, 0], &[(0, TotalLength)]),
    ("missing", &[5, 0x0f, 5, 0, 1], &[(0, CapabilityCount)]),
    (
        "too many",
        &[5, 0x0f, 8, 0, 0, 3, 0x10, 0x0b],
        &[(0, CapabilityCount)],
    ),
    (
        "without type",
        &[5, 0x0f, 7, 0, 1, 2, 0x10],
        &[(5, TooShort)],
    ),
    (
        "short extension",
        &[5, 0x0f, 11, 0, 1, 6, 0x10, 2, 0, 0, 0],
        &[(5, TooShort)],
    ),
    (
        "not a capability",
        &[5, 0x0f, 8, 0, 1, 3, 0x24, 2],
        &[(5, WrongType)],
    ),
    ("length 0", &[5, 0x0f, 8, 0, 1, 3, 0x10, 0x0b, 0], &[]),
    (
        "length 0 inside",
        &[5, 0x0f, 9, 0, 1, 3, 0x10, 0x0b, 0],
        &[(8, Truncated)],
    ),
];

/// As many altsettings as the USB core keeps, and one more.
const MANY: &[u8; 9 + 9 * 4097] = &many();

const fn many<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    // CAST: Less than 65536, and its two bytes.
    let total = BYTES as u16;
    put(
        &mut bytes,
        0,
        [9, 2, total as u8, (total >> 8) as u8, 32, 1, 0, 0x80, 0],
    );
    let mut at = 9;
    while at < BYTES {
        let index = at / 9 - 1;
        // CAST: Less than 32, and at most 128.
        let (number, setting) = ((index % 32) as u8, (index / 32) as u8);
        put(&mut bytes, at, [9, 4, number, setting, 0, 3, 0, 0, 0]);
        at += 9;
    }
    bytes
}

const fn put(bytes: &mut [u8], at: usize, descriptor: [u8; 9]) {
    let mut index = 0;
    while index < descriptor.len() {
        bytes[at + index] = descriptor[index];
        index += 1;
    }
}

fn problems_of_configuration(bytes: &[u8], found: &mut dyn FnMut(Error)) {
    match Configuration::parse(bytes) {
        Ok(configuration) => configuration.problems().for_each(found),
        Err(error) => found(error),
    }
}

fn problems_of_store(bytes: &[u8], found: &mut dyn FnMut(Error)) {
    match Bos::parse(bytes) {
        Ok(bos) => bos.problems().for_each(found),
        Err(error) => found(error),
    }
}

pub(super) type Problems = fn(&[u8], &mut dyn FnMut(Error));

/// Whether the problems of `bytes` are those of the case.
pub(super) fn is_as_told(case: &Case<'_>, bytes: &[u8], problems: Problems) -> bool {
    let (name, _, expected) = case;
    let mut rest = expected.iter();
    let mut is_right = true;
    problems(bytes, &mut |error| {
        if rest.next() != Some(&(error.offset(), error.kind())) {
            pr_err!("{name}: {error:?} not expected\n");
            is_right = false;
        }
    });
    is_right && rest.next().is_none()
}

/// As `is_as_told`, with a header of `declared` interfaces and `prefix` put before the case.
pub(super) fn is_as_told_behind(case: &Case<'_>, declared: u8, prefix: &[u8]) -> bool {
    let mut room = [0; ROOM];
    let mut length = 0;
    for part in [&[9, 2, 0, 0, declared, 1, 0, 0x80, 0], prefix, case.1] {
        let Some(place) = room.get_mut(length..length + part.len()) else {
            return false;
        };
        place.copy_from_slice(part);
        length += part.len();
    }
    // CAST: Less than 256.
    room[2] = length as u8;
    let bytes = room.get(..length).unwrap_or_default();
    is_as_told(case, bytes, problems_of_configuration)
}

#[kunit_tests(rust_usb_descriptor_malformed)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_totals_are_checked() {
        for case in HEADERS.iter().chain(TOTALS) {
            let (_, bytes, _) = case;
            assert!(is_as_told(case, bytes, problems_of_configuration));
        }
    }

    #[test]
    fn bodies_are_checked() {
        for case in BODIES {
            assert!(is_as_told_behind(case, 1, &[]));
        }
    }

    #[test]
    fn companions_are_checked() {
        for case in COMPANIONS {
            assert!(is_as_told_behind(case, 1, &[9, 4, 0, 0, 1, 3, 0, 0, 0]));
        }
    }

    #[test]
    fn endpoints_of_other_interfaces_are_duplicates() {
        let first = [9, 4, 0, 0, 1, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1];
        let same: Case<'_> = (
            "of another altsetting",
            &[9, 4, 0, 1, 1, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1],
            &[],
        );
        let other: Case<'_> = (
            "of another interface",
            &[9, 4, 1, 0, 1, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1],
            &[(34, DuplicateEndpoint)],
        );
        assert!(is_as_told_behind(&same, 1, &first));
        assert!(is_as_told_behind(&other, 2, &first));
    }

    #[test]
    fn altsettings_are_limited() {
        let case: Case<'_> = ("many altsettings", MANY, &[(36873, TooManyAltSettings)]);
        assert!(is_as_told(&case, MANY, problems_of_configuration));
    }

    #[test]
    fn stores_are_checked() {
        for case in STORES {
            let (_, bytes, _) = case;
            assert!(is_as_told(case, bytes, problems_of_store));
        }
    }
}
