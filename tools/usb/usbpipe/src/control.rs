// SPDX-License-Identifier: GPL-2.0
//! Control requests (USB 2.0, 9.3).

use std::time::Duration;

use rustix::io::Errno;

use crate::uapi;

/// Who defines a request: bmRequestType bits 6:5.
///
/// The driver carries vendor requests to the device, to this interface and to its endpoints; class
/// requests to the last two; and standard requests that only read. It refuses others with `EPERM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestType {
    /// The USB specification.
    Standard,
    /// A device class.
    Class,
    /// The maker of the device.
    Vendor,
}

impl RequestType {
    fn bits(self) -> u8 {
        (self as u8) << 5
    }
}

/// Whom a request is for: bmRequestType bits 4:0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The device as a whole.
    Device,
    /// The interface in the low byte of wIndex.
    Interface,
    /// The endpoint in the low byte of wIndex.
    Endpoint,
}

/// A request without its data stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    request_type: RequestType,
    recipient: Recipient,
    request: u8,
    value: u16,
    index: u16,
    timeout: Duration,
}

impl Setup {
    /// A vendor request to the device, wValue and wIndex zero, with five seconds of time.
    #[doc(alias = "bRequest")]
    pub fn vendor(request: u8) -> Self {
        Setup {
            request_type: RequestType::Vendor,
            recipient: Recipient::Device,
            request,
            value: 0,
            index: 0,
            timeout: Duration::from_secs(5),
        }
    }

    /// Changes who defines the request.
    pub fn request_type(self, request_type: RequestType) -> Self {
        Setup {
            request_type,
            ..self
        }
    }

    /// Changes whom the request is for.
    pub fn recipient(self, recipient: Recipient) -> Self {
        Setup { recipient, ..self }
    }

    /// Sets wValue.
    #[doc(alias = "wValue")]
    pub fn value(self, value: u16) -> Self {
        Setup { value, ..self }
    }

    /// Sets wIndex.
    #[doc(alias = "wIndex")]
    pub fn index(self, index: u16) -> Self {
        Setup { index, ..self }
    }

    /// Sets how long the device may take, 1 ms to `USBPIPE_CONTROL_MAX_TIMEOUT`.
    pub fn timeout(self, timeout: Duration) -> Self {
        Setup { timeout, ..self }
    }

    pub(crate) fn to_uapi(self) -> Result<uapi::usbpipe_control, Errno> {
        Ok(uapi::usbpipe_control {
            request_type: self.request_type.bits() | self.recipient as u8,
            request: self.request,
            value: self.value,
            index: self.index,
            timeout_ms: self
                .timeout
                .as_millis()
                .try_into()
                .map_err(|_| Errno::INVAL)?,
            ..Default::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_go_where_the_header_says() {
        let setup = Setup::vendor(0x42)
            .recipient(Recipient::Interface)
            .value(0x1234)
            .index(0x5678)
            .timeout(Duration::from_millis(250));
        let raw = setup.to_uapi().unwrap();
        assert_eq!(raw.request_type, 0x41);
        assert_eq!((raw.request, raw.value, raw.index), (0x42, 0x1234, 0x5678));
        assert_eq!((raw.timeout_ms, raw.length, raw.data), (250, 0, 0));
        assert_eq!((raw.actual, raw.reserved), (0, 0));
    }

    #[test]
    fn type_and_recipient_bits() {
        for (request_type, recipient, bits) in [
            (RequestType::Standard, Recipient::Device, 0x00),
            (RequestType::Class, Recipient::Interface, 0x21),
            (RequestType::Vendor, Recipient::Endpoint, 0x42),
        ] {
            let setup = Setup::vendor(0)
                .request_type(request_type)
                .recipient(recipient);
            assert_eq!(setup.to_uapi().unwrap().request_type, bits);
        }
    }

    #[test]
    fn a_timeout_that_does_not_fit_is_refused() {
        let setup = Setup::vendor(0).timeout(Duration::from_secs(u64::MAX / 1000));
        assert_eq!(setup.to_uapi().unwrap_err(), Errno::INVAL);
    }
}
