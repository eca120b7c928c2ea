// SPDX-License-Identifier: GPL-2.0

//! URBs for a device that there is not, for tests of what needs none to be submitted.

use super::{
    endpoint::{
        Bulk,
        In,
        TransferKind, //
    },
    gate::Gate,
    iso::Packets,
    raw::RawUrb,
    urb::Target,
    Buffer,
    Completed,
    Handler,
    Urb, //
};
use crate::{
    bindings,
    prelude::*, //
};
use core::ptr::{
    self,
    NonNull, //
};

/// A device that is nowhere.
pub(super) fn no_device() -> Result<KBox<bindings::usb_device>> {
    KBox::init(pin_init::init_zeroed(), GFP_KERNEL)
}

pub(super) fn idle<H: Handler<Bulk, In>>(
    device: &bindings::usb_device,
    memory: Buffer,
    handler: H,
) -> Result<Urb<Bulk, In, H>> {
    let udev = ptr::from_ref(device).cast_mut();
    // SAFETY: The interface is not looked at, as nothing is submitted.
    let gate = unsafe { Gate::new(udev, ptr::null_mut()) }?;
    let target = Target {
        kind: TransferKind::Bulk,
        is_in: true,
        number: 1,
        interval: 0,
        setting: None,
    };
    // SAFETY: The device is valid.
    Ok(unsafe { Urb::behind(gate, target, Packets::NONE, memory, handler)? })
}

struct Nobody;

impl Handler<Bulk, In> for Nobody {
    fn complete(_done: Completed<'_, Bulk, In, Self>) {}
}

/// Shows two of them, which must be in no flight when `what` returns.
pub(super) fn with_two(what: impl FnOnce([NonNull<RawUrb>; 2]) -> Result) -> Result {
    let device = no_device()?;
    let new = || idle(&device, Buffer::new(1, GFP_KERNEL)?, Nobody);
    let urbs = [new()?, new()?];
    let raws = urbs.map(Urb::into_raw);
    let result = what(raws);
    for raw in raws {
        // SAFETY: It is ours again, and of this type.
        drop(unsafe { Urb::<Bulk, In, Nobody>::from_raw(raw) });
    }
    result
}
