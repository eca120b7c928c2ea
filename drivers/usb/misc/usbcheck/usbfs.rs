// SPDX-License-Identifier: GPL-2.0

//! Commands that programs send through usbfs: `check-usbfs` of the labs' guests does.

use crate::{
    bench::Bench,
    checks::configurations,
    driver::{
        greet,
        Shared, //
    },
    verdict::Verdict, //
};
use kernel::{
    device::Core,
    ioctl::{
        _IO,
        _IOR,
        _IOW,
        _IOWR, //
    },
    prelude::*,
    usb::{
        self,
        Interface, //
    }, //
};

const GROUP: u32 = b'c' as u32;

/// Turns the bytes around.
const REVERSE: u32 = _IOWR::<[u8; 16]>(GROUP, 0x20);
/// Has nothing to go with it.
const NOTHING: u32 = _IO(GROUP, 0x21);
/// Gives the most bytes that there can be, of which it fills the last.
const MOST: u32 = _IOR::<[u8; 16383]>(GROUP, 0x22);
/// Takes bytes, which must be 1, 2, 3 and 4.
const TAKE: u32 = _IOW::<[u8; 4]>(GROUP, 0x23);
/// Sets the configuration again, with what belongs to that.
const CONFIGURE: u32 = _IO(GROUP, 0x24);
/// Whether the device is to wake the host up.
const WAKEUP_NEEDED: u32 = _IO(GROUP, 0x25);
const WAKEUP_NOT_NEEDED: u32 = _IO(GROUP, 0x26);
/// Whether the device may be suspended.
const SUSPEND_FORBIDDEN: u32 = _IO(GROUP, 0x27);
const SUSPEND_ALLOWED: u32 = _IO(GROUP, 0x28);

/// What REVERSE returns.
const REVERSED: i32 = 7;

pub(crate) fn ioctl(
    interface: &Interface<Core<'_>>,
    shared: &Shared,
    command: u32,
    buffer: &mut [u8],
) -> Result<i32> {
    match command {
        REVERSE => {
            greet(shared, interface)?;
            buffer.reverse();
            return Ok(REVERSED);
        }
        NOTHING if buffer.is_empty() => (),
        MOST if buffer.iter().all(|byte| *byte == 0) => {
            *buffer.last_mut().ok_or(EIO)? = 0x5a;
        }
        TAKE if buffer == [1, 2, 3, 4] => buffer.fill(0),
        NOTHING | MOST | TAKE => return Err(EBADMSG),
        CONFIGURE => run(interface, shared, configurations::again)?,
        WAKEUP_NEEDED => interface.set_remote_wakeup(usb::RemoteWakeup::Needed)?,
        WAKEUP_NOT_NEEDED => interface.set_remote_wakeup(usb::RemoteWakeup::NotNeeded)?,
        SUSPEND_FORBIDDEN => interface.disable_autosuspend(),
        SUSPEND_ALLOWED => interface.enable_autosuspend(),
        _ => return Err(ENOTTY),
    }
    Ok(0)
}

/// Runs a check that needs the device locked.
fn run(
    interface: &Interface<Core<'_>>,
    shared: &Shared,
    check: fn(&Interface<Core<'_>>, &Bench<'_>) -> Verdict,
) -> Result {
    let bench = Bench {
        interface,
        shared,
        argument: &[],
    };
    check(interface, &bench).map_err(|failure| {
        pr_info!("usbfs: {failure}\n");
        failure.error
    })
}
