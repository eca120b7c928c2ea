// SPDX-License-Identifier: GPL-2.0

//! What became of what was written.
//!
//! Who has written does not wait for it, so this is kept until somebody asks. It also keeps the
//! device awake for as long as something is on its way.

use crate::{
    pipe::Pipe,
    stats::Stats, //
};
use kernel::{
    device::Bound,
    new_spinlock_irq,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Release, //
        },
        Arc,
        SpinLockIrq, //
    },
    usb, //
};

/// What is on its way, and what keeps the device awake for it.
struct Flight {
    transfers: usize,
    awake: Option<usb::PowerGuard>,
}

#[pin_data]
pub(crate) struct Losses {
    /// The first error that nobody was told of yet, as an errno; 0 if there is none.
    first: Atomic<i32>,
    #[pin]
    flight: SpinLockIrq<Flight>,
    changed: Arc<usb::Events>,
    stats: Arc<Stats>,
}

impl Losses {
    pub(crate) fn new(pipe: &Pipe) -> Result<Arc<Self>> {
        let flight = Flight {
            transfers: 0,
            awake: None,
        };
        Arc::pin_init(
            try_pin_init!(Self {
                first: Atomic::new(0),
                flight <- new_spinlock_irq!(flight, "usbpipe::Losses::flight"),
                changed: pipe.changed.clone(),
                stats: pipe.stats.clone(),
            }),
            GFP_KERNEL,
        )
    }

    /// The first error, which stays until it is [forgotten](Self::forget).
    pub(crate) fn error(&self) -> Option<Error> {
        match self.first.load(Acquire) {
            0 => None,
            errno => Some(Error::from_errno(errno)),
        }
    }

    pub(crate) fn record(&self, error: Error) {
        // Only the first one is kept.
        let _ = self.first.cmpxchg(0, error.to_errno(), Full);
        self.changed.notify();
    }

    /// Makes this the first one.
    pub(crate) fn replace(&self, error: Error) {
        self.first.store(error.to_errno(), Release);
        self.changed.notify();
    }

    pub(crate) fn forget(&self) {
        self.first.store(0, Release);
        self.changed.notify();
    }

    /// A transfer is about to be submitted.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver is being unbound.
    pub(crate) fn begun(&self, interface: &usb::Interface<Bound>) -> Result {
        let mut flight = self.flight.lock();
        flight.transfers += 1;
        if flight.transfers > 1 {
            return Ok(());
        }
        drop(flight);
        let awake = interface.power().and_then(|power| power.hold());
        let awake = awake.inspect_err(|_| self.not_begun())?;
        let surplus = self.flight.lock().awake.replace(awake);
        drop(surplus);
        Ok(())
    }

    /// It could not be submitted.
    pub(crate) fn not_begun(&self) {
        let mut flight = self.flight.lock();
        flight.transfers -= 1;
        let awake = match flight.transfers {
            0 => flight.awake.take(),
            _ => None,
        };
        drop(flight);
        // Not with the lock held: it may put the device to sleep.
        drop(awake);
    }

    /// The device was asleep, and whoever wanted to write will come again: it stays awake until
    /// that is written, or the stream ends.
    pub(crate) fn stay_awake(&self, interface: &usb::Interface<Bound>) {
        let awake = interface.power().and_then(|power| power.hold());
        if let Ok(awake) = awake {
            let surplus = self.flight.lock().awake.replace(awake);
            drop(surplus);
        }
    }

    /// A transfer has ended.
    pub(crate) fn ended(&self, result: Result<(), usb::TransferError>, bytes: usize) {
        self.stats.count::<usb::Out>(result, bytes);
        if let Err(error) = result {
            self.record(to_program(error));
        }
        self.not_begun();
    }

    /// There is room again.
    pub(crate) fn returned(&self) {
        self.changed.notify_of(usb::PollEvents::WRITABLE);
    }
}

/// What the error of a transfer is to the program that wrote it. What the driver cancels itself is
/// not reported; what else is cancelled is so because the device was suspended or reset.
fn to_program(error: usb::TransferError) -> Error {
    match error {
        usb::TransferError::Short => EIO,
        error if error.is_gone() => ENODEV,
        error if error.is_cancelled() => ECONNABORTED,
        error => error.into(),
    }
}
