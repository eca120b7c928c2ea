// SPDX-License-Identifier: GPL-2.0

//! Control requests: what goes into a setup packet.
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)

use super::{
    endpoint::{
        Control,
        Direction,
        In,
        Out, //
    },
    memory::Memory,
    proof::IsBound,
    urb::Urb,
    Handler,
    Interface, //
};
use crate::{
    bindings,
    device,
    prelude::*, //
};
use core::marker::PhantomData;

/// Who defined a request (USB 2.0, table 9-2, bmRequestType bits 6:5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestType {
    /// The USB specification.
    Standard,
    /// The specification of the device's or interface's class.
    Class,
    /// The maker of the device.
    Vendor,
}

/// Whom a request is for (USB 2.0, table 9-2, bmRequestType bits 4:0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The device.
    Device,
    /// The interface whose number is in the low byte of `wIndex`.
    Interface,
    /// The endpoint whose address is in the low byte of `wIndex`.
    Endpoint,
    /// Something else.
    Other,
    /// What the specification reserves, see [`Recipient::reserved`].
    Reserved(ReservedRecipient),
}

/// A number that the specification has no recipient for: 4 to 31.
///
/// # Examples
///
/// ```
/// use kernel::usb::{Recipient, ReservedRecipient};
///
/// /// Refuses requests whose recipient nobody knows.
/// fn known(recipient: Recipient) -> Result<Recipient, ReservedRecipient> {
///     match recipient {
///         Recipient::Reserved(reserved) => Err(reserved),
///         known => Ok(known),
///     }
/// }
///
/// assert!(known(Recipient::Device).is_ok());
/// assert!(known(Recipient::reserved::<8>()).is_err_and(|reserved| reserved.number() == 8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedRecipient(u8);

impl ReservedRecipient {
    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Recipient {
    /// A recipient that the specification reserves, 4 to 31. Some devices use it all the same.
    ///
    /// The build fails for another number.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// // What a seven-segment display wants.
    /// let to = usb::Recipient::reserved::<8>();
    /// let request = usb::ControlRequest::<usb::Out>::vendor(to, 18, 0, 0);
    /// assert_eq!(request.request_type(), 0x48);
    /// ```
    pub const fn reserved<const NUMBER: u8>() -> Self {
        const {
            assert!(
                NUMBER >= 4 && NUMBER <= 31,
                "reserved recipients are 4 to 31; others have names, or no room in a request"
            )
        };
        Self::Reserved(ReservedRecipient(NUMBER))
    }

    /// As it stands in `bmRequestType`.
    const fn bits(self) -> u8 {
        match self {
            Self::Device => 0,
            Self::Interface => 1,
            Self::Endpoint => 2,
            Self::Other => 3,
            Self::Reserved(reserved) => reserved.number(),
        }
    }

    /// Reads the recipient out of a `bmRequestType`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::Recipient;
    ///
    /// assert_eq!(Recipient::from_request_type(0xc0), Recipient::Device);
    /// assert_eq!(Recipient::from_request_type(0x43), Recipient::Other);
    /// assert_eq!(Recipient::from_request_type(0x44), Recipient::reserved::<4>());
    /// ```
    pub const fn from_request_type(request_type: u8) -> Self {
        match request_type & 0x1f {
            0 => Self::Device,
            1 => Self::Interface,
            2 => Self::Endpoint,
            3 => Self::Other,
            number => Self::Reserved(ReservedRecipient(number)),
        }
    }
}

/// What a standard request is about: a recipient, and which one.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Halts an endpoint, as a test of what a device does then.
/// fn halt(intf: &usb::Interface<Bound>, address: u8) -> Result {
///     const ENDPOINT_HALT: u16 = 0;
///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///     let endpoint = usb::Addressee::Endpoint(address);
///     let halt = usb::ControlRequest::set_feature(endpoint, ENDPOINT_HALT);
///     intf.control_send(&halt, &[], SECOND)?;
///     Ok(())
/// }
///
/// // The recipient is a part of the request's type.
/// let [device, interface] = [usb::Addressee::Device, usb::Addressee::Interface(1)];
/// assert_eq!(usb::ControlRequest::get_status(device).request_type(), 0x80);
/// assert_eq!(usb::ControlRequest::clear_feature(interface, 0).request_type(), 0x01);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The device.
    Device,
    /// The interface of this number.
    Interface(u8),
    /// The endpoint of this address.
    Endpoint(u8),
}

impl Addressee {
    const fn recipient(self) -> Recipient {
        match self {
            Self::Device => Recipient::Device,
            Self::Interface(_) => Recipient::Interface,
            Self::Endpoint(_) => Recipient::Endpoint,
        }
    }

    /// Its `wIndex` (USB 2.0, 9.3.4).
    pub(super) const fn index(self) -> u16 {
        match self {
            Self::Device => 0,
            Self::Interface(number) => number as u16,
            Self::Endpoint(address) => address as u16,
        }
    }
}

/// A control request whose data stage goes in direction `D` (USB 2.0, 9.3).
///
/// `wLength` is not part of it: it is always the length of the buffer that the request is carried
/// out with.
///
/// # Examples
///
/// ```
/// use kernel::usb;
///
/// // What is the firmware's version?
/// let request = usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, 0x42, 0, 0);
/// assert_eq!(request.request_type(), 0xc0);
/// ```
pub struct ControlRequest<D: Direction> {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
    _direction: PhantomData<D>,
}

// Not derived: that would ask the same of the marker `D`.
impl<D: Direction> Clone for ControlRequest<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Direction> Copy for ControlRequest<D> {}

impl<D: Direction> ControlRequest<D> {
    /// A request of any type; the arguments are `bRequest`, `wValue` and `wIndex`.
    ///
    /// Those that [belong to the USB core](ControlRequest::belongs_to_core) are not for drivers.
    pub const fn new(
        kind: RequestType,
        recipient: Recipient,
        request: u8,
        value: u16,
        index: u16,
    ) -> Self {
        let direction = if D::IS_IN { 0x80 } else { 0 };
        Self {
            request_type: direction | (kind as u8) << 5 | recipient.bits(),
            request,
            value,
            index,
            _direction: PhantomData,
        }
    }

    /// A request that the maker of the device defined.
    pub const fn vendor(recipient: Recipient, request: u8, value: u16, index: u16) -> Self {
        Self::new(RequestType::Vendor, recipient, request, value, index)
    }

    /// A request that the specification of a class defined.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// // The line coding of the CDC ACM function of interface 2 (USB PSTN 1.2, 6.3.11).
    /// let request =
    ///     usb::ControlRequest::<usb::In>::class(usb::Recipient::Interface, 0x21, 0, 2);
    /// assert_eq!(request.request_type(), 0xa1);
    /// ```
    pub const fn class(recipient: Recipient, request: u8, value: u16, index: u16) -> Self {
        Self::new(RequestType::Class, recipient, request, value, index)
    }

    pub(super) const fn standard(to: Addressee, request: u32, value: u16) -> Self {
        // CAST: Requests are bytes on the wire.
        let request = request as u8;
        Self::new(
            RequestType::Standard,
            to.recipient(),
            request,
            value,
            to.index(),
        )
    }

    /// Whether it would change behind the USB core's back what the core keeps account of:
    /// SET_ADDRESS, SET_CONFIGURATION, SET_INTERFACE, SET_SEL and SET_ISOCH_DELAY.
    ///
    /// What a driver may have of them it asks the core for, as with
    /// [`BoundDevice::set_configuration`](super::BoundDevice::set_configuration).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{ControlRequest, Out, Recipient, RequestType};
    ///
    /// const SET_INTERFACE: u8 = 11;
    /// let to = Recipient::Interface;
    /// let standard = ControlRequest::<Out>::new(RequestType::Standard, to, SET_INTERFACE, 1, 0);
    /// assert!(standard.belongs_to_core());
    /// assert!(!ControlRequest::<Out>::class(to, SET_INTERFACE, 1, 0).belongs_to_core());
    /// ```
    pub const fn belongs_to_core(&self) -> bool {
        let is_standard = self.request_type & 0x60 == 0;
        is_standard
            && matches!(
                self.request as u32,
                bindings::USB_REQ_SET_ADDRESS
                    | bindings::USB_REQ_SET_CONFIGURATION
                    | bindings::USB_REQ_SET_INTERFACE
                    | bindings::USB_REQ_SET_SEL
                    | bindings::USB_REQ_SET_ISOCH_DELAY
            )
    }

    /// Direction, type and recipient as the device gets them.
    #[doc(alias = "bmRequestType")]
    pub const fn request_type(&self) -> u8 {
        self.request_type
    }

    /// # Errors
    ///
    /// `EPERM` if the request belongs to the USB core.
    pub(super) fn check(&self) -> Result {
        match self.belongs_to_core() {
            true => Err(EPERM),
            false => Ok(()),
        }
    }

    /// The same request with another `wIndex`.
    pub(super) const fn with_index(self, index: u16) -> Self {
        Self { index, ..self }
    }

    pub(super) const fn setup_packet(&self) -> SetupPacket {
        SetupPacket {
            request_type: self.request_type,
            request: self.request,
            value: self.value.to_le(),
            index: self.index.to_le(),
            length: 0,
        }
    }
}

impl<D: Direction, H: Handler<Control, D, B>, B: Memory> Urb<Control, D, H, B> {
    /// Allocates a URB for a control request to endpoint 0.
    ///
    /// The data stage is `memory`, whole; an empty one means that there is none.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EPERM`: the request [belongs to the USB core](ControlRequest::belongs_to_core).
    /// - `EMSGSIZE`: the memory is longer than 65,535 bytes.
    /// - `EINVAL`, `EOPNOTSUPP`: the memory was allocated for another interface or direction, or
    ///   is none that control requests can use.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Sends a vendor request without data, and does not wait for its end.
    /// fn send<H>(intf: &usb::Interface<Bound>, handler: H) -> Result
    /// where
    ///     H: usb::Handler<usb::Control, usb::Out>,
    /// {
    ///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 0x42, 0, 0);
    ///     let no_data = usb::Buffer::new(0, GFP_KERNEL)?;
    ///     usb::Urb::control(intf, &request, no_data, handler)?.submit(intf)?;
    ///     Ok(())
    /// }
    /// ```
    #[doc(alias = "usb_fill_control_urb")]
    pub fn control<Ctx: device::DeviceContext>(
        interface: &Interface<Ctx>,
        request: &ControlRequest<D>,
        memory: B,
        handler: H,
    ) -> Result<Self>
    where
        Interface<Ctx>: IsBound,
    {
        request.check()?;
        let setup = request.setup_packet();
        Ok(Self::with_setup(interface.bound(), setup, memory, handler)?)
    }
}

/// A setup packet as on the wire: `struct usb_ctrlrequest`.
#[repr(C)]
pub(super) struct SetupPacket {
    pub(super) request_type: u8,
    pub(super) request: u8,
    pub(super) value: u16,
    pub(super) index: u16,
    length: u16,
}

impl SetupPacket {
    pub(super) fn set_length(&mut self, length: u16) {
        self.length = length.to_le();
    }
}

#[kunit_tests(rust_usb_control)]
mod tests {
    use super::*;

    #[test]
    fn request_type_has_direction_type_and_recipient() {
        let cases = [
            (RequestType::Standard, Recipient::Device, 0x00),
            (RequestType::Standard, Recipient::Endpoint, 0x02),
            (RequestType::Class, Recipient::Interface, 0x21),
            (RequestType::Vendor, Recipient::Device, 0x40),
            (RequestType::Vendor, Recipient::Other, 0x43),
            (RequestType::Vendor, Recipient::reserved::<4>(), 0x44),
            (RequestType::Class, Recipient::reserved::<31>(), 0x3f),
        ];
        for (kind, recipient, expected) in cases {
            let out = ControlRequest::<Out>::new(kind, recipient, 0, 0, 0);
            let input = ControlRequest::<In>::new(kind, recipient, 0, 0, 0);
            assert_eq!(out.request_type(), expected);
            assert_eq!(input.request_type(), expected | 0x80);
        }
    }

    #[test]
    fn setup_packet_is_little_endian() {
        let request = ControlRequest::<Out>::vendor(Recipient::Device, 7, 0x1234, 0xabcd);
        let mut setup = request.setup_packet();
        setup.set_length(0x0102);
        assert_eq!(setup.value.to_ne_bytes(), [0x34, 0x12]);
        assert_eq!(setup.index.to_ne_bytes(), [0xcd, 0xab]);
        assert_eq!(setup.length.to_ne_bytes(), [0x02, 0x01]);
        assert_eq!(core::mem::size_of::<SetupPacket>(), 8);
    }

    #[test]
    fn what_is_read_out_of_a_request_type_makes_it_again() {
        for request_type in 0..=255u8 {
            let recipient = Recipient::from_request_type(request_type);
            assert_eq!(recipient.bits(), request_type & 0x1f);
            let reserved = matches!(recipient, Recipient::Reserved(_));
            assert_eq!(reserved, request_type & 0x1f > 3);
        }
    }

    #[test]
    fn the_core_keeps_its_requests() {
        const CORE: [u8; 5] = [5, 9, 11, 0x30, 0x31];
        for request in 0..=u8::MAX {
            for kind in [
                RequestType::Standard,
                RequestType::Class,
                RequestType::Vendor,
            ] {
                for to in [Recipient::Device, Recipient::Interface, Recipient::Other] {
                    let refused = kind == RequestType::Standard && CORE.contains(&request);
                    let request = ControlRequest::<Out>::new(kind, to, request, 1, 0);
                    assert_eq!(request.check().is_err(), refused);
                }
            }
        }
    }
}
