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
    body::{
        Body,
        OwnedBody, //
    },
    canceller::{
        Canceller,
        Ticket, //
    },
    completed::Completed,
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
    StartError, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    sync::Arc, //
};
use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ptr::NonNull, //
};

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
    pub(super) body: OwnedBody<H, B>,
    pub(super) _type: PhantomData<fn() -> (T, D)>,
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

/// What a URB consists of, before its memory and handler move in.
type Reserved<H, B> = (Arc<Ticket>, KBox<MaybeUninit<Body<H, B>>>);

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
    /// Makes a URB of any kind of transfer. The memory comes back if that fails.
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
    ) -> Result<Self, StartError<B>> {
        let gate = match interface.gate() {
            Ok(gate) => gate.clone(),
            Err(error) => return Err(StartError::new(error, memory)),
        };
        // SAFETY: The interface is bound, and so its device is valid.
        unsafe { Self::behind(gate, target, packets, memory, handler) }
    }

    /// Makes it for the interface of a gate.
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
    ) -> Result<Self, StartError<B>> {
        // SAFETY: The requirement is the same.
        let reserved = unsafe { Self::reserve(gate, &target, packets.count(), &memory) };
        let (ticket, slot) = match reserved {
            Ok(reserved) => reserved,
            Err(error) => return Err(StartError::new(error, memory)),
        };
        let c = ticket.urb.as_non_null().as_ptr();
        let body = Body {
            // INVARIANT: `finish` is that of this type of `Body`.
            raw: RawUrb::new(ticket, target.setting, Self::finish),
            setup: None,
            length: memory.length(),
            memory,
            packets,
            handler,
        };
        let mut body = OwnedBody::new(KBox::write(slot, body));
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

    /// Allocates all that a URB needs, without its memory and handler.
    ///
    /// # Safety
    ///
    /// The device of `gate` must be valid.
    unsafe fn reserve(
        gate: Arc<Gate>,
        target: &Target,
        packets: usize,
        memory: &B,
    ) -> Result<Reserved<H, B>> {
        memory.check(&Purpose {
            gate: &gate,
            kind: target.kind,
            is_in: target.is_in,
        })?;
        let slot = KBox::new_uninit(GFP_KERNEL)?;
        let udev = gate.udev();
        // CAST: `Packets` allows far fewer than 2^31.
        let count = packets as c_int;
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
            (*c).iso_frame_desc.as_mut_ptr().write_bytes(0, packets);
        }
        // SAFETY: As above. `complete` expects a `RawUrb` for its context, which there is one
        // before it is submitted.
        unsafe { (*c).complete = Some(RawUrb::complete) };
        Ok((Ticket::new(urb, gate)?, slot))
    }

    pub(super) fn as_raw(&self) -> *mut bindings::urb {
        self.body.raw.urb().as_ptr()
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
        // SAFETY: The URB is ours and idle.
        unsafe { self.body.raw.set_anchor(Some(anchor.chain())) };
    }

    /// Makes the URB a member of no anchor.
    #[doc(alias = "usb_unanchor_urb")]
    pub fn clear_anchor(&mut self) {
        // SAFETY: The URB is ours and idle.
        unsafe { self.body.raw.set_anchor(None) };
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
        // A request without a data stage is an OUT transfer for the core, and cannot be short. It
        // never gets one: the length of a request stays.
        let is_request = T::KIND == TransferKind::Control;
        if F::BIT == bindings::URB_SHORT_NOT_OK && is_request && self.body.length == 0 {
            return;
        }
        // SAFETY: The URB is ours and idle.
        unsafe { (*urb).transfer_flags |= F::BIT };
    }

    /// Takes an option of the transfer back.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// Makes a transfer the last one of several, of which the handler hears.
    /// fn make_last<H>(urb: &mut usb::Urb<usb::Bulk, usb::In, H>)
    /// where
    ///     H: usb::Handler<usb::Bulk, usb::In>,
    /// {
    ///     urb.clear_flag(usb::NoInterrupt);
    /// }
    /// ```
    pub fn clear_flag<F: Flag<T, D>>(&mut self, _flag: F) {
        // SAFETY: The URB is ours and idle.
        unsafe { (*self.as_raw()).transfer_flags &= !F::BIT };
    }

    /// The handler that completions of this URB go to.
    pub fn handler(&self) -> &H {
        &self.body.handler
    }

    /// The handler, to be changed before the URB is submitted.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::usb;
    ///
    /// /// Has an URB that was used before ask so many times again.
    /// fn begin_again<T, D, H>(urb: &mut usb::Urb<T, D, H>, tries: u32)
    /// where
    ///     T: usb::TransferType,
    ///     D: usb::Direction,
    ///     H: usb::Handler<T, D> + AsMut<u32>,
    /// {
    ///     *urb.handler_mut().as_mut() = tries;
    /// }
    /// ```
    pub fn handler_mut(&mut self) -> &mut H {
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
        let body = self.body.into_inner();
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
    /// than fits ends the transfer with [`TransferError::Overflow`](super::TransferError::Overflow).
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
        Ok(Self::with_memory(endpoint, memory, handler)?)
    }

    /// As [`new`](Urb::new), but the memory comes back with an error.
    pub(super) fn with_memory(
        endpoint: &Endpoint<'_, T, D>,
        memory: B,
        handler: H,
    ) -> Result<Self, StartError<B>> {
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
    ) -> Result<Self, StartError<B>> {
        let Ok(length) = u16::try_from(memory.length()) else {
            return Err(StartError::new(EMSGSIZE, memory));
        };
        setup.set_length(length);
        let target = Target {
            kind: TransferKind::Control,
            // A request without a data stage is an OUT transfer, whatever its direction bit says.
            is_in: D::IS_IN && length != 0,
            number: 0,
            interval: 0,
            setting: None,
        };
        let mut setup = match KBox::new(setup, GFP_KERNEL) {
            Ok(setup) => setup,
            Err(error) => return Err(StartError::new(error.into(), memory)),
        };
        let mut urb = Self::allocate(interface, target, Packets::NONE, memory, handler)?;
        // SAFETY: The URB is ours and idle; the packet does not move, and is freed with it.
        unsafe { (*urb.as_raw()).setup_packet = core::ptr::from_mut(&mut *setup).cast() };
        urb.body.setup = Some(setup);
        Ok(urb)
    }
}
