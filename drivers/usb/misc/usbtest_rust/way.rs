// SPDX-License-Identifier: GPL-2.0

//! What depends on the direction of a transfer.

use crate::pattern::{
    Mismatch,
    Pattern,
    GUARD, //
};
use kernel::{
    prelude::*,
    usb::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        Flag,
        Gather,
        GatherOutcome,
        Handler,
        In,
        Memory,
        Out,
        ShortNotOk,
        Sleep,
        Urb,
        ZeroPacket, //
    }, //
};

/// A direction of transfers of type `T`.
pub(crate) trait Way<T: BulkOrInterrupt>: Direction + Sized {
    /// Takes it for an error if the device sends less than it could.
    fn want_all<H: Handler<T, Self, B>, B: Memory>(urb: &mut Urb<T, Self, H, B>);

    /// Shows the device where a transfer ends.
    fn mark_end<H: Handler<T, Self, B>, B: Memory>(urb: &mut Urb<T, Self, H, B>);

    /// Fills memory for a transfer. What comes in has to overwrite guards.
    fn prepare(pattern: Pattern, bytes: &mut [u8], start: usize, packet: usize);

    /// Looks at what was moved.
    fn check(pattern: Pattern, bytes: &[u8], start: usize, packet: usize) -> Result<(), Mismatch>;

    /// Carries a gather out.
    fn transfer_all(
        endpoint: &Endpoint<'_, T, Self>,
        gather: Gather,
        sleep: Sleep,
    ) -> Result<GatherOutcome>;
}

impl<T: BulkOrInterrupt> Way<T> for In
where
    ShortNotOk: Flag<T, In>,
{
    fn want_all<H: Handler<T, Self, B>, B: Memory>(urb: &mut Urb<T, Self, H, B>) {
        urb.set_flag(ShortNotOk);
    }

    fn mark_end<H: Handler<T, Self, B>, B: Memory>(_urb: &mut Urb<T, Self, H, B>) {}

    fn prepare(_pattern: Pattern, bytes: &mut [u8], _start: usize, _packet: usize) {
        bytes.fill(GUARD);
    }

    fn check(pattern: Pattern, bytes: &[u8], start: usize, packet: usize) -> Result<(), Mismatch> {
        pattern.check(bytes, start, packet)
    }

    fn transfer_all(
        endpoint: &Endpoint<'_, T, Self>,
        gather: Gather,
        sleep: Sleep,
    ) -> Result<GatherOutcome> {
        endpoint.transfer_all(gather, sleep)
    }
}

impl<T: BulkOrInterrupt> Way<T> for Out
where
    ZeroPacket: Flag<T, Out>,
{
    fn want_all<H: Handler<T, Self, B>, B: Memory>(_urb: &mut Urb<T, Self, H, B>) {}

    fn mark_end<H: Handler<T, Self, B>, B: Memory>(urb: &mut Urb<T, Self, H, B>) {
        urb.set_flag(ZeroPacket);
    }

    fn prepare(pattern: Pattern, bytes: &mut [u8], start: usize, packet: usize) {
        pattern.fill(bytes, start, packet);
    }

    fn check(
        _pattern: Pattern,
        _bytes: &[u8],
        _start: usize,
        _packet: usize,
    ) -> Result<(), Mismatch> {
        Ok(())
    }

    fn transfer_all(
        endpoint: &Endpoint<'_, T, Self>,
        gather: Gather,
        sleep: Sleep,
    ) -> Result<GatherOutcome> {
        endpoint.transfer_all(gather, sleep)
    }
}
