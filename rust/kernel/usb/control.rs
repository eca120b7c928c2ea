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
    /// What the specification reserves, 4 to 31. Some devices use it all the same; of other
    /// numbers the low five bits count.
    Reserved(u8),
}

impl Recipient {
    /// As it stands in `bmRequestType`.
    const fn bits(self) -> u8 {
        match self {
            Self::Device => 0,
            Self::Interface => 1,
            Self::Endpoint => 2,
            Self::Other => 3,
            Self::Reserved(number) => number & 0x1f,
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
    /// assert_eq!(Recipient::from_request_type(0x44), Recipient::Reserved(4));
    /// ```
    pub const fn from_request_type(request_type: u8) -> Self {
        match request_type & 0x1f {
            0 => Self::Device,
            1 => Self::Interface,
            2 => Self::Endpoint,
            3 => Self::Other,
            number => Self::Reserved(number),
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
///     intf.control_send(&halt, &[], SECOND)
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
    const fn index(self) -> u16 {
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

    const fn standard(to: Addressee, request: u32, value: u16) -> Self {
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

/// Standard requests that ask for something (USB 2.0, 9.4).
///
/// # Examples
///
/// ```
/// use kernel::usb::{ControlRequest, In};
///
/// // What a test of a device's standard requests asks for, with the length of the answer.
/// let requests: [(ControlRequest<In>, usize); 3] = [
///     (ControlRequest::get_configuration(), 1),
///     (ControlRequest::get_interface(0), 1),
///     (ControlRequest::synch_frame(0x81), 2),
/// ];
/// assert!(requests.iter().all(|(request, _)| !request.belongs_to_core()));
/// assert!(requests.iter().map(|(request, _)| request.request_type()).eq([0x80, 0x81, 0x82]));
/// ```
impl ControlRequest<In> {
    /// Asks for 2 bytes of status (USB 2.0, 9.4.5).
    #[doc(alias = "USB_REQ_GET_STATUS")]
    pub const fn get_status(of: Addressee) -> Self {
        Self::standard(of, bindings::USB_REQ_GET_STATUS, 0)
    }

    /// Asks for a descriptor of the device. `language` matters for strings only; it is 0 for
    /// others (USB 2.0, 9.4.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// const STRING: u8 = 3;
    /// const ENGLISH: u16 = 0x0409;
    /// let request = usb::ControlRequest::get_descriptor(STRING, 2, ENGLISH);
    /// assert_eq!(request.request_type(), 0x80);
    /// ```
    #[doc(alias("USB_REQ_GET_DESCRIPTOR", "usb_get_descriptor"))]
    pub const fn get_descriptor(kind: u8, index: u8, language: u16) -> Self {
        let request = Self::get_interface_descriptor(kind, index, 0);
        Self {
            request_type: 0x80,
            index: language,
            ..request
        }
    }

    /// Asks for a descriptor of an interface, as classes define them: a HID report descriptor, for
    /// one (HID 1.11, 7.1.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
    ///
    /// /// What the reports of a HID device look like; its HID descriptor tells the length.
    /// fn report_descriptor(intf: &usb::Interface<Bound>, length: u16) -> Result<usb::Buffer> {
    ///     const REPORT: u8 = 0x22;
    ///     let request = usb::ControlRequest::get_interface_descriptor(REPORT, 0, intf.number());
    ///     let buffer = usb::Buffer::new(length.into(), GFP_KERNEL)?;
    ///     Ok(intf.control(&request, buffer, SECOND)?.whole()?)
    /// }
    /// ```
    pub const fn get_interface_descriptor(kind: u8, index: u8, interface: u8) -> Self {
        let value = (kind as u16) << 8 | index as u16;
        let of = Addressee::Interface(interface);
        Self::standard(of, bindings::USB_REQ_GET_DESCRIPTOR, value)
    }

    /// Asks for 1 byte, the value of the active configuration (USB 2.0, 9.4.2).
    #[doc(alias = "USB_REQ_GET_CONFIGURATION")]
    pub const fn get_configuration() -> Self {
        Self::standard(Addressee::Device, bindings::USB_REQ_GET_CONFIGURATION, 0)
    }

    /// Asks for 1 byte, the number of the interface's altsetting in use (USB 2.0, 9.4.4).
    #[doc(alias = "USB_REQ_GET_INTERFACE")]
    pub const fn get_interface(interface: u8) -> Self {
        let of = Addressee::Interface(interface);
        Self::standard(of, bindings::USB_REQ_GET_INTERFACE, 0)
    }

    /// Asks for 2 bytes, the frame in which an isochronous endpoint's pattern of packet sizes
    /// begins anew (USB 2.0, 9.4.11).
    #[doc(alias = "USB_REQ_SYNCH_FRAME")]
    pub const fn synch_frame(endpoint: u8) -> Self {
        let of = Addressee::Endpoint(endpoint);
        Self::standard(of, bindings::USB_REQ_SYNCH_FRAME, 0)
    }
}

/// Standard requests that set something (USB 2.0, 9.4). None of them has a data stage.
impl ControlRequest<Out> {
    /// Takes a feature back (USB 2.0, 9.4.1 and table 9-6).
    ///
    /// To end the halt of an endpoint use [`Endpoint::clear_halt`](super::Endpoint::clear_halt),
    /// which tells the host controller too. Remote wakeup and link power management are the USB
    /// core's business.
    #[doc(alias = "USB_REQ_CLEAR_FEATURE")]
    pub const fn clear_feature(of: Addressee, feature: u16) -> Self {
        Self::standard(of, bindings::USB_REQ_CLEAR_FEATURE, feature)
    }

    /// Sets a feature (USB 2.0, 9.4.9 and table 9-6); see [`clear_feature`].
    ///
    /// [`clear_feature`]: ControlRequest::clear_feature
    #[doc(alias = "USB_REQ_SET_FEATURE")]
    pub const fn set_feature(of: Addressee, feature: u16) -> Self {
        Self::standard(of, bindings::USB_REQ_SET_FEATURE, feature)
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
    pub fn control(
        interface: &Interface<device::Bound>,
        request: &ControlRequest<D>,
        memory: B,
        handler: H,
    ) -> Result<Self> {
        request.check()?;
        Self::with_setup(interface, request.setup_packet(), memory, handler)
    }
}

/// A setup packet as on the wire: `struct usb_ctrlrequest`.
#[repr(C)]
pub(super) struct SetupPacket {
    request_type: u8,
    request: u8,
    value: u16,
    index: u16,
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
            (RequestType::Vendor, Recipient::Reserved(8), 0x48),
            (RequestType::Class, Recipient::Reserved(31), 0x3f),
            // Neither type nor direction changes with it.
            (RequestType::Class, Recipient::Reserved(0xe4), 0x24),
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

    fn fields<D: Direction>(request: ControlRequest<D>) -> [u16; 4] {
        let setup = request.setup_packet();
        [
            setup.request_type.into(),
            setup.request.into(),
            u16::from_le(setup.value),
            u16::from_le(setup.index),
        ]
    }

    #[test]
    fn standard_requests_are_those_of_table_9_3() {
        let in_cases = [
            (
                ControlRequest::get_status(Addressee::Device),
                [0x80, 0, 0, 0],
            ),
            (
                ControlRequest::get_status(Addressee::Interface(3)),
                [0x81, 0, 0, 3],
            ),
            (
                ControlRequest::get_status(Addressee::Endpoint(0x8f)),
                [0x82, 0, 0, 0x8f],
            ),
            (
                ControlRequest::get_descriptor(3, 0xff, 0x0409),
                [0x80, 6, 0x03ff, 0x0409],
            ),
            (
                ControlRequest::get_interface_descriptor(0x22, 1, 0xff),
                [0x81, 6, 0x2201, 0xff],
            ),
            (ControlRequest::get_configuration(), [0x80, 8, 0, 0]),
            (ControlRequest::get_interface(0xff), [0x81, 10, 0, 0xff]),
            (ControlRequest::synch_frame(0x83), [0x82, 12, 0, 0x83]),
        ];
        for (request, expected) in in_cases {
            assert_eq!(fields(request), expected);
            assert!(!request.belongs_to_core());
        }
        let out_cases = [
            (
                ControlRequest::clear_feature(Addressee::Endpoint(0x81), 0),
                [0x02, 1, 0, 0x81],
            ),
            (
                ControlRequest::set_feature(Addressee::Interface(1), 0xffff),
                [0x01, 3, 0xffff, 1],
            ),
            (
                ControlRequest::set_feature(Addressee::Device, 2),
                [0x00, 3, 2, 0],
            ),
        ];
        for (request, expected) in out_cases {
            assert_eq!(fields(request), expected);
            assert!(!request.belongs_to_core());
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
