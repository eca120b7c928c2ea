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

use crate::{
    bindings,
    sync::atomic::{
        Atomic,
        Relaxed, //
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
