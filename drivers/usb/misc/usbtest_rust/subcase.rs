// SPDX-License-Identifier: GPL-2.0

//! The requests of the control queue, and what may become of each.

use kernel::{
    prelude::*,
    usb::{
        Addressee,
        ControlRequest,
        In,
        Out,
        Speed, //
    }, //
};

/// Types of descriptors (USB 2.0, table 9-5; USB 3.2, table 9-6).
pub(crate) mod kind {
    pub(crate) const DEVICE: u8 = 1;
    pub(crate) const CONFIGURATION: u8 = 2;
    pub(crate) const STRING: u8 = 3;
    pub(crate) const INTERFACE: u8 = 4;
    pub(crate) const ENDPOINT: u8 = 5;
    pub(crate) const QUALIFIER: u8 = 6;
    pub(crate) const OTHER_SPEED: u8 = 7;
    pub(crate) const BOS: u8 = 15;
    pub(crate) const CAPABILITY: u8 = 16;
}

/// Lengths of descriptors, in bytes (USB 2.0, 9.6; USB 3.2, 9.6.2).
pub(crate) mod length {
    pub(crate) const DEVICE: u16 = 18;
    pub(crate) const CONFIGURATION: u16 = 9;
    pub(crate) const INTERFACE: u16 = 9;
    pub(crate) const QUALIFIER: u16 = 10;
    pub(crate) const BOS: u16 = 5;
}

/// A control request, in either direction.
pub(crate) enum Setup {
    In(ControlRequest<In>),
    Out(ControlRequest<Out>),
}

/// How a request may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Success,
    /// With this error, and not well.
    Failure(Error),
    /// Well, or with this error.
    Either(Error),
    /// Well, or with one of two.
    Any(Error, Error),
}

impl Expected {
    /// Whether a request that ended like this was as it should be.
    pub(crate) fn allows(self, result: Result) -> bool {
        match (self, result) {
            (Self::Failure(_), Ok(())) => false,
            (_, Ok(())) => true,
            (Self::Success, Err(_)) => false,
            (Self::Failure(one) | Self::Either(one), Err(error)) => error == one,
            (Self::Any(one, other), Err(error)) => error == one || error == other,
        }
    }
}

/// One of the requests.
pub(crate) struct Subcase {
    pub(crate) setup: Setup,
    pub(crate) length: u16,
    pub(crate) expected: Expected,
}

/// What the requests depend on.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) speed: Speed,
    /// Bytes in a packet of endpoint 0.
    pub(crate) packet: u16,
    /// `bcdUSB`.
    pub(crate) usb_release: u16,
    /// Bytes of all descriptors of the device-level capabilities, where there are some.
    pub(crate) bos_length: Option<u16>,
}

/// How many there are.
pub(crate) const COUNT: usize = 16;

/// More than a short configuration has.
const PLENTY: u16 = 1024;

impl Facts {
    /// The request at a position of the queue: they begin anew after the last one.
    pub(crate) fn subcase(&self, position: usize) -> Subcase {
        use Expected::{
            Any,
            Either,
            Failure,
            Success, //
        };

        let short = Failure(EREMOTEIO);
        let stall = Failure(EPIPE);
        match position % COUNT {
            0 => descriptor(kind::DEVICE, length::DEVICE, Success),
            1 => descriptor(kind::CONFIGURATION, length::CONFIGURATION, Success),
            // Devices with one altsetting often refuse.
            2 => request(ControlRequest::get_interface(0), 1, Either(EPIPE)),
            3 => status(Addressee::Interface(0)),
            4 => status(Addressee::Device),
            5 => self.qualifier(),
            6 => {
                let both = length::CONFIGURATION + length::INTERFACE;
                descriptor(kind::CONFIGURATION, both, Success)
            }
            // Two requests that stall, one behind the other.
            7 => descriptor(kind::INTERFACE, length::INTERFACE, stall),
            8 => no_halt_of_endpoint_0(),
            9 => status(Addressee::Endpoint(0)),
            // Up to three that fail, each differently.
            10 => descriptor(kind::CONFIGURATION, PLENTY, short),
            11 => descriptor(kind::ENDPOINT, length::INTERFACE, Either(EPIPE)),
            // Devices without strings stall; a list of four languages is not short.
            12 => descriptor(kind::STRING, length::INTERFACE, Any(EREMOTEIO, EPIPE)),
            // With room for one packet less than above.
            13 => descriptor(kind::CONFIGURATION, PLENTY - self.packet, short),
            14 => descriptor(kind::DEVICE, self.more_than_a_device(), short),
            _ => self.bos(),
        }
    }

    /// Whole packets, and more than a device descriptor has.
    fn more_than_a_device(&self) -> u16 {
        match self.packet {
            8 => 24,
            16 => 32,
            more => more,
        }
    }

    /// Devices that can be fast have one, others may stall (USB 2.0, 9.6.2).
    fn qualifier(&self) -> Subcase {
        let expected = match self.speed {
            Speed::High => Expected::Success,
            _ => Expected::Either(EPIPE),
        };
        descriptor(kind::QUALIFIER, length::QUALIFIER, expected)
    }

    /// Devices that are not of USB 2.1 have none (USB 3.2, 9.2.6.6).
    fn bos(&self) -> Subcase {
        let expected = match self.usb_release < 0x0201 {
            true => Expected::Failure(EPIPE),
            false => Expected::Success,
        };
        descriptor(kind::BOS, self.bos_length.unwrap_or(length::BOS), expected)
    }
}

fn request(setup: ControlRequest<In>, length: u16, expected: Expected) -> Subcase {
    Subcase {
        setup: Setup::In(setup),
        length,
        expected,
    }
}

fn descriptor(kind: u8, length: u16, expected: Expected) -> Subcase {
    request(ControlRequest::get_descriptor(kind, 0, 0), length, expected)
}

fn status(of: Addressee) -> Subcase {
    request(ControlRequest::get_status(of), 2, Expected::Success)
}

/// Endpoint 0 does not halt, so there is no need to end that, and a device may stall.
fn no_halt_of_endpoint_0() -> Subcase {
    const ENDPOINT_HALT: u16 = 0;
    let setup = ControlRequest::clear_feature(Addressee::Endpoint(0), ENDPOINT_HALT);
    Subcase {
        setup: Setup::Out(setup),
        length: 0,
        expected: Expected::Either(EPIPE),
    }
}

#[kunit_tests(rust_usbtest_subcase)]
mod tests {
    use super::*;

    const HIGH: Facts = Facts {
        speed: Speed::High,
        packet: 64,
        usb_release: 0x0200,
        bos_length: None,
    };

    #[test]
    fn results_are_compared() {
        let (short, stall, other) = (Err(EREMOTEIO), Err(EPIPE), Err(EPROTO));
        for (expected, allowed, refused) in [
            (Expected::Success, &[Ok(())][..], &[stall, short][..]),
            (Expected::Failure(EPIPE), &[stall], &[Ok(()), short]),
            (Expected::Either(EPIPE), &[Ok(()), stall], &[short, other]),
            (
                Expected::Any(EPIPE, EREMOTEIO),
                &[Ok(()), stall, short],
                &[other],
            ),
        ] {
            assert!(allowed.iter().all(|result| expected.allows(*result)));
            assert!(!refused.iter().any(|result| expected.allows(*result)));
        }
    }

    #[test]
    fn lengths_depend_on_the_packet() {
        for (packet, first, second) in [
            (8, 1016, 24),
            (16, 1008, 32),
            (32, 992, 32),
            (64, 960, 64),
            (512, 512, 512),
        ] {
            let facts = Facts { packet, ..HIGH };
            let lengths = (facts.subcase(13).length, facts.subcase(14).length);
            assert_eq!(lengths, (first, second));
        }
    }

    #[test]
    fn what_must_be_there_depends_on_speed_and_release() {
        let qualifier = |speed| Facts { speed, ..HIGH }.subcase(5).expected;
        assert_eq!(qualifier(Speed::High), Expected::Success);
        assert_eq!(qualifier(Speed::Full), Expected::Either(EPIPE));
        assert_eq!(qualifier(Speed::Super), Expected::Either(EPIPE));
        for (usb_release, bos_length, length, expected) in [
            (0x0200, None, 5, Expected::Failure(EPIPE)),
            (0x0201, None, 5, Expected::Success),
            (0x0320, Some(22), 22, Expected::Success),
        ] {
            let subcase = Facts {
                usb_release,
                bos_length,
                ..HIGH
            }
            .subcase(15);
            assert_eq!((subcase.length, subcase.expected), (length, expected));
        }
    }

    #[test]
    fn the_queue_begins_anew() {
        for position in 0..COUNT {
            let (one, other) = (HIGH.subcase(position), HIGH.subcase(position + COUNT));
            assert_eq!(one.length, other.length);
            assert_eq!(one.expected, other.expected);
            let is_out = matches!(one.setup, Setup::Out(_));
            assert_eq!(is_out, position == 8);
        }
    }
}
