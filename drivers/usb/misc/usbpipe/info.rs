// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_INFO`: what is behind a node.

use kernel::{
    device::Bound,
    prelude::*,
    uaccess::{
        UserPtr,
        UserSlice, //
    },
    uapi,
    usb, //
};

pub(crate) fn ioctl(operation: &usb::Operation<'_>, arg: usize) -> Result {
    let info = gather(operation.interface());
    let user = UserSlice::new(UserPtr::from_addr(arg), size_of_val(&info));
    user.writer().write_slice(info.as_bytes())
}

fn gather(interface: &usb::Interface<Bound>) -> uapi::usbpipe_info {
    let device = interface.device();
    let (class, subclass, protocol) = interface.class();
    let mut info = uapi::usbpipe_info {
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
        read_endpoint: first_bulk::<usb::In>(interface),
        write_endpoint: first_bulk::<usb::Out>(interface),
        ..Zeroable::zeroed()
    };
    for (slot, endpoint) in info.endpoints.iter_mut().zip(interface.endpoints()) {
        *slot = describe(&endpoint);
        info.num_endpoints += 1;
    }
    info
}

fn first_bulk<D: usb::Direction>(interface: &usb::Interface<Bound>) -> u8 {
    interface
        .find_endpoint::<usb::Bulk, D>()
        .map_or(0, |endpoint| endpoint.address())
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
