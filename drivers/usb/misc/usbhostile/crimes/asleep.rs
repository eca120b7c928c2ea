// SPDX-License-Identifier: GPL-2.0

//! Waiting a minute for a transfer that does not end, in each way to transfer and to sleep: the
//! digit at the end is the way to sleep.

use super::{
    gather::gather,
    Criminal, //
};
use crate::scene::{
    ask_in_vain,
    close_the_tap,
    COUNT, //
};
use kernel::{
    device::Bound,
    prelude::*,
    usb, //
};

const MINUTE: usb::Timeout = usb::Timeout::from_millis::<60_000>();

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let interface = criminal.interface();
    let (way, sleep) = verb.split_last_chunk::<2>().ok_or(EINVAL)?;
    let sleep = match sleep {
        b" 0" => usb::Sleep::Interruptible(MINUTE),
        b" 1" => usb::Sleep::Killable(MINUTE.into()),
        _ => usb::Sleep::Uninterruptible(MINUTE),
    };
    close_the_tap(interface)?;
    criminal.deed.count();
    match way {
        b"ctrl" => ask_in_vain(interface, sleep),
        b"read" => read::<usb::Bulk>(interface, sleep),
        b"intr" => read::<usb::Interrupt>(interface, sleep),
        b"write" => write(interface, sleep),
        b"gather" => write_pieces(interface, sleep),
        _ => Err(EINVAL),
    }
}

/// Reads what the device does not send.
fn read<T: usb::BulkOrInterrupt>(interface: &usb::Interface<Bound>, sleep: usb::Sleep) -> Result {
    let from = interface.find_endpoint::<T, usb::In>().ok_or(ENXIO)?;
    from.read(usb::Buffer::new(512, GFP_KERNEL)?, sleep)?
        .result?;
    Ok(())
}

/// Writes what the device does not take; that it does not has to be arranged with it.
fn write(interface: &usb::Interface<Bound>, sleep: usb::Sleep) -> Result {
    let to = interface.find_endpoint::<usb::Bulk, usb::Out>();
    let buffer = usb::Buffer::new(512, GFP_KERNEL)?;
    to.ok_or(ENXIO)?.write(buffer, sleep)?.result?;
    Ok(())
}

fn write_pieces(interface: &usb::Interface<Bound>, sleep: usb::Sleep) -> Result {
    let to = interface.find_endpoint::<usb::Bulk, usb::Out>();
    to.ok_or(ENXIO)?
        .transfer_all(gather(COUNT)?, sleep)?
        .result?;
    Ok(())
}
