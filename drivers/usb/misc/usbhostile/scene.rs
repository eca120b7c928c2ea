// SPDX-License-Identifier: GPL-2.0

//! What all crimes need: transfers whose handlers misbehave, and somebody who counts them.

use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    usb, //
};

/// Transfers for one crime.
pub(crate) const COUNT: usize = 8;

/// What a handler does with its URB.
#[derive(Clone, Copy)]
pub(crate) enum Crime {
    /// Submits it again, for ever.
    Resubmit,
    /// Forgets it, and with it buffer and handler.
    Forget,
    /// Frees it.
    Drop,
}

pub(crate) struct Accomplice {
    crime: Crime,
    /// Keeps the shared data alive through a cycle that nobody breaks.
    scene: Arc<Scene>,
}

pub(crate) type HostileUrb = usb::Urb<usb::Bulk, usb::In, Accomplice>;

impl usb::Handler<usb::Bulk, usb::In> for Accomplice {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
        let scene = &done.handler().scene;
        scene.completions.add(1, Relaxed);
        scene.events.notify();
        match done.handler().crime {
            Crime::Resubmit => mem::forget(done.resubmit()),
            Crime::Forget => mem::forget(done),
            Crime::Drop => drop(done),
        }
    }
}

/// What all open files share.
pub(crate) struct Scene {
    pub(crate) completions: Atomic<u64>,
    pub(crate) events: Arc<usb::Events>,
}

impl Scene {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let scene = Self {
            completions: Atomic::new(0),
            events: usb::Events::new()?,
        };
        Ok(Arc::new(scene, GFP_KERNEL)?)
    }

    pub(crate) fn urb(
        scene: &Arc<Self>,
        interface: &usb::Interface<Bound>,
        crime: Crime,
    ) -> Result<HostileUrb> {
        let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
        let scene = scene.clone();
        HostileUrb::new(
            &endpoint,
            usb::Buffer::new(512, GFP_KERNEL)?,
            Accomplice { crime, scene },
        )
    }

    /// Starts some transfers and keeps no track of them.
    pub(crate) fn commit(
        scene: &Arc<Self>,
        interface: &usb::Interface<Bound>,
        crime: Crime,
    ) -> Result {
        for _ in 0..COUNT {
            let urb = Self::urb(scene, interface, crime)?;
            mem::forget(urb.canceller());
            urb.submit(interface)?;
        }
        Ok(())
    }
}
