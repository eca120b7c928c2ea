// SPDX-License-Identifier: GPL-2.0

//! Cancelling a URB when its time is over.
//!
//! C header: [`include/linux/timer.h`](srctree/include/linux/timer.h)

use super::{
    Canceller,
    Timeout, //
};
use crate::{
    bindings,
    container_of,
    prelude::*,
    static_lock_class,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc, //
    },
    types::Opaque, //
};

/// What the timer works with. It is code and data of the kernel crate only, so that it does no harm
/// to a module that is unloaded meanwhile.
#[pin_data]
struct Watch {
    #[pin]
    timer: Opaque<bindings::timer_list>,
    canceller: Canceller,
    expired: Atomic<bool>,
}

// SAFETY: The timer has a lock of its own; everything else is `Send`.
unsafe impl Send for Watch {}

// SAFETY: As above; everything else is `Sync`.
unsafe impl Sync for Watch {}

/// Cancels a URB once its time is over; dropping it ends that.
///
/// # Invariants
///
/// While the timer is pending it owns a reference to the `Watch`.
pub(super) struct Deadline {
    watch: Arc<Watch>,
    timeout: Timeout,
}

impl Deadline {
    /// A deadline that has not begun.
    pub(super) fn new(canceller: Canceller, timeout: Timeout) -> Result<Self> {
        let key = static_lock_class!();
        let name = lock_name!(c"usb::Deadline::timer");
        let watch = Arc::pin_init(
            pin_init!(Watch {
                timer <- Opaque::ffi_init(|slot| {
                    // SAFETY: `slot` is valid, pinned memory; name and key are static.
                    unsafe {
                        bindings::timer_init_key(
                            slot,
                            Some(Self::expire),
                            0,
                            name.as_char_ptr(),
                            key.as_ptr(),
                        )
                    }
                }),
                canceller,
                expired: Atomic::new(false),
            }),
            GFP_KERNEL,
        )?;
        // INVARIANT: The timer is not pending.
        Ok(Self { watch, timeout })
    }

    /// Begins, or begins anew.
    ///
    /// # Context
    ///
    /// Any.
    pub(super) fn start(&self) {
        let reference = Arc::into_raw(self.watch.clone());
        // CAST: Sixty seconds are fewer jiffies than fit. The one under way does not count.
        let jiffies = self.timeout.to_jiffies() as c_ulong + 1;
        let now = now();
        // INVARIANT: It owns `reference` if it was not pending; if it was, it owned one.
        //
        // SAFETY: The timer is initialised, and lives for as long as it is pending.
        if unsafe { bindings::mod_timer(self.watch.timer.get(), now.wrapping_add(jiffies)) } != 0 {
            // SAFETY: It comes from `into_raw()`, and the timer has not taken it.
            drop(unsafe { Arc::from_raw(reference) });
        }
    }

    /// Whether the time was over before the URB had ended.
    pub(super) fn has_expired(&self) -> bool {
        self.watch.expired.load(Acquire)
    }

    /// # Safety
    ///
    /// `timer` must be that of a `Watch`, and have just expired.
    unsafe extern "C" fn expire(timer: *mut bindings::timer_list) {
        let timer = Opaque::cast_from(timer);
        // SAFETY: By the safety requirement. It is no longer pending, and has left us the
        // reference that it owned.
        let watch = unsafe { Arc::from_raw(container_of!(timer, Watch, timer)) };
        watch.expired.store(true, Release);
        watch.canceller.unlink();
    }
}

/// The time, in jiffies; it wraps.
pub(super) fn now() -> c_ulong {
    // SAFETY: The counter is valid for as long as the kernel runs, and changes at any time.
    unsafe { (&raw const bindings::jiffies).read_volatile() }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        // SAFETY: The timer is initialised, and is so for as long as we have the `Watch`.
        if unsafe { bindings::timer_delete(self.watch.timer.get()) } != 0 {
            // SAFETY: It was pending, so it owned a reference, which it has no more use for.
            drop(unsafe { Arc::from_raw(Arc::as_ptr(&self.watch)) });
        }
    }
}
