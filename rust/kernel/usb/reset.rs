// SPDX-License-Identifier: GPL-2.0

//! Resetting the device.
//!
//! A reset may unbind the very driver that asks for it: one without `pre_reset` and `post_reset`,
//! or if it fails, or if the device comes back as another one. Unbinding waits for the driver's
//! file operations, one of which may be the one that asks. So the reset is the job of a work item,
//! in code that is not the driver's, and the driver waits for it only as long as it is bound.

use super::{
    gate::{
        Gate,
        Pause, //
    },
    proof::IsLocked,
    BoundDevice,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    new_spinlock,
    prelude::*,
    sync::{
        aref::ARef,
        Arc,
        SpinLock, //
    },
    workqueue::{
        self,
        impl_has_work,
        new_work,
        Work,
        WorkItem, //
    }, //
};

/// A reset, from when it is asked for until it was done.
#[pin_data]
struct Job {
    #[pin]
    work: Work<Self>,
    interface: ARef<Interface>,
    gate: Arc<Gate>,
    #[pin]
    outcome: SpinLock<Option<Result>>,
}

impl_has_work! {
    impl HasWork<Self> for Job { self.work }
}

impl WorkItem for Job {
    type Pointer = Arc<Self>;

    fn run(job: Arc<Self>) {
        let outcome = job.reset();
        *job.outcome.lock() = Some(outcome);
        job.gate.notify();
    }
}

impl Job {
    fn new(interface: &Interface<device::Bound>) -> Result<Arc<Self>> {
        let gate = interface.gate()?.clone();
        Arc::pin_init(
            pin_init!(Self {
                work <- new_work!("usb::reset::Job::work"),
                interface: interface.into(),
                gate,
                outcome <- new_spinlock!(None, "usb::reset::Job::outcome"),
            }),
            GFP_KERNEL,
        )
    }

    fn reset(&self) -> Result {
        let (udev, intf) = (self.interface.device().as_raw(), self.interface.as_raw());
        // SAFETY: We have a reference to the interface, which has one to its device. We may sleep.
        to_result(unsafe { bindings::usb_lock_device_for_reset(udev, intf) }).map_err(|error| {
            match error {
                // This is how it says that the interface is being unbound, or was.
                EINTR => ENODEV,
                error => error,
            }
        })?;
        let result = self.reset_locked();
        // SAFETY: We have locked it.
        unsafe { bindings::usb_unlock_device(udev) };
        result
    }

    /// The caller has locked the device.
    fn reset_locked(&self) -> Result {
        // A driver that was bound in the meantime has not asked for it. The visit must be over
        // before the reset: that may close the gate.
        drop(self.gate.visit()?);
        // SAFETY: The device is locked, and the interface bound to our driver, as the gate is
        // open. So the device is registered, which makes its hub valid.
        to_result(unsafe { bindings::usb_reset_device(self.interface.device().as_raw()) })
    }
}

impl BoundDevice<'_> {
    /// Resets the device, and waits until it was done.
    ///
    /// A reset concerns everybody who uses the device. Drivers that have both a `pre_reset` and a
    /// `post_reset` callback stay bound: their I/O is stopped before and may go on after.
    /// Others are unbound, and bound anew when the reset was successful. This driver, if it is one
    /// of those, is gone when the reset is done, so the wait ends with `ENODEV`.
    ///
    /// The altsettings are afterwards what they were before. Configuration and address are too,
    /// from the host's point of view. All else that the device was told is forgotten.
    ///
    /// # Context
    ///
    /// May sleep, for seconds, and without regard to signals. Not while a lock is held that any
    /// callback of the driver takes.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound, maybe by this reset. Or the device is gone, or has
    ///   come back as another one.
    /// - `EDEADLK`: called from a callback of the driver, such as `probe`, which the reset would
    ///   wait for; or in [`Claim::with`](super::Claim::with), for the device of another interface.
    ///   Use [`queue_reset`](BoundDevice::queue_reset) there.
    /// - `EBUSY`: the device was in use by somebody else, who locked it, for more than a second.
    /// - `EHOSTUNREACH`: the device is suspended.
    /// - `EINPROGRESS`: it is being reset.
    /// - `EINVAL`: it is not attached, or was suspended just now.
    /// - `ENOMEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// The last resort for a device that does not answer.
    /// fn recover(intf: &usb::Interface<Bound>) -> Result {
    ///     match intf.bound_device().reset() {
    ///         Err(ENODEV) => dev_dbg!(intf, "the reset took the device from us\n"),
    ///         result => result?,
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[doc(alias("usb_reset_device", "usb_lock_device_for_reset"))]
    pub fn reset(&self) -> Result {
        let gate = self.interface().gate()?;
        gate.tasks().may_wait_for_reset(gate)?;
        let job = Job::new(self.interface())?;
        drop(job.gate.visit()?);
        // It has never been enqueued, so it is now. `system_long`: a reset takes its time.
        if workqueue::system_long().enqueue(job.clone()).is_err() {
            return Err(EBUSY);
        }
        job.gate.wait_closed_or(|| *job.outcome.lock())?
    }

    /// Has the device reset, some time after this has returned.
    ///
    /// What a reset means for drivers is said at [`reset`](BoundDevice::reset). If this driver has
    /// been unbound by then, nothing happens.
    ///
    /// # Context
    ///
    /// Any; callbacks of the driver too.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver is being unbound.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// In `resume`, which cannot wait for a reset: has a device reset that does not answer.
    /// fn check(intf: &usb::Interface<Bound>) -> Result {
    ///     let device = intf.bound_device();
    ///     match device.status(usb::Addressee::Device) {
    ///         Ok(_) => Ok(()),
    ///         Err(_) => device.queue_reset(),
    ///     }
    /// }
    /// ```
    #[doc(alias = "usb_queue_reset_device")]
    pub fn queue_reset(&self) -> Result {
        let _visit = self.interface().gate()?.visit()?;
        // SAFETY: The interface is valid; the function takes a reference to it for as long as the
        // reset is queued.
        unsafe { bindings::usb_queue_reset_device(self.interface().as_raw()) };
        Ok(())
    }
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Sets the configuration again that is active: a reset for the functions of the device, not
    /// for its connection. Altsetting 0 of each interface is in use afterwards.
    ///
    /// I/O is stopped before. Endpoints that were found before belong to the past: what is
    /// submitted to them fails with `ESTALE`, if the altsetting was another one.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `EBUSY`: another interface of the device has a driver, be it this one by a claim, or
    ///   endpoints are being replaced.
    /// - `ENODEV`: the driver is being unbound, or the device is gone.
    /// - `EHOSTUNREACH`: the device is suspended.
    /// - `ENOSPC`, `ENOMEM`: the host controller has no room for it. The endpoints are disabled.
    /// - Any other that a control transfer ends with.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Core, prelude::*, usb};
    ///
    /// /// At the beginning of `probe`, for a device that may be in the middle of something.
    /// fn start_anew(intf: &usb::Interface<Core<'_>>) -> Result {
    ///     match intf.reset_configuration() {
    ///         // Not without the consent of those who use its other interfaces.
    ///         Err(EBUSY) => Ok(()),
    ///         result => result,
    ///     }
    /// }
    /// ```
    #[doc(alias = "usb_reset_configuration")]
    pub fn reset_configuration(&self) -> Result
    where
        Self: IsLocked,
    {
        self.locked(|interface| interface.configure_again())
    }
}

impl Interface<device::Core<'_>> {
    fn configure_again(&self) -> Result {
        let gate = self.gate()?;
        if self.has_claimed_siblings() {
            return Err(EBUSY);
        }
        gate.begin_replacing()?;
        let result = gate.pause_to_replace().and_then(|()| {
            self.give_back_streams(gate);
            // SAFETY: The device is valid, and locked by the core for the callback that we are in.
            // It has an active configuration, as it has interfaces, none of which but ours is in
            // use. For ours nothing is in flight.
            let result = unsafe { bindings::usb_reset_configuration(self.device().as_raw()) };
            gate.resume(Pause::Endpoints);
            to_result(result)
        });
        gate.end_replacing();
        result
    }

    /// Whether another interface of the configuration has a driver.
    fn has_claimed_siblings(&self) -> bool {
        // SAFETY: The device is valid, and locked by the core for the callback that we are in, so
        // that the configuration does not change.
        let config = unsafe { (*self.device().as_raw()).actconfig };
        if config.is_null() {
            return false;
        }
        // SAFETY: As it is not null it is valid, for the same reason. Both are copies.
        let (count, interfaces) = unsafe { ((*config).desc.bNumInterfaces, (*config).interface) };
        interfaces.iter().take(count.into()).any(|intf| {
            // SAFETY: As many interfaces as the configuration has are valid.
            *intf != self.as_raw() && unsafe { bindings::usb_interface_claimed(*intf) }
        })
    }
}

#[kunit_tests(rust_usb_reset)]
mod tests {
    use super::*;
    use core::ptr::null_mut;

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: There is no interface, and nobody looks for one: these tests only wait.
        unsafe { Gate::new(null_mut(), null_mut()) }
    }

    /// Does something elsewhere, maybe while the caller sleeps already.
    fn spawn(function: impl FnOnce() + Send + 'static) -> Result {
        Ok(workqueue::system_long().try_spawn(GFP_KERNEL, function)?)
    }

    #[test]
    fn what_is_ready_is_not_waited_for() -> Result {
        let gate = gate()?;
        assert_eq!(gate.wait_closed_or(|| Some(1)), Ok(1));
        gate.close();
        // What was done was done, also if the gate was closed meanwhile.
        assert_eq!(gate.wait_closed_or(|| Some(2)), Ok(2));
        assert_eq!(gate.wait_closed_or(|| None::<u8>), Err(ENODEV));
        Ok(())
    }

    #[test]
    fn the_one_who_waits_is_told() -> Result {
        let gate = gate()?;
        let outcome = Arc::pin_init(new_spinlock!(None, "test::outcome"), GFP_KERNEL)?;
        let (their_gate, theirs) = (gate.clone(), outcome.clone());
        spawn(move || {
            *theirs.lock() = Some(7);
            their_gate.notify();
        })?;
        assert_eq!(gate.wait_closed_or(|| *outcome.lock()), Ok(7));
        gate.close();
        Ok(())
    }

    #[test]
    fn unbinding_does_not_wait_for_the_one_who_waits() -> Result {
        let gate = gate()?;
        let theirs = gate.clone();
        spawn(move || theirs.close())?;
        assert_eq!(gate.wait_closed_or(|| None::<u8>), Err(ENODEV));
        gate.close();
        Ok(())
    }

    #[test]
    fn a_pause_is_no_end() -> Result {
        let gate = gate()?;
        gate.pause(Pause::Reset)?;
        let outcome = Arc::pin_init(new_spinlock!(None, "test::outcome"), GFP_KERNEL)?;
        let (their_gate, theirs) = (gate.clone(), outcome.clone());
        spawn(move || {
            their_gate.notify();
            their_gate.resume(Pause::Reset);
            *theirs.lock() = Some(7);
            their_gate.notify();
        })?;
        assert_eq!(gate.wait_closed_or(|| *outcome.lock()), Ok(7));
        gate.close();
        Ok(())
    }
}
