// SPDX-License-Identifier: GPL-2.0

//! Strings, and the languages they are in (USB 2.0, 9.6.7).

use super::{
    chosen::Pieces,
    view::view,
    DescriptorType,
    Error,
    ErrorKind,
    Raw, //
};
use crate::prelude::kunit_tests;

/// The most UTF-16 units that a string descriptor has room for.
#[doc(alias = "USB_MAX_STRING_LEN")]
pub const MAX_STRING_UNITS: usize = 126;

view! {
    /// A string, or for index 0 the languages that strings can be had in.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::String;
    ///
    /// let string = String::parse(&[8, 3, b'O', 0, b'k', 0, 0xe9, 0])?;
    /// assert!(string.chars().eq("Ok\u{e9}".chars()));
    /// assert_eq!(string.to_utf8(&mut [0; 16]), "Ok\u{e9}");
    /// // As much as there is room for in whole characters.
    /// assert_eq!(string.to_utf8(&mut [0; 3]), "Ok");
    ///
    /// let languages = String::parse(&[6, 3, 0x09, 0x04, 0x07, 0x04])?;
    /// assert!(languages.languages().eq([0x0409, 0x0407]));
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_string_descriptor")]
    pub struct String: STRING, size 2 {}
}

impl<'a> String<'a> {
    /// Its characters, see [`decode_string`]; what is no character is passed over or replaced,
    /// which only [`check`](Self::check) tells.
    #[doc(alias = "usb_string")]
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + 'a {
        decode_string(self.raw.data())
    }

    /// Of string 0: the languages that strings can be had in, as `wLANGID`s (USB language
    /// identifiers).
    #[doc(alias = "wLANGID")]
    pub fn languages(&self) -> impl Iterator<Item = u16> + Clone + 'a {
        units(self.raw.data())
    }

    /// Whether all of its characters are whole; of string 0, all languages.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::PartialEntry`] if there is a last byte without its other half.
    /// - [`ErrorKind::LoneSurrogate`] if there is a surrogate without its other half.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::descriptor::{ErrorKind, String};
    ///
    /// let string = String::parse(&[5, 3, b'O', 0, b'k'])?;
    /// assert!(string.chars().eq("O".chars()));
    /// assert_eq!(string.check().err().map(|error| error.kind()), Some(ErrorKind::PartialEntry));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        let data = self.raw.data();
        if data.len() % 2 != 0 {
            return Err(self.raw.error(ErrorKind::PartialEntry));
        }
        let mut characters = char::decode_utf16(units(data));
        if characters.any(|character| character.is_err()) {
            return Err(self.raw.error(ErrorKind::LoneSurrogate));
        }
        Ok(())
    }

    /// Puts it into `buffer` as UTF-8, as many whole characters as there is room for. Three bytes
    /// for each of [`MAX_STRING_UNITS`] are always enough.
    pub fn to_utf8<'b>(&self, buffer: &'b mut [u8]) -> &'b str {
        let mut length = 0;
        for character in self.chars() {
            let end = length + character.len_utf8();
            let Some(room) = buffer.get_mut(length..end) else {
                break;
            };
            character.encode_utf8(room);
            length = end;
        }
        let text = buffer.get(..length).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }
}

/// The characters of a string descriptor's `bytes` behind the length and the type, UTF-16LE.
///
/// At most [`MAX_STRING_UNITS`] units are read. A surrogate without its other half becomes U+FFFD,
/// a last byte without its other half is ignored: devices have both, and a name with a flaw is
/// better than none.
///
/// # Examples
///
/// ```
/// use kernel::usb::descriptor::decode_string;
///
/// // A pair of surrogates; half of a pair, a character, half of a unit.
/// assert!(decode_string(&[0x3d, 0xd8, 0x00, 0xde]).eq(['\u{1f600}']));
/// assert!(decode_string(&[0x3d, 0xd8, b'a', 0, b'b']).eq(['\u{fffd}', 'a']));
/// ```
pub fn decode_string(bytes: &[u8]) -> impl Iterator<Item = char> + Clone + '_ {
    char::decode_utf16(units(bytes).take(MAX_STRING_UNITS))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + Clone + '_ {
    Pieces::new(bytes, usize::MAX).map(u16::from_le_bytes)
}

#[kunit_tests(rust_usb_descriptor_string)]
mod tests {
    use super::{
        super::chosen::same,
        *, //
    };

    #[test]
    fn utf16_is_decoded() {
        let cases: [(&[u8], &str); 10] = [
            (&[], ""),
            (&[0x61], ""),
            (&[b'a', 0, b'b'], "a"),
            (&[0, 0], "\0"),
            (&[0xac, 0x20], "\u{20ac}"),
            (&[0xff, 0xff], "\u{ffff}"),
            (&[0x3d, 0xd8, 0x00, 0xde], "\u{1f600}"),
            (&[0x3d, 0xd8], "\u{fffd}"),
            (&[0x00, 0xde, b'a', 0], "\u{fffd}a"),
            (&[0x3d, 0xd8, 0x3d, 0xd8, 0x00, 0xde], "\u{fffd}\u{1f600}"),
        ];
        for (bytes, text) in cases {
            let mut expected = text.chars();
            for found in decode_string(bytes) {
                assert_eq!(Some(found), expected.next());
            }
            assert_eq!(expected.next(), None);
        }
    }

    #[test]
    fn no_more_than_126_units_are_read() -> Result<(), Error> {
        let mut bytes = [b'a'; 256];
        for (bytes_given, units) in [(251, 125), (252, 126), (253, 126), (254, 126), (256, 126)] {
            let part = bytes.get(..bytes_given).unwrap_or_default();
            assert_eq!(decode_string(part).count(), units);
        }
        bytes[0] = 255;
        bytes[1] = 3;
        assert_eq!(String::parse(&bytes)?.chars().count(), MAX_STRING_UNITS);
        Ok(())
    }

    #[test]
    fn utf8_is_cut_between_characters() -> Result<(), Error> {
        let string = String::parse(&[10, 3, b'a', 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde])?;
        let whole = "a\u{20ac}\u{1f600}";
        for (room, length) in [(0, 0), (1, 1), (3, 1), (4, 4), (7, 4), (8, 8), (9, 8)] {
            let mut buffer = [0xff; 9];
            let buffer = buffer.get_mut(..room).unwrap_or_default();
            assert_eq!(
                string.to_utf8(buffer),
                whole.get(..length).unwrap_or_default()
            );
        }
        Ok(())
    }

    #[test]
    fn characters_are_checked() -> Result<(), Error> {
        let cases: [(&[u8], Option<ErrorKind>); 7] = [
            (&[2, 3], None),
            (&[4, 3, b'a', 0], None),
            (&[6, 3, 0x3d, 0xd8, 0x00, 0xde], None),
            (&[3, 3, b'a'], Some(ErrorKind::PartialEntry)),
            (&[4, 3, 0x3d, 0xd8], Some(ErrorKind::LoneSurrogate)),
            (&[6, 3, 0x00, 0xde, b'a', 0], Some(ErrorKind::LoneSurrogate)),
            (&[6, 3, 0x3d, 0xd8, b'a', 0], Some(ErrorKind::LoneSurrogate)),
        ];
        for (bytes, expected) in cases {
            let kind = String::parse(bytes)?.check().err();
            assert_eq!(kind.map(|error| error.kind()), expected);
        }
        Ok(())
    }

    #[test]
    fn half_a_language_is_none() -> Result<(), Error> {
        let cases: [(&[u8], &[u16]); 3] = [
            (&[2, 3], &[]),
            (&[4, 3, 0x09, 0x04], &[0x0409]),
            (&[5, 3, 0x09, 0x04, 0x07], &[0x0409]),
        ];
        for (bytes, languages) in cases {
            assert!(same(String::parse(bytes)?.languages(), languages));
        }
        Ok(())
    }
}
