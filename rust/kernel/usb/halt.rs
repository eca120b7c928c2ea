// SPDX-License-Identifier: GPL-2.0

//! Ending the halt of an endpoint, on both sides or on one.
//!
//! C reference: `usb_clear_halt()` and `usb_reset_endpoint()` in `drivers/usb/core/message.c`.

use super::{
    drain::Inside,
    endpoint::{
        BulkOrInterrupt,
        Direction,
        Endpoint,
        TransferType, //
    },
    fleet::Hold,
    gate::Gate,
    Addressee,
    ControlRequest,
    Timeout,
    TransferError, //
};
use crate::{
    bindings,
    prelude::*, //
};

/// An endpoint with nothing in flight, and nobody can submit anything.
///
/// Host controller drivers demand that of who resets an endpoint; `ehci-hcd` warns, others refuse.
struct Quiet<'a> {
    _hold: Hold<'a>,
    /// A reset of the device, or another altsetting, replaces what the host controller has of the
    /// endpoint: they wait for us, or we are refused.
    _caller: Inside<'a>,
    gate: &'a Gate,
    address: u8,
}

impl<'a> Quiet<'a> {
    fn new<T: TransferType, D: Direction>(endpoint: &Endpoint<'a, T, D>) -> Result<Self> {
        let gate = endpoint.interface().gate()?;
        let caller = gate.enter()?;
        let queue = endpoint.raw().ok_or(ESTALE)?;
        // Once without disturbing anybody, and once for certain.
        //
        // SAFETY: The interface is bound, so that its endpoints are valid.
        if unsafe { is_busy(queue) } {
            return Err(EBUSY);
        }
        let hold = gate.fleet().hold(endpoint.address());
        // SAFETY: It is still bound, as `endpoint` borrows it.
        if unsafe { is_busy(queue) } {
            return Err(EBUSY);
        }
        Ok(Self {
            _hold: hold,
            _caller: caller,
            gate,
            address: endpoint.address(),
        })
    }

    /// Has the host controller forget where in its packet sequence the endpoint is.
    fn reset(&self) {
        // SAFETY: We are inside of the gate, so that the interface is bound, and `udev` valid and
        // configured; the address is one of its endpoints'. The function may sleep, as we may.
        unsafe { bindings::usb_reset_endpoint(self.gate.udev(), self.address.into()) };
    }
}

/// Whether the host controller has a URB of an endpoint.
///
/// # Safety
///
/// `endpoint` must be valid.
unsafe fn is_busy(endpoint: *mut bindings::usb_host_endpoint) -> bool {
    // SAFETY: It is valid. The core changes the list meanwhile, so its head is read once.
    unsafe {
        let head = &raw mut (*endpoint).urb_list;
        (&raw const (*head).next).read_volatile() != head
    }
}

impl<T: TransferType, D: Direction> Endpoint<'_, T, D> {
    /// Makes the host controller begin the packet sequence of the endpoint anew, without a word to
    /// the device: for when that has begun anew by itself, or by a request of its class or vendor.
    ///
    /// Transfers that are started while this runs are refused with `EPERM`.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - [`Busy`](TransferError::Busy): something is in flight on the endpoint.
    /// - [`Stale`](TransferError::Stale): the altsetting was changed since the endpoint was found.
    /// - [`NoDevice`](TransferError::NoDevice): the driver is being unbound.
    /// - [`Suspended`](TransferError::Suspended): I/O is paused.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// The reset of a disk (bulk-only transport 1.0, 3.1), of one that does not wait for its
    /// /// halts to be cleared.
    /// fn reset(
    ///     intf: &usb::Interface<Bound>,
    ///     data: &usb::Endpoint<'_, usb::Bulk, usb::In>,
    /// ) -> Result<(), usb::TransferError> {
    ///     const LIMIT: usb::Timeout = usb::Timeout::from_millis::<5000>();
    ///     let to = usb::Recipient::Interface;
    ///     let request = usb::ControlRequest::class(to, 0xff, 0, intf.number().into());
    ///     intf.control_send(&request, &[], LIMIT)?;
    ///     data.reset()
    /// }
    /// ```
    #[doc(alias = "usb_reset_endpoint")]
    pub fn reset(&self) -> Result<(), TransferError> {
        let quiet = Quiet::new(self).map_err(TransferError::from_refusal)?;
        quiet.reset();
        Ok(())
    }
}

impl<T: TransferType, D: Direction> Endpoint<'_, T, D> {
    /// Ends the halt of the endpoint, on both sides: the device is told, and the host controller
    /// starts its packet sequence anew (USB 2.0, 9.4.5).
    ///
    /// Transfers that are started while this runs are refused with `EPERM`.
    ///
    /// # Context
    ///
    /// May sleep. Comes back early for a signal, and at once when the driver is unbound.
    ///
    /// # Errors
    ///
    /// - [`Busy`](TransferError::Busy): something is in flight on the endpoint; nothing was done.
    /// - [`Stale`](TransferError::Stale): the altsetting was changed since the endpoint was found.
    /// - [`Stall`](TransferError::Stall): the device refuses.
    /// - Those of [`Interface::control`](super::Interface::control) and
    ///   [`Transferred::result`](super::Transferred::result).
    #[doc(alias = "usb_clear_halt")]
    pub fn clear_halt(&self) -> Result<(), TransferError>
    where
        T: BulkOrInterrupt,
    {
        const ENDPOINT_HALT: u16 = 0;
        const LIMIT: Timeout = Timeout::from_millis::<5000>();

        let quiet = Quiet::new(self).map_err(TransferError::from_refusal)?;
        let endpoint = Addressee::Endpoint(self.address());
        let request = ControlRequest::clear_feature(endpoint, ENDPOINT_HALT);
        self.interface().control_send(&request, &[], LIMIT)?;
        quiet.reset();
        Ok(())
    }
}
