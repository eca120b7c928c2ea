// SPDX-License-Identifier: GPL-2.0

//! The lock of a device, for those who may be waited for with it held.
//!
//! Whoever unbinds a driver has the device locked, and waits for the operations and visitors of its
//! interface. So these must not simply wait for the lock: they try, until they get it or the I/O
//! gate closes.

use super::{
    gate::Gate,
    tasks::{
        CallbackKind,
        Tasks, //
    },
    Interface, //
};
use crate::{
    bindings,
    device,
    prelude::*,
    time::{
        delay::fsleep,
        Delta,
        Instant,
        Monotonic, //
    }, //
};

/// How long somebody else may keep the device locked: as long as `usb_lock_device_for_reset()`
/// waits.
const PATIENCE: Delta = Delta::from_millis(1000);

/// Between two attempts.
const PAUSE: Delta = Delta::from_millis(2);

/// Nobody unbinds, resets or reconfigures the device while this lives.
///
/// # Invariants
///
/// If `udev` is there, it is valid, and we have locked it.
pub(super) struct DeviceLock<'a> {
    udev: Option<*mut bindings::usb_device>,
    /// Borrowed, so that the interface stays bound.
    _interface: &'a Interface<device::Bound>,
}

impl<'a> DeviceLock<'a> {
    /// Locks the device, unless the caller is a callback. Then it is locked already; or, if it is
    /// one for suspending and resuming, it need not be: the core has a device awake, and waits for
    /// its callbacks, before it takes interfaces away from it.
    ///
    /// # Context
    ///
    /// May sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the driver is being unbound.
    /// - `EBUSY`: somebody else has locked it for too long.
    pub(super) fn new(interface: &'a Interface<device::Bound>) -> Result<Self> {
        let gate = interface.gate()?;
        let udev = match is_excluded(gate.tasks()) {
            true => None,
            false => Some(acquire(gate)?),
        };
        // INVARIANT: It was just locked, and is valid as long as the interface is bound.
        Ok(Self {
            udev,
            _interface: interface,
        })
    }
}

impl Drop for DeviceLock<'_> {
    fn drop(&mut self) {
        if let Some(udev) = self.udev {
            // SAFETY: By the type invariants the device is valid, and it is we who have locked it.
            unsafe { bindings::usb_unlock_device(udev) };
        }
    }
}

/// Whether the core does nothing else to the device before the caller returns.
fn is_excluded(tasks: &Tasks) -> bool {
    tasks.is_in_callback(CallbackKind::Locked) || tasks.is_in_callback(CallbackKind::Power)
}

fn acquire(gate: &Gate) -> Result<*mut bindings::usb_device> {
    let (udev, start) = (gate.udev(), Instant::<Monotonic>::now());
    loop {
        // While it is not closed, the device is valid; and after that, since our caller has a bound
        // interface, which is not unbound before it returns.
        if gate.is_closed() {
            return Err(ENODEV);
        }
        // SAFETY: As just said, it is valid.
        if unsafe { bindings::usb_trylock_device(udev) } != 0 {
            return Ok(udev);
        }
        gate.tasks().check_awaited(gate)?;
        if start.elapsed() > PATIENCE {
            return Err(EBUSY);
        }
        fsleep(PAUSE);
    }
}
