// SPDX-License-Identifier: GPL-2.0

//! Runtime power management: who needs the device awake.
//!
//! C reference: [`Documentation/driver-api/usb/power-management.rst`]
//!
//! A device may be suspended when the usage counters of all its interfaces are 0. The counter
//! belongs to the interface, not to the binding: the USB core leaves it as it is when a driver is
//! unbound (`usb_unbind_interface()`), and what a driver has not given back would keep the device
//! awake under the next one. So what is taken here is counted in the I/O gate:
//!
//! - Taking and giving back are visits of the gate, so that the interface is bound meanwhile.
//! - When the gate closes it waits for visitors, and gives back what is still taken.
//! - A guard that is dropped later finds the gate closed and does nothing.
//!
//! Each count is thus given back once, whether its guard is dropped before or after, or forgotten.
//!
//! [`Documentation/driver-api/usb/power-management.rst`]: srctree/Documentation/driver-api/usb/power-management.rst

use super::{
    gate::Gate,
    lock::DeviceLock,
    proof::{
        IsBound,
        IsLocked, //
    },
    tasks::CallbackKind,
    Interface, //
};
use crate::{
    bindings,
    device,
    error::to_result,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};

/// How often the usage counter of an interface was raised and not lowered yet.
///
/// It is touched by visitors of the gate only, until these are gone. That orders accesses.
pub(super) struct Wakes(Atomic<u32>);

impl Wakes {
    pub(super) fn new() -> Self {
        Self(Atomic::new(0))
    }

    fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn remove(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// Lowers the usage counter by what is left.
    ///
    /// # Safety
    ///
    /// `intf` must be the interface whose counter is counted here, and be valid. Nobody else may
    /// use `self` any more.
    pub(super) unsafe fn undo(&self, intf: *mut bindings::usb_interface) {
        for _ in 0..self.0.load(Relaxed) {
            // SAFETY: `intf` is valid by the safety requirement. The counter has been raised for
            // each of these.
            unsafe { bindings::usb_autopm_put_interface_no_suspend(intf) };
        }
    }
}

/// Keeps a device from being suspended at runtime, until it is dropped or the driver is unbound.
///
/// The suspension of the whole system is another thing, which it does not prevent.
///
/// It may be kept anywhere: in the state of an open file, or together with a URB. Dropping it, in
/// any context, has the device suspended some time later if nobody else needs it. Forgetting it
/// keeps the device awake until the driver is unbound.
///
/// # Invariants
///
/// It is counted in the gate, until the gate closes.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, prelude::*, usb};
///
/// /// Reads a meter that may sleep between two readings.
/// fn read(intf: &usb::Interface<Bound>, value: &mut [u8]) -> Result {
///     const SECOND: usb::Timeout = usb::Timeout::from_millis::<1000>();
///     let awake = intf.keep_awake()?;
///     let request = usb::ControlRequest::vendor(usb::Recipient::Device, 3, 0, 0);
///     let result = intf.control_receive(&request, value, SECOND);
///     match result {
///         Ok(()) => awake.release(intf),
///         // Somebody will try again soon.
///         Err(_) => awake.release_quietly(),
///     }
///     Ok(result?)
/// }
/// ```
#[doc(alias = "usb_autopm_put_interface_async")]
#[must_use = "the device may sleep as soon as this is dropped"]
pub struct PowerGuard {
    gate: Arc<Gate>,
    release: Release,
}

/// How the usage counter is lowered.
enum Release {
    Now,
    Later,
    Quietly,
}

impl PowerGuard {
    /// Raises the usage counter with `get`.
    fn new(
        gate: &Arc<Gate>,
        get: impl FnOnce(*mut bindings::usb_interface) -> Result,
    ) -> Result<Self> {
        let _visit = gate.visit()?;
        get(gate.intf())?;
        gate.wakes.add();
        // INVARIANT: It has just been counted.
        Ok(Self {
            gate: gate.clone(),
            release: Release::Later,
        })
    }

    /// Lets the device sleep, and begins with it at once if nothing speaks against it: the delay
    /// that user space has set (`power/autosuspend_delay_ms`), for one.
    ///
    /// # Context
    ///
    /// May sleep, which `_proof` proves. Elsewhere, dropping the guard does as much, a bit later.
    #[doc(alias = "usb_autopm_put_interface")]
    pub fn release<Ctx: device::DeviceContext>(mut self, _proof: &Interface<Ctx>)
    where
        Interface<Ctx>: IsBound,
    {
        self.release = Release::Now;
    }

    /// Lets the device sleep, but does not begin with it: it is left to the next one who does not
    /// need it any more.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_autopm_put_interface_no_suspend")]
    pub fn release_quietly(mut self) {
        self.release = Release::Quietly;
    }
}

impl Drop for PowerGuard {
    fn drop(&mut self) {
        // If the gate is closed it has been given back.
        let Ok(_visit) = self.gate.visit() else {
            return;
        };
        self.gate.wakes.remove();
        let intf = self.gate.intf();
        match self.release {
            // SAFETY: While we visit, the interface is valid; by the type invariants its counter
            // was raised. We may sleep: `release` says so.
            Release::Now => unsafe { bindings::usb_autopm_put_interface(intf) },
            // SAFETY: As above, and in any context.
            Release::Later => unsafe { bindings::usb_autopm_put_interface_async(intf) },
            // SAFETY: Valid and raised, as above; this only counts.
            Release::Quietly => unsafe { bindings::usb_autopm_put_interface_no_suspend(intf) },
        }
    }
}

/// What may be done about a device's power in any context, as in a completion handler.
///
/// It may outlive the binding of its interface. From then on it has no effect.
///
/// # Examples
///
/// ```
/// use kernel::{prelude::*, usb};
///
/// /// What a handler does when a device that was let sleep has news: it is woken up, and sleeps
/// /// again a while after the last of them.
/// fn news(power: &usb::Power) -> Result<usb::PowerGuard> {
///     power.mark_last_busy();
///     power.request_awake()
/// }
/// ```
#[derive(Clone)]
pub struct Power(Arc<Gate>);

impl Power {
    /// Wakes the device up if it sleeps, and keeps it awake. It may still sleep when this returns:
    /// `resume` is called when it does not any more.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound.
    /// - `EACCES`: the driver does not support autosuspend, or the system is being suspended.
    #[doc(alias = "usb_autopm_get_interface_async")]
    pub fn request_awake(&self) -> Result<PowerGuard> {
        PowerGuard::new(&self.0, |intf| {
            // SAFETY: While the counting goes on, we are visiting, so that `intf` is valid.
            to_result(unsafe { bindings::usb_autopm_get_interface_async(intf) })
        })
    }

    /// Keeps the device awake if it is, and leaves it asleep if it sleeps.
    ///
    /// # Context
    ///
    /// Any.
    ///
    /// # Errors
    ///
    /// `ENODEV`: the driver is being unbound.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{prelude::*, usb};
    ///
    /// /// What a device is kept awake for.
    /// struct Request {
    ///     _awake: usb::PowerGuard,
    /// }
    ///
    /// fn begin(power: &usb::Power) -> Result<Request> {
    ///     Ok(Request {
    ///         _awake: power.hold()?,
    ///     })
    /// }
    /// ```
    #[doc(alias = "usb_autopm_get_interface_no_resume")]
    pub fn hold(&self) -> Result<PowerGuard> {
        PowerGuard::new(&self.0, |intf| {
            // SAFETY: As a visitor of the gate we have a valid `intf`.
            unsafe { bindings::usb_autopm_get_interface_no_resume(intf) };
            Ok(())
        })
    }

    /// Lets the delay before an autosuspend begin anew.
    ///
    /// # Context
    ///
    /// Any.
    #[doc(alias = "usb_mark_last_busy")]
    pub fn mark_last_busy(&self) {
        if let Ok(_visit) = self.0.visit() {
            // SAFETY: While we visit, the interface is bound, so that its device is valid.
            unsafe { bindings::usb_mark_last_busy(self.0.udev()) };
        }
    }
}

/// Whether a driver needs the device to wake the host up.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, prelude::*, usb};
///
/// /// A keyboard may sleep if a key wakes it up; one that loses the first key may not.
/// fn set_up_power(intf: &usb::Interface<Core<'_>>, loses_keys: bool) -> Result {
///     intf.set_remote_wakeup(usb::RemoteWakeup::Needed)?;
///     if loses_keys {
///         intf.disable_autosuspend();
///     } else {
///         intf.enable_autosuspend();
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteWakeup {
    /// Don't suspend the device at runtime unless it can wake the host up, and let it.
    Needed,
    /// Suspend it without.
    NotNeeded,
}

/// [`Interface::keep_awake`], in one copy for whatever proves that the driver is bound.
fn keep_awake(interface: &Interface<device::Bound>) -> Result<PowerGuard> {
    let bond = interface.bond()?;
    if bond.tasks().is_in_callback(CallbackKind::Power) {
        return Err(EDEADLK);
    }
    PowerGuard::new(&bond.gate, |intf| {
        // SAFETY: We visit the gate meanwhile, so `intf` is valid. We may sleep: resuming waits
        // for nothing that unbinding has to do.
        to_result(unsafe { bindings::usb_autopm_get_interface(intf) })
    })
}

/// [`Interface::set_remote_wakeup`], likewise in one copy.
fn set_remote_wakeup(interface: &Interface<device::Bound>, wakeup: RemoteWakeup) -> Result {
    let tasks = interface.gate()?.tasks();
    let is_locked = tasks.is_in_callback(CallbackKind::Locked);
    if tasks.is_in_callback(CallbackKind::Power) && !is_locked {
        return Err(EDEADLK);
    }
    let _locked = DeviceLock::new(interface)?;
    let bit = match wakeup {
        RemoteWakeup::Needed => 1,
        RemoteWakeup::NotNeeded => 0,
    };
    // SAFETY: `interface.as_raw()` is valid by the type invariants. The other bits of this word
    // belong to the core, which modifies them where it has locked the device, as we have or our
    // callback's caller.
    unsafe { bindings::usb_interface::set_needs_remote_wakeup_raw(interface.as_raw(), bit) };
    Ok(())
}

impl<Ctx: device::DeviceContext> Interface<Ctx> {
    /// Wakes the device up if it sleeps, and keeps it awake for as long as the guard lives.
    ///
    /// # Context
    ///
    /// May sleep. It waits for the callbacks that suspend and resume the device, so that no lock may
    /// be held that they take.
    ///
    /// # Errors
    ///
    /// - `EDEADLK`: called from a callback that suspends or resumes the device, which this would
    ///   wait for. Use [`Power::hold`] there.
    /// - `ENODEV`: the driver is being unbound, or the device is gone.
    /// - `EACCES`: the driver does not support autosuspend, or the system is being suspended.
    /// - What a failing resume of the device returns.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, prelude::*, usb};
    ///
    /// /// What belongs to an open file.
    /// struct Session {
    ///     _awake: usb::PowerGuard,
    /// }
    ///
    /// fn open(intf: &usb::Interface<Bound>) -> Result<Session> {
    ///     Ok(Session {
    ///         _awake: intf.keep_awake()?,
    ///     })
    /// }
    /// ```
    #[doc(alias = "usb_autopm_get_interface")]
    pub fn keep_awake(&self) -> Result<PowerGuard>
    where
        Self: IsBound,
    {
        keep_awake(self.bound())
    }

    /// Says whether the device must be able to wake the host up when it is suspended at runtime,
    /// from the next time on that it is. At first it need not be, for each driver that is bound.
    /// Drivers say so in `probe`, or whenever somebody opens their device. A device that may sleep
    /// by this does when somebody lets it: when a [`PowerGuard`] is dropped.
    ///
    /// # Context
    ///
    /// May sleep: the device is locked for it, if it is not by the caller's callback.
    ///
    /// # Errors
    ///
    /// - `EDEADLK`: called from a callback that suspends or resumes the device.
    /// - `ENODEV`: the driver is being unbound.
    /// - `EBUSY`: the device was in use by somebody else, who locked it, for more than a second.
    /// - `ETIMEDOUT`: called where a node is opened, and somebody waits to unregister one.
    #[doc(alias = "needs_remote_wakeup")]
    pub fn set_remote_wakeup(&self, wakeup: RemoteWakeup) -> Result
    where
        Self: IsBound,
    {
        set_remote_wakeup(self.bound(), wakeup)
    }

    /// Something to manage the device's power with in any context.
    ///
    /// # Errors
    ///
    /// `ENODEV` while the driver's data is being dropped.
    pub fn power(&self) -> Result<Power>
    where
        Self: IsBound,
    {
        Ok(Power(self.bound().gate()?.clone()))
    }

    /// Allows the device to be suspended at runtime. User space may forbid it (`power/control`).
    ///
    /// This is about the device as a whole, for which the default is that it stays awake, unless
    /// it is a hub.
    ///
    /// # Context
    ///
    /// May sleep.
    #[doc(alias = "usb_enable_autosuspend")]
    pub fn enable_autosuspend(&self)
    where
        Self: IsLocked,
    {
        // SAFETY: The device is valid as long as its interface is, and locked by the core for the
        // callback that we are in.
        unsafe { bindings::usb_enable_autosuspend(self.device().as_raw()) };
    }

    /// Forbids that the device is suspended at runtime, and wakes it up if it sleeps. User space
    /// may allow it again.
    ///
    /// # Context
    ///
    /// May sleep. Not from callbacks that suspend and resume the device: this would wait for them.
    #[doc(alias = "usb_disable_autosuspend")]
    pub fn disable_autosuspend(&self)
    where
        Self: IsLocked,
    {
        // SAFETY: A bound interface has a valid device, which the core has locked for the callback
        // that we are in.
        unsafe { bindings::usb_disable_autosuspend(self.device().as_raw()) };
    }
}

// Without power management the functions behind it do nothing, so that there need be no device.
#[cfg(not(CONFIG_PM))]
#[kunit_tests(rust_usb_power)]
mod tests {
    use super::*;
    use core::mem;

    fn gate() -> Result<Arc<Gate>> {
        let (udev, intf) = (core::ptr::null_mut(), core::ptr::null_mut());
        // SAFETY: There is no interface. The tests start no I/O, and nothing else looks into it.
        unsafe { Gate::new(udev, intf) }
    }

    /// [`PowerGuard::release`], without a proof.
    fn release(mut guard: PowerGuard) {
        guard.release = Release::Now;
    }

    fn count(gate: &Gate) -> u32 {
        gate.wakes.0.load(Relaxed)
    }

    #[test]
    fn each_guard_counts_until_it_is_dropped() -> Result {
        let gate = gate()?;
        let power = Power(gate.clone());
        let guards = [power.hold()?, power.request_awake()?, power.hold()?];
        assert_eq!(count(&gate), 3);
        let [one, two, three] = guards;
        drop(one);
        assert_eq!(count(&gate), 2);
        release(two);
        assert_eq!(count(&gate), 1);
        three.release_quietly();
        assert_eq!(count(&gate), 0);
        gate.close();
        Ok(())
    }

    #[test]
    fn a_failure_does_not_count() -> Result {
        let gate = gate()?;
        assert_eq!(PowerGuard::new(&gate, |_| Err(EACCES)).err(), Some(EACCES));
        assert_eq!(count(&gate), 0);
        gate.close();
        Ok(())
    }

    #[test]
    fn a_closed_gate_ends_it() -> Result {
        let gate = gate()?;
        let power = Power(gate.clone());
        let (kept, forgotten) = (power.hold()?, power.hold()?);
        mem::forget(forgotten);
        gate.close();
        assert_eq!(power.hold().err(), Some(ENODEV));
        assert_eq!(power.request_awake().err(), Some(ENODEV));
        // What closing has given back, the guard must not give back again.
        assert_eq!(count(&gate), 2);
        release(kept);
        assert_eq!(count(&gate), 2);
        power.mark_last_busy();
        Ok(())
    }
}
