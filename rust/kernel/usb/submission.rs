// SPDX-License-Identifier: GPL-2.0

//! Handing URBs to the host controller.
//!
//! C reference: `usb_submit_urb()` in `drivers/usb/core/urb.c`.

use super::{
    body::OwnedBody,
    endpoint::{
        Direction,
        TransferKind,
        TransferType, //
    },
    gate::Gate,
    memory::Memory,
    proof::IsBound,
    raw::RawUrb,
    urb::Urb,
    Handler,
    Interface,
    SubmitError,
    TransferError, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    sync::Arc, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

impl<T: TransferType, D: Direction, H: Handler<T, D, B>, B: Memory> Urb<T, D, H, B> {
    /// Starts the transfer.
    ///
    /// The URB is the host controller's then, until its handler gets it. What is to be written into
    /// its memory is, before; what it has become afterwards, the handler learns. Something to
    /// cancel it with meanwhile is its [`canceller`](Urb::canceller).
    ///
    /// # Context
    ///
    /// May sleep. From a handler use [`Completed::resubmit`](super::Completed::resubmit), from
    /// another place where nobody may sleep [`submit_atomic`](Urb::submit_atomic).
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
    pub fn submit<Ctx: device::DeviceContext>(
        self,
        interface: &Interface<Ctx>,
    ) -> Result<(), SubmitError<T, D, H, B>>
    where
        Interface<Ctx>: IsBound,
    {
        self.submit_for(interface.bound(), GFP_KERNEL.as_raw())
    }

    /// As [`submit`](Urb::submit), for a driver that the system writes its memory out through, such
    /// as that of a disk.
    ///
    /// There, memory must not be got by writing out more of it: that would wait for this very
    /// transfer. So in what carries out requests of a block device, and with locks held that it
    /// takes, submit like this. In callbacks for suspension and reset it is not needed: the USB
    /// core and the driver core see to it there.
    ///
    /// # Context
    ///
    /// As [`submit`](Urb::submit).
    ///
    /// # Errors
    ///
    /// As [`submit`](Urb::submit). `ENOMEM` is more likely.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// type Command<H> = usb::Urb<usb::Bulk, usb::Out, H>;
    ///
    /// /// Sends a command to a disk, which was prepared before anybody waited for it.
    /// fn send<H>(intf: &usb::Interface<Bound>, command: Command<H>) -> Result
    /// where
    ///     H: usb::Handler<usb::Bulk, usb::Out>,
    /// {
    ///     command.submit_noio(intf)?;
    ///     Ok(())
    /// }
    /// ```
    #[doc(alias = "GFP_NOIO")]
    pub fn submit_noio<Ctx: device::DeviceContext>(
        self,
        interface: &Interface<Ctx>,
    ) -> Result<(), SubmitError<T, D, H, B>>
    where
        Interface<Ctx>: IsBound,
    {
        const IO: bindings::gfp_t = 1 << bindings::___GFP_IO_BIT | 1 << bindings::___GFP_FS_BIT;
        self.submit_for(interface.bound(), GFP_KERNEL.as_raw() & !IO)
    }

    fn submit_for(
        self,
        interface: &Interface<device::Bound>,
        gfp: bindings::gfp_t,
    ) -> Result<(), SubmitError<T, D, H, B>> {
        let same_gate = interface
            .gate()
            .map(|gate| Arc::ptr_eq(&self.body.raw.ticket().gate, gate));
        match same_gate {
            Ok(true) => self.submit_through_gate(gfp),
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
        self.submit_through_gate(GFP_ATOMIC.as_raw())
    }

    fn submit_through_gate(self, gfp: bindings::gfp_t) -> Result<(), SubmitError<T, D, H, B>> {
        let gate: *const Gate = Arc::as_ptr(&self.body.raw.ticket().gate);
        let raw = self.into_raw();
        // SAFETY:
        // - `gate` is valid until the submission has left it, if it is open: the bond of the
        //   interface has a reference until then. If it is not, `raw` stays ours, and with it its
        //   reference to the gate.
        // - `raw` is valid, was idle and is prepared; we give up the ownership on success.
        let result = unsafe { (*gate).submit(raw, gfp) };
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
        let raw = self.body.leak().cast::<RawUrb>();
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
        let body = self.body.leak();
        // SAFETY: The URB is still ours: nobody was told of it yet.
        unsafe { (*urb).context = body.as_ptr().cast() };
        body.cast()
    }

    /// # Safety
    ///
    /// `raw` must come from [`into_raw`](Urb::into_raw) of the same type, and nobody else may own
    /// it.
    pub(super) unsafe fn from_raw(raw: NonNull<RawUrb>) -> Self {
        // INVARIANT: By the safety requirement it is ours, so it is idle.
        Self {
            // SAFETY: A `RawUrb` is the first field of its `Body`, which was leaked by its owner.
            body: unsafe { OwnedBody::from_leaked(raw.cast()) },
            _type: PhantomData,
        }
    }
}
