// SPDX-License-Identifier: GPL-2.0

//! The values of sysfs attributes, as the text that user space reads and writes.

use crate::{
    fmt::{
        self,
        Write, //
    },
    prelude::*,
    str::{
        parse_int::ParseInt,
        BStr,
        CString, //
    },
};

/// A page that the text of an attribute is written to.
///
/// Text that does not fit is an error for whoever reads the attribute, also where the writer
/// does not look at the result: it is never cut.
///
/// # Invariants
///
/// `used` is at most `bytes.len()`.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, str::BStr, usb};
///
/// /// A key, in hexadecimal digits.
/// struct Key([u8; 8]);
///
/// impl usb::AttributeValue for Key {
///     fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
///         for byte in self.0 {
///             for digit in [byte >> 4, byte & 0xf] {
///                 page.append(&[b"0123456789abcdef"[usize::from(digit)]])?;
///             }
///         }
///         Ok(())
///     }
///
///     fn parse(_text: &BStr) -> Result<Self> {
///         Err(EPERM)
///     }
/// }
/// ```
pub struct AttributePage<'a> {
    bytes: &'a mut [u8],
    used: usize,
    overflow: bool,
}

impl<'a> AttributePage<'a> {
    /// An empty page. The last byte is never used: sysfs takes a full page for a mistake.
    pub(super) fn new(page: &'a mut [u8]) -> Self {
        let usable = page.len().saturating_sub(1);
        let (bytes, _) = page.split_at_mut(usable);
        // INVARIANT: Nothing is used.
        Self {
            bytes,
            used: 0,
            overflow: false,
        }
    }

    /// Writes a line: `value`, and a newline if it has none at its end.
    ///
    /// # Errors
    ///
    /// `EOVERFLOW` if there was no room, and what `value` returns.
    pub(super) fn line(&mut self, value: &impl AttributeValue) -> Result {
        let result = value.show(self);
        if self.overflow {
            // Whatever the value has made of it.
            return Err(EOVERFLOW);
        }
        result?;
        if self.bytes[..self.used].last() != Some(&b'\n') {
            self.append(b"\n")?;
        }
        Ok(())
    }

    /// How many bytes were written.
    ///
    /// # Errors
    ///
    /// `EOVERFLOW` if there was no room for them all.
    pub(super) fn finish(self) -> Result<usize> {
        match self.overflow {
            true => Err(EOVERFLOW),
            false => Ok(self.used),
        }
    }

    /// Appends bytes, or nothing if they don't fit.
    ///
    /// # Errors
    ///
    /// `EOVERFLOW` if they don't fit.
    pub fn append(&mut self, bytes: &[u8]) -> Result {
        match self.bytes[self.used..].split_at_mut_checked(bytes.len()) {
            Some((room, _)) => room.copy_from_slice(bytes),
            None => {
                self.overflow = true;
                return Err(EOVERFLOW);
            }
        }
        // INVARIANT: There was room for them.
        self.used += bytes.len();
        Ok(())
    }
}

impl Write for AttributePage<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.append(text.as_bytes()).map_err(|_| fmt::Error)
    }
}

/// The value of an attribute.
///
/// There are values for integers (in decimal; hexadecimal, octal and binary are understood, too),
/// `bool` (`0` and `1`; `n`, `y`, `off` and `on` are understood, too), [`CString`] (any text)
/// and what has [names](NamedValue).
///
/// # Examples
///
/// ```
/// use kernel::{b_str, fmt::Write, prelude::*, str::BStr, usb, usb::AttributeValue};
///
/// /// A colour as `#rrggbb`.
/// struct Colour(u32);
///
/// impl usb::AttributeValue for Colour {
///     fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
///         Ok(write!(page, "#{:06x}", self.0)?)
///     }
///
///     fn parse(text: &BStr) -> Result<Self> {
///         let digits = text.strip_prefix(b_str!("#")).ok_or(EINVAL)?;
///         if digits.len() != 6 {
///             return Err(EINVAL);
///         }
///         let digits = core::str::from_utf8(digits).map_err(|_| EINVAL)?;
///         Ok(Self(u32::from_str_radix(digits, 16).map_err(|_| EINVAL)?))
///     }
/// }
///
/// assert!(Colour::parse(b_str!("#ff8000"))?.0 == 0xff8000);
/// assert!(Colour::parse(b_str!("#ff80000")).is_err());
/// # Ok::<(), Error>(())
/// ```
pub trait AttributeValue: Sized {
    /// Writes the value. A newline is added if there is none.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EOVERFLOW`: it does not fit into the page.
    /// - Anything else: user space gets it, too.
    fn show(&self, page: &mut AttributePage<'_>) -> Result;

    /// Understands what user space has written, without the newline at its end. That can be any
    /// bytes, zeros among them.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is no such value.
    fn parse(text: &BStr) -> Result<Self>;
}

macro_rules! impl_for_integers {
    ($($integer:ty),*) => {$(
        impl AttributeValue for $integer {
            fn show(&self, page: &mut AttributePage<'_>) -> Result {
                page.write_fmt(fmt!("{self}")).map_err(|_| EOVERFLOW)
            }

            fn parse(text: &BStr) -> Result<Self> {
                <$integer>::from_str(text)
            }
        }
    )*};
}

impl_for_integers!(u8, i8, u16, i16, u32, i32, u64, i64, usize, isize);

impl AttributeValue for bool {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        page.append(if *self { b"1" } else { b"0" })
    }

    fn parse(text: &BStr) -> Result<Self> {
        match &**text {
            b"1" | b"y" | b"Y" | b"on" => Ok(true),
            b"0" | b"n" | b"N" | b"off" => Ok(false),
            _ => Err(EINVAL),
        }
    }
}

/// Any text in UTF-8, in one or more lines.
impl AttributeValue for CString {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        page.append(self.to_bytes())
    }

    fn parse(text: &BStr) -> Result<Self> {
        let text = core::str::from_utf8(text).map_err(|_| EINVAL)?;
        Self::try_from_fmt(fmt!("{text}"))
    }
}

/// A value that user space sees by its name.
///
/// # Examples
///
/// ```
/// use kernel::{b_str, prelude::*, usb::AttributeValue, usb::NamedValue};
///
/// #[derive(Clone, Copy, PartialEq)]
/// enum Mode {
///     Steady,
///     Blinking,
/// }
///
/// impl NamedValue for Mode {
///     const NAMES: &'static [(&'static str, Self)] =
///         &[("steady", Self::Steady), ("blinking", Self::Blinking)];
/// }
///
/// assert!(Mode::parse(b_str!("blinking")) == Ok(Mode::Blinking));
/// assert!(Mode::parse(b_str!("blink")) == Err(EINVAL));
/// ```
pub trait NamedValue: Clone + PartialEq + 'static {
    /// The values with their names.
    const NAMES: &'static [(&'static str, Self)];

    /// Writes the value: by default its name, alone.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EIO`: it has none.
    /// - `EOVERFLOW`: it does not fit into the page.
    ///
    /// # Examples
    ///
    /// Many attributes show what else there is to choose from:
    ///
    /// ```
    /// use kernel::{fmt::Write, prelude::*, usb};
    ///
    /// #[derive(Clone, Copy, PartialEq)]
    /// enum Mode {
    ///     Steady,
    ///     Blinking,
    /// }
    ///
    /// impl usb::NamedValue for Mode {
    ///     const NAMES: &'static [(&'static str, Self)] =
    ///         &[("steady", Self::Steady), ("blinking", Self::Blinking)];
    ///
    ///     /// As in "[steady] blinking".
    ///     fn show_name(&self, page: &mut usb::AttributePage<'_>) -> Result {
    ///         for (index, (name, value)) in Self::NAMES.iter().enumerate() {
    ///             let space = if index == 0 { "" } else { " " };
    ///             match value == self {
    ///                 true => write!(page, "{space}[{name}]")?,
    ///                 false => write!(page, "{space}{name}")?,
    ///             }
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    fn show_name(&self, page: &mut AttributePage<'_>) -> Result {
        let entry = Self::NAMES.iter().find(|(_, value)| value == self);
        // A value that the driver gave no name is no mistake of who reads it.
        let (name, _) = entry.ok_or(EIO)?;
        page.append(name.as_bytes())
    }
}

impl<V: NamedValue> AttributeValue for V {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        self.show_name(page)
    }

    fn parse(text: &BStr) -> Result<Self> {
        let entry = V::NAMES.iter().find(|(name, _)| name.as_bytes() == &**text);
        Ok(entry.ok_or(EINVAL)?.1.clone())
    }
}

/// Understands what user space has written to an attribute.
///
/// # Errors
///
/// `EINVAL` if it is no such value.
pub(super) fn parse<V: AttributeValue>(bytes: &[u8]) -> Result<V> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    V::parse(BStr::from_bytes(bytes))
}

#[kunit_tests(rust_usb_attribute_value)]
mod tests {
    use super::*;
    use crate::page::PAGE_SIZE;

    /// So many bytes.
    struct Bytes(usize);

    impl AttributeValue for Bytes {
        fn show(&self, page: &mut AttributePage<'_>) -> Result {
            (0..self.0).try_for_each(|_| page.append(b"x"))
        }

        fn parse(_text: &BStr) -> Result<Self> {
            Err(EINVAL)
        }
    }

    fn show(value: &impl AttributeValue) -> Result<KVec<u8>> {
        let mut bytes = KVec::from_elem(0, PAGE_SIZE, GFP_KERNEL)?;
        let mut page = AttributePage::new(&mut bytes);
        page.line(value)?;
        let used = page.finish()?;
        bytes.truncate(used);
        Ok(bytes)
    }

    #[test]
    fn lines_fit_or_are_refused() {
        // The newline and the last byte of the page are not theirs.
        for length in [0, 1, PAGE_SIZE - 3, PAGE_SIZE - 2] {
            assert!(show(&Bytes(length)).is_ok_and(|b| b.len() == length + 1));
        }
        for length in [PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1] {
            assert!(show(&Bytes(length)).is_err_and(|e| e == EOVERFLOW));
        }
    }

    #[test]
    fn pages_stay_within_their_bounds() {
        for (length, fits) in [
            (0, true),
            (PAGE_SIZE - 1, true),
            (PAGE_SIZE, false),
            (PAGE_SIZE + 1, false),
        ] {
            let Ok(mut bytes) = KVec::from_elem(0, PAGE_SIZE, GFP_KERNEL) else {
                continue;
            };
            let text = KVec::from_elem(b'x', length, GFP_KERNEL).unwrap_or_default();
            assert_eq!(text.len(), length);
            let mut page = AttributePage::new(&mut bytes);
            assert_eq!(page.append(&text).is_ok(), fits);
            assert_eq!(page.finish().is_ok(), fits);
            assert_eq!(bytes.last(), Some(&0));
        }
    }

    #[test]
    fn an_overflow_is_not_forgotten() {
        let mut bytes = [0; 4];
        let mut page = AttributePage::new(&mut bytes);
        assert_eq!(page.append(b"four"), Err(EOVERFLOW));
        assert_eq!(page.append(b"one"), Ok(()));
        assert_eq!(page.finish(), Err(EOVERFLOW));
        assert_eq!(&bytes, b"one\0");
        let mut page = AttributePage::new(&mut []);
        assert_eq!(page.append(b""), Ok(()));
        assert_eq!(page.append(b"x"), Err(EOVERFLOW));
    }

    #[test]
    fn integers_at_their_limits() {
        for (text, value) in [
            ("0", Ok(0)),
            ("255", Ok(255)),
            ("255\n", Ok(255)),
            ("0xff", Ok(255)),
            ("010", Ok(8)),
            ("256", Err(EINVAL)),
            ("-1", Err(EINVAL)),
            ("", Err(EINVAL)),
            ("\n", Err(EINVAL)),
            ("1\n\n", Err(EINVAL)),
            (" 1", Err(EINVAL)),
            ("1 ", Err(EINVAL)),
            ("1\0", Err(EINVAL)),
            ("0x", Err(EINVAL)),
            ("one", Err(EINVAL)),
        ] {
            assert_eq!(parse::<u8>(text.as_bytes()), value);
        }
        assert_eq!(parse::<i64>(b"-9223372036854775808\n"), Ok(i64::MIN));
        assert_eq!(parse::<i64>(b"9223372036854775808\n"), Err(EINVAL));
        assert_eq!(parse::<u64>(b"18446744073709551615\n"), Ok(u64::MAX));
        assert_eq!(parse::<u64>(b"18446744073709551616\n"), Err(EINVAL));
    }

    #[test]
    fn what_is_shown_is_understood() -> Result {
        for value in [0, 1, -1, i32::MIN, i32::MAX] {
            assert_eq!(parse::<i32>(&show(&value)?), Ok(value));
        }
        for value in [false, true] {
            assert_eq!(parse::<bool>(&show(&value)?), Ok(value));
        }
        assert_eq!(&*show(&i8::MIN)?, b"-128\n");
        assert_eq!(&*show(&true)?, b"1\n");
        Ok(())
    }

    #[test]
    fn truth_has_few_names() {
        for text in ["1", "y", "Y", "on", "on\n"] {
            assert_eq!(parse::<bool>(text.as_bytes()), Ok(true));
        }
        for text in ["0", "n", "N", "off", "0\n"] {
            assert_eq!(parse::<bool>(text.as_bytes()), Ok(false));
        }
        for text in ["", "2", "10", "yes!", "o", "\n"] {
            assert_eq!(parse::<bool>(text.as_bytes()), Err(EINVAL));
        }
    }

    #[test]
    fn text_is_taken_as_it_is() -> Result {
        assert_eq!(
            &*show(&parse::<CString>(b"two\nlines\n")?)?,
            b"two\nlines\n"
        );
        assert_eq!(&*show(&parse::<CString>(b"")?)?, b"\n");
        assert!(parse::<CString>(b"a\0b").is_err());
        assert!(parse::<CString>(b"\xff").is_err());
        assert!(parse::<CString>(b"\xc3\xa9\n").is_ok());
        Ok(())
    }

    /// What was written, whatever it was.
    #[derive(Debug, PartialEq)]
    struct Raw([u8; 4]);

    impl AttributeValue for Raw {
        fn show(&self, page: &mut AttributePage<'_>) -> Result {
            page.append(&self.0)
        }

        fn parse(text: &BStr) -> Result<Self> {
            Ok(Self((**text).try_into().map_err(|_| EINVAL)?))
        }
    }

    #[test]
    fn bytes_need_not_be_text() -> Result {
        for bytes in [*b"\0\0\0\0", *b"\xff\x80\0\xc3", *b"\n\n\n\n"] {
            assert_eq!(parse::<Raw>(&bytes[..3]), Err(EINVAL));
            let mut line = [b'\n'; 5];
            line[..4].copy_from_slice(&bytes);
            assert_eq!(parse::<Raw>(&line), Ok(Raw(bytes)));
        }
        assert_eq!(parse::<Raw>(b"\xff\x80\0\xc3"), Ok(Raw(*b"\xff\x80\0\xc3")));
        assert_eq!(&*show(&Raw(*b"\xff\x80\0\xc3"))?, b"\xff\x80\0\xc3\n");
        for bytes in [&b"\xff"[..], b"1\xff", b"\0"] {
            assert_eq!(parse::<u8>(bytes), Err(EINVAL));
            assert_eq!(parse::<bool>(bytes), Err(EINVAL));
            assert_eq!(parse::<Mode>(bytes), Err(EINVAL));
        }
        Ok(())
    }

    #[derive(Clone, PartialEq)]
    struct Choice(bool);

    impl NamedValue for Choice {
        const NAMES: &'static [(&'static str, Self)] = &[("a", Choice(false)), ("b", Choice(true))];

        fn show_name(&self, page: &mut AttributePage<'_>) -> Result {
            let marked = if self.0 { b"a [b]" } else { b"[a] b" };
            page.append(marked)
        }
    }

    #[test]
    fn names_can_be_shown_in_another_way() -> Result {
        assert_eq!(&*show(&parse::<Choice>(b"a")?)?, b"[a] b\n");
        assert_eq!(&*show(&parse::<Choice>(b"b\n")?)?, b"a [b]\n");
        assert!(parse::<Choice>(b"[a] b").is_err());
        Ok(())
    }

    #[derive(Clone, Debug, PartialEq)]
    enum Mode {
        Steady,
        Blinking,
        Nameless,
    }

    impl NamedValue for Mode {
        const NAMES: &'static [(&'static str, Self)] =
            &[("steady", Mode::Steady), ("blinking", Mode::Blinking)];
    }

    #[test]
    fn names_are_matched_whole() -> Result {
        assert_eq!(parse::<Mode>(b"steady\n"), Ok(Mode::Steady));
        assert_eq!(parse::<Mode>(b"blinking"), Ok(Mode::Blinking));
        for text in ["", "stead", "steady2", "Steady", "steady\n\n"] {
            assert_eq!(parse::<Mode>(text.as_bytes()), Err(EINVAL));
        }
        assert_eq!(&*show(&Mode::Blinking)?, b"blinking\n");
        assert!(show(&Mode::Nameless).is_err_and(|e| e == EIO));
        Ok(())
    }
}
