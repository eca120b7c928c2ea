// SPDX-License-Identifier: GPL-2.0

//! Crimes with work that is done elsewhere.

use super::Criminal;
use crate::scene::{
    never_answered,
    now_and_then,
    Crime,
    Scene, //
};
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

/// What is done elsewhere.
#[derive(Clone, Copy)]
enum Deed {
    /// To be begun again at once.
    Again,
    /// To wait for a device that does not answer.
    Never,
    /// Now this, now that.
    Fight,
}

/// Does it, for whoever is in the scene.
pub(crate) struct Worker {
    scene: Arc<Scene>,
    deed: Deed,
}

impl usb::WorkHandler for Worker {
    fn run(&self, interface: &usb::Interface<Bound>) {
        let _ = match self.deed {
            Deed::Again => again(&self.scene),
            Deed::Never => never_answered(interface),
            Deed::Fight => fight_elsewhere(&self.scene, interface),
        };
    }
}

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    match verb {
        b"again" => start(scene, interface, Deed::Again),
        b"never" => start(scene, interface, Deed::Never),
        b"forget" => worker(scene, interface, Deed::Again).map(mem::forget),
        b"handler" => in_a_handler(scene, interface, Crime::Resubmit),
        b"keep" => criminal.loot.keep(worker(scene, interface, Deed::Again)?),
        b"fight" => fight(criminal),
        _ => Err(EINVAL),
    }
}

fn worker(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    deed: Deed,
) -> Result<usb::Work<Worker>> {
    let scene = scene.clone();
    interface.work(Worker { scene, deed })
}

fn start(scene: &Arc<Scene>, interface: &usb::Interface<Bound>, deed: Deed) -> Result {
    scene.work.put(worker(scene, interface, deed)?)?;
    again(scene)
}

fn again(scene: &Scene) -> Result {
    scene.work.get().ok_or(ENXIO)?.schedule().map(drop)
}

fn fight(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let result = criminal.persist(|| fight_once(scene, interface));
    // It is in a cycle.
    drop(scene.work.take());
    result
}

/// Several threads exchange the same piece of work, which exchanges itself, too.
fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn();
    match turn % 8 {
        0 => start(scene, interface, Deed::Again),
        1 => start(scene, interface, Deed::Never),
        2 => {
            drop(scene.work.take());
            Ok(())
        }
        3 if now_and_then() => worker(scene, interface, Deed::Fight).map(mem::forget),
        3 => worker(scene, interface, Deed::Fight).map(drop),
        4 => worker(scene, interface, Deed::Fight)?.schedule().map(drop),
        5 => in_a_handler(scene, interface, Crime::go_on()),
        6 => start(scene, interface, Deed::Fight),
        _ => again(scene),
    }
}

fn fight_elsewhere(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    match scene.next_turn() % 4 {
        0 => {
            drop(scene.work.take());
            Ok(())
        }
        1 => start(scene, interface, Deed::Fight),
        2 => Scene::commit(scene, interface, Crime::Drop),
        _ => interface.bound_device().reset(),
    }
}

/// A handler that begins work and its transfer anew, for ever.
struct Foreman {
    work: usb::Work<Worker>,
    crime: Crime,
}

impl usb::Handler<usb::Bulk, usb::In> for Foreman {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
        let _ = done.handler().work.schedule();
        match done.handler().crime.forgets() {
            true => mem::forget(done.resubmit()),
            false => drop(done.resubmit()),
        }
    }
}

fn in_a_handler(scene: &Arc<Scene>, interface: &usb::Interface<Bound>, crime: Crime) -> Result {
    let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
    let work = worker(scene, interface, Deed::Again)?;
    let foreman = Foreman { work, crime };
    let buffer = usb::Buffer::new(512, GFP_KERNEL)?;
    usb::Urb::new(&endpoint, buffer, foreman)?.submit(interface)?;
    Ok(())
}
