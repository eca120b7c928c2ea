// SPDX-License-Identifier: GPL-2.0

//! Forgetting what other crimes leave alone: memory, results, and halves of things.

use super::{
    gather::gather,
    pool::{
        new_pool,
        Producer, //
    },
    queue::{
        new_queue,
        Consumer,
        Manner, //
    },
    Criminal, //
};
use crate::scene::{
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
    let (scene, interface) = (criminal.scene, criminal.interface());
    match verb {
        b"memory" => memory(interface),
        b"results" => results(scene, interface),
        b"ports" => ports(scene, interface),
        _ => Err(EINVAL),
    }
}

/// Forgets memory of each kind that has more to it than its bytes.
fn memory(interface: &usb::Interface<Bound>) -> Result {
    let slots = usb::Slots::new(COUNT, 512)?;
    mem::forget(usb::SlotBuffer::new(&slots, 1)?);
    mem::forget(slots);
    mem::forget(usb::PageBuffer::new(10_000)?.pages().clone());
    mem::forget(usb::Part::new(usb::Buffer::new(512, GFP_KERNEL)?, 8..64)?);
    let coherent = usb::CoherentBuffer::new(interface, 512)?;
    mem::forget(usb::Part::new(coherent, 8..64)?);
    mem::forget(usb::NoncoherentBuffer::<usb::Out>::new(interface, 512)?);
    Ok(())
}

/// Forgets what transfers and commands have come to.
fn results(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    open_the_tap(interface)?;
    let from = interface.find_endpoint::<usb::Bulk, usb::In>();
    let from = from.ok_or(ENXIO)?;
    let buffer = usb::Buffer::new(512, GFP_KERNEL)?;
    mem::forget(from.read(buffer, MOMENT)?);
    mem::forget(from.transfer_all(gather(COUNT)?, MOMENT)?);
    mem::forget(usb::TracedCommand::start(interface, c"hoard"));
    let limit = usb::Limit::new(2, scene.events.clone())?;
    mem::forget(limit.try_take());
    mem::forget(limit);
    let pool = new_pool(scene, interface, 2, false)?;
    let (first, second) = (pool.try_take(), pool.try_take());
    // Those were made for the altsetting as it was.
    interface.settings()?.set(0)?;
    interface.settings()?.set(1)?;
    mem::forget(first.ok_or(EIO)?.submit(interface));
    mem::forget(second);
    Ok(())
}

/// Forgets what a URB has of its queue or its pool, and never makes that URB.
fn ports(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let consumer = Consumer::new(scene, Manner::Read);
    let queue = usb::Queue::<Consumer>::with_urbs(1, consumer, |_, port| {
        mem::forget(port);
        Err(ECANCELED)
    });
    let pool = usb::Pool::with_urbs(1, Producer::new(scene, false), |_, port| {
        mem::forget(port);
        Err(ECANCELED)
    });
    match (queue.err(), pool.err()) {
        (Some(ECANCELED), Some(ECANCELED)) => (),
        _ => return Err(EIO),
    }
    // Some of a queue in use.
    mem::forget(new_queue(scene, interface, 1, Manner::Read)?);
    Ok(())
}
