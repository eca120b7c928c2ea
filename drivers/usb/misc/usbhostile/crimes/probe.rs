// SPDX-License-Identifier: GPL-2.0

//! Crimes in probe, which then fails in most cases.

use super::{
    pool::{
        new_pool,
        submit_all, //
    },
    queue::{
        new_queue,
        Manner, //
    }, //
};
use crate::{
    deeds::happened,
    module_parameters,
    scene::{
        open_the_tap,
        Crime,
        HostileUrb,
        Scene,
        COUNT, //
    }, //
};
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb,
    workqueue, //
};

/// Does what the module parameter says.
///
/// # Errors
///
/// `ENODEV` if it says that too, and how the crime ended.
pub(crate) fn commit_in_probe(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let probe = module_parameters::probe.value();
    match probe {
        1 | 4 => Scene::commit(scene, interface, Crime::Resubmit)?,
        2 => Scene::commit(scene, interface, Crime::Forget)?,
        3 => Scene::commit(scene, interface, Crime::Drop)?,
        5 => leave_a_queue(scene, interface)?,
        6 => leave_a_pool(scene, interface)?,
        // The claim was made before.
        7 if scene.claim.get().is_none() => return Err(ENXIO),
        8 => submit_in_work_item(scene, interface)?,
        _ => (),
    }
    match probe {
        0 | 4 => Ok(()),
        _ => Err(ENODEV),
    }
}

/// One that runs, in a cycle that nobody breaks.
fn leave_a_queue(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    open_the_tap(interface)?;
    let queue = new_queue(scene, interface, COUNT, Manner::Read)?;
    queue.start(interface)?;
    scene.queue.put(queue)
}

/// One that is writing, likewise.
fn leave_a_pool(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    open_the_tap(interface)?;
    let pool = new_pool(scene, interface, COUNT, false)?;
    submit_all(&pool, interface)?;
    scene.pool.put(pool)
}

/// Leaves transfers to a work item, which goes on starting and ending them until it may not.
pub(super) fn submit_in_work_item(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let mut urbs = KVec::new();
    for _ in 0..COUNT {
        urbs.push(Scene::urb(scene, interface, Crime::Resubmit)?, GFP_KERNEL)?;
    }
    Ok(workqueue::system_unbound().try_spawn(GFP_KERNEL, move || submit_each(urbs))?)
}

fn submit_each(urbs: KVec<HostileUrb>) {
    for urb in urbs {
        let canceller = urb.canceller();
        if urb.submit_atomic().is_ok() {
            happened(b"work");
        }
        canceller.unlink();
    }
}
