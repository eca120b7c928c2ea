// SPDX-License-Identifier: GPL-2.0

//! The devices cut off after every byte, and with every byte wrong.

use super::{
    super::Descriptors,
    corpus::Sample,
    walk::{
        Target,
        Walk, //
    }, //
};
use crate::prelude::{
    kunit_tests,
    pr_err, //
};

/// At least as long as the longest sample.
const ROOM: usize = 512;

/// Whether a walk is good on `bytes` cut off after each byte.
fn survives_truncation(bytes: &[u8], target: Target) -> bool {
    (0..=bytes.len()).all(|length| {
        let part = bytes.get(..length);
        part.is_some_and(|part| Walk::is_good(part, target))
    })
}

/// Whether a walk is good on `bytes` with each byte replaced by every other value.
///
/// With KASAN, which is ten times as slow, that is so of each byte that is a length or a type; the
/// others are replaced by 0x00, 0xff, and with the lowest or the highest bit changed.
fn survives_corruption(bytes: &[u8], target: Target) -> bool {
    let mut room = [0; ROOM];
    let Some(copy) = room.get_mut(..bytes.len()) else {
        return false;
    };
    copy.copy_from_slice(bytes);
    (0..bytes.len()).all(|at| {
        let byte = bytes.get(at).copied().unwrap_or_default();
        let few = [0x00, 0xff, byte ^ 0x01, byte ^ 0x80];
        let all = !cfg!(CONFIG_KASAN) || is_structural(bytes, at);
        let mut values = (0..=0xff).filter(|value| all || few.contains(value));
        values.all(|value| survives_byte(copy, at, value, target))
    })
}

/// Whether a descriptor's length or type is at `at`.
fn is_structural(bytes: &[u8], at: usize) -> bool {
    let mut starts = Descriptors::new(bytes).flatten();
    starts.any(|raw| (raw.offset()..raw.offset() + 2).contains(&at))
}

/// Whether a walk is good on `bytes` with the one at `at` replaced, which it puts back.
fn survives_byte(bytes: &mut [u8], at: usize, value: u8, target: Target) -> bool {
    let Some(byte) = bytes.get_mut(at) else {
        return false;
    };
    let original = core::mem::replace(byte, value);
    let is_good = Walk::is_good(bytes, target);
    if let Some(byte) = bytes.get_mut(at) {
        *byte = original;
    }
    is_good
}

fn survives(name: &str, bytes: &[u8], target: Target) -> bool {
    let is_good = survives_truncation(bytes, target) && survives_corruption(bytes, target);
    if !is_good {
        pr_err!("{name}: a walk did not end, left the bytes or hid a flaw\n");
    }
    is_good
}

/// Every descriptor of the sample alone.
fn singles_survive(sample: &Sample) -> bool {
    let configurations = sample.configurations.iter().copied();
    let mut groups = configurations.chain([sample.device, sample.bos]);
    groups.all(|group| {
        let mut descriptors = Descriptors::new(group).flatten();
        descriptors.all(|raw| survives(sample.name, raw.bytes(), Target::Single))
    })
}

#[kunit_tests(rust_usb_descriptor_damage)]
mod tests {
    use super::{
        super::corpus::{
            all,
            strings, //
        },
        *, //
    };

    #[test]
    fn configurations_survive_damage() {
        for sample in all() {
            for bytes in sample.configurations {
                assert!(survives(sample.name, bytes, Target::Configuration));
            }
        }
    }

    #[test]
    fn stores_survive_damage() {
        for sample in all() {
            assert!(survives(sample.name, sample.bos, Target::Store));
        }
    }

    #[test]
    fn single_descriptors_survive_damage() {
        for sample in all() {
            assert!(singles_survive(sample));
        }
    }

    #[test]
    fn strings_survive_damage() {
        for (bytes, text) in strings::WHOLE.iter().copied() {
            assert!(survives(text, bytes, Target::Single));
            assert!(survives(text, bytes, Target::Answer));
        }
    }
}
