// SPDX-License-Identifier: GPL-2.0

//! What tasks are doing for a driver, so that none of them is waited for in vain.
//!
//! Whoever unbinds a driver waits for its callbacks, for those who use an interface, and for those
//! who open a node, of any driver. Most of what they wait for themselves ends when the I/O of the
//! interface does. Some does not:
//!
//! - A callback has the device locked, or is waited for with the lock held: the adapter is not even
//!   called before it returns.
//! - While somebody opens a node, the core lets nobody unregister any other one.
//! - Who uses a claimed interface may wait for something of the driver's own one, which is not being
//!   unbound.
//!
//! So these tasks look now and then, while they wait, whether they are [waited
//! for](Tasks::check_awaited); and the first two don't wait for long in any case.

use super::{
    gate::Gate,
    node, //
};
use crate::{
    bindings,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    }, //
};

/// What the core does around a callback of a driver. There is at most one of each kind at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CallbackKind {
    /// It has the device locked.
    Locked,
    /// It suspends or resumes the device, with the lock or without it. Whoever takes interfaces
    /// away has the device awake before.
    Power,
}

/// What a task does that is no callback.
enum Errand {
    /// It opens a node: the core lets nobody unregister any node meanwhile.
    Open,
    /// It uses the claimed interface with that gate, which may be unbound alone.
    Visit(Arc<Gate>),
}

/// The tasks that do something for a driver: for its own interface or a claimed one.
#[pin_data]
pub(super) struct Tasks {
    /// Those that run callbacks; 0 if none.
    locked: Atomic<usize>,
    power: Atomic<usize>,
    /// How many errands there are, or were a moment ago.
    count: Atomic<usize>,
    #[pin]
    errands: Mutex<KVec<(usize, Errand)>>,
}

impl Tasks {
    pub(super) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                locked: Atomic::new(0),
                power: Atomic::new(0),
                count: Atomic::new(0),
                errands <- new_mutex!(KVec::new(), "usb::Tasks::errands"),
            }),
            GFP_KERNEL,
        )
    }

    fn slot(&self, kind: CallbackKind) -> &Atomic<usize> {
        match kind {
            CallbackKind::Locked => &self.locked,
            CallbackKind::Power => &self.power,
        }
    }

    /// Runs a callback.
    pub(super) fn callback<R>(&self, kind: CallbackKind, f: impl FnOnce() -> R) -> R {
        let slot = self.slot(kind);
        // A callback that releases a claimed interface causes another one.
        let outer = slot.xchg(current_task(), Relaxed);
        let result = f();
        slot.store(outer, Relaxed);
        result
    }

    /// Whether the caller is a callback of this kind.
    pub(super) fn is_in_callback(&self, kind: CallbackKind) -> bool {
        // Only the caller itself stores its own value.
        self.slot(kind).load(Relaxed) == current_task()
    }

    /// Whether the caller is any callback, or opens a node: others wait for it without a chance to say
    /// so, and if it waits for a reset it waits for itself.
    pub(super) fn is_hurried(&self) -> bool {
        self.is_in_callback(CallbackKind::Locked)
            || self.is_in_callback(CallbackKind::Power)
            || self.is_opening()
    }

    /// Runs the opening of a node.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, and those of `f`.
    pub(super) fn opening<R>(&self, f: impl FnOnce() -> Result<R>) -> Result<R> {
        self.during(Errand::Open, f)?
    }

    /// Runs `f`, which uses the claimed interface that is behind `gate`. For that of the driver
    /// itself there is no need: when it is unbound, the I/O of all others ends, too.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn visiting<R>(&self, gate: &Arc<Gate>, f: impl FnOnce() -> R) -> Result<R> {
        self.during(Errand::Visit(gate.clone()), f)
    }

    /// Whether the caller should look, while it waits, whether it is waited for.
    pub(super) fn may_be_awaited(&self) -> bool {
        self.is_hurried() || self.has_errand(|_| true)
    }

    /// Whether the caller can go on with waiting for something that `gate`'s device has to do.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the device was unplugged, or a claimed interface that the caller uses is being
    ///   unbound.
    /// - `ETIMEDOUT`: the caller opens a node, and somebody wants to unregister one.
    pub(super) fn check_awaited(&self, gate: &Gate) -> Result {
        if self.has_errand(|errand| matches!(errand, Errand::Visit(gate) if gate.is_closed())) {
            return Err(ENODEV);
        }
        if self.is_hurried() && is_unplugged(gate) {
            return Err(ENODEV);
        }
        match node::is_being_unregistered() && self.is_opening() {
            true => Err(ETIMEDOUT),
            false => Ok(()),
        }
    }

    /// Whether the caller may wait for a reset, which ends where the interface behind `gate` is
    /// unbound.
    ///
    /// # Errors
    ///
    /// `EDEADLK`: it is what the reset would wait for, or uses another interface, whose unbinding
    /// would.
    pub(super) fn may_wait_for_reset(&self, gate: &Arc<Gate>) -> Result {
        let other =
            |errand: &Errand| matches!(errand, Errand::Visit(here) if !Arc::ptr_eq(here, gate));
        match self.is_hurried() || self.has_errand(other) {
            true => Err(EDEADLK),
            false => Ok(()),
        }
    }

    fn is_opening(&self) -> bool {
        self.has_errand(|errand| matches!(errand, Errand::Open))
    }

    fn has_errand(&self, is_it: impl Fn(&Errand) -> bool) -> bool {
        // The caller sees at least its own.
        if self.count.load(Relaxed) == 0 {
            return false;
        }
        let task = current_task();
        let errands = self.errands.lock();
        errands
            .iter()
            .any(|(who, what)| *who == task && is_it(what))
    }

    fn during<R>(&self, errand: Errand, f: impl FnOnce() -> R) -> Result<R> {
        let task = current_task();
        self.errands.lock().push((task, errand), GFP_KERNEL)?;
        self.count.fetch_add(1, Relaxed);
        let result = f();
        self.count.fetch_sub(1, Relaxed);
        let mut errands = self.errands.lock();
        // Its last one: those that began before end later.
        let last = errands.iter().rposition(|(who, _)| *who == task);
        let ended = last.and_then(|index| errands.remove(index).ok());
        drop(errands);
        drop(ended);
        Ok(result)
    }
}

/// Whether the device was unplugged. The caller has a bound interface of it.
fn is_unplugged(gate: &Gate) -> bool {
    let udev = gate.udev();
    if udev.is_null() {
        return false;
    }
    // SAFETY: The device is valid while an interface of it is bound. Anybody may change the field.
    let state = unsafe { (&raw const (*udev).state).read_volatile() };
    state == bindings::usb_device_state_USB_STATE_NOTATTACHED
}

/// The address of the task that is running.
fn current_task() -> usize {
    // SAFETY: There is always one.
    unsafe { bindings::get_current() as usize }
}

#[kunit_tests(rust_usb_tasks)]
mod tests {
    use super::*;
    use core::ptr::null_mut;

    fn gate() -> Result<Arc<Gate>> {
        // SAFETY: There is no interface, and nobody looks for one.
        unsafe { Gate::new(null_mut(), null_mut()) }
    }

    fn claimed(owner: &Arc<Gate>) -> Result<Arc<Gate>> {
        // SAFETY: There is no claimed interface either, and nobody looks for one.
        unsafe { Gate::claimed(owner, null_mut()) }
    }

    #[test]
    fn who_uses_a_claimed_interface_is_told_when_it_goes() -> Result {
        let owner = gate()?;
        let (here, there) = (claimed(&owner)?, claimed(&owner)?);
        let tasks = owner.tasks().clone();
        assert!(!tasks.may_be_awaited());
        tasks.visiting(&here, || {
            assert!(tasks.may_be_awaited() && !tasks.is_hurried());
            assert_eq!(tasks.may_wait_for_reset(&here), Ok(()));
            assert_eq!(tasks.may_wait_for_reset(&owner), Err(EDEADLK));
            tasks.visiting(&there, || {
                assert_eq!(tasks.may_wait_for_reset(&here), Err(EDEADLK));
                assert_eq!(tasks.check_awaited(&owner), Ok(()));
                here.close();
                assert_eq!(tasks.check_awaited(&owner), Err(ENODEV));
            })?;
            there.close();
            assert_eq!(tasks.check_awaited(&owner), Err(ENODEV));
            Ok::<(), Error>(())
        })??;
        assert!(!tasks.may_be_awaited());
        assert_eq!(tasks.check_awaited(&owner), Ok(()));
        owner.close();
        Ok(())
    }

    #[test]
    fn of_one_that_is_used_twice_the_inner_use_ends_first() -> Result {
        let owner = gate()?;
        let (here, there) = (claimed(&owner)?, claimed(&owner)?);
        let tasks = owner.tasks().clone();
        tasks.visiting(&here, || {
            tasks.visiting(&there, || tasks.visiting(&here, || ()))??;
            assert_eq!(tasks.may_wait_for_reset(&here), Ok(()));
            Ok::<(), Error>(())
        })??;
        here.close();
        there.close();
        owner.close();
        Ok(())
    }

    #[test]
    fn callbacks_and_openings_are_known_and_end() -> Result {
        let gate = gate()?;
        let tasks = gate.tasks().clone();
        assert_eq!(tasks.may_wait_for_reset(&gate), Ok(()));
        for kind in [CallbackKind::Locked, CallbackKind::Power] {
            tasks.callback(kind, || {
                assert!(tasks.is_hurried() && tasks.may_be_awaited());
                assert_eq!(tasks.may_wait_for_reset(&gate), Err(EDEADLK));
            });
            assert!(!tasks.is_in_callback(kind));
        }
        let opened = tasks.opening(|| Ok(tasks.opening(|| Ok(tasks.is_hurried()))));
        assert_eq!(opened??, true);
        assert!(!tasks.is_hurried());
        assert_eq!(tasks.opening(|| Err::<(), _>(EIO)), Err(EIO));
        assert!(!tasks.may_be_awaited());
        gate.close();
        Ok(())
    }
}
