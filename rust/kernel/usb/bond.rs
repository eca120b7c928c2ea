// SPDX-License-Identifier: GPL-2.0

//! What ties an interface to its driver, and how the two are parted.
//!
//! # Unbinding
//!
//! The order in which a driver is parted from its interface, whatever the driver itself does or
//! forgets. It is the same where `probe` fails, without step 4:
//!
//! 1. file operations are refused, and those that sleep in
//!    [`Operation::wait`](super::Operation::wait) wake up;
//! 2. the I/O gate closes: transfers are cancelled, their handlers have returned, synchronous
//!    callers come back, and nothing can be submitted again;
//! 3. the device node and the attributes disappear. This waits for those who are opening it, or
//!    reading or writing them just now, whom the first two steps have sent back;
//! 4. [`Driver::disconnect`](super::Driver::disconnect) runs: the driver wakes sleepers of its own;
//! 5. the last file operation has returned, and DMA memory of the device is freed;
//! 6. interfaces that the driver has claimed go through the same steps;
//! 7. the USB core takes the endpoints back, and the driver's data is dropped.
//!
//! A driver that does I/O of its own to say goodbye, see
//! [`soft_unbind`](super::DriverOptions::soft_unbind), has step 4 before step 2.

use super::{
    claim::ClaimShared,
    gate::{
        Gate,
        Pause, //
    },
    node::NodeOps,
    tasks::{
        CallbackKind,
        Tasks, //
    },
    Interface, //
};
use crate::{
    device,
    prelude::*,
    static_lock_class,
    sync::{
        atomic::Atomic,
        Arc,
        Mutex, //
    }, //
};
use core::mem;

/// How an interface came to its driver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It was probed.
    Main,
    /// The driver of another interface claimed it.
    Claimed,
}

/// When a driver's own disconnect runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unbinding {
    /// After all I/O has ended.
    Hard,
    /// Before that, so that it can do some.
    Soft,
}

/// What the adapter keeps for each bound interface, apart from the driver's own data, and whatever
/// the type of the driver.
#[pin_data]
pub(super) struct Bond {
    pub(super) gate: Arc<Gate>,
    role: Role,
    unbinding: Unbinding,
    /// Whether all attributes are there.
    pub(super) published: Atomic<bool>,
    #[pin]
    node: Mutex<NodeSlot>,
    /// The interfaces that this one has claimed; none when it is being unbound.
    #[pin]
    claims: Mutex<Option<KVec<Arc<ClaimShared>>>>,
}

/// The device node of an interface.
enum NodeSlot {
    Empty,
    Registered(Arc<dyn NodeOps>),
    /// The driver is being unbound: there will be none any more.
    Closed,
}

impl NodeSlot {
    fn with(&self, f: impl FnOnce(&dyn NodeOps)) {
        if let Self::Registered(node) = self {
            f(&**node);
        }
    }
}

impl Bond {
    pub(super) fn new(gate: Arc<Gate>, role: Role, unbinding: Unbinding) -> impl PinInit<Self> {
        pin_init!(Self {
            gate,
            role,
            unbinding,
            published: Atomic::new(false),
            node <- Mutex::new(
                NodeSlot::Empty,
                lock_name!(c"usb::Bond::node"),
                static_lock_class!()
            ),
            claims <- Mutex::new(
                Some(KVec::new()),
                lock_name!(c"usb::Bond::claims"),
                static_lock_class!()
            ),
        })
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// What tasks are doing for the driver.
    pub(super) fn tasks(&self) -> &Arc<Tasks> {
        self.gate.tasks()
    }

    /// Takes a device node over that `register` makes.
    ///
    /// # Errors
    ///
    /// `EBUSY` if there is one already, `ENODEV` if the driver is being unbound, and what
    /// `register` returns.
    pub(super) fn add_node(&self, register: impl FnOnce() -> Result<Arc<dyn NodeOps>>) -> Result {
        let mut node = self.node.lock();
        match *node {
            NodeSlot::Empty => *node = NodeSlot::Registered(register()?),
            NodeSlot::Registered(_) => return Err(EBUSY),
            NodeSlot::Closed => return Err(ENODEV),
        }
        Ok(())
    }

    /// Takes a claimed interface over that `claim` makes.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the driver is being unbound, `ENOMEM`, and what `claim` returns.
    pub(super) fn add_claim(
        &self,
        claim: impl FnOnce() -> Result<Arc<ClaimShared>>,
    ) -> Result<Arc<ClaimShared>> {
        let mut claims = self.claims.lock();
        let Some(claims) = &mut *claims else {
            return Err(ENODEV);
        };
        claims.retain(|claim| !claim.is_released());
        claims.reserve(1, GFP_KERNEL)?;
        let claim = claim()?;
        claims.push(claim.clone(), GFP_KERNEL)?;
        Ok(claim)
    }

    /// Parts the driver from its interface; see the module documentation for the steps.
    ///
    /// The caller is a callback for which the core has locked the device.
    pub(super) fn dissolve(
        &self,
        interface: &Interface<device::Bound>,
        disconnect: impl FnOnce(),
        remove_attributes: impl FnOnce(),
    ) {
        let node = mem::replace(&mut *self.node.lock(), NodeSlot::Closed);
        let claims = self.claims.lock().take();
        let mut disconnect = Some(disconnect);
        let mut disconnect = || {
            self.tasks()
                .callback(CallbackKind::Locked, || disconnect.take().map(|f| f()))
        };

        node.with(|node| node.refuse());
        if self.unbinding == Unbinding::Soft {
            // The core does not always resume a device before it unbinds a driver.
            self.gate.resume(Pause::Suspend);
            self.gate.resume(Pause::Reset);
            disconnect();
        }
        // All I/O before any visitor is waited for: he may be doing I/O elsewhere.
        self.gate.end_io();
        for claim in claims.iter().flatten() {
            claim.end_io();
        }
        self.gate.close();
        for claim in claims.iter().flatten() {
            claim.close();
        }
        node.with(|node| node.unregister());
        remove_attributes();
        disconnect();
        node.with(|node| node.wait_idle());
        self.gate.free_memory();
        for claim in claims.iter().flatten() {
            claim.release(interface);
        }
    }
}
