// SPDX-License-Identifier: GPL-2.0

//! One bound interface: what all files of its node share, and what they can do.

use crate::{
    info,
    reader::Reader,
    request,
    writer::Writer, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow,
        Mutex, //
    },
    uapi,
    usb, //
};

/// What belongs to one bound interface.
#[pin_data]
pub(crate) struct Pipe {
    #[pin]
    reader: Reader,
    #[pin]
    writer: Writer,
    /// Notified when data came, room was made, or a transfer failed.
    pub(crate) changed: Arc<usb::Events>,
    /// How many files are open.
    #[pin]
    files: Mutex<usize>,
}

impl Pipe {
    pub(crate) fn new() -> Result<Arc<Self>> {
        let changed = usb::Events::new()?;
        Arc::pin_init(
            try_pin_init!(Self {
                reader <- Reader::new(changed.clone()),
                writer <- Writer::new(changed.clone()),
                changed,
                files <- new_mutex!(0, "usbpipe::Pipe::files"),
            }),
            GFP_KERNEL,
        )
    }
}

#[vtable]
impl usb::FileOperations for Pipe {
    type OpenFile = ();

    const NAME: &'static CStr = c"usbpipe";
    const MODE: u16 = 0o660;
    const MINOR_BASE: u8 = 208;

    fn open(this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result {
        *this.files.lock() += 1;
        Ok(())
    }

    /// The last one to close ends reading ahead: what was not read is dropped. What was written
    /// goes on its way.
    fn release(this: ArcBorrow<'_, Self>, _file: (), operation: Option<&usb::Operation<'_>>) {
        let mut files = this.files.lock();
        *files -= 1;
        if let (0, Some(operation)) = (*files, operation) {
            this.reader.stop(operation);
            this.writer.release_idle();
        }
    }

    fn read_iter(
        this: ArcBorrow<'_, Self>,
        _file: &(),
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        this.reader.read(operation, iov)
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _file: &(),
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        this.writer.write(operation, iov)
    }

    fn poll(
        this: ArcBorrow<'_, Self>,
        _file: &(),
        operation: &usb::Operation<'_>,
        wanted: usb::PollEvents,
    ) -> usb::PollEvents {
        // Who does not ask for data must not cause reading ahead: the last to close drops it.
        let readable = match wanted.intersects(usb::PollEvents::READABLE) {
            true => this.reader.poll(operation),
            false => usb::PollEvents::NONE,
        };
        readable.with(this.writer.poll(operation))
    }

    fn fsync(this: ArcBorrow<'_, Self>, _file: &(), operation: &usb::Operation<'_>) -> Result {
        this.writer.flush(operation)
    }

    fn ioctl(
        _this: ArcBorrow<'_, Self>,
        _file: &(),
        operation: &usb::Operation<'_>,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        match cmd {
            uapi::usbpipe_ioctl_USBPIPE_IOC_INFO => info::ioctl(operation, arg)?,
            uapi::usbpipe_ioctl_USBPIPE_IOC_CONTROL => request::ioctl(operation, arg)?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }
}
