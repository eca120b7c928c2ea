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
use crate::bindings;

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
#[doc(alias = "URB_SHORT_NOT_OK")]
pub struct ShortNotOk;

/// The host controller need not interrupt for this transfer alone, if one behind it does.
#[doc(alias = "URB_NO_INTERRUPT")]
pub struct NoInterrupt;

/// An isochronous transfer starts as soon as possible; otherwise at its start frame.
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
