// SPDX-License-Identifier: GPL-2.0

//! Crimes with a claimed interface, on the device that has two.

use super::Criminal;
use crate::{
    driver::refused,
    scene::{
        is_careful,
        never_answered,
        open_the_tap,
        Crime,
        Scene, //
    }, //
};
use core::mem;
use kernel::{
    device::{
        Bound,
        Core, //
    },
    prelude::*,
    sync::Arc,
    time::{
        delay::fsleep,
        Delta, //
    },
    usb, //
};

/// The interface that is claimed; its altsetting 1 has the endpoints.
const NUMBER: u8 = 1;

/// Takes the other interface, if there is one.
pub(crate) fn claim_in_probe(scene: &Scene, interface: &usb::Interface<Core<'_>>) -> Result {
    match interface.claim(NUMBER) {
        Err(ENODEV) => Ok(()),
        claim => scene.claim.put(claim?),
    }
}

/// Commits a crime for which the device has to be locked, as it is for an ioctl of usbfs.
///
/// # Errors
///
/// `ENOTTY` if it is not known, and how it ended.
pub(crate) fn commit_locked(
    name: &[u8],
    scene: &Scene,
    interface: &usb::Interface<Core<'_>>,
) -> Result {
    match name {
        b"claim" => scene.claim.put(interface.claim(NUMBER)?),
        b"forget" => interface.claim(NUMBER).map(mem::forget),
        b"release" => interface.release(interface.claim(NUMBER)?),
        // There is somebody who uses the other interface.
        b"configure" => interface.reset_configuration(),
        b"reset" => interface.bound_device().reset(),
        b"queue-reset" => interface.bound_device().queue_reset(),
        b"autosuspend" => {
            interface.disable_autosuspend();
            interface.enable_autosuspend();
            Ok(())
        }
        _ => Err(ENOTTY),
    }
}

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let scene = criminal.scene;
    match verb {
        b"never" => {
            let claim = scene.claim.get().ok_or(ENXIO)?;
            criminal.deed.count();
            claim.with(criminal.interface(), never_answered)?
        }
        b"forget" => {
            mem::forget(scene.claim.take());
            Ok(())
        }
        b"fight" => fight(criminal),
        b"cross" => cross(criminal),
        b"thread" => start_threads(scene, criminal.interface()),
        b"keep" => {
            let claim = scene.claim.get().ok_or(ENXIO)?;
            criminal.loot.keep(claim)
        }
        _ => Err(EINVAL),
    }
}

/// Uses the claimed interface whenever there is one.
fn fight(criminal: &Criminal<'_>) -> Result {
    let scene = criminal.scene;
    criminal.persist(|| {
        let claim = scene.claim.get().ok_or(ENXIO)?;
        claim.with(criminal.interface(), |second| use_it(scene, second))?
    })
}

/// Waits, in the claimed interface, for what its unbinding would not end.
fn cross(criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    let wait = |_: &usb::Interface<Bound>| {
        let reset = interface.bound_device().reset();
        refused(reset, EDEADLK, "a reset for another interface");
        criminal.deed.count();
        never_answered(interface)
    };
    let claim = criminal.scene.claim.get().ok_or(ENXIO)?;
    claim.with(interface, wait)?
}

fn use_it(scene: &Arc<Scene>, second: &usb::Interface<Bound>) -> Result {
    match scene.next_turn() % 8 {
        0 => second.settings()?.set(0),
        1..3 => second.settings()?.set(1),
        3 => open_the_tap(second),
        4 => second.bound_device().reset(),
        5 if is_careful() => second.keep_awake().map(drop),
        5 => second.keep_awake().map(mem::forget),
        6 => Scene::commit(scene, second, Crime::Drop),
        _ => Scene::commit(scene, second, Crime::go_on()),
    }
}

/// Uses the claimed interface in a thread of the kernel.
struct Thread {
    scene: Arc<Scene>,
    claim: Arc<usb::Claim>,
}

impl usb::WorkHandler for Thread {
    fn run(&self, interface: &usb::Interface<Bound>) {
        let once = |second: &usb::Interface<Bound>| use_it(&self.scene, second);
        while let Ok(result) = self.claim.with(interface, once) {
            if result.is_err() {
                fsleep(Delta::from_micros(100));
            }
        }
    }
}

/// Submits from threads of the kernel for as long as the claimed interface is there.
fn start_threads(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    for _ in 0..2 {
        let thread = Thread {
            scene: scene.clone(),
            claim: scene.claim.get().ok_or(ENXIO)?,
        };
        interface.work(thread)?.schedule()?;
    }
    Ok(())
}
