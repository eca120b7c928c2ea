// SPDX-License-Identifier: GPL-2.0

//! Crimes for which the device has to be locked, as it is for an ioctl of usbfs.

use super::claim;
use crate::{
    deeds::happened,
    scene::{
        ask_in_vain,
        never_answered,
        Scene, //
    }, //
};
use kernel::{
    device::Core,
    prelude::*,
    usb, //
};

/// Commits one.
///
/// # Errors
///
/// `ENOTTY` if it is not known, and how it ended.
pub(crate) fn commit_locked(
    name: &[u8],
    scene: &Scene,
    interface: &usb::Interface<Core<'_>>,
) -> Result {
    // Nobody else gets the lock meanwhile, be it to unbind the driver.
    match name {
        b"never" => {
            happened(b"locked never");
            never_answered(interface)
        }
        b"brief" => {
            happened(b"locked brief");
            let two_seconds = usb::Timeout::from_millis::<2_000>();
            ask_in_vain(interface, two_seconds.into())
        }
        _ => claim::commit_locked(name, scene, interface),
    }
}
