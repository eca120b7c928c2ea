// SPDX-License-Identifier: GPL-2.0

//! Crimes with references that keep the device awake.

use super::Criminal;
use crate::scene::{
    until_unbound,
    Scene,
    COUNT, //
};
use core::{
    mem,
    ops::ControlFlow, //
};
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    match verb {
        b"forget" => forget(interface),
        b"keep" => keep(criminal),
        b"fight" => fight(criminal.scene, interface),
        _ => Err(EINVAL),
    }
}

/// Forgets some of each kind.
fn forget(interface: &usb::Interface<Bound>) -> Result {
    let power = interface.power()?;
    for _ in 0..COUNT {
        mem::forget(interface.keep_awake()?);
        mem::forget(power.request_awake()?);
        mem::forget(power.hold()?);
    }
    mem::forget(power);
    Ok(())
}

/// Keeps one of each kind until the file is closed.
fn keep(criminal: &Criminal<'_>) -> Result {
    let power = criminal.interface().power()?;
    criminal.loot.keep(criminal.interface().keep_awake()?)?;
    criminal.loot.keep(power.request_awake()?)?;
    criminal.loot.keep(power.hold()?)
}

/// Takes and gives back, in all ways that there are, while others do the same.
fn fight(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let power = interface.power()?;
    until_unbound(interface, || {
        let turn = scene.next_turn();
        let guard = match turn % 3 {
            0 => interface.keep_awake()?,
            1 => power.request_awake()?,
            _ => power.hold()?,
        };
        power.mark_last_busy();
        match turn / 3 % 16 {
            // In the end the device stays awake for good.
            0 => mem::forget(guard),
            1..6 => guard.release(interface),
            6..11 => guard.release_quietly(),
            _ => drop(guard),
        }
        Ok(ControlFlow::Continue(()))
    })
}
