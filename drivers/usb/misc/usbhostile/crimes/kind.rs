// SPDX-License-Identifier: GPL-2.0

//! Crimes with transfers of the other kinds: control, interrupt, isochronous, and OUT.

use super::Criminal;
use crate::scene::{
    open_the_tap,
    Accomplice,
    Crime,
    Scene,
    COUNT, //
};
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::Arc,
    usb, //
};

const PACKETS: usize = 8;
const PACKET: usize = 64;

/// Makes a transfer of one kind, and starts it.
type Start = fn(&Arc<Scene>, &usb::Interface<Bound>, Crime) -> Result;

/// All of them.
const KINDS: [Start; 7] = [
    control,
    other::<usb::Bulk, usb::Out>,
    other::<usb::Interrupt, usb::In>,
    other::<usb::Interrupt, usb::Out>,
    other::<usb::Bulk, usb::In>,
    isochronous::<usb::In>,
    isochronous::<usb::Out>,
];

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let (scene, interface) = (criminal.scene, criminal.interface());
    if verb == b"fight" {
        return criminal.persist(|| fight_once(scene, interface));
    }
    prepare(interface)?;
    match verb {
        b"forget" => start_all(scene, interface, Crime::Forget),
        b"resubmit" => start_all(scene, interface, Crime::Resubmit),
        b"drop" => start_all(scene, interface, Crime::Drop),
        b"queue" => queue(scene, interface),
        b"work" => super::probe::submit_in_work_item(scene, interface),
        _ => Err(EINVAL),
    }
}

/// Gets all endpoints that there are, and somebody who takes and sends.
fn prepare(interface: &usb::Interface<Bound>) -> Result {
    if interface.altsetting_number() != 1 {
        interface.settings()?.set(1)?;
    }
    open_the_tap(interface)
}

fn start_all(scene: &Arc<Scene>, interface: &usb::Interface<Bound>, crime: Crime) -> Result {
    KINDS
        .iter()
        .try_for_each(|start| start(scene, interface, crime))
}

/// Starts one, and now and then ends all.
fn fight_once(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let turn = scene.next_turn();
    match turn % 32 {
        _ if interface.altsetting_number() != 1 => return prepare(interface),
        0 => scene.anchor.kill(interface),
        1 => scene.anchor.unlink(),
        _ => (),
    }
    KINDS[turn % KINDS.len()](scene, interface, Crime::Drop)
}

fn accomplice(scene: &Arc<Scene>, crime: Crime) -> Accomplice {
    let scene = scene.clone();
    Accomplice { crime, scene }
}

/// Submits it, with an allocation that may sleep or one that may not.
fn submit<T: usb::TransferType, D: usb::Direction>(
    mut urb: usb::Urb<T, D, Accomplice>,
    scene: &Scene,
    interface: &usb::Interface<Bound>,
) -> Result {
    if urb.handler().crime.forgets() {
        mem::forget(urb.canceller());
    }
    urb.set_anchor(&scene.anchor);
    match scene.next_turn() % 2 {
        0 => urb.submit(interface)?,
        _ => urb.submit_atomic()?,
    }
    Ok(())
}

fn control(scene: &Arc<Scene>, interface: &usb::Interface<Bound>, crime: Crime) -> Result {
    const GET_STATUS: u8 = 2;
    let request = usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, GET_STATUS, 0, 0);
    let buffer = usb::Buffer::new(48, GFP_KERNEL)?;
    let urb = usb::Urb::control(interface, &request, buffer, accomplice(scene, crime))?;
    submit(urb, scene, interface)
}

fn other<T: usb::BulkOrInterrupt, D: usb::Direction>(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    crime: Crime,
) -> Result {
    let endpoint = interface.find_endpoint::<T, D>().ok_or(ENXIO)?;
    let buffer = usb::Buffer::new(PACKET, GFP_KERNEL)?;
    let urb = usb::Urb::new(&endpoint, buffer, accomplice(scene, crime))?;
    submit(urb, scene, interface)
}

fn isochronous<D: usb::Direction>(
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    crime: Crime,
) -> Result {
    let endpoint = interface.find_endpoint::<usb::Isochronous, D>();
    let endpoint = endpoint.ok_or(ENXIO)?;
    let buffer = usb::Buffer::new(PACKETS * PACKET, GFP_KERNEL)?;
    let accomplice = accomplice(scene, crime);
    let urb = usb::Urb::isochronous(&endpoint, buffer, PACKETS, PACKET, accomplice)?;
    submit(urb, scene, interface)
}

/// The handler of an isochronous queue, which reads for ever.
struct Listener(Arc<Scene>);

impl usb::QueueHandler for Listener {
    type Kind = usb::Isochronous;
    type Direction = usb::In;
    type Memory = usb::Buffer;

    fn complete(&self, _transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
        self.0.witness();
        usb::Next::Resubmit
    }
}

/// Forgets an isochronous queue that is running.
fn queue(scene: &Arc<Scene>, interface: &usb::Interface<Bound>) -> Result {
    let endpoint = interface.find_endpoint::<usb::Isochronous, usb::In>();
    let endpoint = endpoint.ok_or(ENXIO)?;
    let listener = Listener(scene.clone());
    let queue = usb::Queue::isochronous(&endpoint, COUNT, PACKETS, PACKET, listener, |_| {
        usb::Buffer::new(PACKETS * PACKET, GFP_KERNEL)
    })?;
    queue.start(interface)?;
    mem::forget(queue);
    Ok(())
}
