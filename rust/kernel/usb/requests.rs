// SPDX-License-Identifier: GPL-2.0

//! Standard requests (USB 2.0, 9.4).
//!
//! C header: [`include/uapi/linux/usb/ch9.h`](srctree/include/uapi/linux/usb/ch9.h)

use super::{
    endpoint::{
        In,
        Out, //
    },
    Addressee,
    ControlRequest, //
};
use crate::{
    bindings,
    prelude::*, //
};

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
        let value = (kind as u16) << 8 | index as u16;
        let request = Self::standard(Addressee::Device, bindings::USB_REQ_GET_DESCRIPTOR, value);
        request.with_index(language)
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

/// Standard requests that set something (USB 2.0, 9.4). None of them but SET_DESCRIPTOR has a data
/// stage.
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

    /// Sets a feature that has an option of its own, which goes into the high byte of `wIndex`:
    /// `TEST_MODE` of a device (USB 2.0, 9.4.9), or `FUNCTION_SUSPEND` of an interface (USB 3.2,
    /// 9.4.9).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb::{Addressee, ControlRequest};
    ///
    /// /// Has a device send packets for an eye diagram. It has to be unplugged afterwards.
    /// fn test_packets() -> ControlRequest<kernel::usb::Out> {
    ///     const TEST_MODE: u16 = 2;
    ///     const TEST_PACKET: u8 = 4;
    ///     ControlRequest::set_feature_option(Addressee::Device, TEST_MODE, TEST_PACKET)
    /// }
    ///
    /// assert_eq!(test_packets().request_type(), 0x00);
    /// ```
    #[doc(alias("USB_DEVICE_TEST_MODE", "USB_INTR_FUNC_SUSPEND"))]
    pub const fn set_feature_option(of: Addressee, feature: u16, option: u8) -> Self {
        let request = Self::set_feature(of, feature);
        request.with_index(of.index() | (option as u16) << 8)
    }

    /// Replaces a descriptor of the device by the data that is sent, or adds one, which few devices
    /// allow (USB 2.0, 9.4.8). `language` is as in [`get_descriptor`].
    ///
    /// The USB core does not notice: it goes on with the descriptors that it has read.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// Gives a device another name; `descriptor` is one of a string.
    /// fn rename(intf: &usb::Interface<Bound>, index: u8, descriptor: &[u8]) -> Result {
    ///     const STRING: u8 = usb::descriptor::DescriptorType::STRING.as_raw();
    ///     const ENGLISH: u16 = 0x0409;
    ///     const LIMIT: usb::Timeout = usb::Timeout::from_millis::<5000>();
    ///     let request = usb::ControlRequest::set_descriptor(STRING, index, ENGLISH);
    ///     intf.control_send(&request, descriptor, LIMIT)?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// [`get_descriptor`]: ControlRequest::get_descriptor
    #[doc(alias = "USB_REQ_SET_DESCRIPTOR")]
    pub const fn set_descriptor(kind: u8, index: u8, language: u16) -> Self {
        let value = (kind as u16) << 8 | index as u16;
        let request = Self::standard(Addressee::Device, bindings::USB_REQ_SET_DESCRIPTOR, value);
        request.with_index(language)
    }
}

#[kunit_tests(rust_usb_requests)]
mod tests {
    use super::{
        super::endpoint::Direction,
        *, //
    };

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
    fn requests_that_ask_are_those_of_table_9_3() {
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
    }

    #[test]
    fn requests_that_set_are_those_of_table_9_3() {
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
            (
                ControlRequest::set_feature_option(Addressee::Device, 2, 0xff),
                [0x00, 3, 2, 0xff00],
            ),
            (
                ControlRequest::set_feature_option(Addressee::Interface(0xff), 0, 3),
                [0x01, 3, 0, 0x03ff],
            ),
            (
                ControlRequest::set_feature_option(Addressee::Interface(1), 0, 0),
                [0x01, 3, 0, 1],
            ),
            (
                ControlRequest::set_descriptor(3, 0xff, 0x0409),
                [0x00, 7, 0x03ff, 0x0409],
            ),
            (
                ControlRequest::set_descriptor(0xff, 0, 0xffff),
                [0x00, 7, 0xff00, 0xffff],
            ),
        ];
        for (request, expected) in out_cases {
            assert_eq!(fields(request), expected);
            assert!(!request.belongs_to_core());
        }
    }
}
