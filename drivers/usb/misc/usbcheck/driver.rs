// SPDX-License-Identifier: GPL-2.0

//! Binding, and callbacks that count.

use crate::{
    attributes::ATTRIBUTES,
    bench::{
        code,
        Bench, //
    },
    checks::claims,
    node::Node,
    ticks::Ticks,
    usbfs,
    verdict::Verdict,
    window::Window, //
};
use kernel::{
    device::{
        Bound,
        Core, //
    },
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
    usb::{
        self,
        Interface, //
    }, //
};

/// What came of the request in the last `disconnect`: an errno, 0, or 1 before the first one.
pub(crate) static LAST_GOODBYE: Atomic<i32> = Atomic::new(1);

/// How often the core has called back, and the first error of a request in a callback.
pub(crate) struct Calls {
    pub(crate) suspends: Atomic<u32>,
    pub(crate) resumes: Atomic<u32>,
    pub(crate) reset_resumes: Atomic<u32>,
    pub(crate) pre_resets: Atomic<u32>,
    pub(crate) post_resets: Atomic<u32>,
    pub(crate) errno: Atomic<i32>,
}

/// What belongs to one bound interface.
#[pin_data]
pub(crate) struct Shared {
    pub(crate) calls: Calls,
    /// What the attribute of that name holds.
    pub(crate) level: Atomic<u32>,
    /// Interface 1 of the device that has two.
    #[pin]
    pub(crate) claim: Mutex<Option<usb::Claim>>,
    /// Keeps the device awake.
    #[pin]
    pub(crate) awake: Mutex<Option<usb::PowerGuard>>,
    /// What came of the checks in `probe`, until somebody asks.
    #[pin]
    pub(crate) probed: Mutex<Option<Verdict>>,
    /// What programs map.
    #[pin]
    pub(crate) window: Window,
    /// What programs wait for.
    pub(crate) ticks: Ticks,
}

impl Shared {
    fn new() -> Result<Arc<Self>> {
        let calls = Calls {
            suspends: Atomic::new(0),
            resumes: Atomic::new(0),
            reset_resumes: Atomic::new(0),
            pre_resets: Atomic::new(0),
            post_resets: Atomic::new(0),
            errno: Atomic::new(0),
        };
        let (window, ticks) = (Window::new()?, Ticks::new()?);
        Arc::pin_init(
            pin_init!(Self {
                calls,
                level: Atomic::new(0),
                claim <- new_mutex!(None, "usbcheck::Shared::claim"),
                awake <- new_mutex!(None, "usbcheck::Shared::awake"),
                probed <- new_mutex!(None, "usbcheck::Shared::probed"),
                window <- window,
                ticks,
            }),
            GFP_KERNEL,
        )
    }

    /// Counts a callback in which I/O has to be possible.
    fn count(&self, counter: &Atomic<u32>, interface: &Interface<Bound>) -> Result {
        counter.add(1, Relaxed);
        let request = greet(self, interface);
        if let Err(error) = request {
            self.calls.errno.store(error.to_errno(), Relaxed);
        }
        Ok(())
    }
}

/// The driver's part of a bound interface.
pub(crate) struct UsbCheck {
    pub(crate) shared: Arc<Shared>,
}

/// Devices of `tools/usb/refdev`.
const VENDOR: u16 = 0x1209;
pub(crate) const REFERENCE: u16 = 0x0001;
pub(crate) const TWO_INTERFACES: u16 = 0x0002;
const STRINGS: u16 = 0x0003;
pub(crate) const STREAMS: u16 = 0x0004;

kernel::usb_device_table!(
    USB_TABLE,
    <UsbCheck as usb::Driver>::IdInfo,
    [
        (usb::DeviceId::from_id(VENDOR, REFERENCE), ()),
        // Interface 1 is claimed.
        (
            usb::DeviceId::from_device_interface_number(VENDOR, TWO_INTERFACES, 0),
            ()
        ),
        (usb::DeviceId::from_id(VENDOR, STRINGS), ()),
        (usb::DeviceId::from_id(VENDOR, STREAMS), ()),
    ]
);

impl usb::Driver for UsbCheck {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
        .callbacks()
        .supports_autosuspend()
        .soft_unbind()
        .no_dynamic_id()
        .disable_hub_initiated_lpm()
        .attributes(ATTRIBUTES);

    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(interface)
    }

    /// The driver unbinds softly: it can still talk to the device, unless that is gone.
    fn disconnect<'bound>(interface: &'bound Interface<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        let errno = match greet(&data.shared, interface) {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        };
        LAST_GOODBYE.store(errno, Relaxed);
    }
}

impl UsbCheck {
    fn new(interface: &Interface<Core<'_>>) -> Result<Self> {
        let shared = Shared::new()?;
        if interface.device().product_id() == TWO_INTERFACES {
            let verdict = claims::in_probe(interface, &shared);
            *shared.probed.lock() = Some(verdict);
        }
        let events = shared.ticks.events().clone();
        interface.register_node(Node::new(shared.clone())?, events)?;
        Ok(Self { shared })
    }
}

/// A request that every reference device answers.
pub(crate) fn greet(shared: &Shared, interface: &Interface<Bound>) -> Result {
    let bench = Bench {
        interface,
        shared,
        argument: &[],
    };
    bench.ask(code::GET_STATUS, 48).map(|_| ())
}

#[vtable]
impl usb::Callbacks for UsbCheck {
    fn suspend(
        interface: &Interface<Bound>,
        data: Pin<&Self::Data<'_>>,
        _event: usb::SuspendEvent,
    ) -> Result {
        data.shared.count(&data.shared.calls.suspends, interface)
    }

    fn resume(interface: &Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        data.shared.count(&data.shared.calls.resumes, interface)
    }

    fn reset_resume(interface: &Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        let counter = &data.shared.calls.reset_resumes;
        data.shared.count(counter, interface)
    }

    fn pre_reset(interface: &Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        data.shared.count(&data.shared.calls.pre_resets, interface)
    }

    fn post_reset(interface: &Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        data.shared.count(&data.shared.calls.post_resets, interface)
    }

    /// Too late for a test in the guest to look at: the runner's own tests do.
    fn shutdown(interface: &Interface<Bound>, data: Pin<&Self::Data<'_>>) {
        let result = greet(&data.shared, interface);
        pr_info!("shut down, with a request: {result:?}\n");
    }

    fn ioctl(
        interface: &Interface<Core<'_>>,
        data: Pin<&Self::Data<'_>>,
        command: u32,
        buffer: &mut [u8],
    ) -> Result<i32> {
        usbfs::ioctl(interface, &data.shared, command, buffer)
    }
}
