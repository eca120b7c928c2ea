// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_SELECT`: what `read()` and `write()` of a file do.

use crate::{
    any_endpoint::AnyEndpoint,
    file::{
        resolve,
        File,
        Selection, //
    },
    pipe::Pipe,
    stream::Setup,
    user, //
};
use kernel::{
    device::Bound,
    prelude::*,
    uapi,
    usb, //
};

/// # Errors
///
/// See `Documentation/usb/usbpipe.rst`. The file stays as it was.
pub(crate) fn ioctl(
    pipe: &Pipe,
    file: &File,
    operation: &usb::Operation<'_>,
    arg: usize,
) -> Result {
    let select: uapi::usbpipe_select = user::get(arg)?;
    let interface = operation.interface();
    let selection = check(interface, &select)?;
    file.select(pipe, interface, &selection);
    Ok(())
}

fn check(interface: &usb::Interface<Bound>, select: &uapi::usbpipe_select) -> Result<Selection> {
    let flags = u32::from(select.flags);
    if select.reserved != 0 || flags & !uapi::USBPIPE_SELECT_PACKETS != 0 {
        return Err(EINVAL);
    }
    let reading = Setup {
        address: select.read_endpoint,
        size: select.read_size as usize,
        depth: select.read_depth.into(),
    };
    let writing = Setup {
        address: select.write_endpoint,
        size: select.write_size as usize,
        depth: select.write_depth.into(),
    };
    check_side(interface, resolve::<usb::In>(reading, interface), true)?;
    check_side(interface, resolve::<usb::Out>(writing, interface), false)?;
    Ok(Selection {
        reading,
        writing,
        packets: flags & uapi::USBPIPE_SELECT_PACKETS != 0,
    })
}

fn check_side(interface: &usb::Interface<Bound>, setup: Setup, is_in: bool) -> Result {
    if setup.size > uapi::USBPIPE_MAX_TRANSFER as usize {
        return Err(EMSGSIZE);
    }
    if setup.depth > uapi::USBPIPE_MAX_DEPTH as usize {
        return Err(EINVAL);
    }
    if setup.address == 0 {
        return Ok(());
    }
    let endpoint = AnyEndpoint::find(interface, setup.address)?;
    if endpoint.is_isochronous() || endpoint.is_in() != is_in {
        return Err(EOPNOTSUPP);
    }
    match setup.size % endpoint.max_packet() {
        0 => Ok(()),
        _ => Err(EINVAL),
    }
}
