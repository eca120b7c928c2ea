// SPDX-License-Identifier: GPL-2.0

//! Binding: which devices, which endpoints; and the ioctl.

use crate::{
    bench::Bench,
    cases,
    models::{
        Model,
        ID_TABLE, //
    },
    module_parameters,
    pattern::Pattern,
    pipes::Pipes,
    request::Layout, //
};
use kernel::{
    dev_dbg,
    dev_info,
    device::{
        self,
        Bound,
        Core, //
    },
    prelude::*,
    time::{
        Instant,
        Monotonic, //
    },
    usb::{
        self,
        Interface,
        Speed,
        TransferKind, //
    }, //
};

/// The driver's part of a bound interface. It never changes: all that goes on is a case that
/// somebody waits for, with the device locked.
pub(crate) struct UsbTest {
    pipes: Pipes,
    /// The altsetting that cases begin in.
    alt: Option<u8>,
    /// The device keeps what it is sent in a control request.
    ctrl_out: bool,
}

impl usb::Driver for UsbTest {
    type IdInfo = Model;
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Model> = ID_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new().callbacks().no_dynamic_id();

    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        _id: &usb::DeviceId,
        model: Option<&'bound Model>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(interface, model)
    }
}

/// Whether the parameters of the module name a device: its vendor, and its product if they do.
fn is_named(device: &usb::Device) -> bool {
    let vendor = module_parameters::vendor.value();
    let product = module_parameters::product.value();
    vendor != 0 && device.vendor_id() == vendor && (product == 0 || device.product_id() == product)
}

impl UsbTest {
    /// # Errors
    ///
    /// - `ENODEV`: the device is none of ours.
    /// - `EINVAL`: no altsetting has endpoints to test.
    /// - Those of [`usb::Settings::set`].
    fn new(interface: &Interface<Bound>, model: Option<&Model>) -> Result<Self> {
        let model = model.ok_or(ENODEV)?;
        if model.by_parameters && !is_named(interface.device()) {
            return Err(ENODEV);
        }
        let (pipes, alt) = choose(interface, model)?;
        let device: &device::Device<Bound> = interface.as_ref();
        let speed = interface.device().speed();
        dev_info!(device, "{}, speed {:?}: {}\n", model.name, speed, pipes);
        Ok(Self {
            pipes,
            alt,
            ctrl_out: model.ctrl_out,
        })
    }

    /// Brings the interface into the altsetting that cases begin in; some leave another one.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: it is not the first interface of its device, where altsettings are expected.
    /// - Those of [`usb::Settings::set`].
    fn begin(&self, interface: &Interface<Bound>) -> Result {
        let Some(alt) = self.alt else {
            return Ok(());
        };
        match interface.number() {
            0 => interface.settings()?.set(alt),
            _ => Err(ENODEV),
        }
    }
}

/// The endpoints to test, and the altsetting that has them.
fn choose(interface: &Interface<Bound>, model: &Model) -> Result<(Pipes, Option<u8>)> {
    let forced = module_parameters::force_interrupt.value() != 0;
    if forced || interface.device().speed() == Speed::Low {
        return Ok((Pipes::known(model, TransferKind::Interrupt), model.alt));
    }
    let wanted = module_parameters::alt.value();
    if !model.autoconf && wanted < 0 {
        return Ok((Pipes::known(model, TransferKind::Bulk), model.alt));
    }
    let mut choices = interface
        .altsettings()
        .filter(|one| wanted < 0 || i32::from(one.number()) == wanted)
        .filter_map(|one| Some((Pipes::of(one.endpoints(), model)?, one.number())));
    let (pipes, alt) = choices.next().ok_or(EINVAL)?;
    if alt != 0 {
        interface.settings()?.set(alt)?;
    }
    Ok((pipes, Some(alt)))
}

#[vtable]
impl usb::Callbacks for UsbTest {
    /// Nothing has to be saved: transfers of a case that is running end with an error.
    fn suspend(
        _interface: &Interface<Bound>,
        _data: Pin<&Self>,
        _event: usb::SuspendEvent,
    ) -> Result {
        Ok(())
    }

    fn resume(_interface: &Interface<Bound>, _data: Pin<&Self>) -> Result {
        Ok(())
    }

    /// Runs one case. Calls for one device exclude each other, since usbfs locks it.
    fn ioctl(
        interface: &Interface<Core<'_>>,
        data: Pin<&Self>,
        command: u32,
        buffer: &mut [u8],
    ) -> Result<i32> {
        let layout = Layout::of(command).ok_or(EOPNOTSUPP)?;
        let request = layout.parse(buffer)?;
        data.begin(interface)?;
        request.check()?;
        let bench = Bench {
            interface,
            pipes: &data.pipes,
            request,
            pattern: Pattern::from_parameter(module_parameters::pattern.value()),
            strict: module_parameters::realworld.value() == 0,
            ctrl_out: data.ctrl_out,
        };
        dev_dbg!(bench.device(), "{:?}\n", bench.request);
        let start = Instant::<Monotonic>::now();
        let value = cases::run(&bench)?;
        layout.report(buffer, start.elapsed())?;
        Ok(value)
    }
}
