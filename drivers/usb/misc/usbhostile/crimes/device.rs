// SPDX-License-Identifier: GPL-2.0

//! Crimes with references to the device and its interface.

use super::Criminal;
use crate::deeds::happened;
use core::mem;
use kernel::{
    device::Bound,
    prelude::*,
    sync::aref::ARef,
    usb, //
};

pub(super) fn commit(verb: &[u8], criminal: &Criminal<'_>) -> Result {
    let souvenir = Souvenir::of(criminal.interface());
    match verb {
        b"keep" => criminal.loot.keep(souvenir),
        b"forget" => {
            mem::forget(souvenir);
            Ok(())
        }
        _ => Err(EINVAL),
    }
}

/// Reads all that can be read when it is dropped, which may be long after the device is gone.
struct Souvenir {
    interface: ARef<usb::Interface>,
    device: ARef<usb::Device>,
}

impl Souvenir {
    fn of(interface: &usb::Interface<Bound>) -> Self {
        let known: &usb::Interface = interface;
        Self {
            interface: known.into(),
            device: interface.device().into(),
        }
    }

    /// What is known of a device without asking it.
    fn read(&self) -> Result {
        let device = &*self.device;
        let _ = (device.state(), device.speed(), device.address());
        let _ = (device.level(), device.port_number(), device.removable());
        let _ = (
            device.port_path().to_bytes().len(),
            device.active_configuration(),
        );
        let strings = [device.manufacturer(), device.product(), device.serial()];
        let length: usize = strings
            .iter()
            .flatten()
            .map(|string| string.to_bytes().len())
            .sum();
        for index in 0..=device.configuration_count() {
            let bytes = device.configuration_bytes(index).unwrap_or(&[]);
            let _ = bytes
                .iter()
                .fold(length, |sum, byte| sum + usize::from(*byte));
        }
        let same = self.interface.device().vendor_id() == device.vendor_id();
        match same && device.vendor_id() == 0x1209 {
            true => Ok(()),
            false => Err(EIO),
        }
    }
}

impl Drop for Souvenir {
    fn drop(&mut self) {
        match self.read() {
            Ok(()) => happened(b"read after all"),
            Err(_) => pr_err!("BUG: a device that is kept has changed\n"),
        }
    }
}
