// SPDX-License-Identifier: GPL-2.0

//! One synchronous transfer, and who sleeps until it has ended.

use super::{
    endpoint::{
        Direction,
        TransferType, //
    },
    gate::Gate,
    memory::Memory,
    urb::Urb,
    waiter::{
        Patience,
        Waiter, //
    },
    Canceller,
    Completed,
    Handler,
    Interface,
    Sleep,
    SubmitError,
    TransferError,
    Transferred, //
};
use crate::{
    device,
    prelude::*,
    static_lock_class,
    sync::{
        Arc,
        SpinLockIrq, //
    }, //
};

/// Where the handler leaves the transfer for the caller who sleeps.
#[pin_data]
pub(super) struct Call<B: Memory> {
    #[pin]
    outcome: SpinLockIrq<Option<Outcome<B>>>,
    #[pin]
    ended: Waiter,
}

struct Outcome<B> {
    buffer: B,
    actual_length: usize,
    result: Result<(), TransferError>,
}

// Nothing in it is ever pinned.
impl<B> Unpin for Outcome<B> {}

impl<T: TransferType, D: Direction, B: Memory> Handler<T, D, B> for Arc<Call<B>> {
    fn complete(done: Completed<'_, T, D, Self, B>) {
        let (result, actual_length) = (done.result(), done.actual_length());
        let (buffer, call) = done.into_urb().into_parts();
        *call.outcome.lock() = Some(Outcome {
            buffer,
            actual_length,
            result,
        });
        call.ended.signal();
    }
}

impl<B: Memory> Call<B> {
    pub(super) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                outcome <- SpinLockIrq::new(
                    None,
                    lock_name!(c"usb::Call::outcome"),
                    static_lock_class!()
                ),
                ended <- Waiter::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// Submits the URB of this call and sleeps until it has ended.
    pub(super) fn carry_out<T: TransferType, D: Direction>(
        &self,
        urb: Urb<T, D, Arc<Self>, B>,
        interface: &Interface<device::Bound>,
        sleep: Sleep,
    ) -> Transferred<B> {
        let entered = interface.gate().and_then(|gate| Ok((gate, gate.enter()?)));
        let (gate, _caller) = match entered {
            Ok(entered) => entered,
            Err(error) => {
                let error = TransferError::from_refusal(error);
                return Transferred::refused(urb.into_parts().0, error);
            }
        };
        let canceller = urb.canceller();
        if let Err(SubmitError { error, urb }) = urb.submit(interface) {
            return Transferred::refused(urb.into_parts().0, error);
        }
        let (outcome, reason) = self.wait(&canceller, Patience::new(sleep, gate));
        outcome.into_transferred(reason, gate)
    }

    /// Sleeps until the handler has left the transfer here; returns also why it was cancelled, if
    /// it was.
    fn wait(
        &self,
        canceller: &Canceller,
        mut patience: Patience<'_>,
    ) -> (Outcome<B>, Option<Error>) {
        let mut reason = None;
        loop {
            if let Some(outcome) = self.outcome.lock().take() {
                return (outcome, reason);
            }
            if let Err(error) = self.ended.wait(&mut patience) {
                // The handler has returned after this. The transfer may have ended well at the
                // last moment.
                canceller.0.urb.kill();
                reason = Some(error);
            }
        }
    }
}

impl<B: Memory> Outcome<B> {
    /// Ends up with the reason for which a transfer was cancelled, rather than with the fact.
    fn into_transferred(self, reason: Option<Error>, gate: &Gate) -> Transferred<B> {
        let result = self.result.map_err(|error| match (error, reason) {
            (error, Some(reason)) if error.is_cancelled() => TransferError::from_impatience(reason),
            // Nobody but the gate cancels a transfer that has a caller.
            (error, None) if error.is_cancelled() => TransferError::from_refusal(gate.refusal()),
            (TransferError::Shutdown, _) => TransferError::NoDevice,
            (error, _) => error,
        });
        Transferred {
            buffer: self.buffer,
            actual_length: self.actual_length,
            result,
        }
    }
}
