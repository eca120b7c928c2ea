// SPDX-License-Identifier: GPL-2.0

//! Driver for a display of eight digits with seven segments each, made by Delcom.
//!
//! It does what `drivers/usb/misc/usbsevseg.c` does: control requests, attributes in sysfs, and
//! runtime power management, by which the display is kept awake while it is on.
//!
//! What the device says to a request interests nobody. While it sleeps, requests are refused; it
//! is told everything again when it has woken up.

use core::marker::PhantomData;
use kernel::{
    device::{
        Bound,
        Core, //
    },
    fmt::Write,
    new_mutex,
    prelude::*,
    str::BStr,
    sync::Mutex,
    usb, //
};

/// How long the device may take to carry a request out.
const LIMIT: usb::Sleep = usb::Sleep::Uninterruptible(usb::Timeout::from_millis::<2000>());

const DIGITS: usize = 8;

/// A number of 8 bits, read as generously as it always was: as many digits as there are, and of the
/// number that they make, which stops at 64 bits, the lowest 8.
#[derive(Clone, Copy)]
struct Number(u8);

impl usb::AttributeValue for Number {
    fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
        Ok(write!(page, "{}", self.0)?)
    }

    fn parse(text: &BStr) -> Result<Self> {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
        let number = digits.fold(0u64, |number, digit| {
            let digit = u64::from(digit - b'0');
            number.saturating_mul(10).saturating_add(digit)
        });
        // CAST: The lowest bits.
        Ok(Self(number as u8))
    }
}

/// How the bytes of the text are displayed.
#[derive(Clone, Copy, PartialEq)]
enum TextMode {
    /// A bit for each segment.
    Raw,
    /// Each byte is a digit.
    Hex,
    Ascii,
}

impl usb::NamedValue for TextMode {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("raw", Self::Raw),
        ("hex", Self::Hex),
        ("ascii", Self::Ascii),
    ];

    fn show_name(&self, page: &mut usb::AttributePage<'_>) -> Result {
        for (name, mode) in Self::NAMES {
            match mode == self {
                true => write!(page, " [{name}] ")?,
                false => write!(page, " {name} ")?,
            }
        }
        Ok(())
    }
}

/// Up to as many bytes as there are digits; zeros are bytes like others.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; DIGITS],
    length: usize,
}

impl usb::AttributeValue for Text {
    /// User space sees it up to the first zero.
    fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
        let bytes = self.bytes.iter().take_while(|byte| **byte != 0);
        bytes.copied().try_for_each(|byte| page.append(&[byte]))?;
        page.append(b"\n")
    }

    fn parse(text: &BStr) -> Result<Self> {
        let mut bytes = [0; DIGITS];
        bytes
            .get_mut(..text.len())
            .ok_or(EINVAL)?
            .copy_from_slice(text);
        Ok(Self {
            bytes,
            length: text.len(),
        })
    }
}

/// Which digits have a decimal point; the lowest bit is the rightmost one.
#[derive(Clone, Copy)]
struct Decimals(u8);

impl usb::AttributeValue for Decimals {
    fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
        Ok(write!(page, "{:08b}", self.0)?)
    }

    fn parse(text: &BStr) -> Result<Self> {
        if text.len() > DIGITS {
            return Err(EINVAL);
        }
        let mut bits = 0;
        for byte in text.iter() {
            bits = bits << 1
                | match byte {
                    b'0' => 0,
                    b'1' => 1,
                    _ => return Err(EINVAL),
                };
        }
        Ok(Self(bits))
    }
}

/// What the display is to show, and how.
struct State {
    powered: Number,
    mode_msb: Number,
    mode_lsb: Number,
    text: Text,
    text_mode: TextMode,
    decimals: Decimals,
    /// Keeps the device awake while it is on.
    awake: Option<usb::PowerGuard>,
}

/// Makes the request of a kind: a vendor's, to a recipient that no specification knows.
fn tell(interface: &usb::Interface<Bound>, kind: u8, index: u16, data: &[u8]) {
    let to = usb::Recipient::reserved::<8>();
    let value = u16::from_be_bytes([kind, 10]);
    let request = usb::ControlRequest::vendor(to, 0x12, value, index);
    if let Err(error) = interface.control_send(&request, data, LIMIT) {
        dev_dbg!(interface, "request {kind}: {error:?}\n");
    }
}

impl State {
    fn tell_power(&self, interface: &usb::Interface<Bound>) {
        tell(interface, 80, (self.powered.0 != 0).into(), &[]);
    }

    fn tell_mode(&self, interface: &usb::Interface<Bound>) {
        let mode = u16::from_be_bytes([self.mode_msb.0, self.mode_lsb.0]);
        tell(interface, 82, mode, &[]);
    }

    /// The device wants the rightmost digit first.
    fn tell_text(&self, interface: &usb::Interface<Bound>) {
        let mut bytes = self.text.bytes;
        let text = bytes.get_mut(..self.text.length).unwrap_or_default();
        text.reverse();
        tell(interface, 85, self.text_mode as u16, text);
        tell(interface, 86, self.decimals.0.into(), &[]);
    }
}

/// A part of the state that is a file in sysfs.
trait Part {
    type Value: usb::AttributeValue + Copy;
    const NAME: &'static CStr;

    fn of(state: &mut State) -> &mut Self::Value;

    /// Tells the device.
    fn tell(state: &State, interface: &usb::Interface<Bound>);
}

macro_rules! part {
    ($part:ident, $file:literal, $field:ident: $value:ty, $tell:ident) => {
        struct $part;

        impl Part for $part {
            type Value = $value;
            const NAME: &'static CStr = $file;

            fn of(state: &mut State) -> &mut $value {
                &mut state.$field
            }

            fn tell(state: &State, interface: &usb::Interface<Bound>) {
                state.$tell(interface);
            }
        }
    };
}

part!(TextPart, c"text", text: Text, tell_text);
part!(TextModePart, c"textmode", text_mode: TextMode, tell_text);
part!(DecimalsPart, c"decimals", decimals: Decimals, tell_text);
part!(ModeMsb, c"mode_msb", mode_msb: Number, tell_mode);
part!(ModeLsb, c"mode_lsb", mode_lsb: Number, tell_mode);

struct File<P>(PhantomData<P>);

#[vtable]
impl<P: Part> usb::Attribute<Display> for File<P> {
    type Value = P::Value;
    const NAME: &'static CStr = P::NAME;

    fn show(_interface: &usb::Interface<Bound>, display: Pin<&Display>) -> Result<P::Value> {
        Ok(*P::of(&mut display.state.lock()))
    }

    fn store(interface: &usb::Interface<Bound>, display: Pin<&Display>, value: P::Value) -> Result {
        let mut state = display.state.lock();
        *P::of(&mut state) = value;
        P::tell(&state, interface);
        Ok(())
    }
}

struct Powered;

#[vtable]
impl usb::Attribute<Display> for Powered {
    type Value = Number;
    const NAME: &'static CStr = c"powered";

    fn show(_interface: &usb::Interface<Bound>, display: Pin<&Display>) -> Result<Number> {
        Ok(display.state.lock().powered)
    }

    fn store(interface: &usb::Interface<Bound>, display: Pin<&Display>, powered: Number) -> Result {
        // Before the lock is taken: a device that is woken up calls `resume`, which takes it, too.
        let awake = (powered.0 != 0).then(|| interface.keep_awake());
        let mut state = display.state.lock();
        state.powered = powered;
        let Ok(awake) = awake.transpose() else {
            return Ok(());
        };
        let before = core::mem::replace(&mut state.awake, awake);
        state.tell_power(interface);
        drop(state);
        if let Some(guard) = before {
            guard.release(interface);
        }
        Ok(())
    }
}

/// The driver's part of a bound interface.
#[pin_data]
struct Display {
    #[pin]
    state: Mutex<State>,
}

impl Display {
    fn new() -> impl PinInit<Self, Error> {
        let state = State {
            powered: Number(0),
            // Six digits, and to scan them.
            mode_msb: Number(0x06),
            mode_lsb: Number(0x3f),
            text: Text {
                bytes: [0; DIGITS],
                length: 0,
            },
            text_mode: TextMode::Ascii,
            decimals: Decimals(0),
            awake: None,
        };
        try_pin_init!(Self {
            state <- new_mutex!(state, "rust_driver_usb_sevseg::Display::state"),
        })
    }
}

kernel::usb_device_table!(
    USB_TABLE,
    <Display as usb::Driver>::IdInfo,
    [(usb::DeviceId::from_id(0x0fc5, 0x1227), ())]
);

impl usb::Driver for Display {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
        .supports_autosuspend()
        .attributes(usb::AttributeGroups::new().with::<(
            Powered,
            File<TextPart>,
            File<TextModePart>,
            File<DecimalsPart>,
            File<ModeMsb>,
            File<ModeLsb>,
        )>());

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        dev_info!(interface, "USB 7 Segment device now attached\n");
        Display::new()
    }

    fn disconnect<'bound>(interface: &'bound usb::Interface<Core<'_>>, _display: Pin<&Self>) {
        dev_info!(interface, "USB 7 Segment now disconnected\n");
    }
}

#[vtable]
impl usb::Callbacks for Display {
    fn suspend(
        _interface: &usb::Interface<Bound>,
        _display: Pin<&Self>,
        _event: usb::SuspendEvent,
    ) -> Result {
        Ok(())
    }

    fn resume(interface: &usb::Interface<Bound>, display: Pin<&Self>) -> Result {
        let state = display.state.lock();
        state.tell_mode(interface);
        state.tell_text(interface);
        Ok(())
    }

    fn reset_resume(interface: &usb::Interface<Bound>, display: Pin<&Self>) -> Result {
        Self::resume(interface, display)
    }
}

kernel::module_usb_driver! {
    type: Display,
    name: "rust_driver_usb_sevseg",
    authors: ["The usbpipe developers"],
    description: "USB 7 segment display in Rust",
    license: "GPL",
}
