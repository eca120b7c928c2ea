// SPDX-License-Identifier: GPL-2.0

//! The part of a URB that does not depend on its type, and its way to the C core and back.

use super::{
    anchor::Chain,
    canceller::Ticket,
    endpoint::{
        SettingId,
        TransferKind, //
    },
    flight::Member,
    gate::Gate, //
};
use crate::{
    bindings,
    error::to_result,
    prelude::*,
    sync::Arc,
    types::Opaque, //
};
use core::{
    mem::offset_of,
    ptr::NonNull, //
};

/// What every URB has, whatever its type: what [`Gate`] and the C core need to know.
///
/// # Invariants
///
/// It is the first field of a URB's body whose type `finish` knows.
#[repr(C)]
pub(super) struct RawUrb {
    /// Owns the `struct urb`.
    ticket: Arc<Ticket>,
    /// Used while in flight.
    of_gate: Opaque<bindings::list_head>,
    /// Used while in flight, if there is an anchor.
    of_anchor: Opaque<bindings::list_head>,
    anchor: Option<Arc<Chain>>,
    /// The altsetting that its endpoint is of; none for endpoint 0, which is of all of them.
    setting: Option<SettingId>,
    /// Takes the URB over and runs its handler.
    finish: unsafe fn(NonNull<RawUrb>),
}

impl RawUrb {
    /// To be the first field of what `finish` takes over.
    pub(super) fn new(
        ticket: Arc<Ticket>,
        setting: Option<SettingId>,
        finish: unsafe fn(NonNull<RawUrb>),
    ) -> Self {
        // INVARIANT: By the requirement above.
        Self {
            ticket,
            of_gate: Opaque::uninit(),
            of_anchor: Opaque::uninit(),
            anchor: None,
            setting,
            finish,
        }
    }

    pub(super) fn ticket(&self) -> &Arc<Ticket> {
        &self.ticket
    }

    pub(super) fn is_of(&self, setting: Option<SettingId>) -> bool {
        self.setting == setting
    }

    pub(super) fn set_anchor(&mut self, anchor: Option<Arc<Chain>>) {
        self.anchor = anchor;
    }

    /// One of the two links.
    pub(super) fn link(this: NonNull<Self>, member: Member) -> *mut bindings::list_head {
        let offset = Self::offset(member);
        // The offset lies within the `RawUrb`; nothing is accessed here.
        this.as_ptr().wrapping_byte_add(offset).cast()
    }

    /// # Safety
    ///
    /// `link` must be that link of a `RawUrb`.
    pub(super) unsafe fn from_link(
        link: *mut bindings::list_head,
        member: Member,
    ) -> NonNull<Self> {
        // SAFETY: By the safety requirement the result is the address of a `RawUrb`.
        unsafe { NonNull::new_unchecked(link.byte_sub(Self::offset(member)).cast()) }
    }

    const fn offset(member: Member) -> usize {
        match member {
            Member::OfGate => offset_of!(Self, of_gate),
            Member::OfAnchor => offset_of!(Self, of_anchor),
        }
    }

    pub(super) fn urb(&self) -> NonNull<bindings::urb> {
        self.ticket.urb.as_non_null()
    }

    /// Whether its endpoint is still there.
    ///
    /// # Errors
    ///
    /// `ESTALE` if the interface uses another altsetting than the endpoint's.
    ///
    /// # Safety
    ///
    /// `intf` must be valid.
    pub(super) unsafe fn check_setting(&self, intf: *mut bindings::usb_interface) -> Result {
        match self.setting {
            // SAFETY: `intf` is valid by the safety requirement.
            Some(setting) if setting != unsafe { SettingId::current(intf) } => Err(ESTALE),
            _ => Ok(()),
        }
    }

    /// Lets the C core take a URB over, and its anchor too, if it has one.
    ///
    /// # Safety
    ///
    /// As [`Gate::submit`]; also it must be on the gate's list, and its device valid.
    pub(super) unsafe fn start(raw: NonNull<Self>, gfp: bindings::gfp_t) -> Result {
        // SAFETY: `raw` is valid, and ours until it is submitted.
        let (urb, anchor) = unsafe { (raw.as_ref().urb(), raw.as_ref().anchor.clone()) };
        let Some(chain) = anchor else {
            // SAFETY: The URB is valid, idle and prepared, and so is its device.
            return to_result(unsafe { bindings::usb_submit_urb(urb.as_ptr(), gfp) });
        };
        // SAFETY: `raw` is ours.
        let ticket = unsafe { raw.as_ref().ticket.clone() };
        // SAFETY: `raw` is idle, so it is in no anchor, and it is taken out below, or when it
        // completes.
        unsafe { chain.add(raw)? };
        // SAFETY: As above.
        let result = to_result(unsafe { bindings::usb_submit_urb(urb.as_ptr(), gfp) });
        match result {
            // SAFETY: It is still ours, and in the anchor.
            Err(_) => unsafe { chain.remove(raw) },
            // Whoever poisoned it meanwhile may have looked before there was anything to cancel.
            Ok(()) if chain.is_poisoned() => ticket.urb.unlink(),
            Ok(()) => (),
        }
        result
    }

    /// The C completion handler of all URBs. It is not generic, so that a driver's module, which
    /// the generic code is in, has nothing more to do with the URB once the gate counted it out.
    ///
    /// # Safety
    ///
    /// Called by the USB core for a URB that was submitted by [`Gate::submit`].
    pub(super) unsafe extern "C" fn complete(urb: *mut bindings::urb) {
        // SAFETY: The URB is valid while it completes; its context was set to its `RawUrb`, whose
        // ownership was given away on submission and comes back to us.
        let raw = unsafe { NonNull::new_unchecked((*urb).context.cast::<Self>()) };
        // SAFETY: `raw` is valid. The reference outlives it: the adapter holds the gate until it
        // was closed, and closing it waits for our `leave`.
        let gate: &Gate = unsafe { &*Arc::as_ptr(&raw.as_ref().ticket.gate) };
        // SAFETY: `raw` is valid.
        let (finish, anchor) = unsafe { (raw.as_ref().finish, raw.as_ref().anchor.clone()) };
        // SAFETY:
        // - The core gave back a URB that was submitted through `gate`, and is in its anchor.
        // - `finish` takes the ownership of `raw`, which is ours, and matches its type.
        unsafe {
            gate.complete(raw, || match anchor {
                None => finish(raw),
                Some(chain) => chain.complete(raw, || finish(raw)),
            })
        };
    }
}

/// Encodes where a transfer goes, as `usb_sndbulkpipe()` and its siblings do.
///
/// # Safety
///
/// `udev` must be a valid `struct usb_device`.
pub(super) unsafe fn pipe(
    udev: *mut bindings::usb_device,
    kind: TransferKind,
    is_in: bool,
    number: u8,
) -> u32 {
    let number = u32::from(number);
    // SAFETY: `udev` is valid by the safety requirement; the helpers only read its address.
    unsafe {
        match (kind, is_in) {
            (TransferKind::Bulk, true) => bindings::usb_rcvbulkpipe(udev, number),
            (TransferKind::Bulk, false) => bindings::usb_sndbulkpipe(udev, number),
            (TransferKind::Interrupt, true) => bindings::usb_rcvintpipe(udev, number),
            (TransferKind::Interrupt, false) => bindings::usb_sndintpipe(udev, number),
            (TransferKind::Isochronous, true) => bindings::usb_rcvisocpipe(udev, number),
            (TransferKind::Isochronous, false) => bindings::usb_sndisocpipe(udev, number),
            (TransferKind::Control, true) => bindings::usb_rcvctrlpipe(udev, number),
            (TransferKind::Control, false) => bindings::usb_sndctrlpipe(udev, number),
        }
    }
}
