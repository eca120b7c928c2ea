// SPDX-License-Identifier: GPL-2.0

//! What a driver may ask of the whole device while it is bound to one of its interfaces.
//!
//! A driver is bound to an interface, not to the device, which others use too. What is here goes
//! through the driver's own interface, so that it ends when that is unbound.

use super::{
    control::{
        Addressee,
        ControlRequest, //
    },
    endpoint::In,
    proof::IsBound,
    string,
    Buffer,
    Device,
    DeviceString,
    Interface,
    StartError,
    Timeout,
    TransferError,
    Transferred, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    prelude::*,
    str::CString, //
};
use core::ops::Deref;

/// How long a device may take to answer a standard request: as long as in C
/// (`USB_CTRL_GET_TIMEOUT`; USB 2.0, 9.2.6.4).
const LIMIT: Timeout = Timeout::from_millis::<{ bindings::USB_CTRL_GET_TIMEOUT }>();

/// How often a descriptor is asked for: some devices need to be asked again.
const ATTEMPTS: usize = 3;

/// The answer to a request is none.
const NO_ANSWER: TransferError = TransferError::Other(ENODATA);

/// The device, as seen through a bound interface of it.
///
/// It dereferences to [`Device`].
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, str::CString, usb};
///
/// /// What an input device is told apart by: where it is plugged in, and which part of it it is.
/// fn physical_name(intf: &usb::Interface<Bound>) -> Result<CString> {
///     let device: usb::BoundDevice<'_> = intf.bound_device();
///     CString::try_from_fmt(fmt!("{}/input{}", &*device.physical_path()?, intf.number()))
/// }
///
/// /// The frames that have passed since `start`, on a controller that counts to 2047.
/// fn frames_since(device: usb::BoundDevice<'_>, start: u32) -> Result<u32> {
///     Ok(device.frame_number()?.wrapping_sub(start) & 0x7ff)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct BoundDevice<'a> {
    interface: &'a Interface<device::Bound>,
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// The device, for what may be done with it only while a driver is bound.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Reads the string that an answer of the device refers to.
    /// fn name(intf: &usb::Interface<Bound>, index: u8) -> Result<usb::DeviceString> {
    ///     Ok(intf.bound_device().string(index)?)
    /// }
    /// ```
    pub fn bound_device(&self) -> BoundDevice<'_>
    where
        Self: IsBound,
    {
        BoundDevice {
            interface: self.bound(),
        }
    }
}

impl Deref for BoundDevice<'_> {
    type Target = Device;

    fn deref(&self) -> &Device {
        self.interface.device()
    }
}

/// The answer to a GET_STATUS (USB 2.0, 9.4.5). Which bits mean something depends on who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(u16);

impl Status {
    /// All bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Of a device: whether it has its own power supply.
    #[doc(alias = "USB_DEVICE_SELF_POWERED")]
    pub const fn is_self_powered(self) -> bool {
        self.0 & 1 << bindings::USB_DEVICE_SELF_POWERED != 0
    }

    /// Of a device: whether it may wake the host up.
    #[doc(alias = "USB_DEVICE_REMOTE_WAKEUP")]
    pub const fn is_remote_wakeup_enabled(self) -> bool {
        self.0 & 1 << bindings::USB_DEVICE_REMOTE_WAKEUP != 0
    }

    /// Of an endpoint: whether it is halted.
    #[doc(alias = "USB_ENDPOINT_HALT")]
    pub const fn is_halted(self) -> bool {
        self.0 & 1 << bindings::USB_ENDPOINT_HALT != 0
    }
}

impl BoundDevice<'_> {
    /// Reads a descriptor of the device, or as much of it as `buffer` holds.
    ///
    /// It is asked for three times, if need be. That the answer says it is of this kind was
    /// checked, nothing else of it.
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, and at once when the driver is unbound.
    ///
    /// # Errors
    ///
    /// As [`Interface::control`] and [`Transferred::result`], where also:
    ///
    /// - [`Other(ENODATA)`](TransferError::Other): the answer is too short to be a descriptor, or of
    ///   another kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb, usb::descriptor};
    ///
    /// /// The capabilities that a device tells of.
    /// fn capability_count(intf: &usb::Interface<Bound>) -> Result<usize> {
    ///     const BOS: u8 = descriptor::DescriptorType::BOS.as_raw();
    ///     let buffer = usb::Buffer::new(256, GFP_KERNEL)?;
    ///     let answer = intf.bound_device().descriptor(BOS, 0, buffer)?;
    ///     answer.result?;
    ///     Ok(descriptor::Bos::parse(answer.data())?.capabilities().count())
    /// }
    /// ```
    #[doc(alias("usb_get_descriptor", "USB_REQ_GET_DESCRIPTOR"))]
    pub fn descriptor(
        &self,
        kind: u8,
        index: u8,
        buffer: Buffer,
    ) -> Result<Transferred, StartError> {
        self.any_descriptor(kind, index, 0, buffer)
    }

    fn any_descriptor(
        &self,
        kind: u8,
        index: u8,
        language: u16,
        mut buffer: Buffer,
    ) -> Result<Transferred, StartError> {
        let request = ControlRequest::get_descriptor(kind, index, language);
        for _ in 1..ATTEMPTS {
            let answer = self.attempt(&request, kind, buffer)?;
            match answer.result {
                // It does not want to, or sent something else.
                Err(
                    TransferError::Stall
                    | TransferError::Protocol
                    | TransferError::Crc
                    | TransferError::Overflow
                    | NO_ANSWER,
                ) => buffer = answer.buffer,
                _ => return Ok(answer),
            }
        }
        self.attempt(&request, kind, buffer)
    }

    fn attempt(
        &self,
        request: &ControlRequest<In>,
        kind: u8,
        buffer: Buffer,
    ) -> Result<Transferred, StartError> {
        let mut answer = self.interface.control(request, buffer, LIMIT)?;
        if answer.result.is_ok() && !is_descriptor(received(&answer), kind) {
            answer.result = Err(NO_ANSWER);
        }
        Ok(answer)
    }

    /// Reads a string, in the first of the languages that the device lists.
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, and at once when the driver is unbound.
    ///
    /// # Errors
    ///
    /// As [`Interface::control`] and [`Transferred::result`], and:
    ///
    /// - [`Invalid`](TransferError::Invalid): `index` is 0, which stands for no string.
    /// - [`Stall`](TransferError::Stall): there is no such string.
    /// - [`Other(ENODATA)`](TransferError::Other): the answer is not a string descriptor.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// The name that an interface was given, if any. A device that is gone has none either, but
    /// /// that is another matter.
    /// fn name(
    ///     device: usb::BoundDevice<'_>,
    ///     index: u8,
    /// ) -> Result<Option<usb::DeviceString>, usb::TransferError> {
    ///     match device.string(index) {
    ///         Err(usb::TransferError::Invalid | usb::TransferError::Stall) => Ok(None),
    ///         name => name.map(Some),
    ///     }
    /// }
    /// ```
    #[doc(alias = "usb_string")]
    pub fn string(&self, index: u8) -> Result<DeviceString, TransferError> {
        if index == 0 {
            return Err(TransferError::Invalid);
        }
        let language = self.language()?;
        let answer = self.string_descriptor(index, language)?;
        DeviceString::from_descriptor(received(&answer)).map_err(TransferError::from_refusal)
    }

    /// The language to ask in. A device that has strings must list its languages (USB 2.0, 9.6.7);
    /// one that sends something else instead gets asked in English.
    fn language(&self) -> Result<u16, TransferError> {
        let first = self.string_descriptor(0, 0).and_then(|answer| {
            string::first_language(received(&answer)).map_err(TransferError::from_refusal)
        });
        match first {
            Err(NO_ANSWER) => Ok(string::ENGLISH),
            first => Ok(first?.unwrap_or(string::ENGLISH)),
        }
    }

    /// Asks for as much as a string can be. A device that does not like that is asked for the
    /// length first.
    fn string_descriptor(&self, index: u8, language: u16) -> Result<Transferred, TransferError> {
        if !self.refuses_long_strings() {
            let answer = self.string_bytes(index, language, string::MAX_LENGTH)?;
            match answer.result {
                Ok(()) => return Ok(answer),
                // These say nothing about the device's likings.
                Err(
                    error @ (TransferError::NoDevice
                    | TransferError::Interrupted
                    | TransferError::Suspended),
                ) => return Err(error),
                Err(_) => (),
            }
        }
        let header = self.string_bytes(index, language, string::HEADER)?;
        header.result?;
        let length = received(&header).first().copied().unwrap_or(0);
        let length = usize::from(length).max(string::HEADER);
        let answer = self.string_bytes(index, language, length)?;
        answer.result?;
        Ok(answer)
    }

    fn string_bytes(
        &self,
        index: u8,
        language: u16,
        length: usize,
    ) -> Result<Transferred, TransferError> {
        let buffer = Buffer::new(length, GFP_KERNEL).map_err(TransferError::from_refusal)?;
        Ok(self.any_descriptor(string::STRING, index, language, buffer)?)
    }

    /// Whether it is known to hang when it is asked for more than a string has.
    fn refuses_long_strings(&self) -> bool {
        // `USB_QUIRK_STRING_FETCH_255` in include/linux/usb/quirks.h.
        const STRING_FETCH_255: u32 = 1 << 0;
        // SAFETY: The device is valid by its type invariants; quirks are set before it is added.
        unsafe { (*self.as_raw()).quirks & STRING_FETCH_255 != 0 }
    }

    /// Asks the device, an interface or an endpoint for its status.
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, and at once when the driver is unbound.
    ///
    /// # Errors
    ///
    /// As [`Interface::control`] and [`Transferred::result`], and:
    ///
    /// - [`Stall`](TransferError::Stall): there is no such interface or endpoint.
    /// - [`Other(ENODATA)`](TransferError::Other): the answer is not 2 bytes long.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Ends a halt that is left over from the last driver.
    /// fn unhalt(from: &usb::Endpoint<'_, usb::Bulk, usb::In>) -> Result {
    ///     let device = from.interface().bound_device();
    ///     if device.status(usb::Addressee::Endpoint(from.address()))?.is_halted() {
    ///         from.clear_halt()?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// /// Refuses a motor that would have to run on the current of the bus.
    /// fn check_supply(intf: &usb::Interface<Bound>) -> Result {
    ///     let status: usb::Status = intf.bound_device().status(usb::Addressee::Device)?;
    ///     let wakes = status.is_remote_wakeup_enabled();
    ///     dev_dbg!(intf, "status {:#06x}, may wake the host: {wakes}\n", status.bits());
    ///     if status.is_self_powered() {
    ///         Ok(())
    ///     } else {
    ///         Err(ENODEV)
    ///     }
    /// }
    /// ```
    #[doc(alias("usb_get_status", "usb_get_std_status", "USB_REQ_GET_STATUS"))]
    pub fn status(&self, of: Addressee) -> Result<Status, TransferError> {
        let request = ControlRequest::get_status(of);
        let buffer = Buffer::new(2, GFP_KERNEL).map_err(TransferError::from_refusal)?;
        let answer = self.interface.control(&request, buffer, LIMIT)?;
        answer.result?;
        match *received(&answer) {
            [low, high] => Ok(Status(u16::from_le_bytes([low, high]))),
            _ => Err(NO_ANSWER),
        }
    }

    /// The number of the bus's current frame, as its host controller counts them: how far it
    /// counts depends on the controller.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound.
    /// - `ESHUTDOWN`: the host controller sleeps or is gone.
    #[doc(alias = "usb_get_current_frame_number")]
    pub fn frame_number(&self) -> Result<u32> {
        let _visit = self.interface.gate()?.visit()?;
        // SAFETY: While we visit, the interface is bound, so that the device is valid and its host
        // controller has not been removed.
        let number = unsafe { bindings::usb_get_current_frame_number(self.as_raw()) };
        to_result(number)?;
        Ok(u32::try_from(number)?)
    }

    /// A name for where the device is plugged in, as "usb-0000:00:14.0-1.4": the same for whatever
    /// is plugged in there, until the host controller is moved.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound.
    /// - `ENOMEM`.
    #[doc(alias = "usb_make_path")]
    pub fn physical_path(&self) -> Result<CString> {
        let _visit = self.interface.gate()?.visit()?;
        // SAFETY: While we visit, the interface is bound, so that the device is valid and its host
        // controller has not been removed. Until then the bus has a name: that of the controller's
        // device, which may go before the last reference to the bus does.
        let bus = unsafe { CStr::from_char_ptr((*(*self.as_raw()).bus).bus_name) };
        CString::try_from_fmt(fmt!("usb-{}-{}", bus, self.port_path()))
    }

    /// Asks for another configuration, or for none.
    ///
    /// That takes the interface away that the driver is bound to, so it is done later, when this
    /// has returned. Whether it works out, nobody is told. A driver that wants a device to be in
    /// another configuration calls this in `probe` and then fails with `ENODEV`.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound.
    /// - `EINVAL`: the device has no configuration of this value.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// At the beginning of `probe`: asks for the configuration that has what we need.
    /// fn check_configuration(intf: &usb::Interface<Bound>, wanted: u8) -> Result {
    ///     let device = intf.bound_device();
    ///     if device.active_configuration() == Some(wanted) {
    ///         return Ok(());
    ///     }
    ///     device.set_configuration(Some(wanted))?;
    ///     Err(ENODEV)
    /// }
    /// ```
    #[doc(alias("usb_driver_set_configuration", "bConfigurationValue"))]
    pub fn set_configuration(&self, value: Option<u8>) -> Result {
        let _visit = self.interface.gate()?.visit()?;
        if let Some(value) = value {
            let mut values = (0..self.configuration_count()).filter_map(|index| {
                // `bConfigurationValue` (USB 2.0, table 9-10).
                self.configuration_bytes(index)?.get(5).copied()
            });
            if !values.any(|known| known == value) {
                return Err(EINVAL);
            }
        }
        let value = value.map_or(-1, c_int::from);
        // SAFETY: While we visit, the device is valid; the function takes a reference to it.
        to_result(unsafe { bindings::usb_driver_set_configuration(self.as_raw(), value) })
    }

    pub(super) fn interface(&self) -> &Interface<device::Bound> {
        self.interface
    }
}

/// What the device has sent of a transfer that it answered.
fn received(answer: &Transferred) -> &[u8] {
    answer
        .buffer
        .get(..answer.actual_length)
        .unwrap_or(&answer.buffer)
}

/// Whether bytes begin like a descriptor (USB 2.0, 9.5).
fn is_descriptor(bytes: &[u8], kind: u8) -> bool {
    matches!(*bytes, [_, actual, ..] if actual == kind)
}

#[kunit_tests(rust_usb_bound_device)]
mod tests {
    use super::*;

    fn answer(length: usize, actual_length: usize) -> Result<Transferred> {
        Ok(Transferred {
            buffer: Buffer::new(length, GFP_KERNEL)?,
            actual_length,
            result: Ok(()),
        })
    }

    #[test]
    fn what_was_received_is_never_more_than_the_buffer() -> Result {
        for (length, actual, expected) in [(0, 0, 0), (2, 0, 0), (2, 1, 1), (2, 2, 2), (2, 3, 2)] {
            assert_eq!(received(&answer(length, actual)?).len(), expected);
        }
        Ok(())
    }

    #[test]
    fn a_string_is_no_longer_than_what_arrived() -> Result {
        for actual in [8, 9, 255, 1 << 31, usize::MAX] {
            let mut answer = answer(8, actual)?;
            answer
                .buffer
                .copy_from_slice(&[255, 3, b'U', 0, b'S', 0, b'B', 0]);
            let string = DeviceString::from_descriptor(received(&answer))?;
            assert_eq!(&*string, "USB");
            assert_eq!(answer.data().len(), if actual == 8 { 8 } else { 0 });
        }
        Ok(())
    }

    #[test]
    fn a_descriptor_has_a_header() {
        let cases: [(&[u8], bool); 5] = [
            (&[], false),
            (&[4], false),
            (&[4, 3], true),
            (&[0, 3, 9], true),
            (&[4, 2, 3], false),
        ];
        for (bytes, expected) in cases {
            assert_eq!(is_descriptor(bytes, 3), expected);
        }
    }

    #[test]
    fn status_bits_are_those_of_9_4_5() {
        for bits in 0..=u8::MAX {
            let status = Status(u16::from(bits) | 0xff00);
            assert_eq!(status.is_self_powered(), bits & 1 != 0);
            assert_eq!(status.is_remote_wakeup_enabled(), bits & 2 != 0);
            assert_eq!(status.is_halted(), bits & 1 != 0);
            assert_eq!(status.bits(), u16::from(bits) | 0xff00);
        }
    }
}
