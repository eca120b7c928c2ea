// SPDX-License-Identifier: GPL-2.0

//! Crimes with references that keep the device awake.

use super::Criminal;
use crate::scene::COUNT;
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    match verb {
        b"forget" => forget(interface),
        b"keep" => keep(criminal),
        b"fight" => fight(criminal, false),
        b"waste" => fight(criminal, true),
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
fn fight(criminal: &Criminal<'_>, wasteful: bool) -> Result {
    let interface = criminal.interface();
    let power = interface.power()?;
    criminal.persist(|| {
        let turn = criminal.scene.next_turn();
        let guard = match turn % 3 {
            0 => interface.keep_awake()?,
            1 => power.request_awake()?,
            _ => power.hold()?,
        };
        power.mark_last_busy();
        if turn % 64 == 0 {
            interface.set_remote_wakeup(usb::RemoteWakeup::NotNeeded)?;
        }
        match turn / 3 % 16 {
            // In the end the device stays awake for good.
            0 if wasteful => mem::forget(guard),
            0..6 => guard.release(interface),
            6..11 => guard.release_quietly(),
            _ => drop(guard),
        }
        Ok(())
    })
}
