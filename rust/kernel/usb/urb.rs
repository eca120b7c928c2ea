// SPDX-License-Identifier: GPL-2.0

//! USB request blocks: asynchronous transfers.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! C reference: [`Documentation/driver-api/usb/URB.rst`]
//!
//! [`Documentation/driver-api/usb/URB.rst`]: srctree/Documentation/driver-api/usb/URB.rst

use super::{
    anchor::Anchor,
    canceller::{
        Canceller,
        Ticket, //
    },
    completed::{
        Completed,
        SubmitError, //
    },
    control::SetupPacket,
    endpoint::{
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        SettingId,
        TransferKind,
        TransferType, //
    },
    flag::Flag,
    flight::UrbRef,
    gate::Gate,
    iso::Packets,
    memory::{
        Memory,
        MemoryMut,
        Purpose, //
    },
    raw::{
        pipe,
        Handling,
        RawUrb,
        Running, //
    },
    Buffer,
    Handler,
    Interface,
    TransferError, //
};
use crate::{
    alloc::Flags,
    bindings,
    device,
    prelude::*,
    sync::Arc, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// All that a transfer consists of, in one piece of memory that does not move.
#[repr(C)]
struct Body<H, B> {
    raw: RawUrb,
    setup: Option<KBox<SetupPacket>>,
    memory: B,
    /// How much of the memory takes part in the transfer; never more than its length.
    length: usize,
    packets: Packets,
    handler: H,
}

/// An idle URB: a transfer that is prepared and can be submitted.
///
/// It owns its memory and its [`Handler`]. [`submit`](Urb::submit) consumes it and the handler gets
/// it back, so that nobody can touch what the host controller works on. Dropping it frees all,
/// forgetting it leaks memory and nothing else.
///
/// It may outlive the binding of its interface; submitting it is then an error.
///
/// # Invariants
///
/// `body` is in no anchor, and the host controller does not own its URB.
pub struct Urb<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory = Buffer> {
    body: KBox<Body<H, B>>,
    _type: PhantomData<fn() -> (T, D)>,
}

// SAFETY: An idle URB is owned like a box of its handler and its memory, which are `Send`.
unsafe impl<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory> Send
    for Urb<T, D, H, B>
{
}

// SAFETY: Through a shared reference one reaches the handler and the memory, if they are `Sync`.
unsafe impl<T, D, H, B> Sync for Urb<T, D, H, B>
where
    T: TransferType,
    D: Direction,
    H: Handler<T, D, B> + Sync,
    B: Memory + Sync,
{
}

/// Where the transfers of a URB go.
pub(super) struct Target {
    pub(super) kind: TransferKind,
    pub(super) is_in: bool,
    /// The endpoint's, without direction.
    pub(super) number: u8,
    /// As in `struct urb`; 0 where there is none.
    pub(super) interval: u32,
    pub(super) setting: Option<SettingId>,
}

impl<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory> Urb<T, D, H, B> {
    /// Allocates what all kinds of transfers have in common.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    /// - `EINVAL`, `EOPNOTSUPP`: the memory is not for this.
    pub(super) fn allocate(
        interface: &Interface<device::Bound>,
        target: Target,
        packets: Packets,
        memory: B,
        handler: H,
    ) -> Result<Self> {
        let gate = interface.gate()?.clone();
        // SAFETY: The interface is bound, and so its device is valid.
        unsafe { Self::behind(gate, target, packets, memory, handler) }
    }

    /// Allocates it for the interface of a gate.
    ///
    /// # Safety
    ///
    /// The device of `gate` must be valid.
    pub(super) unsafe fn behind(
        gate: Arc<Gate>,
        target: Target,
        packets: Packets,
        memory: B,
        handler: H,
    ) -> Result<Self> {
        memory.check(&Purpose {
            gate: &gate,
            kind: target.kind,
            is_in: target.is_in,
        })?;
        let udev = gate.udev();
        // CAST: `Packets` allows far fewer than 2^31.
        let count = packets.count() as c_int;
        // SAFETY: No requirements; the count is not negative.
        let urb = unsafe { bindings::usb_alloc_urb(count, GFP_KERNEL.as_raw()) };
        // SAFETY: It comes from `usb_alloc_urb()`, with a reference count.
        let urb = unsafe { UrbRef::from_owned(NonNull::new(urb).ok_or(ENOMEM)?) };
        let c = urb.as_non_null().as_ptr();
        // SAFETY: The URB is ours and idle. `udev` is valid by the safety requirement.
        unsafe {
            (*c).dev = udev;
            (*c).pipe = pipe(udev, target.kind, target.is_in, target.number);
            // CAST: An interval is at most 2^15.
            (*c).interval = target.interval as c_int;
            (*c).number_of_packets = count;
            // The C core leaves them as they are.
            (*c).iso_frame_desc
                .as_mut_ptr()
                .write_bytes(0, packets.count());
            (*c).complete = Some(RawUrb::complete);
        }
        let ticket = Ticket::new(urb, gate)?;
        let body = Body {
            // INVARIANT: `finish` is that of this type of `Body`.
            raw: RawUrb::new(ticket, target.setting, Self::finish),
            setup: None,
            length: memory.length(),
            memory,
            packets,
            handler,
        };
        let mut body = KBox::new(body, GFP_KERNEL)?;
        // SAFETY: The URB is idle. It is freed with the memory, which was checked, in the `Body`,
        // or outlives it for cancellers, which don't look at it.
        unsafe { body.memory.attach(c) };
        // INVARIANT: It has not been submitted yet.
        let mut urb = Self {
            body,
            _type: PhantomData,
        };
        urb.limit_length(urb.body.length);
        Ok(urb)
    }

    pub(super) fn as_raw(&self) -> *mut bindings::urb {
        self.body.raw.urb().as_ptr()
    }

    /// Starts the transfer.
    ///
    /// # Context
    ///
    /// May sleep. From a handler use [`Completed::resubmit`], from another place where nobody may
    /// sleep [`submit_atomic`](Urb::submit_atomic).
    ///
    /// # Errors
    ///
    /// The URB comes back with each of them:
    ///
    /// - `EINVAL`: `interface` is not the one that the URB was made for.
    /// - `ENODEV`: the driver is being unbound, or the device is gone.
    /// - `EHOSTUNREACH`: I/O is paused: the device is suspended or being reset.
    /// - `ESTALE`: the altsetting was changed since the URB was made.
    /// - `EPERM`: the URB is being killed, or it or its anchor is poisoned.
    /// - `ENOSPC`: the bus has no bandwidth left for a periodic transfer.
    /// - `ENOMEM`, and what else `usb_submit_urb()` returns.
    #[doc(alias = "usb_submit_urb")]
    pub fn submit(
        self,
        interface: &Interface<device::Bound>,
    ) -> Result<(), SubmitError<T, D, H, B>> {
        let same_gate = interface
            .gate()
            .map(|gate| Arc::ptr_eq(&self.body.raw.ticket().gate, gate));
        match same_gate {
            Ok(true) => self.submit_through_gate(GFP_KERNEL),
            Ok(false) => Err(SubmitError {
                error: TransferError::Invalid,
                urb: self,
            }),
            Err(error) => Err(SubmitError {
                error: TransferError::from_refusal(error),
                urb: self,
            }),
        }
    }

    /// Starts the transfer from where nobody may sleep: with a spinlock held, to submit several
    /// before the handler of any goes on, or in a timer.
    ///
    /// It needs no bound interface, which there is none of in such places: the URB knows its own,
    /// and is refused once that is being unbound.
    ///
    /// # Context
    ///
    /// Any. The handler may run before this returns, so no lock may be held that it takes; but one
    /// that disables interrupts may, if the URB has no anchor: the handler waits for it then.
    ///
    /// # Errors
    ///
    /// As [`submit`](Urb::submit), but for `EINVAL`. `ENOMEM` is more likely.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, sync::SpinLockIrq, usb};
    ///
    /// type Idle<H> = Option<usb::Urb<usb::Bulk, usb::Out, H>>;
    ///
    /// /// What a timer does: starts the transfer, unless somebody else has done so.
    /// fn expired<H: usb::Handler<usb::Bulk, usb::Out>>(idle: Pin<&SpinLockIrq<Idle<H>>>) -> Result {
    ///     let urb = idle.lock().take().ok_or(EBUSY)?;
    ///     urb.submit_atomic().map_err(|refused| {
    ///         *idle.lock() = Some(refused.urb);
    ///         refused.error.into()
    ///     })
    /// }
    /// ```
    #[doc(alias = "GFP_ATOMIC")]
    pub fn submit_atomic(self) -> Result<(), SubmitError<T, D, H, B>> {
        self.submit_through_gate(GFP_ATOMIC)
    }

    fn submit_through_gate(self, gfp: Flags) -> Result<(), SubmitError<T, D, H, B>> {
        let gate: *const Gate = Arc::as_ptr(&self.body.raw.ticket().gate);
        let raw = self.into_raw();
        // SAFETY:
        // - `gate` is valid until the submission has left it, if it is open: the bond of the
        //   interface has a reference until then. If it is not, `raw` stays ours, and with it its
        //   reference to the gate.
        // - `raw` is valid, was idle and is prepared; we give up the ownership on success.
        let result = unsafe { (*gate).submit(raw, gfp.as_raw()) };
        // SAFETY: If it was not submitted, it is still ours, and of this type.
        result.map_err(|error| unsafe { Self::not_submitted(raw, error) })
    }

    /// Starts the same transfer again, as the last thing that its handler does with it.
    ///
    /// # Safety
    ///
    /// The handler of the URB must be running.
    #[inline]
    pub(super) unsafe fn resubmit(self) -> Result<(), SubmitError<T, D, H, B>> {
        if T::KIND == TransferKind::Isochronous {
            // SAFETY: The URB is ours and idle, with room for its packets.
            unsafe { self.body.packets.write(self.as_raw()) };
        }
        // Nothing else of it has changed since it was submitted.
        let raw = NonNull::from(KBox::leak(self.body)).cast::<RawUrb>();
        // SAFETY:
        // - `raw` is valid, was idle and is prepared; we give up the ownership on success.
        // - The gate does not close while a handler of its fleet runs, so the device is valid.
        let result = unsafe { RawUrb::start(raw, GFP_ATOMIC.as_raw()) };
        // SAFETY: If it was not submitted, it is still ours, and of this type.
        result.map_err(|error| unsafe { Self::not_resubmitted(raw, error) })
    }

    /// # Safety
    ///
    /// As [`from_raw`](Urb::from_raw).
    unsafe fn not_submitted(raw: NonNull<RawUrb>, error: Error) -> SubmitError<T, D, H, B> {
        // SAFETY: The requirements are the same.
        let urb = unsafe { Self::from_raw(raw) };
        SubmitError {
            error: TransferError::from_refusal(error),
            urb,
        }
    }

    /// # Safety
    ///
    /// As [`from_raw`](Urb::from_raw).
    #[cold]
    unsafe fn not_resubmitted(raw: NonNull<RawUrb>, error: Error) -> SubmitError<T, D, H, B> {
        // SAFETY: The requirements are the same.
        let mut failed = unsafe { Self::not_submitted(raw, error) };
        let error = failed.urb.body.raw.ticket().gate.explain(error);
        failed.error = TransferError::from_refusal(error);
        failed
    }

    /// Gives the URB up, for the host controller to own.
    pub(super) fn into_raw(self) -> NonNull<RawUrb> {
        let urb = self.as_raw();
        // SAFETY: The URB is ours and idle, with room for its packets.
        unsafe { self.body.packets.write(urb) };
        let body = NonNull::from(KBox::leak(self.body));
        // SAFETY: As above.
        unsafe { (*urb).context = body.as_ptr().cast() };
        body.cast()
    }

    /// # Safety
    ///
    /// `raw` must come from [`into_raw`](Urb::into_raw) of the same type, and nobody else may own
    /// it.
    unsafe fn from_raw(raw: NonNull<RawUrb>) -> Self {
        // INVARIANT: By the safety requirement it is ours, so it is idle.
        Self {
            // SAFETY: A `RawUrb` is the first field of its `Body`, which was leaked from a box.
            body: unsafe { KBox::from_raw(raw.cast::<Body<H, B>>().as_ptr()) },
            _type: PhantomData,
        }
    }

    /// Runs the handler of a URB that has completed.
    ///
    /// # Safety
    ///
    /// As [`from_raw`](Urb::from_raw), and the URB has just completed.
    unsafe fn finish(raw: NonNull<RawUrb>) -> Option<Arc<Ticket>> {
        // SAFETY: The safety requirement is the same.
        let urb = unsafe { Self::from_raw(raw) };
        // SAFETY: The URB is ours again; the core has filled in these fields.
        let (status, actual) = unsafe { ((*urb.as_raw()).status, (*urb.as_raw()).actual_length) };
        let running = Running::new();
        // SAFETY: The handler owns the URB; `Completed` drops this before it parts with it.
        let handling = unsafe { Handling::new(raw, &running) };
        H::complete(Completed::new(handling, urb, status, actual));
        running.end()
    }

    /// The gate that it goes through.
    pub(super) fn gate(&self) -> &Gate {
        &self.body.raw.ticket().gate
    }

    /// Something to cancel this URB with while it is in flight.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.body.raw.ticket().clone())
    }

    /// Makes the URB a member of `anchor`, and of no other one.
    #[doc(alias = "usb_anchor_urb")]
    pub fn set_anchor(&mut self, anchor: &Anchor) {
        self.body.raw.set_anchor(Some(anchor.chain()));
    }

    /// Makes the URB a member of no anchor.
    #[doc(alias = "usb_unanchor_urb")]
    pub fn clear_anchor(&mut self) {
        self.body.raw.set_anchor(None);
    }

    /// Sets an option of the transfer.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// fn prepare<H>(out: &usb::Endpoint<'_, usb::Bulk, usb::Out>, handler: H) -> Result
    /// where
    ///     H: usb::Handler<usb::Bulk, usb::Out>,
    /// {
    ///     let mut urb = usb::Urb::new(out, usb::Buffer::new(512, GFP_KERNEL)?, handler)?;
    ///     urb.set_flag(usb::ZeroPacket);
    ///     Ok(())
    /// }
    /// ```
    #[doc(alias = "transfer_flags")]
    pub fn set_flag<F: Flag<T, D>>(&mut self, _flag: F) {
        let urb = self.as_raw();
        // A request without a data stage is an OUT transfer, and cannot be short.
        if F::BIT == bindings::URB_SHORT_NOT_OK && self.body.length == 0 {
            return;
        }
        // SAFETY: The URB is ours and idle.
        unsafe { (*urb).transfer_flags |= F::BIT };
    }

    /// Takes an option of the transfer back.
    pub fn clear_flag<F: Flag<T, D>>(&mut self, _flag: F) {
        // SAFETY: The URB is ours and idle.
        unsafe { (*self.as_raw()).transfer_flags &= !F::BIT };
    }

    /// The handler that completions of this URB go to.
    pub fn handler(&self) -> &H {
        &self.body.handler
    }

    pub(super) fn handler_mut(&mut self) -> &mut H {
        &mut self.body.handler
    }

    /// The memory that is moved.
    pub fn memory(&self) -> &B {
        &self.body.memory
    }

    /// The memory that is moved, to be filled.
    pub fn memory_mut(&mut self) -> MemoryMut<'_, B> {
        MemoryMut::new(&mut self.body.memory)
    }

    /// Bytes that a submission asks for or sends.
    #[doc(alias = "transfer_buffer_length")]
    pub fn length(&self) -> usize {
        self.body.length
    }

    /// Leaves out what lies behind the first `length` bytes of the memory.
    pub(super) fn limit_length(&mut self, length: usize) {
        let length = length.min(self.body.memory.length());
        self.body.length = length;
        // CAST: Memory is at most `Buffer::MAX_LENGTH` long.
        // SAFETY: The URB is ours and idle.
        unsafe { (*self.as_raw()).transfer_buffer_length = length as u32 };
    }

    pub(super) fn packets(&self) -> &Packets {
        &self.body.packets
    }

    pub(super) fn packets_mut(&mut self) -> &mut Packets {
        &mut self.body.packets
    }

    /// Whether it was made for that endpoint.
    pub(super) fn is_for(&self, endpoint: &Endpoint<'_, T, D>) -> bool {
        let target = endpoint.target();
        // SAFETY: The URB is ours and idle.
        let number = unsafe { (*self.as_raw()).pipe } >> 15 & 0xf;
        number == u32::from(target.number) && self.body.raw.is_of(target.setting)
    }

    pub(super) fn set_stream_id(&mut self, id: u16) {
        // SAFETY: The URB is ours and idle.
        unsafe { (*self.as_raw()).stream_id = id.into() };
    }

    /// Gives the memory and the handler back, and frees the rest.
    pub fn into_parts(self) -> (B, H) {
        let body = KBox::into_inner(self.body);
        (body.memory, body.handler)
    }
}

impl<T: TransferType, D: Direction, H: Handler<T, D>> Urb<T, D, H> {
    /// The buffer, whole.
    pub fn buffer(&self) -> &[u8] {
        &self.body.memory
    }

    /// The buffer, whole, to be filled.
    pub fn buffer_mut(&mut self) -> &mut [u8] {
        &mut self.body.memory
    }
}

impl<T: BulkOrInterrupt, D: Direction, H: Handler<T, D, B>, B: Memory> Urb<T, D, H, B> {
    /// Allocates a URB that moves `memory` through `endpoint`.
    ///
    /// A transfer moves the whole of it, unless [`set_length`](Urb::set_length) says less. For IN
    /// it should be a multiple of the endpoint's packet size: a device that has more in its packet
    /// than fits ends the transfer with [`TransferError::Overflow`].
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the memory was allocated for another interface or direction.
    /// - `EOPNOTSUPP`: the host controller cannot gather that many pieces, or the endpoint is not a
    ///   bulk endpoint.
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    #[doc(alias("usb_alloc_urb", "usb_fill_bulk_urb", "usb_fill_int_urb"))]
    pub fn new(endpoint: &Endpoint<'_, T, D>, memory: B, handler: H) -> Result<Self> {
        let target = endpoint.target();
        Self::allocate(endpoint.interface(), target, Packets::NONE, memory, handler)
    }

    /// Makes the transfer move only the first `length` bytes of the memory.
    ///
    /// # Errors
    ///
    /// `EINVAL` if there are not that many; the length stays as it was.
    pub fn set_length(&mut self, length: usize) -> Result {
        if length > self.body.memory.length() {
            return Err(EINVAL);
        }
        self.limit_length(length);
        Ok(())
    }
}

impl<D: Direction, H: Handler<Control, D, B>, B: Memory> Urb<Control, D, H, B> {
    /// Allocates a URB for a request to endpoint 0.
    ///
    /// The length of the data stage is that of `memory`; it becomes `wLength` of the request, so
    /// that the two cannot differ.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` if the memory is longer than 65,535 bytes, and those of
    /// [`allocate`](Urb::allocate).
    pub(super) fn with_setup(
        interface: &Interface<device::Bound>,
        mut setup: SetupPacket,
        memory: B,
        handler: H,
    ) -> Result<Self> {
        let length = u16::try_from(memory.length()).map_err(|_| EMSGSIZE)?;
        setup.set_length(length);
        let target = Target {
            kind: TransferKind::Control,
            // A request without a data stage is an OUT transfer, whatever its direction bit says.
            is_in: D::IS_IN && length != 0,
            number: 0,
            interval: 0,
            setting: None,
        };
        let mut setup = KBox::new(setup, GFP_KERNEL)?;
        let mut urb = Self::allocate(interface, target, Packets::NONE, memory, handler)?;
        // SAFETY: The URB is ours and idle; the packet does not move, and is freed with it.
        unsafe { (*urb.as_raw()).setup_packet = core::ptr::from_mut(&mut *setup).cast() };
        urb.body.setup = Some(setup);
        Ok(urb)
    }
}
