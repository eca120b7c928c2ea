// SPDX-License-Identifier: GPL-2.0

//! What a driver has to do for its interface, but not where it finds that out.
//!
//! C reference: `schedule_work()`, and `cancel_work_sync()` in the `disconnect()` of C drivers.

use super::{
    bond::Role,
    gate::Gate,
    proof::IsBound,
    Interface, //
};
use crate::{
    device,
    prelude::*,
    sync::Arc,
    workqueue::{
        self,
        impl_has_work,
        new_work,
        WorkItem, //
    }, //
};

/// What [`Work`] does.
pub trait WorkHandler: Send + Sync + 'static {
    /// Does it. `interface` stays bound meanwhile; when it is being unbound, all that this waits
    /// for at the device ends at once.
    ///
    /// # Context
    ///
    /// May sleep. It is not run twice at the same time by the same [`Work`].
    fn run(&self, interface: &Interface<device::Bound>);
}

/// A piece of work that may sleep, for those who may not: a completion handler that finds an
/// endpoint halted, or a timer.
///
/// A work item of [`kernel::workqueue`](crate::workqueue) has no bound interface, and may be run
/// when the driver is gone. This one is not run any more as soon as unbinding has begun, which
/// waits for it. Dropping or forgetting it changes nothing for what was scheduled.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::Bound,
///     prelude::*,
///     sync::{Arc, SpinLockIrq},
///     usb, //
/// };
///
/// type Reading = usb::Urb<usb::Bulk, usb::In, Reader>;
///
/// /// Makes an endpoint that is halted usable again.
/// struct Recovery {
///     endpoint: u8,
///     stopped: Arc<SpinLockIrq<Option<Reading>>>,
/// }
///
/// impl usb::WorkHandler for Recovery {
///     fn run(&self, intf: &usb::Interface<Bound>) {
///         let endpoint = intf.endpoint::<usb::Bulk, usb::In>(self.endpoint);
///         let (Some(endpoint), Some(urb)) = (endpoint, self.stopped.lock().take()) else {
///             return;
///         };
///         if endpoint.clear_halt().is_ok() {
///             let _ = urb.submit(intf);
///         }
///     }
/// }
///
/// /// Reads on and on.
/// struct Reader {
///     recovery: Arc<usb::Work<Recovery>>,
/// }
///
/// impl usb::Handler<usb::Bulk, usb::In> for Reader {
///     fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
///         if done.result() != Err(usb::TransferError::Stall) {
///             let _ = done.resubmit();
///             return;
///         }
///         let recovery = done.handler().recovery.clone();
///         *recovery.handler().stopped.lock() = Some(done.into_urb());
///         let _ = recovery.schedule();
///     }
/// }
///
/// fn recovery(
///     endpoint: &usb::Endpoint<'_, usb::Bulk, usb::In>,
///     stopped: Arc<SpinLockIrq<Option<Reading>>>,
/// ) -> Result<Arc<usb::Work<Recovery>>> {
///     let endpoint_address = endpoint.descriptor().address();
///     let recovery = Recovery { endpoint: endpoint_address, stopped };
///     Ok(Arc::new(endpoint.interface().work(recovery)?, GFP_KERNEL)?)
/// }
/// ```
#[doc(alias("schedule_work", "cancel_work_sync", "work_struct"))]
pub struct Work<T: WorkHandler> {
    job: Arc<Job>,
    handler: Arc<T>,
}

/// What the workqueue has. Neither it nor what makes it is generic, so that the function which the
/// workqueue calls is built-in code: that of the driver's module may be gone as soon as the visit
/// ends.
#[pin_data]
struct Job {
    #[pin]
    work: workqueue::Work<Job>,
    gate: Arc<Gate>,
    handler: Arc<dyn WorkHandler>,
}

impl_has_work! {
    impl HasWork<Self> for Job { self.work }
}

impl Job {
    // Inlined into a module, it would bring the function along.
    #[inline(never)]
    fn new(gate: Arc<Gate>, handler: Arc<dyn WorkHandler>) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                work <- new_work!("usb::Work"),
                gate,
                handler,
            }),
            GFP_KERNEL,
        )
    }

    /// See [`Work::schedule`].
    fn schedule(self: &Arc<Self>) -> Result<bool> {
        if !self.gate.begin_visit() {
            return Err(ENODEV);
        }
        let is_new = workqueue::system_unbound().enqueue(self.clone()).is_ok();
        if !is_new {
            self.gate.end_visit();
        }
        Ok(is_new)
    }
}

impl WorkItem for Job {
    type Pointer = Arc<Self>;

    /// Each run belongs to a visit, which has begun when it was scheduled.
    fn run(job: Arc<Self>) {
        let gate = job.gate.clone();
        if !gate.is_closed() {
            // SAFETY: While the visit lasts, the interface is valid, and bound to a Rust driver.
            let interface = unsafe { &*gate.intf().cast::<Interface<device::Bound>>() };
            job.handler.run(interface);
        }
        // It may be the last one, and this the end of the driver's data.
        drop(job);
        gate.end_visit();
    }
}

impl<T: WorkHandler> Work<T> {
    /// Has [`WorkHandler::run`] called soon, in a thread of the kernel. Returns whether that was
    /// new: what is waiting to be run is not scheduled twice, what is running is.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver is being unbound.
    pub fn schedule(&self) -> Result<bool> {
        self.job.schedule()
    }

    /// What was given to [`Interface::work`].
    pub fn handler(&self) -> &T {
        &self.handler
    }
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Prepares work for this interface.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL`: it is one that the driver has claimed. The work of its own interface may use that
    ///   by [`Claim::with`](super::Claim::with).
    /// - `ENODEV`: the driver's data is being dropped.
    /// - `ENOMEM`.
    pub fn work<T: WorkHandler>(&self, handler: T) -> Result<Work<T>>
    where
        Self: IsBound,
    {
        let bond = self.bound().bond()?;
        if bond.role() == Role::Claimed {
            return Err(EINVAL);
        }
        let gate = bond.gate.clone();
        let handler = Arc::new(handler, GFP_KERNEL)?;
        let job = Job::new(gate, handler.clone())?;
        Ok(Work { job, handler })
    }
}
