// SPDX-License-Identifier: GPL-2.0

//! Crimes with gathers.

use super::Criminal;
use crate::scene::{
    close_the_tap,
    open_the_tap,
    Scene,
    COUNT,
    MOMENT, //
};
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    match verb {
        b"forget" => forget(),
        b"never" => {
            criminal.deed.count();
            never(interface)
        }
        b"fight" => {
            let _ = open_the_tap(interface);
            fight(criminal)
        }
        _ => Err(EINVAL),
    }
}

pub(super) fn gather(count: usize) -> Result<usb::Gather> {
    let mut pieces = KVec::new();
    for _ in 0..count {
        pieces.push(usb::Buffer::new(512, GFP_KERNEL)?, GFP_KERNEL)?;
    }
    usb::Gather::new(pieces)
}

fn forget() -> Result {
    let gather = gather(COUNT)?;
    gather.canceller().cancel();
    mem::forget(gather.canceller());
    mem::forget(gather);
    Ok(())
}

/// Waits a minute for a device that sends nothing.
fn never(interface: &usb::Interface<Bound>) -> Result {
    close_the_tap(interface)?;
    let from = interface
        .find_endpoint::<usb::Bulk, usb::In>()
        .ok_or(ENXIO)?;
    let minute = usb::Timeout::from_millis::<60_000>();
    from.transfer_all(gather(COUNT)?, minute)?.result?;
    Ok(())
}

/// Reads, writes and cancels what others read and write.
fn fight(criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    let result = criminal.persist(|| fight_once(scene, interface));
    drop(scene.gather.take());
    result
}

fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn();
    if turn % 16 == 0 {
        open_the_tap(interface)?;
    }
    if let (0, Some(canceller)) = (turn % 3, scene.gather.take()) {
        canceller.cancel();
        return Ok(());
    }
    let gather = gather(1 + turn % COUNT)?;
    scene.gather.put(gather.canceller())?;
    let sleep = usb::Sleep::Killable(MOMENT.into());
    let outcome = match turn % 2 {
        0 => {
            let from = interface.find_endpoint::<usb::Bulk, usb::In>();
            from.ok_or(ENXIO)?.transfer_all(gather, sleep)?
        }
        _ => {
            let to = interface.find_endpoint::<usb::Bulk, usb::Out>();
            to.ok_or(ENXIO)?.transfer_all(gather, sleep)?
        }
    };
    outcome.result?;
    Ok(())
}
