// SPDX-License-Identifier: GPL-2.0

//! What is behind a node, what it accepts, and what went through it.

use crate::{
    file::File,
    pipe::Pipe,
    user, //
};
use kernel::{
    device::Bound,
    prelude::*,
    uapi,
    usb, //
};

/// What this driver can do.
const CAPABILITIES: u64 = uapi::USBPIPE_CAP_SELECT as u64
    | uapi::USBPIPE_CAP_TRANSFER as u64
    | uapi::USBPIPE_CAP_TRANSACT as u64
    | uapi::USBPIPE_CAP_EVENT as u64
    | uapi::USBPIPE_CAP_RING as u64
    | uapi::USBPIPE_CAP_RING_ISOCHRONOUS as u64
    | uapi::USBPIPE_CAP_URING as u64;

/// `USBPIPE_IOC_INFO`.
pub(crate) fn info(file: &File, operation: &usb::Operation<'_>, arg: usize) -> Result {
    let info = gather(file, operation.interface());
    user::put(arg, info.as_bytes())
}

/// `USBPIPE_IOC_LIMITS`.
pub(crate) fn limits(pipe: &Pipe, arg: usize) -> Result {
    let mut limits = uapi::usbpipe_limits {
        max_transfer: uapi::USBPIPE_MAX_TRANSFER,
        max_depth: uapi::USBPIPE_MAX_DEPTH,
        max_transactions: uapi::USBPIPE_MAX_TRANSACTIONS,
        max_slots: uapi::USBPIPE_RING_MAX_SLOTS,
        max_packets: uapi::USBPIPE_RING_MAX_PACKETS,
        ..Zeroable::zeroed()
    };
    pipe.budget.describe(&mut limits);
    user::put(arg, limits.as_bytes())
}

/// `USBPIPE_IOC_STATS`.
pub(crate) fn stats(pipe: &Pipe, arg: usize) -> Result {
    let stats = pipe.up_to_date_stats().describe(&pipe.budget);
    user::put(arg, stats.as_bytes())
}

fn gather(file: &File, interface: &usb::Interface<Bound>) -> uapi::usbpipe_info {
    let device = interface.device();
    let (class, subclass, protocol) = interface.class();
    let (read_endpoint, write_endpoint) = file.addresses(interface);
    let mut info = uapi::usbpipe_info {
        capabilities: CAPABILITIES,
        vendor: device.vendor_id(),
        product: device.product_id(),
        device_release: device.device_release(),
        usb_release: device.usb_release(),
        bus: device.bus_number(),
        device: device.address(),
        speed: device.speed().as_raw(),
        interface_number: interface.number(),
        altsetting: interface.altsetting_number(),
        interface_class: class,
        interface_subclass: subclass,
        interface_protocol: protocol,
        read_endpoint,
        write_endpoint,
        ..Zeroable::zeroed()
    };
    for (slot, endpoint) in info.endpoints.iter_mut().zip(interface.endpoints()) {
        *slot = describe(&endpoint);
        info.num_endpoints += 1;
    }
    info
}

fn describe(endpoint: &usb::EndpointDescriptor) -> uapi::usbpipe_endpoint {
    uapi::usbpipe_endpoint {
        address: endpoint.address(),
        type_: endpoint.kind().as_raw(),
        interval: endpoint.interval(),
        max_burst: endpoint.max_burst(),
        max_packet: endpoint.max_packet(),
        mult: endpoint.packets_per_microframe(),
        reserved: 0,
    }
}
