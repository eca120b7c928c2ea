// SPDX-License-Identifier: GPL-2.0

//! The part of a URB that does not depend on its type, and its way to the C core and back.

use super::{
    anchor::Chain,
    canceller::Ticket,
    endpoint::{
        SettingId,
        TransferKind, //
    },
    flight::Number, //
};
use crate::{
    bindings,
    error::to_result,
    prelude::*,
    sync::{
        atomic::Atomic,
        Arc, //
    },
    types::Opaque, //
};
use core::{
    cell::Cell,
    mem::offset_of,
    ptr::NonNull, //
};

/// What every URB has, whatever its type: what [`Gate`](super::gate::Gate) and the C core need to know.
///
/// # Invariants
///
/// - It is the first field of a URB's body whose type `finish` knows.
/// - `urb` is that of `ticket`, which owns it.
/// - The C completion handler of `urb` is that of [`completion`](RawUrb::completion).
#[repr(C)]
pub(super) struct RawUrb {
    /// Here as well, since each transfer looks at it.
    urb: NonNull<bindings::urb>,
    ticket: Arc<Ticket>,
    /// Used while in flight, if there is an anchor.
    link: Opaque<bindings::list_head>,
    /// In the anchor; with that locked.
    pub(super) number: Atomic<Number>,
    anchor: Option<Arc<Chain>>,
    /// The altsetting that its endpoint is of; none for endpoint 0, which is of all of them.
    setting: Option<SettingId>,
    /// Takes the URB over and runs its handler.
    finish: Finish,
}

/// Takes a URB over that has completed, and runs its handler. What it returns keeps a URB in the
/// fleet that its handler gave away.
pub(super) type Finish = unsafe fn(NonNull<RawUrb>) -> Option<Arc<Ticket>>;

impl RawUrb {
    /// To be the first field of what `finish` takes over. The C completion handler of the ticket's
    /// URB is [`complete`](RawUrb::complete).
    pub(super) fn new(ticket: Arc<Ticket>, setting: Option<SettingId>, finish: Finish) -> Self {
        // INVARIANT: By the requirement above.
        Self {
            urb: ticket.urb.as_non_null(),
            ticket,
            link: Opaque::uninit(),
            number: Atomic::new(0),
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

    /// # Safety
    ///
    /// The URB must be idle.
    pub(super) unsafe fn set_anchor(&mut self, anchor: Option<Arc<Chain>>) {
        self.anchor = anchor;
        // INVARIANT: It goes with the anchor.
        // SAFETY: The URB is valid by the type invariants; nobody else looks at an idle one.
        unsafe { (*self.urb.as_ptr()).complete = Some(self.completion()) };
    }

    /// The C completion handler.
    fn completion(&self) -> unsafe extern "C" fn(*mut bindings::urb) {
        match self.anchor {
            None => Self::complete,
            Some(_) => Self::complete_anchored,
        }
    }

    /// The link of its anchor.
    pub(super) fn link(this: NonNull<Self>) -> *mut bindings::list_head {
        // The offset lies within the `RawUrb`; nothing is accessed here.
        this.as_ptr()
            .wrapping_byte_add(offset_of!(Self, link))
            .cast()
    }

    /// # Safety
    ///
    /// `link` must be the link of a `RawUrb`.
    pub(super) unsafe fn from_link(link: *mut bindings::list_head) -> NonNull<Self> {
        // SAFETY: By the safety requirement the result is the address of a `RawUrb`.
        unsafe { NonNull::new_unchecked(link.byte_sub(offset_of!(Self, link)).cast()) }
    }

    #[inline]
    pub(super) fn urb(&self) -> NonNull<bindings::urb> {
        self.urb
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
    /// As [`Gate::submit`](super::gate::Gate::submit); also its device must be valid.
    #[inline]
    pub(super) unsafe fn start(raw: NonNull<Self>, gfp: bindings::gfp_t) -> Result {
        // SAFETY: `raw` is valid, and ours until it is submitted.
        let (urb, anchored) = unsafe { (raw.as_ref().urb(), raw.as_ref().anchor.is_some()) };
        if anchored {
            // SAFETY: The requirements are the same.
            return unsafe { Self::start_anchored(raw, gfp) };
        }
        // SAFETY: The URB is valid, idle and prepared, and so is its device.
        match unsafe { bindings::usb_submit_urb(urb.as_ptr(), gfp) } {
            0 => Ok(()),
            error => to_result(error),
        }
    }

    /// # Safety
    ///
    /// As [`start`](RawUrb::start).
    unsafe fn start_anchored(raw: NonNull<Self>, gfp: bindings::gfp_t) -> Result {
        // SAFETY: `raw` is valid, and ours until it is submitted.
        let (urb, anchor) = unsafe { (raw.as_ref().urb(), raw.as_ref().anchor.clone()) };
        let chain = anchor.ok_or(EINVAL)?;
        // SAFETY: `raw` is idle, so it is in no anchor, and it is taken out below, or when it
        // completes.
        let number = unsafe { chain.add(raw)? };
        // SAFETY: By the safety requirement the URB is valid, idle and prepared, and so is its
        // device.
        let result = to_result(unsafe { bindings::usb_submit_urb(urb.as_ptr(), gfp) });
        match result {
            // SAFETY: It is still ours, and in the anchor.
            Err(_) => unsafe { chain.remove(raw) },
            Ok(()) => chain.submitted(raw, number),
        }
        result
    }

    /// The C completion handler of URBs without an anchor. It is not generic, so that a driver's
    /// module, which the generic code is in, has nothing more to do with the URB once it left the
    /// fleet.
    ///
    /// # Safety
    ///
    /// Called by the USB core for a URB that was submitted by [`start`](RawUrb::start).
    pub(super) unsafe extern "C" fn complete(urb: *mut bindings::urb) {
        // SAFETY: The requirement is the same. `finish` takes the ownership, and matches the type.
        let parted = unsafe {
            let raw = Self::completed(urb);
            (raw.as_ref().finish)(raw)
        };
        if let Some(ticket) = parted {
            Ticket::release(ticket);
        }
    }

    /// The C completion handler of URBs with an anchor.
    ///
    /// # Safety
    ///
    /// As [`complete`](RawUrb::complete).
    unsafe extern "C" fn complete_anchored(urb: *mut bindings::urb) {
        // SAFETY: The requirement is the same, and `raw` is valid.
        let (raw, finish, anchor) = unsafe {
            let raw = Self::completed(urb);
            (raw, raw.as_ref().finish, raw.as_ref().anchor.clone())
        };
        let Some(chain) = anchor else {
            // By the type invariants another handler was called.
            return;
        };
        // SAFETY: It is in its anchor since its submission. `finish` takes the ownership of `raw`,
        // and matches its type.
        let parted = unsafe { chain.complete(raw, || finish(raw)) };
        if let Some(ticket) = parted {
            Ticket::release(ticket);
        }
    }

    /// The owner of a URB that has completed; the ownership was given away on submission.
    ///
    /// # Safety
    ///
    /// As [`complete`](RawUrb::complete).
    unsafe fn completed(urb: *mut bindings::urb) -> NonNull<Self> {
        // SAFETY: The URB is valid while it completes; its context was set to its `RawUrb`.
        unsafe { NonNull::new_unchecked((*urb).context.cast()) }
    }
}

/// That the handler of a URB is running, and whether it has given the URB away.
///
/// It lives in the frame of the function that calls the handler, and ends up as its result: where
/// the handler is inlined, nothing of it is left but that.
///
/// # Invariants
///
/// Holds the raw pointer of an [`Arc`] of a ticket, whose reference it owns, or nothing.
pub(super) struct Running(Cell<Option<NonNull<Ticket>>>);

impl Running {
    #[inline]
    pub(super) fn new() -> Self {
        // INVARIANT: Nothing.
        Self(Cell::new(None))
    }

    /// The ticket, if the handler gave the URB away.
    #[inline]
    pub(super) fn end(self) -> Option<Arc<Ticket>> {
        // SAFETY: By the type invariants it comes from an `Arc`, whose reference is given on.
        self.0
            .into_inner()
            .map(|ticket| unsafe { Arc::from_raw(ticket.as_ptr()) })
    }
}

/// Goes with a URB while its handler runs and has not given it away.
///
/// # Invariants
///
/// `raw` is valid.
pub(super) struct Handling<'a> {
    raw: NonNull<RawUrb>,
    running: &'a Running,
}

impl<'a> Handling<'a> {
    /// # Safety
    ///
    /// The handler of `raw`, of whose call `running` is, must own the URB, and forget or drop this
    /// before it gives the URB to somebody or drops it; forget it only if it is resubmitted, or
    /// forgotten as well. There must be one of it for a `running`.
    #[inline]
    pub(super) unsafe fn new(raw: NonNull<RawUrb>, running: &'a Running) -> Self {
        // INVARIANT: By the safety requirement.
        Self { raw, running }
    }

    /// A reference to the ticket. By value, so that nothing of us need be in memory while the
    /// handler runs.
    ///
    /// # Safety
    ///
    /// `raw` must be valid.
    #[inline(never)]
    unsafe fn part(raw: NonNull<RawUrb>) -> *const Ticket {
        // SAFETY: By the safety requirement it is valid.
        Arc::into_raw(unsafe { raw.as_ref().ticket.clone() })
    }
}

impl Drop for Handling<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is valid.
        let ticket = unsafe { Self::part(self.raw) };
        // INVARIANT: It owns the reference; there was nothing before, as we are the only one.
        self.running.0.set(NonNull::new(ticket.cast_mut()));
    }
}

/// The address of a pipe's endpoint; 0 for endpoint 0, whatever the direction.
pub(super) fn address_of(pipe: u32) -> u8 {
    // CAST: Four bits.
    match (pipe >> 15 & 0xf) as u8 {
        0 => 0,
        // CAST: The bit that says IN, which both have in the same place.
        number => number | (pipe & bindings::USB_DIR_IN) as u8,
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
