// SPDX-License-Identifier: GPL-2.0

//! Driver for USBLCD, an interface board for displays of text.
//!
//! It does what `drivers/usb/misc/usblcd.c` does: `/dev/lcdN`, where each `write()` is a bulk
//! transfer that nobody waits for, and each `read()` one that is waited for.

use kernel::{
    device::{
        Bound,
        Core, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*,
    str::CString,
    sync::{
        Arc,
        ArcBorrow, //
    },
    uaccess::{
        UserPtr,
        UserSlice, //
    },
    usb, //
};

/// Commands that write a text without a NUL, and without a word of its length. The second one never
/// gets here, since it is also that of `FIGETBSZ`, which every file answers.
const GET_HARD_VERSION: u32 = 1;
const GET_DRV_VERSION: u32 = 2;
const DRIVER_VERSION: &str = "USBLCD Driver Version 1.05";

/// Writes at a time, so that they don't take all the memory.
const CONCURRENT_WRITES: u32 = 5;

/// How long the device may take to answer a read.
const READ_LIMIT: usb::Sleep = usb::Sleep::Uninterruptible(usb::Timeout::from_millis::<10_000>());

/// How long a suspension waits for what was written.
const DRAW_DOWN: usb::Sleep = usb::Sleep::Uninterruptible(usb::Timeout::from_millis::<1000>());

/// What all files of a device share.
struct Lcd {
    limit: usb::Limit,
    writes: usb::Anchor,
}

/// A write that nobody waits for.
struct Write(#[expect(dead_code, reason = "given back with the URB")] usb::Permit);

impl usb::Handler<usb::Bulk, usb::Out> for Write {
    fn complete(done: usb::Completed<'_, usb::Bulk, usb::Out, Self>) {
        match done.result() {
            Err(error) if !error.is_cancelled() && !error.is_gone() => {
                dev_dbg!(done.interface(), "write: {error:?}\n");
            }
            _ => (),
        }
    }
}

/// The release of the device, binary coded decimal, as in "01.23".
fn version(device: &usb::Device) -> Result<CString> {
    let [a, b] = device.device_release().to_be_bytes();
    CString::try_from_fmt(fmt!("{}{}.{}{}", a >> 4, a & 15, b >> 4, b & 15))
}

#[vtable]
impl usb::FileOperations for Lcd {
    /// The device stays awake while a file is open.
    type OpenFile = usb::PowerGuard;

    const NAME: &'static CStr = c"lcd";
    const MINOR_BASE: u8 = 144;
    const IGNORES_SEEK: bool = true;

    fn open(_this: ArcBorrow<'_, Self>, operation: &usb::Operation<'_>) -> Result<Self::OpenFile> {
        operation.interface().keep_awake()
    }

    fn release(
        _this: ArcBorrow<'_, Self>,
        awake: Self::OpenFile,
        operation: Option<&usb::Operation<'_>>,
    ) {
        if let Some(operation) = operation {
            awake.release(operation.interface());
        }
    }

    fn read_iter(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let interface = operation.interface();
        let endpoint = interface.find_endpoint::<usb::Bulk, _>().ok_or(ENXIO)?;
        let length = iov.len().min(endpoint.max_packet().into());
        let done = endpoint.read(usb::Buffer::new(length, GFP_KERNEL)?, READ_LIMIT)?;
        done.result?;
        match iov.copy_to_iter(done.data()) == done.data().len() {
            true => Ok(done.data().len()),
            false => Err(EFAULT),
        }
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let (interface, count) = (operation.interface(), iov.len());
        if count == 0 {
            return Ok(0);
        }
        let permit = operation.blocking().wait(|| this.limit.try_take());
        let permit = permit.map_err(|error| if error == ERESTARTSYS { EINTR } else { error })?;
        let buffer = usb::Buffer::from_iov(iov, GFP_KERNEL)?;
        let endpoint = interface.find_endpoint().ok_or(ENXIO)?;
        let mut urb = usb::Urb::new(&endpoint, buffer, Write(permit))?;
        urb.set_anchor(&this.writes);
        urb.submit(interface).inspect_err(|refused| {
            dev_err!(
                interface.device(),
                "failed to submit a write: {:?}\n",
                refused.error
            )
        })?;
        Ok(count)
    }

    fn ioctl(
        _this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        let release = version(operation.interface().device())?;
        let text = match cmd {
            GET_HARD_VERSION => release.to_bytes(),
            GET_DRV_VERSION => DRIVER_VERSION.as_bytes(),
            _ => return Err(ENOTTY),
        };
        let user = UserSlice::new(UserPtr::from_addr(arg), text.len());
        user.writer().write_slice(text)?;
        Ok(0)
    }
}

/// The driver's part of a bound interface.
struct Driver {
    lcd: Arc<Lcd>,
    minor: u8,
}

kernel::usb_device_table!(
    USB_TABLE,
    <Driver as usb::Driver>::IdInfo,
    [(usb::DeviceId::from_vendor(0x10d2), ())]
);

impl usb::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new().supports_autosuspend();

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(interface)
    }

    fn disconnect<'bound>(interface: &'bound usb::Interface<Core<'_>>, data: Pin<&Self>) {
        dev_info!(interface, "USB LCD #{} now disconnected\n", data.minor);
    }
}

impl Driver {
    fn new(interface: &usb::Interface<Core<'_>>) -> Result<Self> {
        let device = interface.device();
        if device.product_id() != 1 {
            dev_warn!(interface, "USBLCD model not supported.\n");
            return Err(ENODEV);
        }
        if interface.find_endpoint::<usb::Bulk, usb::In>().is_none()
            || interface.find_endpoint::<usb::Bulk, usb::Out>().is_none()
        {
            dev_err!(
                interface,
                "Could not find both bulk-in and bulk-out endpoints\n"
            );
            return Err(ENXIO);
        }
        let returned = usb::Events::new()?;
        let lcd = Lcd {
            limit: usb::Limit::new(CONCURRENT_WRITES, returned.clone())?,
            writes: usb::Anchor::new()?,
        };
        let lcd = Arc::new(lcd, GFP_KERNEL)?;
        interface
            .register_node(lcd.clone(), returned)
            .inspect_err(|_| dev_err!(interface, "Not able to get a minor for this device.\n"))?;
        let minor = interface.minor().ok_or(ENODEV)?;
        let (version, address) = (version(device)?, device.address());
        dev_info!(
            interface,
            "USBLCD Version {} found at address {address}\n",
            &*version
        );
        dev_info!(interface, "USB LCD device now attached to USBLCD-{minor}\n");
        Ok(Self { lcd, minor })
    }
}

#[vtable]
impl usb::Callbacks for Driver {
    /// What has not arrived then is cancelled.
    fn suspend(
        interface: &usb::Interface<Bound>,
        data: Pin<&Self>,
        _event: usb::SuspendEvent,
    ) -> Result {
        data.lcd.writes.wait_empty(interface, DRAW_DOWN)?;
        Ok(())
    }

    fn resume(_interface: &usb::Interface<Bound>, _data: Pin<&Self>) -> Result {
        Ok(())
    }
}

kernel::module_usb_driver! {
    type: Driver,
    name: "rust_driver_usb_lcd",
    authors: ["The usbpipe developers"],
    description: "USBLCD in Rust",
    license: "GPL",
}
