// SPDX-License-Identifier: GPL-2.0

//! The ioctls of a node: which there are, and those that are short.

use crate::{
    any_endpoint::AnyEndpoint,
    event,
    file::File,
    info,
    lane::Purpose,
    pipe::Pipe,
    request,
    select,
    stream::Stream,
    transact,
    transfer,
    user, //
};
use kernel::{
    prelude::*,
    uapi,
    usb::{
        self,
        Operation, //
    }, //
};

/// # Errors
///
/// - `ENOTTY`: there is no such command.
/// - `EPERM`: the file was not opened for writing.
/// - Others: see `Documentation/usb/usbpipe.rst`.
pub(crate) fn dispatch(
    pipe: &Pipe,
    file: &File,
    operation: &Operation<'_>,
    cmd: u32,
    arg: usize,
) -> Result {
    match cmd {
        uapi::usbpipe_ioctl_USBPIPE_IOC_INFO => info::info(file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_LIMITS => info::limits(pipe, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_STATS => info::stats(pipe, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_SELECT => select::ioctl(pipe, file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_EVENT => event::ioctl(pipe, file, operation, arg),
        usb::FIONREAD => available(pipe, file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_EXCL => {
            may_write(operation)?;
            set_exclusive(pipe, arg)
        }
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_ENTER => {
            may_write(operation)?;
            file.rings.enter(operation, arg)
        }
        _ => with_device(pipe, file, operation, cmd, arg),
    }
}

/// What they are called in traces.
pub(crate) fn name(cmd: u32) -> &'static CStr {
    match cmd {
        uapi::usbpipe_ioctl_USBPIPE_IOC_INFO => c"INFO",
        uapi::usbpipe_ioctl_USBPIPE_IOC_LIMITS => c"LIMITS",
        uapi::usbpipe_ioctl_USBPIPE_IOC_STATS => c"STATS",
        uapi::usbpipe_ioctl_USBPIPE_IOC_SELECT => c"SELECT",
        uapi::usbpipe_ioctl_USBPIPE_IOC_EVENT => c"EVENT",
        uapi::usbpipe_ioctl_USBPIPE_IOC_CONTROL => c"CONTROL",
        uapi::usbpipe_ioctl_USBPIPE_IOC_TRANSFER => c"TRANSFER",
        uapi::usbpipe_ioctl_USBPIPE_IOC_TRANSACT => c"TRANSACT",
        uapi::usbpipe_ioctl_USBPIPE_IOC_EXCL => c"EXCL",
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_SETUP => c"RING_SETUP",
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_ENTER => c"RING_ENTER",
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_FREE => c"RING_FREE",
        uapi::usbpipe_ioctl_USBPIPE_IOC_CLEAR_HALT => c"CLEAR_HALT",
        uapi::usbpipe_ioctl_USBPIPE_IOC_FLUSH => c"FLUSH",
        uapi::usbpipe_ioctl_USBPIPE_IOC_RESET => c"RESET",
        uapi::usbpipe_ioctl_USBPIPE_IOC_SET_ALT => c"SET_ALT",
        uapi::usbpipe_ioctl_USBPIPE_URING_TRANSFER => c"URING_TRANSFER",
        usb::FIONREAD => c"FIONREAD",
        _ => c"unknown",
    }
}

fn may_write(operation: &Operation<'_>) -> Result {
    operation.is_writable().then_some(()).ok_or(EPERM)
}

/// Those for which the device has to be awake from beginning to end. It is left alone for a command
/// that there is not.
fn with_device(
    pipe: &Pipe,
    file: &File,
    operation: &Operation<'_>,
    cmd: u32,
    arg: usize,
) -> Result {
    let carry_out: &dyn Fn() -> Result = match cmd {
        uapi::usbpipe_ioctl_USBPIPE_IOC_CONTROL => &|| request::ioctl(pipe, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_TRANSFER => &|| transfer::ioctl(pipe, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_TRANSACT => &|| transact::ioctl(pipe, file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_SETUP => &|| set_up_ring(pipe, file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_RING_FREE => &|| file.rings.free(operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_CLEAR_HALT => &|| clear_halt(pipe, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_FLUSH => &|| flush(pipe, file, operation, arg),
        uapi::usbpipe_ioctl_USBPIPE_IOC_RESET => &|| operation.interface().bound_device().reset(),
        uapi::usbpipe_ioctl_USBPIPE_IOC_SET_ALT => &|| set_altsetting(pipe, file, operation, arg),
        _ => return Err(ENOTTY),
    };
    may_write(operation)?;
    let _awake = operation.interface().keep_awake()?;
    carry_out()
}

fn set_up_ring(pipe: &Pipe, file: &File, operation: &Operation<'_>, arg: usize) -> Result {
    pipe.streams.reap(operation.interface());
    file.rings.setup(operation, arg)
}

fn set_exclusive(pipe: &Pipe, arg: usize) -> Result {
    match user::get::<u32>(arg)? {
        on @ (0 | 1) => pipe.access.set_exclusive(on == 1),
        _ => Err(EINVAL),
    }
}

/// `FIONREAD`: bytes that `read()` returns without waiting.
fn available(pipe: &Pipe, file: &File, operation: &Operation<'_>, arg: usize) -> Result {
    let (source, _) = file.source(pipe, operation)?;
    let count = i32::try_from(source.available()).unwrap_or(i32::MAX);
    user::put(arg, &count.to_ne_bytes())
}

fn clear_halt(pipe: &Pipe, operation: &Operation<'_>, arg: usize) -> Result {
    let address = u8::try_from(user::get::<u32>(arg)?).map_err(|_| ENXIO)?;
    let interface = operation.interface();
    let endpoint = AnyEndpoint::find(interface, address)?;
    let _lane = pipe.enter(interface, address, Purpose::Transfer)?;
    endpoint.clear_halt()?;
    Ok(())
}

fn flush(pipe: &Pipe, file: &File, operation: &Operation<'_>, arg: usize) -> Result {
    const ALL: u32 =
        uapi::USBPIPE_FLUSH_READ | uapi::USBPIPE_FLUSH_WRITE | uapi::USBPIPE_FLUSH_REPLY;
    let what = user::get::<u32>(arg)?;
    if what == 0 || what & !ALL != 0 {
        return Err(EINVAL);
    }
    if what & uapi::USBPIPE_FLUSH_REPLY != 0 {
        pipe.replies.forget();
    }
    if what & uapi::USBPIPE_FLUSH_READ != 0 {
        discard(file.open_source(), operation)?;
    }
    if what & uapi::USBPIPE_FLUSH_WRITE != 0 {
        discard(file.open_sink(), operation)?;
    }
    Ok(())
}

fn discard<S: ?Sized + Stream>(
    stream: Option<kernel::sync::Arc<S>>,
    operation: &Operation<'_>,
) -> Result {
    stream.map_or(Ok(()), |stream| stream.discard(operation.interface()))
}

/// Endpoints belong to an altsetting, so that nobody may be using any.
fn set_altsetting(pipe: &Pipe, file: &File, operation: &Operation<'_>, arg: usize) -> Result {
    let number = u8::try_from(user::get::<u32>(arg)?).map_err(|_| EINVAL)?;
    let interface = operation.interface();
    if !interface.altsettings().any(|alt| alt.number() == number) {
        return Err(EINVAL);
    }
    // What this file has read and written is dropped only if the rest can follow.
    pipe.streams.reap(interface);
    pipe.lanes.check_streams_only()?;
    file.check_alone(pipe, interface)?;
    file.leave(pipe, Some(interface));
    pipe.streams.reap(interface);
    pipe.lanes
        .while_idle(|| interface.settings()?.set(number))?;
    pipe.replies.forget();
    Ok(())
}
