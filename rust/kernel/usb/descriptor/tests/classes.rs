// SPDX-License-Identifier: GPL-2.0

//! Altsettings that break a rule each, those of their class among them, and what is said of them.

use super::{
    super::{
        AltSetting,
        Error,
        ErrorKind::{
            self,
            *, //
        }, //
    },
    malformed::{
        is_as_told,
        is_as_told_behind,
        Case, //
    }, //
};
use crate::prelude::kunit_tests;

/// Altsettings with what their classes add.
const CLASSES: &[Case<'_>] = &[
    (
        "HID",
        &[
            9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 63, 0,
        ],
        &[],
    ),
    (
        "short HID",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 8, 0x21, 0x11, 1, 0, 1, 0x22, 63],
        &[(9, TooShort)],
    ),
    (
        "HID of two with room for one",
        &[
            9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 0x21, 0x11, 1, 0, 2, 0x22, 63, 0,
        ],
        &[(9, EntryCount)],
    ),
    (
        "HID without reports, behind an endpoint",
        &[
            9, 4, 0, 0, 1, 3, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 1, //
            9, 0x21, 0x11, 1, 0, 1, 0x23, 63, 0,
        ],
        &[(16, MissingReport)],
    ),
    (
        "the type of HID in another class",
        &[9, 4, 0, 0, 0, 0xff, 0x5d, 1, 0, 3, 0x21, 0x10],
        &[],
    ),
    (
        "modem",
        &[
            9, 4, 0, 0, 0, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 4, 0x24, 2, 6, 5, 0x24, 6, 0, 1,
        ],
        &[],
    ),
    (
        "union without another interface",
        &[
            9, 4, 0, 0, 0, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 4, 0x24, 6, 0,
        ],
        &[(14, TooShort)],
    ),
    (
        "two unions",
        &[
            9, 4, 0, 0, 0, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 5, 0x24, 6, 0, 1, 5, 0x24, 6, 0, 2,
        ],
        &[(19, Duplicate)],
    ),
    (
        "no header",
        &[9, 4, 0, 0, 0, 2, 2, 1, 0, 4, 0x24, 2, 6],
        &[(9, MissingHeader)],
    ),
    (
        "no subtype",
        &[9, 4, 0, 0, 0, 2, 2, 1, 0, 2, 0x24],
        &[(9, TooShort)],
    ),
    (
        "half a country",
        &[
            9, 4, 0, 0, 0, 2, 2, 1, 0, 5, 0x24, 0, 0x10, 1, 7, 0x24, 7, 4, 0x14, 1, 0x50,
        ],
        &[(14, PartialEntry)],
    ),
    (
        "CDC in a class of a vendor",
        &[9, 4, 0, 0, 0, 0xff, 0, 0, 0, 4, 0x24, 6, 0],
        &[],
    ),
    (
        "short firmware update",
        &[9, 4, 0, 0, 0, 0xfe, 1, 1, 0, 6, 0x21, 0x0d, 1, 0, 0],
        &[(9, TooShort)],
    ),
    (
        "pipe 5",
        &[
            9, 4, 0, 0, 1, 8, 6, 0x62, 0, 7, 5, 0x81, 2, 0, 2, 0, 4, 0x24, 5, 0,
        ],
        &[(16, OutOfRange)],
    ),
    (
        "short pipe",
        &[
            9, 4, 0, 0, 1, 8, 6, 0x62, 0, 7, 5, 0x81, 2, 0, 2, 0, 3, 0x24, 1,
        ],
        &[(16, TooShort)],
    ),
    (
        "audio without a subtype",
        &[9, 4, 0, 0, 0, 1, 1, 0, 0, 2, 0x24],
        &[(9, TooShort)],
    ),
    (
        "video endpoint without a subtype",
        &[
            9, 4, 0, 0, 1, 0x0e, 1, 0, 0, 7, 5, 0x81, 3, 8, 0, 1, 2, 0x25,
        ],
        &[(16, TooShort)],
    ),
    (
        "short eUSB2 companion",
        &[
            9, 4, 0, 0, 1, 0x0e, 2, 0, 0, 7, 5, 0x81, 1, 0, 0, 1, 7, 0x12, 0, 0x14, 0, 0, 0,
        ],
        &[(16, TooShort)],
    ),
    (
        "eUSB2 companion of nothing",
        &[9, 4, 0, 0, 0, 0x0e, 2, 0, 0, 8, 0x12, 0, 0x14, 0, 0, 0, 0],
        &[(9, StrayCompanion)],
    ),
];

/// Altsettings with what is behind them, looked at alone.
const ALONE: &[Case<'_>] = &[
    ("nothing behind", &[9, 4, 9, 7, 0, 3, 0, 0, 0], &[]),
    (
        "another one behind",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 9, 4, 0, 1, 1, 3, 0, 0, 0, 1],
        &[],
    ),
    (
        "an association behind",
        &[9, 4, 0, 0, 0, 3, 0, 0, 0, 8, 0x0b, 1, 1, 3, 0, 0, 0],
        &[],
    ),
    (
        "a wrong length",
        &[9, 4, 0, 0, 1, 3, 0, 0, 0, 8, 5, 0x81, 3, 8, 0, 1],
        &[(0, EndpointCount), (9, Overrun)],
    ),
    (
        "burst of 17",
        &[
            9, 4, 0, 0, 1, 8, 0, 0, 0, 7, 5, 0x81, 2, 0, 4, 0, 6, 0x30, 16, 0, 0, 0,
        ],
        &[(16, OutOfRange)],
    ),
];

fn problems_of_altsetting(bytes: &[u8], found: &mut dyn FnMut(Error)) {
    match AltSetting::parse(bytes) {
        Ok(setting) => setting.problems().for_each(found),
        Err(error) => found(error),
    }
}

#[kunit_tests(rust_usb_descriptor_classes)]
mod tests {
    use super::*;

    #[test]
    fn altsettings_are_checked_alone() {
        for case in CLASSES.iter().chain(ALONE) {
            let (_, bytes, _) = case;
            assert!(is_as_told(case, bytes, problems_of_altsetting));
        }
    }

    #[test]
    fn classes_are_checked_in_configurations() {
        for (name, bytes, expected) in CLASSES {
            let behind_header = |flaw: &(usize, ErrorKind)| (flaw.0 + 9, flaw.1);
            let expected = expected.first().map(behind_header);
            let case: Case<'_> = (name, bytes, expected.as_slice());
            assert!(is_as_told_behind(&case, 1, &[]));
        }
    }
}
