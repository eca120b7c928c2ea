// SPDX-License-Identifier: GPL-2.0

//! An endpoint comes from the descriptors of the device.
//@ error: E0308
//@ says: expected `Endpoint<'_, Bulk, Out>`, found `&EndpointDescriptor`

use kernel::{device::Bound, prelude::*, usb};

type BulkOut<'a> = usb::Endpoint<'a, usb::Bulk, usb::Out>;

fn send(_endpoint: BulkOut<'_>) {}

fn start(interface: &usb::Interface<Bound>) -> Result {
    #[cfg(misuse)]
    let endpoint = &interface.endpoints().next().ok_or(ENXIO)?;
    #[cfg(not(misuse))]
    let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
    send(endpoint);
    Ok(())
}
