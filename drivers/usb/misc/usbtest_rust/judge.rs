// SPDX-License-Identifier: GPL-2.0

//! Whether descriptors are as the specification wants them: what case 9 looks at.

use crate::subcase::{
    kind,
    length, //
};

/// The most that is read of a configuration, in bytes.
pub(crate) const MAX_READ: usize = 256;

/// What is wrong with a configuration that was read, or as much of it as was asked for
/// (USB 2.0, 9.6.3 and 9.6.4).
pub(crate) fn configuration(bytes: &[u8], strict: bool) -> Result<(), &'static str> {
    let &[size, kind, low, high, _, _, _, attributes, _, ..] = bytes else {
        return Err("is too short");
    };
    let total = usize::from(u16::from_le_bytes([low, high]));
    match kind {
        kind::CONFIGURATION | kind::OTHER_SPEED => (),
        _ => return Err("is something else"),
    }
    if u16::from(size) != length::CONFIGURATION {
        return Err("has another length");
    }
    // Should be set for historical reasons, and often is not.
    if strict && attributes & 0x80 == 0 {
        return Err("lacks the high bit of its attributes");
    }
    if attributes & 0x1f != 0 {
        return Err("has reserved attributes");
    }
    match total == bytes.len() || total >= MAX_READ {
        true => Ok(()),
        false => Err("does not come as a whole"),
    }
}

/// Types of device-level capabilities (USB 3.2, table 9-14).
const USB_2_0_EXTENSION: u8 = 2;
const SUPERSPEED: u8 = 3;
const CONTAINER_ID: u8 = 4;

/// What is wrong with the first `count` capabilities behind the first descriptor (USB 3.2, 9.6.2).
/// Those that lie outside of `bytes` are not looked at, nor is what is no capability.
pub(crate) fn capabilities(bytes: &[u8], count: u8) -> Result<(), &'static str> {
    let mut rest = bytes.get(length::BOS.into()..).unwrap_or(&[]);
    for _ in 0..count {
        let &[size, kind, capability, ..] = rest else {
            break;
        };
        if kind == kind::CAPABILITY {
            check_capability(rest, capability)?;
        }
        rest = rest.get(size.into()..).unwrap_or(&[]);
    }
    Ok(())
}

fn check_capability(bytes: &[u8], capability: u8) -> Result<(), &'static str> {
    match capability {
        USB_2_0_EXTENSION => extension(bytes),
        SUPERSPEED => superspeed(bytes),
        CONTAINER_ID => container_id(bytes),
        _ => Ok(()),
    }
}

/// USB 3.2, 9.6.2.1: bits 15:1 mean something.
fn extension(bytes: &[u8]) -> Result<(), &'static str> {
    match *bytes {
        [7, _, _, first, _, 0, 0, ..] if first & 1 == 0 => Ok(()),
        [7, _, _, _, _, _, _, ..] => Err("has a USB 2.0 extension with reserved bits"),
        _ => Err("has a USB 2.0 extension of another length"),
    }
}

/// USB 3.2, 9.6.2.2: bit 1 of the attributes and four speeds.
fn superspeed(bytes: &[u8]) -> Result<(), &'static str> {
    match *bytes {
        [10, _, _, 0 | 2, 0..=0x0f, 0, _, _, _, _, ..] => Ok(()),
        [10, _, _, _, _, _, _, _, _, _, ..] => Err("has SuperSpeed with reserved bits"),
        _ => Err("has SuperSpeed of another length"),
    }
}

/// USB 3.2, 9.6.2.3.
fn container_id(bytes: &[u8]) -> Result<(), &'static str> {
    match *bytes {
        [20, _, _, 0, ..] if bytes.len() >= 20 => Ok(()),
        [20, ..] if bytes.len() >= 20 => Err("has a container id with reserved bits"),
        _ => Err("has a container id of another length"),
    }
}

#[kernel::prelude::kunit_tests(rust_usbtest_judge)]
mod tests {
    use super::*;

    /// As Gadget Zero's begins, alone.
    const GOOD: [u8; 9] = [9, 2, 9, 0, 1, 3, 4, 0xc0, 1];

    /// A copy with other bytes at some places.
    fn with<const N: usize>(mut bytes: [u8; N], changes: &[(usize, u8)]) -> [u8; N] {
        for (at, byte) in changes {
            bytes[*at] = *byte;
        }
        bytes
    }

    #[test]
    fn a_configuration_is_one() {
        let good = |changes: &[(usize, u8)]| configuration(&with(GOOD, changes), true).is_ok();
        assert!(good(&[]));
        assert!(good(&[(1, 7)]));
        assert!(good(&[(7, 0xe0)]));
        assert!(good(&[(2, 0), (3, 1)]));
        for bad in [
            (0, 8),
            (0, 10),
            (1, 1),
            (1, 3),
            (2, 10),
            (2, 8),
            (2, 255),
            (7, 0x40),
            (7, 0xc1),
            (7, 0xd0),
        ] {
            assert!(!good(&[bad]));
        }
        assert!(configuration(&GOOD[..8], true).is_err());
        assert!(configuration(&[], true).is_err());
    }

    #[test]
    fn the_real_world_is_less_strict() {
        let without_high_bit = with(GOOD, &[(7, 0x40)]);
        assert!(configuration(&without_high_bit, false).is_ok());
        assert!(configuration(&with(GOOD, &[(7, 0x41)]), false).is_err());
    }

    /// Two capabilities, as g_zero has them at high speed and above.
    const BOS: [u8; 22] = [
        5, 15, 22, 0, 2, 7, 16, 2, 2, 0, 0, 0, 10, 16, 3, 0, 0x0f, 0, 1, 1, 0xf4, 1,
    ];

    #[test]
    fn capabilities_have_no_reserved_bits() {
        let good = |changes: &[(usize, u8)]| capabilities(&with(BOS, changes), 2).is_ok();
        assert!(good(&[]));
        for fine in [(8, 0xfe), (9, 0xff), (15, 2), (16, 0), (20, 0xff)] {
            assert!(good(&[fine]));
        }
        for bad in [
            (5, 6),
            (5, 8),
            (8, 1),
            (10, 1),
            (11, 0x80),
            (12, 9),
            (15, 1),
            (15, 4),
            (16, 0x10),
            (17, 1),
        ] {
            assert!(!good(&[bad]));
        }
        // Something else is not looked at, whatever it is.
        assert!(good(&[(6, 17), (8, 1)]));
        assert!(good(&[(7, 99), (8, 1)]));
    }

    #[test]
    fn only_what_was_read_counts() {
        assert!(capabilities(&with(BOS, &[(15, 1)]), 1).is_ok());
        assert!(capabilities(&BOS[..12], 255).is_ok());
        assert!(capabilities(&BOS[..14], 2).is_ok());
        assert!(capabilities(&BOS[..21], 2).is_err());
        assert!(capabilities(&[], 255).is_ok());
        // A capability without a length does not make it go on for ever.
        assert!(capabilities(&with(BOS, &[(6, 17), (5, 0)]), 255).is_ok());
    }

    #[test]
    fn containers_have_ids() {
        let mut bytes = [0; 25];
        bytes[5..8].copy_from_slice(&[20, 16, 4]);
        assert!(capabilities(&bytes, 1).is_ok());
        assert!(capabilities(&bytes[..24], 1).is_err());
        assert!(capabilities(&with(bytes, &[(5, 19)]), 1).is_err());
        assert!(capabilities(&with(bytes, &[(8, 1)]), 1).is_err());
    }
}
