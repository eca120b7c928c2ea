// SPDX-License-Identifier: GPL-2.0

//! Crimes with commands of io_uring. The name of the crime is the command.

use super::Criminal;
use crate::{
    driver::refused,
    scene::Scene, //
};
use core::mem;
use kernel::{
    prelude::*,
    sync::Arc,
    usb, //
};

pub(crate) fn commit(criminal: &Criminal<'_>, command: usb::UringCommand) -> Result {
    let name: [u8; 16] = command.payload();
    let end = name.iter().position(|byte| *byte == 0);
    match &name[..end.unwrap_or(name.len())] {
        b"forget" => mem::forget(command),
        b"drop" => drop(command),
        b"again" => return Err(EAGAIN),
        b"queued" => return Err(EIOCBQUEUED),
        b"restart" => return Err(ERESTARTSYS),
        b"early" => command.complete(Ok(7)),
        b"huge" => command.complete(Ok(u32::MAX)),
        b"early deny" => {
            command.complete(Ok(7));
            return Err(EPERM);
        }
        b"forget deny" => {
            mem::forget(command);
            return Err(EPERM);
        }
        b"hoard" => criminal.loot.keep(command)?,
        b"hoard deny" => {
            criminal.loot.keep(command)?;
            return Err(EPERM);
        }
        b"relay" => relay(criminal.scene, command),
        b"reply huge" => command.reply(KBox::new(Liar(Ok(u32::MAX)), GFP_KERNEL)?),
        b"reply queued" => command.reply(KBox::new(Liar(Err(EIOCBQUEUED)), GFP_KERNEL)?),
        b"wait" => criminal.operation.blocking().wait(|| None)?,
        b"urb drop" => submit(criminal, command, End::Drop)?,
        b"urb forget" => submit(criminal, command, End::Forget)?,
        b"urb resubmit" => submit(criminal, command, End::Resubmit)?,
        b"urb relay" => submit(criminal, command, End::Relay)?,
        _ => return Err(EINVAL),
    }
    Ok(())
}

/// Ends the command that came before, if it has not been ended meanwhile, and leaves this one to
/// whoever comes next.
fn relay(scene: &Scene, command: usb::UringCommand) {
    let before = scene.command.lock().replace(command);
    if let Some(before) = before {
        before.complete(Ok(1));
    }
}

/// What it returns is no number of bytes, and no error that a program should get to see.
struct Liar(Result<u32>);

impl usb::UringReply for Liar {
    fn deliver(&mut self) -> Result<u32> {
        self.0
    }
}

/// What a handler does with a command.
#[derive(Clone, Copy)]
enum End {
    Drop,
    Forget,
    Resubmit,
    Relay,
}

struct Attached {
    command: usb::UringCommand,
    end: End,
    scene: Arc<Scene>,
}

impl usb::Handler<usb::Bulk, usb::In> for Attached {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::In, Self>) {
        match done.handler().end {
            End::Drop => drop(done),
            End::Forget => mem::forget(done),
            End::Resubmit => mem::forget(done.resubmit()),
            End::Relay => {
                let (_, Self { command, scene, .. }) = done.into_urb().into_parts();
                relay(&scene, command);
            }
        }
    }
}

/// A transfer that ends in 20 ms, with a command that need not.
fn submit(criminal: &Criminal<'_>, command: usb::UringCommand, end: End) -> Result {
    const LIMIT: usb::Timeout = usb::Timeout::from_millis::<20>();
    let interface = criminal.interface();
    let from = interface.find_endpoint().ok_or(ENXIO)?;
    let scene = criminal.scene.clone();
    let attached = Attached {
        command,
        end,
        scene,
    };
    let urb = usb::Urb::new(&from, usb::Buffer::new(512, GFP_KERNEL)?, attached)?;
    let command = &urb.handler().command;
    command.set_transfer(interface, urb.canceller(), Some(LIMIT))?;
    let twice = command.set_transfer(interface, urb.canceller(), None);
    refused(twice, EBUSY, "a second transfer of a command");
    Ok(urb.submit(interface)?)
}
