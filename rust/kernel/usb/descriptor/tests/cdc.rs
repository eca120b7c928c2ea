// SPDX-License-Identifier: GPL-2.0

//! Descriptors of communication interfaces: which count, which are passed over.

use super::super::{
    CdcFunction,
    Descriptors,
    ErrorKind, //
};
use crate::prelude::kunit_tests;

/// The shortest of each subtype, and whether it may be there twice.
const SHORTEST: &[(u8, usize, bool)] = &[
    (0x00, 5, false),
    (0x01, 5, true),
    (0x02, 4, true),
    (0x06, 5, true),
    (0x07, 6, true),
    (0x0a, 7, true),
    (0x0f, 13, false),
    (0x12, 21, false),
    (0x13, 4, false),
    (0x14, 7, true),
    (0x15, 5, true),
    (0x1a, 6, true),
    (0x1b, 12, true),
    (0x1c, 8, true),
];

fn parse(bytes: &[u8]) -> Result<CdcFunction<'_>, ErrorKind> {
    let descriptors = Descriptors::new(bytes).flatten();
    CdcFunction::new(descriptors).map_err(|error| error.kind())
}

/// Two descriptors of a subtype and a length.
fn pair(descriptor_type: u8, subtype: u8, length: usize) -> [u8; 42] {
    let mut bytes = [2; 42];
    for start in [0, length] {
        if let Some([own_length, own_type, own_subtype, ..]) = bytes.get_mut(start..) {
            // CAST: At most 21.
            *own_length = length as u8;
            *own_type = descriptor_type;
            *own_subtype = subtype;
        }
    }
    bytes
}

/// The same, but with a header before `bytes`, and strictly.
fn check(bytes: &[u8]) -> Result<usize, ErrorKind> {
    let mut room = [0; 47];
    let header = [5, 0x24, 0x00, 0x10, 0x01];
    room[..5].copy_from_slice(&header);
    let length = header.len() + bytes.len();
    room[5..length].copy_from_slice(bytes);
    let function = CdcFunction::checked(Descriptors::new(&room[..length]));
    let function = function.map_err(|error| error.kind())?;
    Ok(count(&function) - 1)
}

/// How many there are in `function`.
fn count(function: &CdcFunction<'_>) -> usize {
    let found = [
        function.header.is_some(),
        function.call_management.is_some(),
        function.acm.is_some(),
        function.union.is_some(),
        function.country.is_some(),
        function.network_terminal.is_some(),
        function.ethernet.is_some(),
        function.dmm.is_some(),
        function.mdlm.is_some(),
        function.mdlm_detail.is_some(),
        function.obex.is_some(),
        function.ncm.is_some(),
        function.mbim.is_some(),
        function.mbim_extended.is_some(),
        function.is_phonet,
    ];
    found.into_iter().filter(|found| *found).count()
}

#[kunit_tests(rust_usb_descriptor_cdc)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_counts_and_no_shorter() {
        for (subtype, shortest, _) in SHORTEST.iter().copied() {
            for (length, expected) in [(shortest, 1), (shortest - 1, 0)] {
                let bytes = pair(0x24, subtype, length);
                let one = parse(bytes.get(..length).unwrap_or_default());
                assert_eq!(one.map(|function| count(&function)), Ok(expected));
            }
        }
    }

    #[test]
    fn no_shorter_is_passed_over_if_checked() {
        for (subtype, shortest, _) in SHORTEST.iter().copied().skip(1) {
            for (length, expected) in [(shortest, Ok(1)), (shortest - 1, Err(ErrorKind::TooShort))]
            {
                let bytes = pair(0x24, subtype, length);
                assert_eq!(check(bytes.get(..length).unwrap_or_default()), expected);
            }
        }
        let header = Descriptors::new(&[4, 0x24, 0x00, 0x10]);
        let kind = CdcFunction::checked(header).err().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::TooShort));
    }

    #[test]
    fn only_terminals_may_be_there_twice_if_checked() {
        for (subtype, shortest, _) in SHORTEST.iter().copied().skip(1) {
            let bytes = pair(0x24, subtype, shortest);
            let expected = if subtype == 0x0a {
                Ok(1)
            } else {
                Err(ErrorKind::Duplicate)
            };
            let two = bytes.get(..2 * shortest).unwrap_or_default();
            assert_eq!(check(two), expected);
        }
        assert_eq!(check(&[3, 0x24, 0xab, 3, 0x24, 0xab]), Ok(1));
        assert_eq!(
            check(&[5, 0x24, 0x00, 0x10, 0x01]),
            Err(ErrorKind::Duplicate)
        );
    }

    #[test]
    fn the_header_is_first_if_checked() {
        let modem = [4, 0x24, 2, 6, 5, 0x24, 0, 0x10, 1];
        let kind = |bytes| {
            let checked = CdcFunction::checked(Descriptors::new(bytes));
            checked.err().map(|error| error.kind())
        };
        assert_eq!(kind(&modem), Some(ErrorKind::MissingHeader));
        assert_eq!(kind(&[]), None);
        // What is not of CDC may be there before, and a wrong length is one anywhere.
        assert_eq!(kind(&[3, 0x41, 1, 5, 0x24, 0, 0x10, 1]), None);
        assert_eq!(
            kind(&[5, 0x24, 0, 0x10, 1, 1, 0x41]),
            Some(ErrorKind::BadLength)
        );
        assert_eq!(
            kind(&[5, 0x24, 0, 0x10, 1, 4, 0x24, 2]),
            Some(ErrorKind::Overrun)
        );
    }

    #[test]
    fn some_may_be_there_twice() {
        for (subtype, shortest, may_repeat) in SHORTEST.iter().copied() {
            let bytes = pair(0x24, subtype, shortest);
            let two = parse(bytes.get(..2 * shortest).unwrap_or_default());
            let expected = if may_repeat {
                Ok(1)
            } else {
                Err(ErrorKind::Duplicate)
            };
            assert_eq!(two.map(|function| count(&function)), expected);
        }
    }

    #[test]
    fn the_first_union_and_the_last_of_others_count() -> Result<(), ErrorKind> {
        let function = parse(&[
            4, 0x24, 6, 9, // too short
            5, 0x24, 6, 0, 1, // union
            5, 0x24, 6, 2, 3, // union
            4, 0x24, 2, 6, // abstract control
            4, 0x24, 2, 7, // abstract control
        ])?;
        assert_eq!(
            function.union.map(|union| union.control_interface()),
            Some(0)
        );
        assert_eq!(function.acm.map(|acm| acm.capabilities()), Some(7));
        Ok(())
    }

    #[test]
    fn others_are_passed_over() {
        for (descriptor_type, subtype, expected) in [
            (0x24, 0xab, 1),
            (0x24, 0x03, 0),
            (0x24, 0xff, 0),
            (0x25, 0x02, 0),
            (0x41, 0x02, 0),
        ] {
            let bytes = pair(descriptor_type, subtype, 5);
            let function = parse(bytes.get(..5).unwrap_or_default());
            assert_eq!(function.map(|function| count(&function)), Ok(expected));
        }
        assert_eq!(parse(&[2, 0x24]).map(|function| count(&function)), Ok(0));
    }
}
