// SPDX-License-Identifier: GPL-2.0

//! USB request blocks: asynchronous transfers.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! C reference: [`Documentation/driver-api/usb/URB.rst`]
//!
//! [`Documentation/driver-api/usb/URB.rst`]: srctree/Documentation/driver-api/usb/URB.rst

use super::{
    control::SetupPacket,
    endpoint::{
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        In,
        Out,
        TransferKind,
        TransferType, //
    },
    gate::{
        Gate,
        UrbRef, //
    },
    Buffer,
    Interface,
    TransferError, //
};
use crate::{
    alloc::Flags,
    bindings,
    device,
    prelude::*,
    sync::Arc,
    types::Opaque, //
};
use core::{
    marker::PhantomData,
    mem::offset_of,
    ptr::NonNull, //
};

/// What every URB has, whatever its type: what [`Gate`] and the C core need to know.
///
/// # Invariants
///
/// - `urb` is a valid `struct urb` that we own a reference count of.
/// - It is the first field of a [`Body`] whose handler type `finish` knows.
#[repr(C)]
pub(super) struct RawUrb {
    pub(super) urb: NonNull<bindings::urb>,
    /// On the gate's list while in flight.
    pub(super) link: Opaque<bindings::list_head>,
    gate: Arc<Gate>,
    /// Takes the URB over and runs its handler.
    finish: unsafe fn(NonNull<RawUrb>),
}

impl RawUrb {
    /// # Safety
    ///
    /// `link` must be the `link` of a `RawUrb`.
    pub(super) unsafe fn from_link(link: *mut bindings::list_head) -> *mut Self {
        // SAFETY: By the safety requirement the result is in the bounds of the `RawUrb`.
        unsafe { link.byte_sub(offset_of!(Self, link)) }.cast()
    }

    /// The C completion handler of all URBs. It is not generic, so that a driver's module, which
    /// the generic code is in, has nothing more to do with the URB once the gate counted it out.
    ///
    /// # Safety
    ///
    /// Called by the USB core for a URB that was submitted by [`Gate::submit`].
    unsafe extern "C" fn complete(urb: *mut bindings::urb) {
        // SAFETY: The URB is valid while it completes; its context was set to its `RawUrb`, whose
        // ownership was given away on submission and comes back to us.
        let raw = unsafe { NonNull::new_unchecked((*urb).context.cast::<Self>()) };
        // SAFETY: `raw` is valid. The reference outlives it: the adapter holds the gate until it
        // was closed, and closing it waits for our `leave`.
        let gate: &Gate = unsafe { &*Arc::as_ptr(&(*raw.as_ptr()).gate) };
        // SAFETY: `raw` is valid.
        let finish = unsafe { (*raw.as_ptr()).finish };
        // SAFETY:
        // - The core gave back a URB that was submitted through `gate`.
        // - `finish` takes the ownership of `raw`, which is ours, and matches its type.
        unsafe { gate.complete(raw, || finish(raw)) };
    }
}

impl Drop for RawUrb {
    fn drop(&mut self) {
        // SAFETY: By the type invariants we own a reference count; the C core has its own while
        // it still looks at the URB.
        unsafe { bindings::usb_free_urb(self.urb.as_ptr()) };
    }
}

/// All that a transfer consists of, in one piece of memory that does not move.
#[repr(C)]
struct Body<H> {
    raw: RawUrb,
    setup: Option<KBox<SetupPacket>>,
    buffer: Buffer,
    /// How much of the buffer takes part in the transfer; never more than its length.
    length: usize,
    handler: H,
}

/// What a driver does when a transfer has ended.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// Reads for ever.
/// struct Echo;
///
/// impl usb::Handler<usb::Bulk, usb::In> for Echo {
///     fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
///         if done.result().is_ok() {
///             pr_debug!("{} bytes\n", done.data().len());
///             let _ = done.resubmit();
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot handle the completion of this kind of transfer",
    label = "implement `usb::Handler<{T}, {D}>` for it"
)]
pub trait Handler<T: TransferType, D: Direction>: Sized + Send + 'static {
    /// Called when a transfer has ended, well or not, with everything that belongs to it.
    ///
    /// It may run before `probe` has returned.
    ///
    /// # Context
    ///
    /// Atomic: softirq or BH work, or the submitter's or canceller's own context, with interrupts
    /// on or off. Data shared with process context belongs in a
    /// [`SpinLockIrq`](crate::sync::SpinLockIrq).
    fn complete(done: Completed<T, D, Self>);
}

/// An idle URB: a transfer that is prepared and can be submitted.
///
/// It owns its buffer and its [`Handler`]. [`submit`](Urb::submit) consumes it and the handler gets
/// it back, so that nobody can touch what the host controller works on. Dropping it frees all,
/// forgetting it leaks memory and nothing else.
///
/// It may outlive the binding of its interface; submitting it is then an error.
///
/// # Invariants
///
/// `body` is on no list, and the host controller does not own its URB.
pub struct Urb<T: TransferType, D: Direction, H: Handler<T, D>> {
    body: KBox<Body<H>>,
    _type: PhantomData<(T, D)>,
}

// SAFETY: An idle URB is owned like a box of its handler, which is `Send`, and memory.
unsafe impl<T: TransferType, D: Direction, H: Handler<T, D>> Send for Urb<T, D, H> {}

// SAFETY: Through a shared reference one reaches the handler, if that is `Sync`, and plain memory.
unsafe impl<T: TransferType, D: Direction, H: Handler<T, D> + Sync> Sync for Urb<T, D, H> {}

impl<T: TransferType, D: Direction, H: Handler<T, D>> Urb<T, D, H> {
    /// Allocates what all kinds of transfers have in common.
    fn allocate(
        gate: Arc<Gate>,
        setup: Option<KBox<SetupPacket>>,
        mut buffer: Buffer,
        handler: H,
    ) -> Result<Self> {
        // SAFETY: No requirements.
        let urb = unsafe { bindings::usb_alloc_urb(0, GFP_KERNEL.as_raw()) };
        let urb = NonNull::new(urb).ok_or(ENOMEM)?;
        // INVARIANT: The count is ours; `finish` is that of `H`, the type of the `Body` below.
        let raw = RawUrb {
            urb,
            link: Opaque::uninit(),
            gate,
            finish: Self::finish,
        };
        // SAFETY: The URB is ours and idle.
        unsafe {
            (*urb.as_ptr()).dev = raw.gate.udev();
            (*urb.as_ptr()).transfer_buffer = buffer.as_mut_ptr().cast();
            (*urb.as_ptr()).complete = Some(RawUrb::complete);
        }
        let length = buffer.len();
        let body = Body {
            raw,
            setup,
            buffer,
            length,
            handler,
        };
        // INVARIANT: It has not been submitted yet.
        Ok(Self {
            body: KBox::new(body, GFP_KERNEL)?,
            _type: PhantomData,
        })
    }

    fn as_raw(&self) -> *mut bindings::urb {
        self.body.raw.urb.as_ptr()
    }

    /// Starts the transfer.
    ///
    /// # Context
    ///
    /// May sleep. From a handler use [`Completed::resubmit`].
    ///
    /// # Errors
    ///
    /// The URB comes back with each of them:
    ///
    /// - `EINVAL`: `interface` is not the one that the URB was made for.
    /// - `ENODEV`: the driver is being unbound, or the device is gone.
    /// - `EPERM`: the URB is being killed.
    /// - `ENOMEM`, and what else `usb_submit_urb()` returns.
    pub fn submit(self, interface: &Interface<device::Bound>) -> Result<(), SubmitError<T, D, H>> {
        let same_gate = interface
            .gate()
            .map(|gate| Arc::ptr_eq(&self.body.raw.gate, gate));
        match same_gate {
            Ok(true) => self.submit_with(GFP_KERNEL),
            Ok(false) => Err(SubmitError {
                error: EINVAL,
                urb: self,
            }),
            Err(error) => Err(SubmitError { error, urb: self }),
        }
    }

    fn submit_with(self, flags: Flags) -> Result<(), SubmitError<T, D, H>> {
        let gate: *const Gate = Arc::as_ptr(&self.body.raw.gate);
        let raw = self.into_raw();
        // SAFETY:
        // - `gate` is valid until the submission has left it, if it is open; if it is not, `raw`
        //   stays ours, and with it its reference to the gate.
        // - `raw` is valid, was idle and is prepared; we give up the ownership on success.
        match unsafe { (*gate).submit(raw, flags) } {
            Ok(()) => Ok(()),
            Err(error) => {
                // SAFETY: It was not submitted, so that it is still ours, and of this type.
                let urb = unsafe { Self::from_raw(raw) };
                Err(SubmitError { error, urb })
            }
        }
    }

    /// Gives the URB up, for the host controller to own.
    fn into_raw(self) -> NonNull<RawUrb> {
        let length = self.body.length;
        let urb = self.as_raw();
        let body = NonNull::from(KBox::leak(self.body));
        // SAFETY: The URB is ours and idle.
        unsafe {
            (*urb).context = body.as_ptr().cast();
            // CAST: A buffer is at most `Buffer::MAX_LENGTH` long.
            (*urb).transfer_buffer_length = length as u32;
        }
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
            body: unsafe { KBox::from_raw(raw.cast::<Body<H>>().as_ptr()) },
            _type: PhantomData,
        }
    }

    /// Runs the handler of a URB that has completed.
    ///
    /// # Safety
    ///
    /// As [`from_raw`](Urb::from_raw), and the URB has just completed.
    unsafe fn finish(raw: NonNull<RawUrb>) {
        // SAFETY: The safety requirement is the same.
        let urb = unsafe { Self::from_raw(raw) };
        // SAFETY: The URB is ours again; the core has filled in these fields.
        let (status, actual) = unsafe { ((*urb.as_raw()).status, (*urb.as_raw()).actual_length) };
        let (result, actual_length) = check_outcome(status, actual, urb.body.length);
        H::complete(Completed {
            urb,
            result,
            actual_length,
        });
    }

    /// Something to cancel this URB with while it is in flight.
    pub fn canceller(&self) -> Canceller {
        Canceller {
            // SAFETY: By the type invariants of `RawUrb` the URB is valid.
            urb: unsafe { UrbRef::new(self.body.raw.urb) },
            gate: self.body.raw.gate.clone(),
        }
    }

    /// The handler that completions of this URB go to.
    pub fn handler(&self) -> &H {
        &self.body.handler
    }

    /// The buffer, whole.
    pub fn buffer(&self) -> &[u8] {
        &self.body.buffer
    }

    /// The buffer, whole, to be filled.
    pub fn buffer_mut(&mut self) -> &mut [u8] {
        &mut self.body.buffer
    }

    /// Bytes that a submission asks for or sends.
    #[doc(alias = "transfer_buffer_length")]
    pub fn length(&self) -> usize {
        self.body.length
    }

    /// Gives the buffer and the handler back, and frees the rest.
    pub fn into_parts(self) -> (Buffer, H) {
        let body = KBox::into_inner(self.body);
        (body.buffer, body.handler)
    }
}

impl<T: BulkOrInterrupt, D: Direction, H: Handler<T, D>> Urb<T, D, H> {
    /// Allocates a URB that moves `buffer` through `endpoint`.
    ///
    /// A transfer moves the whole buffer, unless [`set_length`](Urb::set_length) says less. IN
    /// buffers should be a multiple of the endpoint's packet size: a device that has more in its
    /// packet than fits ends the transfer with [`TransferError::Overflow`].
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    pub fn new(endpoint: &Endpoint<'_, T, D>, buffer: Buffer, handler: H) -> Result<Self> {
        let interface = endpoint.interface();
        let descriptor = endpoint.descriptor();
        let urb = Self::allocate(interface.gate()?.clone(), None, buffer, handler)?;
        let udev = urb.body.raw.gate.udev();
        // SAFETY: The URB is ours and idle. `udev` is valid since the interface is bound.
        unsafe {
            let c = urb.as_raw();
            (*c).pipe = pipe(udev, T::KIND, D::IS_IN, descriptor.number());
            if T::KIND == TransferKind::Interrupt {
                // CAST: A period is at most 2^15.
                (*c).interval = descriptor.period(interface.device().speed()) as c_int;
            }
        }
        Ok(urb)
    }

    /// Makes the transfer move only the first `length` bytes of the buffer.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the buffer is not that long; the length stays as it was.
    pub fn set_length(&mut self, length: usize) -> Result {
        if length > self.body.buffer.len() {
            return Err(EINVAL);
        }
        self.body.length = length;
        Ok(())
    }
}

impl<D: Direction, H: Handler<Control, D>> Urb<Control, D, H> {
    /// Allocates a URB for a request to endpoint 0.
    ///
    /// The length of the data stage is that of `buffer`; it becomes `wLength` of the request, so
    /// that the two cannot differ.
    pub(super) fn control(
        interface: &Interface<device::Bound>,
        mut setup: SetupPacket,
        buffer: Buffer,
        handler: H,
    ) -> Result<Self> {
        let length = u16::try_from(buffer.len()).map_err(|_| EMSGSIZE)?;
        setup.set_length(length);
        // A request without a data stage is an OUT transfer, whatever its direction bit says.
        let is_in = D::IS_IN && length != 0;
        let mut setup = KBox::new(setup, GFP_KERNEL)?;
        let setup_packet = core::ptr::from_mut::<SetupPacket>(&mut setup);
        let urb = Self::allocate(interface.gate()?.clone(), Some(setup), buffer, handler)?;
        let udev = urb.body.raw.gate.udev();
        // SAFETY: The URB is ours and idle. `udev` is valid since the interface is bound.
        unsafe {
            (*urb.as_raw()).pipe = pipe(udev, TransferKind::Control, is_in, 0);
            (*urb.as_raw()).setup_packet = setup_packet.cast();
        }
        Ok(urb)
    }
}

/// Judges what a host controller driver reported: all of it may be wrong.
///
/// A transfer that claims to have moved more than was asked for has no data, and if it claims to
/// have ended well, it is an overflow.
fn check_outcome(status: i32, actual: u32, length: usize) -> (Result<(), TransferError>, usize) {
    let result = TransferError::from_status(status);
    match usize::try_from(actual) {
        Ok(actual) if actual <= length => (result, actual),
        _ => (result.and(Err(TransferError::Overflow)), 0),
    }
}

/// Encodes where a transfer goes, as `usb_sndbulkpipe()` and its siblings do.
///
/// # Safety
///
/// `udev` must be a valid `struct usb_device`.
unsafe fn pipe(
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

/// A transfer that has ended: the URB, and how it went.
#[must_use = "dropping it frees the URB; resubmit it or take the URB out to keep it"]
pub struct Completed<T: TransferType, D: Direction, H: Handler<T, D>> {
    urb: Urb<T, D, H>,
    result: Result<(), TransferError>,
    actual_length: usize,
}

impl<T: TransferType, D: Direction, H: Handler<T, D>> Completed<T, D, H> {
    /// How the transfer ended. Data may have been moved even where it ended badly.
    #[doc(alias = "status")]
    pub fn result(&self) -> Result<(), TransferError> {
        self.result
    }

    /// Bytes that were moved, at most [`Urb::length`].
    pub fn actual_length(&self) -> usize {
        self.actual_length
    }

    /// The handler of the URB.
    pub fn handler(&self) -> &H {
        self.urb.handler()
    }

    /// Takes the URB out, to be filled anew, kept for later, or dropped.
    pub fn into_urb(self) -> Urb<T, D, H> {
        self.urb
    }

    /// Starts the same transfer again, without an allocation of our own.
    ///
    /// # Context
    ///
    /// Any, in particular a completion handler.
    ///
    /// # Errors
    ///
    /// As [`Urb::submit`]. While the URB is being killed and after the driver was unbound it is an
    /// error, so that a handler that always resubmits ends.
    pub fn resubmit(self) -> Result<(), SubmitError<T, D, H>> {
        self.urb.submit_with(GFP_ATOMIC)
    }
}

impl<T: TransferType, H: Handler<T, In>> Completed<T, In, H> {
    /// What the device sent.
    pub fn data(&self) -> &[u8] {
        // PANIC: `actual_length` was checked against `length`, which is within the buffer.
        &self.urb.buffer()[..self.actual_length]
    }
}

impl<T: TransferType, H: Handler<T, Out>> Completed<T, Out, H> {
    /// Whether the device took everything that it was sent.
    pub fn is_complete(&self) -> bool {
        self.result.is_ok() && self.actual_length == self.urb.length()
    }
}

/// A URB that could not be submitted, and why.
pub struct SubmitError<T: TransferType, D: Direction, H: Handler<T, D>> {
    /// Why.
    pub error: Error,
    /// The URB, idle as before.
    pub urb: Urb<T, D, H>,
}

impl<T: TransferType, D: Direction, H: Handler<T, D>> From<SubmitError<T, D, H>> for Error {
    fn from(error: SubmitError<T, D, H>) -> Error {
        error.error
    }
}

/// Cancels a URB that somebody else owns: the host controller, or whom its handler gave it to.
///
/// # Invariants
///
/// `gate` is the gate of `urb`.
pub struct Canceller {
    urb: UrbRef,
    gate: Arc<Gate>,
}

impl Canceller {
    /// Cancels the URB if it is in flight, and waits until its handler has returned. While this
    /// runs, a resubmission fails with `EPERM`. An idle URB stays as it is.
    ///
    /// # Context
    ///
    /// May sleep. Must not be called with a lock held that the handler takes.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: the URB was made for another interface than `interface`.
    /// - `ENODEV`: the driver's data is being dropped; nothing is in flight then.
    #[doc(alias = "usb_kill_urb")]
    pub fn kill(&self, interface: &Interface<device::Bound>) -> Result {
        if !Arc::ptr_eq(&self.gate, interface.gate()?) {
            return Err(EINVAL);
        }
        // SAFETY: The interface is bound, so that its device is alive, and by the type invariants
        // that device is the URB's.
        unsafe { self.urb.kill() };
        Ok(())
    }
}

#[kunit_tests(rust_usb_urb)]
mod tests {
    use super::*;

    #[test]
    fn outcome_of_a_lying_device_is_an_overflow_without_data() {
        for actual in [4097, 4160, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let lie = (Err(TransferError::Overflow), 0);
            assert!(check_outcome(0, actual, 4096) == lie);
            let stalled = (Err(TransferError::Stall), 0);
            assert!(check_outcome(EPIPE.to_errno(), actual, 4096) == stalled);
        }
    }

    #[test]
    fn outcome_keeps_what_was_moved() {
        for (actual, length) in [(0, 0), (0, 1), (1, 1), (511, 512), (4096, 4096)] {
            assert!(check_outcome(0, actual as u32, length) == (Ok(()), actual));
            let stalled = (Err(TransferError::Stall), actual);
            assert!(check_outcome(EPIPE.to_errno(), actual as u32, length) == stalled);
        }
    }
}
