// SPDX-License-Identifier: GPL-2.0

//! Control requests in words, for messages.
//!
//! C reference: `usb_decode_ctrl()` in `drivers/usb/common/debug.c`.

use super::{
    ControlRequest,
    Direction,
    Recipient, //
};
use crate::{
    fmt,
    prelude::*, //
};

/// What a setup packet says, in host byte order.
#[derive(Clone, Copy)]
struct Setup {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    /// [`None`] where it is not known yet.
    length: Option<u16>,
}

/// One thing that is told of a request.
#[derive(Clone, Copy)]
enum Word {
    /// Without a number.
    Name(&'static str),
    /// What is counted.
    Number(&'static str, u16),
    /// What is made of bits.
    Byte(&'static str, u8),
    /// The same, of two bytes.
    Wide(&'static str, u16),
    /// A number and its unit.
    Amount(u16, &'static str),
}

impl Word {
    fn bytes(count: u16) -> Self {
        let unit = if count == 1 { "byte" } else { "bytes" };
        Self::Amount(count, unit)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Name(name) => f.write_str(name),
            Self::Number(name, number) => write!(f, "{name} {number}"),
            Self::Byte(name, bits) => write!(f, "{name} {bits:#04x}"),
            Self::Wide(name, bits) => write!(f, "{name} {bits:#06x}"),
            Self::Amount(number, unit) => write!(f, "{number} {unit}"),
        }
    }
}

/// What `wValue` means in a standard request.
#[derive(Clone, Copy)]
enum Value {
    /// Nothing; it is 0.
    Unused,
    /// A number of that name.
    Number(&'static str),
    /// The same, but 0 is not worth a word.
    Optional(&'static str),
    /// The type of a descriptor in the high byte, its index in the low one.
    Descriptor,
    /// Nanoseconds.
    Delay,
}

impl Value {
    /// [`None`] if it has a value that it cannot have.
    fn words(self, value: u16) -> Option<[Option<Word>; 2]> {
        let [index, kind] = value.to_le_bytes();
        Some(match self {
            Self::Unused if value != 0 => return None,
            Self::Unused => [None, None],
            Self::Number(name) => [Some(Word::Number(name, value)), None],
            Self::Optional(name) => [(value != 0).then_some(Word::Number(name, value)), None],
            Self::Delay => [Some(Word::Amount(value, "ns")), None],
            Self::Descriptor => [("type", kind), ("index", index)]
                .map(|(name, byte)| Some(Word::Number(name, byte.into()))),
        })
    }
}

/// What `wIndex` means in a standard request.
#[derive(Clone, Copy)]
enum Index {
    /// Nothing; it is 0.
    Unused,
    /// The recipient, in the low byte; some features have an option in the high one.
    Recipient,
    /// The language of a string, 0 for other descriptors.
    Language,
}

impl Index {
    /// [`None`] if it has a value that it cannot have.
    fn words(self, to: Recipient, index: u16) -> Option<[Option<Word>; 2]> {
        let [number, option] = index.to_le_bytes();
        Some(match self {
            Self::Unused if index != 0 => return None,
            Self::Unused => [None, None],
            Self::Language => [(index != 0).then_some(Word::Wide("language", index)), None],
            Self::Recipient => [
                Some(addressee(to, number)?),
                (option != 0).then_some(Word::Number("option", option.into())),
            ],
        })
    }
}

/// Whom a standard request is for (USB 2.0, 9.3.4); [`None`] if nobody can be meant.
fn addressee(to: Recipient, number: u8) -> Option<Word> {
    match to {
        Recipient::Device if number == 0 => Some(Word::Name("device")),
        Recipient::Interface => Some(Word::Number("interface", number.into())),
        Recipient::Endpoint => Some(Word::Byte("endpoint", number)),
        _ => None,
    }
}

/// Whom a request is for that nothing more is known of.
fn recipient(to: Recipient) -> Word {
    match to {
        Recipient::Device => Word::Name("device"),
        Recipient::Interface => Word::Name("interface"),
        Recipient::Endpoint => Word::Name("endpoint"),
        Recipient::Other => Word::Name("other"),
        Recipient::Reserved(reserved) => Word::Number("recipient", reserved.number().into()),
    }
}

/// A request that the specification of USB defines.
struct Standard {
    request: u8,
    name: &'static str,
    /// The `bmRequestType`s that it can have.
    request_types: &'static [u8],
    value: Value,
    index: Index,
}

impl Standard {
    /// [`None`] if the packet is not this request, or not as the specification wants it.
    fn words(&self, setup: &Setup) -> Option<[Option<Word>; 6]> {
        if self.request != setup.request || !self.request_types.contains(&setup.request_type) {
            return None;
        }
        let to = Recipient::from_request_type(setup.request_type);
        let [whom, option] = self.index.words(to, setup.index)?;
        let [what, which] = self.value.words(setup.value)?;
        let length = setup.length.filter(|length| *length != 0);
        Some([whom, option, what, which, length.map(Word::bytes), None])
    }
}

macro_rules! standard_requests {
    ($($request:literal $name:ident, $types:expr, $value:expr, $index:expr;)*) => {
        &[$(Standard {
            request: $request,
            name: stringify!($name),
            request_types: &$types,
            value: $value,
            index: $index,
        }),*]
    };
}

/// USB 2.0, tables 9-3 and 9-4, and HID 1.11, 7.1, for the descriptors of interfaces; the last two
/// are of USB 3.2, 9.4.
const STANDARD: &[Standard] = standard_requests! {
    0 GET_STATUS, [0x80, 0x81, 0x82], Value::Optional("type"), Index::Recipient;
    1 CLEAR_FEATURE, [0x00, 0x01, 0x02], Value::Number("feature"), Index::Recipient;
    3 SET_FEATURE, [0x00, 0x01, 0x02], Value::Number("feature"), Index::Recipient;
    5 SET_ADDRESS, [0x00], Value::Number("address"), Index::Unused;
    6 GET_DESCRIPTOR, [0x80], Value::Descriptor, Index::Language;
    6 GET_DESCRIPTOR, [0x81], Value::Descriptor, Index::Recipient;
    7 SET_DESCRIPTOR, [0x00], Value::Descriptor, Index::Language;
    7 SET_DESCRIPTOR, [0x01], Value::Descriptor, Index::Recipient;
    8 GET_CONFIGURATION, [0x80], Value::Unused, Index::Unused;
    9 SET_CONFIGURATION, [0x00], Value::Number("configuration"), Index::Unused;
    10 GET_INTERFACE, [0x81], Value::Unused, Index::Recipient;
    11 SET_INTERFACE, [0x01], Value::Number("altsetting"), Index::Recipient;
    12 SYNCH_FRAME, [0x82], Value::Unused, Index::Recipient;
    48 SET_SEL, [0x00], Value::Unused, Index::Unused;
    49 SET_ISOCH_DELAY, [0x00], Value::Delay, Index::Unused;
};

impl Setup {
    fn new<D: Direction>(request: &ControlRequest<D>, length: Option<u16>) -> Self {
        let packet = request.setup_packet();
        Self {
            request_type: packet.request_type,
            request: packet.request,
            value: u16::from_le(packet.value),
            index: u16::from_le(packet.index),
            length,
        }
    }

    fn words(&self) -> (&'static str, [Option<Word>; 6]) {
        let known = STANDARD.iter().find_map(|known| {
            let words = known.words(self)?;
            Some((known.name, words))
        });
        known.unwrap_or_else(|| (self.kind(), self.numbers()))
    }

    /// Who defined it (USB 2.0, table 9-2).
    fn kind(&self) -> &'static str {
        match self.request_type >> 5 & 3 {
            0 => "standard request",
            1 => "class request",
            2 => "vendor request",
            _ => "reserved request",
        }
    }

    fn numbers(&self) -> [Option<Word>; 6] {
        let direction = match self.request_type & 0x80 {
            0 => "OUT",
            _ => "IN",
        };
        [
            Some(Word::Name(direction)),
            Some(recipient(Recipient::from_request_type(self.request_type))),
            Some(Word::Byte("bRequest", self.request)),
            Some(Word::Wide("wValue", self.value)),
            Some(Word::Wide("wIndex", self.index)),
            self.length.map(|length| Word::Number("wLength", length)),
        ]
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, words) = self.words();
        write!(f, "{name}(")?;
        for (position, word) in words.iter().flatten().enumerate() {
            f.write_str(if position == 0 { "" } else { ", " })?;
            word.fmt(f)?;
        }
        f.write_str(")")
    }
}

/// In words, but for the length of the data stage, see [`in_words`](ControlRequest::in_words).
impl<D: Direction> fmt::Display for ControlRequest<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Setup::new(self, None).fmt(f)
    }
}

impl<D: Direction> fmt::Debug for ControlRequest<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = Setup::new(self, None);
        f.debug_struct("ControlRequest")
            .field("request_type", &fmt!("{:#04x}", setup.request_type))
            .field("request", &fmt!("{:#04x}", setup.request))
            .field("value", &fmt!("{:#06x}", setup.value))
            .field("index", &fmt!("{:#06x}", setup.index))
            .finish()
    }
}

impl<D: Direction> ControlRequest<D> {
    /// The request in words, with `length`, the bytes of its data stage, 0 if it has none.
    ///
    /// A standard request is told by its name and what its fields stand for, if they are as USB
    /// 2.0, 9.4 and USB 3.2, 9.4 want them. Any other is told by who defined it, and all of its
    /// fields. It is meant for people: the words may change.
    ///
    /// To format the request itself gives the same without the length.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, str::CString, usb};
    ///
    /// /// Says what a device did not like.
    /// fn complain(
    ///     intf: &usb::Interface<Bound>,
    ///     request: &usb::ControlRequest<usb::In>,
    ///     length: u16,
    ///     error: usb::TransferError,
    /// ) {
    ///     dev_dbg!(intf, "{}: {error:?}\n", request.in_words(length));
    /// }
    ///
    /// let standard = usb::ControlRequest::get_descriptor(1, 0, 0);
    /// let words = CString::try_from_fmt(fmt!("{}", standard.in_words(18)))?;
    /// assert_eq!(&*words, c"GET_DESCRIPTOR(type 1, index 0, 18 bytes)");
    ///
    /// let ended = usb::ControlRequest::clear_feature(usb::Addressee::Endpoint(0x81), 0);
    /// let words = CString::try_from_fmt(fmt!("{ended}"))?;
    /// assert_eq!(&*words, c"CLEAR_FEATURE(endpoint 0x81, feature 0)");
    ///
    /// let vendor = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 7, 1, 0);
    /// let words = CString::try_from_fmt(fmt!("{vendor}"))?;
    /// let expected = c"vendor request(OUT, device, bRequest 0x07, wValue 0x0001, wIndex 0x0000)";
    /// assert_eq!(&*words, expected);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "usb_decode_ctrl")]
    pub fn in_words(&self, length: u16) -> impl fmt::Display {
        Setup::new(self, Some(length))
    }
}

#[kunit_tests(rust_usb_words)]
mod tests {
    use super::{
        super::{
            Addressee,
            In,
            Out,
            RequestType, //
        },
        *, //
    };
    use crate::str::CString;
    use fmt::Write;

    /// `bmRequestType`, `bRequest`, `wValue`, `wIndex`, `wLength`.
    type Fields = (u8, u8, u16, u16, u16);

    fn setup((request_type, request, value, index, length): Fields) -> Setup {
        Setup {
            request_type,
            request,
            value,
            index,
            length: Some(length),
        }
    }

    fn assert_words(cases: &[(Fields, &str)]) -> Result {
        for (fields, expected) in cases {
            let words = CString::try_from_fmt(fmt!("{}", setup(*fields)))?;
            assert_eq!(words.to_str()?, *expected);
        }
        Ok(())
    }

    #[test]
    fn requests_that_ask_have_names() -> Result {
        assert_words(&[
            ((0x80, 0, 0, 0, 2), "GET_STATUS(device, 2 bytes)"),
            ((0x80, 0, 1, 0, 4), "GET_STATUS(device, type 1, 4 bytes)"),
            ((0x81, 0, 0, 255, 2), "GET_STATUS(interface 255, 2 bytes)"),
            ((0x82, 0, 0, 0x81, 2), "GET_STATUS(endpoint 0x81, 2 bytes)"),
            (
                (0x80, 6, 0x0100, 0, 18),
                "GET_DESCRIPTOR(type 1, index 0, 18 bytes)",
            ),
            (
                (0x80, 6, 0x03ff, 0x0409, u16::MAX),
                "GET_DESCRIPTOR(language 0x0409, type 3, index 255, 65535 bytes)",
            ),
            (
                (0x81, 6, 0x2200, 1, 63),
                "GET_DESCRIPTOR(interface 1, type 34, index 0, 63 bytes)",
            ),
            ((0x80, 8, 0, 0, 1), "GET_CONFIGURATION(1 byte)"),
            ((0x80, 8, 0, 0, 0), "GET_CONFIGURATION()"),
            ((0x81, 10, 0, 2, 1), "GET_INTERFACE(interface 2, 1 byte)"),
            ((0x82, 12, 0, 2, 2), "SYNCH_FRAME(endpoint 0x02, 2 bytes)"),
        ])
    }

    #[test]
    fn requests_that_set_have_names() -> Result {
        assert_words(&[
            ((0x00, 1, 1, 0, 0), "CLEAR_FEATURE(device, feature 1)"),
            (
                (0x02, 1, 0, 0x8f, 0),
                "CLEAR_FEATURE(endpoint 0x8f, feature 0)",
            ),
            (
                (0x00, 3, 2, 0x0400, 0),
                "SET_FEATURE(device, option 4, feature 2)",
            ),
            (
                (0x01, 3, 0, 0x0301, 0),
                "SET_FEATURE(interface 1, option 3, feature 0)",
            ),
            ((0x00, 5, 127, 0, 0), "SET_ADDRESS(address 127)"),
            (
                (0x00, 7, 0x0302, 0x0407, 4),
                "SET_DESCRIPTOR(language 0x0407, type 3, index 2, 4 bytes)",
            ),
            (
                (0x01, 7, 0x2201, 0, 5),
                "SET_DESCRIPTOR(interface 0, type 34, index 1, 5 bytes)",
            ),
            ((0x00, 9, 1, 0, 0), "SET_CONFIGURATION(configuration 1)"),
            (
                (0x01, 11, 3, 1, 0),
                "SET_INTERFACE(interface 1, altsetting 3)",
            ),
            ((0x00, 48, 0, 0, 6), "SET_SEL(6 bytes)"),
            ((0x00, 49, 40, 0, 0), "SET_ISOCH_DELAY(40 ns)"),
        ])
    }

    #[test]
    fn others_are_told_in_numbers() -> Result {
        assert_words(&[
            (
                (0x21, 0x20, 0, 2, 7),
                "class request(OUT, interface, bRequest 0x20, wValue 0x0000, wIndex 0x0002, wLength 7)",
            ),
            (
                (0xc0, 6, 0x0100, 0, 0),
                "vendor request(IN, device, bRequest 0x06, wValue 0x0100, wIndex 0x0000, wLength 0)",
            ),
            (
                (0xa2, 1, 0xffff, 0xffff, 0xffff),
                "class request(IN, endpoint, bRequest 0x01, wValue 0xffff, wIndex 0xffff, wLength 65535)",
            ),
            (
                (0x43, 0, 0, 0, 0),
                "vendor request(OUT, other, bRequest 0x00, wValue 0x0000, wIndex 0x0000, wLength 0)",
            ),
            (
                (0x5f, 0, 0, 0, 0),
                "vendor request(OUT, recipient 31, bRequest 0x00, wValue 0x0000, wIndex 0x0000, wLength 0)",
            ),
            (
                (0x60, 0, 0, 0, 0),
                "reserved request(OUT, device, bRequest 0x00, wValue 0x0000, wIndex 0x0000, wLength 0)",
            ),
        ])
    }

    /// Each differs from a request that has a name in one field.
    #[test]
    fn a_name_is_for_what_the_specification_has() {
        for fields in [
            (0x00, 0, 0, 0, 2),
            (0x83, 0, 0, 0, 2),
            (0x80, 2, 0, 0, 2),
            (0x80, 0, 0, 1, 2),
            (0x02, 6, 0x0100, 0, 18),
            (0x80, 8, 1, 0, 1),
            (0x80, 8, 0, 1, 1),
            (0x00, 5, 1, 1, 0),
            (0x00, 11, 1, 0, 0),
            (0x82, 12, 1, 0x81, 2),
            (0x00, 48, 1, 0, 6),
            (0x00, 50, 0, 0, 0),
        ] {
            assert_eq!(setup(fields).words().0, "standard request");
        }
    }

    /// Counts what is written, and looks at the last of it.
    #[derive(Default)]
    struct Ends {
        bytes: usize,
        last: Option<char>,
    }

    impl Write for Ends {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.bytes += text.len();
            self.last = text.chars().last().or(self.last);
            Ok(())
        }
    }

    #[test]
    fn there_are_words_for_everything() {
        for request_type in 0..=u8::MAX {
            for request in 0..=50 {
                for field in [0, 0x00ff, 0xff00, u16::MAX] {
                    let mut ends = Ends::default();
                    let setup = setup((request_type, request, field, field, field));
                    assert!(ends.write_fmt(fmt!("{setup}")).is_ok());
                    assert!(ends.last == Some(')') && ends.bytes < 120);
                }
            }
        }
    }

    #[test]
    fn requests_are_told_as_they_are_made() -> Result {
        let request = ControlRequest::get_status(Addressee::Endpoint(0x81));
        let words = CString::try_from_fmt(fmt!("{} {request}", request.in_words(2)))?;
        let expected = "GET_STATUS(endpoint 0x81, 2 bytes) GET_STATUS(endpoint 0x81)";
        assert_eq!(words.to_str()?, expected);

        let request = ControlRequest::<In>::class(Recipient::Other, 0xfe, 0x1234, 0xabcd);
        let words = CString::try_from_fmt(fmt!("{request}"))?;
        let expected = "class request(IN, other, bRequest 0xfe, wValue 0x1234, wIndex 0xabcd)";
        assert_eq!(words.to_str()?, expected);

        let words = CString::try_from_fmt(fmt!("{request:?}"))?;
        let expected =
            "ControlRequest { request_type: 0xa3, request: 0xfe, value: 0x1234, index: 0xabcd }";
        assert_eq!(words.to_str()?, expected);
        Ok(())
    }

    #[test]
    fn the_requests_of_the_core_have_names() {
        let to = [Recipient::Device, Recipient::Interface];
        for request in 0..=u8::MAX {
            let requests =
                to.map(|to| ControlRequest::<Out>::new(RequestType::Standard, to, request, 0, 0));
            if requests[0].belongs_to_core() {
                let names = requests.map(|request| Setup::new(&request, None).words().0);
                assert!(names.iter().any(|name| name.starts_with("SET_")));
            }
        }
    }
}
