// SPDX-License-Identifier: GPL-2.0

//! `USBPIPE_IOC_EVENT`: what an interrupt endpoint had to say.

use crate::{
    file::File,
    pipe::Pipe,
    stream::ENDED,
    user, //
};
use kernel::{
    prelude::*,
    uapi,
    usb, //
};

/// # Errors
///
/// See `Documentation/usb/usbpipe.rst`.
pub(crate) fn ioctl(
    pipe: &Pipe,
    file: &File,
    operation: &usb::Operation<'_>,
    arg: usize,
) -> Result {
    user::update(arg, |event: &mut uapi::usbpipe_event| {
        event.actual = 0;
        event.sequence = 0;
        if event.reserved != [0; 7] {
            return Err(EINVAL);
        }
        let address = event.data;
        let copy = |data: &[u8]| -> Result {
            let mut writer = user::memory(address, data.len())?.writer();
            writer.write_slice(data)
        };
        let room = event.length as usize;
        // All of it or nothing: what could not be copied stays.
        let deliver = &mut |data: &[u8]| copy(data).map_or(0, |()| data.len());
        let (length, sequence) = loop {
            let source = file.event_source(pipe, operation, event.endpoint)?;
            match source.read_packet(operation, room, deliver) {
                // The program has chosen something else meanwhile.
                Err(error) if error == ENDED => continue,
                result => break result?,
            }
        };
        // CAST: At most `room`.
        event.actual = length as u32;
        event.sequence = sequence;
        Ok(())
    })
}
