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
/// use kernel::{fmt::Write, prelude::*, usb, usb::AttributeValue};
///
/// /// A colour as `#rrggbb`.
/// struct Colour(u32);
///
/// impl usb::AttributeValue for Colour {
///     fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
///         Ok(write!(page, "#{:06x}", self.0)?)
///     }
///
///     fn parse(text: &str) -> Result<Self> {
///         let digits = text.strip_prefix('#').ok_or(EINVAL)?;
///         if digits.len() != 6 {
///             return Err(EINVAL);
///         }
///         Ok(Self(u32::from_str_radix(digits, 16).map_err(|_| EINVAL)?))
///     }
/// }
///
/// assert!(Colour::parse("#ff8000")?.0 == 0xff8000);
/// assert!(Colour::parse("#ff80000").is_err());
/// # Ok::<(), Error>(())
/// ```
pub trait AttributeValue: Sized {
    /// Writes the value. A newline is added if there is none.
    ///
    /// # Errors
    ///
    /// - `EOVERFLOW`: it does not fit into the page.
    /// - Anything else: user space gets it, too.
    fn show(&self, page: &mut AttributePage<'_>) -> Result;

    /// Understands what user space has written, without the newline at its end.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is no such value.
    fn parse(text: &str) -> Result<Self>;
}

macro_rules! impl_for_integers {
    ($($integer:ty),*) => {$(
        impl AttributeValue for $integer {
            fn show(&self, page: &mut AttributePage<'_>) -> Result {
                page.write_fmt(fmt!("{self}")).map_err(|_| EOVERFLOW)
            }

            fn parse(text: &str) -> Result<Self> {
                <$integer>::from_str(BStr::from_bytes(text.as_bytes()))
            }
        }
    )*};
}

impl_for_integers!(u8, i8, u16, i16, u32, i32, u64, i64, usize, isize);

impl AttributeValue for bool {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        page.append(if *self { b"1" } else { b"0" })
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "1" | "y" | "Y" | "on" => Ok(true),
            "0" | "n" | "N" | "off" => Ok(false),
            _ => Err(EINVAL),
        }
    }
}

/// Any text, in one or more lines.
impl AttributeValue for CString {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        page.append(self.to_bytes())
    }

    fn parse(text: &str) -> Result<Self> {
        Self::try_from_fmt(fmt!("{text}"))
    }
}

/// A value that user space sees by its name.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb::AttributeValue, usb::NamedValue};
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
/// assert!(Mode::parse("blinking") == Ok(Mode::Blinking));
/// assert!(Mode::parse("blink") == Err(EINVAL));
/// ```
pub trait NamedValue: Clone + PartialEq + 'static {
    /// The values with their names.
    const NAMES: &'static [(&'static str, Self)];
}

impl<V: NamedValue> AttributeValue for V {
    fn show(&self, page: &mut AttributePage<'_>) -> Result {
        let entry = V::NAMES.iter().find(|(_, value)| value == self);
        // A value that the driver gave no name is no mistake of who reads it.
        let (name, _) = entry.ok_or(EIO)?;
        page.append(name.as_bytes())
    }

    fn parse(text: &str) -> Result<Self> {
        let entry = V::NAMES.iter().find(|(name, _)| *name == text);
        Ok(entry.ok_or(EINVAL)?.1.clone())
    }
}

/// Understands what user space has written to an attribute.
///
/// # Errors
///
/// `EINVAL` if it is not UTF-8, or no such value.
pub(super) fn parse<V: AttributeValue>(bytes: &[u8]) -> Result<V> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    V::parse(core::str::from_utf8(bytes).map_err(|_| EINVAL)?)
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

        fn parse(_text: &str) -> Result<Self> {
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
