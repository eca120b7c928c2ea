// SPDX-License-Identifier: GPL-2.0

//! String descriptors.
//!
//! What a device says about itself in words. All of it is the device's choice, lengths too, so
//! nothing here takes any of it for granted.

use super::descriptor::decode_string;
use crate::{
    fmt,
    prelude::*, //
};
use core::ops::Deref;

/// `bDescriptorType` of a string (USB 2.0, table 9-5).
pub(super) const STRING: u8 = 3;

/// The most bytes that a string descriptor has: its length is a byte.
pub(super) const MAX_LENGTH: usize = 255;

/// What devices speak that don't say it: English, of the United States.
pub(super) const ENGLISH: u16 = 0x0409;

/// `bLength` and `bDescriptorType`.
pub(super) const HEADER: usize = 2;

/// A string that a device sent, as UTF-8: at most 378 bytes, none of them NUL.
///
/// It has been made legible, not harmless: there may be control characters in it.
///
/// # Invariants
///
/// The bytes are UTF-8.
pub struct DeviceString(KVec<u8>);

impl DeviceString {
    /// Reads the answer to a request for a string descriptor (USB 2.0, 9.6.7).
    ///
    /// Of `answer` only what its `bLength` covers counts, and of that only whole characters. The
    /// string ends at a NUL, if there is one; half of a surrogate pair becomes U+FFFD.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODATA`: the answer is not a string descriptor.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::DeviceString;
    ///
    /// let answer = [8, 3, b'U', 0, b'S', 0, b'B', 0];
    /// assert_eq!(&*DeviceString::from_descriptor(&answer)?, "USB");
    ///
    /// // One byte short, so that the last character is lost.
    /// assert_eq!(&*DeviceString::from_descriptor(&answer[..7])?, "US");
    ///
    /// // A configuration descriptor is none.
    /// assert!(DeviceString::from_descriptor(&[9, 2, 32, 0]).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn from_descriptor(answer: &[u8]) -> Result<Self> {
        let mut text = KVec::new();
        for character in decode_string(body(answer)?) {
            if character == '\0' {
                break;
            }
            let mut utf8 = [0; 4];
            text.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes(), GFP_KERNEL)?;
        }
        // INVARIANT: Whole encoded characters in a row are UTF-8.
        Ok(Self(text))
    }
}

impl Deref for DeviceString {
    type Target = str;

    fn deref(&self) -> &str {
        // SAFETY: The bytes are UTF-8 by the type invariants.
        unsafe { core::str::from_utf8_unchecked(&self.0) }
    }
}

impl fmt::Debug for DeviceString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for DeviceString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// The first language of string descriptor 0 (USB 2.0, table 9-15); [`None`] if there is none.
///
/// # Errors
///
/// `ENODATA`: the answer is not a string descriptor.
pub(super) fn first_language(answer: &[u8]) -> Result<Option<u16>> {
    let first = body(answer)?.first_chunk();
    Ok(first.copied().map(u16::from_le_bytes))
}

/// What is behind the header of a string descriptor.
fn body(answer: &[u8]) -> Result<&[u8]> {
    let [length, STRING, ..] = *answer else {
        return Err(ENODATA);
    };
    let end = usize::from(length).min(answer.len());
    answer.get(HEADER..end).ok_or(ENODATA)
}

#[kunit_tests(rust_usb_string)]
mod tests {
    use super::*;

    /// A descriptor with a length byte that may not be true.
    fn descriptor(length: u8, units: &[u16]) -> Result<KVec<u8>> {
        let mut bytes = KVec::new();
        bytes.extend_from_slice(&[length, STRING], GFP_KERNEL)?;
        for unit in units {
            bytes.extend_from_slice(&unit.to_le_bytes(), GFP_KERNEL)?;
        }
        Ok(bytes)
    }

    #[test]
    fn characters_become_utf8() -> Result {
        let cases: [(&[u16], &str); 9] = [
            (&[], ""),
            (&[0x7f], "\u{7f}"),
            (&[0x80, 0x7ff], "\u{80}\u{7ff}"),
            (&[0x800, 0xffff], "\u{800}\u{ffff}"),
            // Pairs: the first and the last character beyond the basic plane.
            (&[0xd800, 0xdc00, 0xdbff, 0xdfff], "\u{10000}\u{10ffff}"),
            // Halves of pairs: high before something else, high at the end, low alone.
            (&[0xd800, 0x41], "\u{fffd}A"),
            (&[0x41, 0xdbff], "A\u{fffd}"),
            (&[0xdc00, 0xd800, 0xdc00], "\u{fffd}\u{10000}"),
            // The end is where a NUL is.
            (&[0x41, 0, 0x42], "A"),
        ];
        for (units, expected) in cases {
            let answer = descriptor(2 + 2 * units.len() as u8, units)?;
            assert_eq!(&*DeviceString::from_descriptor(&answer)?, expected);
        }
        Ok(())
    }

    #[test]
    fn the_shorter_of_both_lengths_counts() -> Result {
        let whole = descriptor(8, &[0x41, 0x42, 0x43])?;
        for (length, expected) in [
            (2, ""),
            (3, ""),
            (4, "A"),
            (7, "AB"),
            (8, "ABC"),
            (9, "ABC"),
            (255, "ABC"),
        ] {
            let mut answer = KVec::new();
            answer.extend_from_slice(&whole, GFP_KERNEL)?;
            answer[0] = length;
            assert_eq!(&*DeviceString::from_descriptor(&answer)?, expected);
            answer.truncate(5);
            let expected = expected.get(..1).unwrap_or("");
            assert_eq!(&*DeviceString::from_descriptor(&answer)?, expected);
        }
        Ok(())
    }

    #[test]
    fn what_is_no_string_is_refused() {
        let cases: [&[u8]; 8] = [
            &[],
            &[4],
            &[0, 3],
            &[1, 3],
            &[0, 3, 0x41, 0],
            &[1, 3, 0x41, 0],
            &[4, 2, 0x41, 0],
            &[0, 0, 0x41, 0],
        ];
        for answer in cases {
            assert_eq!(DeviceString::from_descriptor(answer).err(), Some(ENODATA));
            assert_eq!(first_language(answer).err(), Some(ENODATA));
        }
    }

    #[test]
    fn the_longest_string_fits() -> Result {
        let mut answer = KVec::from_elem(0xff, MAX_LENGTH, GFP_KERNEL)?;
        answer[1] = STRING;
        let string = DeviceString::from_descriptor(&answer)?;
        assert_eq!(string.len(), 378);
        assert!(string.chars().all(|character| character == '\u{ffff}'));
        Ok(())
    }

    #[test]
    fn the_first_language_counts() -> Result {
        let cases: [(&[u8], Option<u16>); 6] = [
            (&[4, 3, 0x07, 0x04], Some(0x0407)),
            (&[6, 3, 0x07, 0x04, 0x09, 0x04], Some(0x0407)),
            (&[4, 3, 0, 0], Some(0)),
            (&[2, 3, 0x07, 0x04], None),
            (&[3, 3, 0x07, 0x04], None),
            (&[4, 3, 0x07], None),
        ];
        for (answer, language) in cases {
            assert_eq!(first_language(answer)?, language);
        }
        Ok(())
    }
}
