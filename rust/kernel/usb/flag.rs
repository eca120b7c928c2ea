// SPDX-License-Identifier: GPL-2.0

//! Options of a transfer, each for those transfers that it means something for.

use super::endpoint::{
    Bulk,
    Control,
    Direction,
    In,
    Interrupt,
    Isochronous,
    Out,
    TransferType, //
};
use crate::{
    bindings,
    prelude::*, //
};

mod private {
    pub trait Bit {
        const BIT: u32;
    }
}
pub(super) use private::Bit;

/// An option of transfers of type `T` in direction `D`, see [`Urb::set_flag`](super::Urb::set_flag).
#[diagnostic::on_unimplemented(
    message = "`{Self}` means nothing for `{T}` transfers in direction `{D}`",
    label = "no option of this transfer",
    note = "`ZeroPacket` is for bulk and interrupt OUT, `ShortNotOk` for IN that is not \
            isochronous, `Asap` for isochronous transfers, `NoInterrupt` for all"
)]
pub trait Flag<T: TransferType, D: Direction>: Bit {}

/// A transfer whose length is a multiple of the packet size ends with an empty packet, so that the
/// device knows that it is over (USB 2.0, 5.8.3).
#[doc(alias = "URB_ZERO_PACKET")]
pub struct ZeroPacket;

/// A transfer that moves less than it could ends with
/// [`TransferError::Short`](super::TransferError::Short).
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// Expects all of 64 bytes; whether they came, the handler learns from the result alone.
/// fn block<H>(
///     from: &usb::Endpoint<'_, usb::Bulk, usb::In>,
///     handler: H,
/// ) -> Result<usb::Urb<usb::Bulk, usb::In, H>>
/// where
///     H: usb::Handler<usb::Bulk, usb::In>,
/// {
///     let mut urb = usb::Urb::new(from, usb::Buffer::new(64, GFP_KERNEL)?, handler)?;
///     urb.set_flag(usb::ShortNotOk);
///     Ok(urb)
/// }
/// ```
#[doc(alias = "URB_SHORT_NOT_OK")]
pub struct ShortNotOk;

/// The host controller need not interrupt for this transfer alone, if one behind it does.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// A queue that hears of every fourth of its transfers, and of three others with it.
/// fn new_queue<Q>(
///     from: &usb::Endpoint<'_, usb::Bulk, usb::In>,
///     handler: Q,
/// ) -> Result<usb::Queue<Q>>
/// where
///     Q: usb::QueueHandler<Kind = usb::Bulk, Direction = usb::In, Memory = usb::Buffer>,
/// {
///     usb::Queue::with_urbs(16, handler, |index, port: usb::QueuePort<Q>| {
///         let mut urb = usb::Urb::new(from, usb::Buffer::new(4096, GFP_KERNEL)?, port)?;
///         if index % 4 != 3 {
///             urb.set_flag(usb::NoInterrupt);
///         }
///         Ok(urb)
///     })
/// }
/// ```
#[doc(alias = "URB_NO_INTERRUPT")]
pub struct NoInterrupt;

/// An isochronous transfer starts as soon as possible; otherwise at its start frame.
///
/// # Examples
///
/// ```
/// use kernel::usb;
///
/// /// Makes the next transfer begin with the frame behind the last one's, or else at once.
/// fn follow<H>(urb: &mut usb::Urb<usb::Isochronous, usb::Out, H>, last: i32)
/// where
///     H: usb::Handler<usb::Isochronous, usb::Out>,
/// {
///     let next = last.checked_add(1);
///     if next.is_none_or(|frame| urb.set_start_frame(frame).is_err()) {
///         urb.set_flag(usb::Asap);
///     }
/// }
/// ```
#[doc(alias = "URB_ISO_ASAP")]
pub struct Asap;

impl Bit for ZeroPacket {
    const BIT: u32 = bindings::URB_ZERO_PACKET;
}

impl Bit for ShortNotOk {
    const BIT: u32 = bindings::URB_SHORT_NOT_OK;
}

impl Bit for NoInterrupt {
    const BIT: u32 = bindings::URB_NO_INTERRUPT;
}

impl Bit for Asap {
    const BIT: u32 = bindings::URB_ISO_ASAP;
}

impl Flag<Bulk, Out> for ZeroPacket {}
impl Flag<Interrupt, Out> for ZeroPacket {}
impl Flag<Control, In> for ShortNotOk {}
impl Flag<Bulk, In> for ShortNotOk {}
impl Flag<Interrupt, In> for ShortNotOk {}
impl<T: TransferType, D: Direction> Flag<T, D> for NoInterrupt {}
impl<D: Direction> Flag<Isochronous, D> for Asap {}

#[kunit_tests(rust_usb_flag)]
mod tests {
    use super::*;

    fn bit<T: TransferType, D: Direction, F: Flag<T, D>>(_flag: F) -> u32 {
        F::BIT
    }

    #[test]
    fn flags_are_those_of_the_header() {
        // `URB_*` in `include/linux/usb.h`.
        for (found, expected) in [
            (bit::<Control, In, _>(ShortNotOk), 0x0001),
            (bit::<Bulk, In, _>(ShortNotOk), 0x0001),
            (bit::<Interrupt, In, _>(ShortNotOk), 0x0001),
            (bit::<Isochronous, In, _>(Asap), 0x0002),
            (bit::<Isochronous, Out, _>(Asap), 0x0002),
            (bit::<Bulk, Out, _>(ZeroPacket), 0x0040),
            (bit::<Interrupt, Out, _>(ZeroPacket), 0x0040),
            (bit::<Control, Out, _>(NoInterrupt), 0x0080),
            (bit::<Isochronous, In, _>(NoInterrupt), 0x0080),
        ] {
            assert_eq!(found, expected);
        }
    }
}
