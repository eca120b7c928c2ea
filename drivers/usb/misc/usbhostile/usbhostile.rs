// SPDX-License-Identifier: GPL-2.0

//! A driver that misbehaves in every way that safe code can.
//!
//! What it does in probe is chosen by the module parameter `probe`, what it does later by the
//! command that a program writes to `/dev/usbhostileN`; see [`Crime`].

use core::mem;
use kernel::{
    device::{
        Bound,
        Core, //
    },
    iov::IovIterSource,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        Mutex, //
    },
    usb, //
};

/// Transfers for one crime.
const COUNT: usize = 8;

/// Transfers in flight for the crime of flooding.
const FLOOD: u64 = 1000;

/// What a handler does with its URB.
#[derive(Clone, Copy)]
enum Crime {
    /// Submits it again, for ever.
    Resubmit,
    /// Forgets it, and with it buffer and handler.
    Forget,
    /// Frees it.
    Drop,
}

impl Crime {
    fn of_probe() -> Option<(Self, bool)> {
        match module_parameters::probe.value() {
            1 => Some((Self::Resubmit, true)),
            2 => Some((Self::Forget, true)),
            3 => Some((Self::Drop, true)),
            4 => Some((Self::Resubmit, false)),
            _ => None,
        }
    }
}

struct Accomplice {
    crime: Crime,
    /// Keeps the shared data alive through a cycle that nobody breaks.
    scene: Arc<Scene>,
}

type HostileUrb = usb::Urb<usb::Bulk, usb::In, Accomplice>;

impl usb::Handler<usb::Bulk, usb::In> for Accomplice {
    fn complete(done: usb::Completed<usb::Bulk, usb::In, Self>) {
        let scene = &done.handler().scene;
        scene.completions.add(1, Relaxed);
        scene.events.notify();
        match done.handler().crime {
            Crime::Resubmit => mem::forget(done.resubmit()),
            Crime::Forget => mem::forget(done),
            Crime::Drop => drop(done),
        }
    }
}

/// What all open files share.
struct Scene {
    completions: Atomic<u64>,
    events: Arc<usb::Events>,
}

impl Scene {
    fn new() -> Result<Arc<Self>> {
        let scene = Self {
            completions: Atomic::new(0),
            events: usb::Events::new()?,
        };
        Ok(Arc::new(scene, GFP_KERNEL)?)
    }

    fn urb(
        scene: &Arc<Self>,
        interface: &usb::Interface<Bound>,
        crime: Crime,
    ) -> Result<HostileUrb> {
        let endpoint = interface.find_endpoint().ok_or(ENODEV)?;
        let scene = scene.clone();
        HostileUrb::new(
            &endpoint,
            usb::Buffer::new(512, GFP_KERNEL)?,
            Accomplice { crime, scene },
        )
    }

    /// Starts some transfers and keeps no track of them.
    fn commit(scene: &Arc<Self>, interface: &usb::Interface<Bound>, crime: Crime) -> Result {
        for _ in 0..COUNT {
            let urb = Self::urb(scene, interface, crime)?;
            mem::forget(urb.canceller());
            urb.submit(interface)?;
        }
        Ok(())
    }

    /// Submits until it is refused, with so many in flight that cancelling them takes its time.
    fn submit_for_ever(scene: &Arc<Self>, operation: &usb::Operation<'_>) -> Result {
        let interface = operation.interface();
        let mut submitted = scene.completions.load(Relaxed);
        loop {
            operation.wait(|| {
                let in_flight = submitted.wrapping_sub(scene.completions.load(Relaxed));
                (in_flight < FLOOD).then_some(())
            })?;
            Self::urb(scene, interface, Crime::Drop)?.submit(interface)?;
            submitted += 1;
        }
    }
}

/// What belongs to one open file.
#[pin_data]
struct Loot {
    #[pin]
    kept: Mutex<Option<HostileUrb>>,
}

#[vtable]
impl usb::FileOperations for Scene {
    type OpenFile = Pin<KBox<Loot>>;

    const NAME: &'static CStr = c"usbhostile";

    fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result<Self::OpenFile> {
        KBox::pin_init(
            pin_init!(Loot { kept <- new_mutex!(None, "usbhostile::Loot::kept") }),
            GFP_KERNEL,
        )
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        loot: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let mut command = [0; 16];
        let count = iov.copy_from_iter(&mut command);
        obey(this.into(), loot, operation, command[..count].trim_ascii())?;
        Ok(count)
    }
}

fn obey(scene: Arc<Scene>, loot: &Loot, operation: &usb::Operation<'_>, command: &[u8]) -> Result {
    let interface = operation.interface();
    match command {
        b"resubmit" => Scene::commit(&scene, interface, Crime::Resubmit),
        b"forget" => Scene::commit(&scene, interface, Crime::Forget),
        b"drop" => Scene::commit(&scene, interface, Crime::Drop),
        b"flood" => Scene::submit_for_ever(&scene, operation),
        b"keep" => keep(&scene, loot, operation),
        b"never" => never_answered(interface),
        b"wait" => operation.wait(|| None),
        _ => Err(EINVAL),
    }
}

/// Keeps a URB until the file is closed, which may be long after the device is gone.
fn keep(scene: &Arc<Scene>, loot: &Loot, operation: &usb::Operation<'_>) -> Result {
    let urb = Scene::urb(scene, operation.interface(), Crime::Drop)?;
    *loot.kept.lock() = Some(urb);
    Ok(())
}

/// Asks the reference device for something that it does not answer, and gives it a minute.
fn never_answered(interface: &usb::Interface<Bound>) -> Result {
    const NEVER_ANSWER: u8 = 8;
    let request =
        usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, NEVER_ANSWER, 0, 0);
    let buffer = usb::Buffer::new(8, GFP_KERNEL)?;
    let minute = usb::Timeout::from_millis::<60_000>();
    interface.control(&request, buffer, minute)?.result
}

/// Goes on doing I/O until its last moment.
struct Hostile<'bound> {
    interface: &'bound usb::Interface<Bound>,
}

impl Drop for Hostile<'_> {
    fn drop(&mut self) {
        refused(never_answered(self.interface), "I/O in a destructor");
    }
}

/// Complains if the driver got away with something after it was unbound.
fn refused(result: Result, what: &str) {
    if result != Err(ENODEV) {
        pr_err!("BUG: {what} was not refused\n");
    }
}

kernel::usb_device_table!(
    USB_TABLE,
    <Hostile<'_> as usb::Driver>::IdInfo,
    [(usb::DeviceId::from_id(0x1209, 0x0001), ())]
);

impl usb::Driver for Hostile<'_> {
    type IdInfo = ();
    type Data<'bound> = Hostile<'bound>;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Hostile<'bound>, Error> + 'bound {
        Hostile::new(interface)
    }

    fn disconnect<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _data: Pin<&Hostile<'bound>>,
    ) {
        refused(never_answered(interface), "I/O in disconnect");
        let node = Scene::new().and_then(|scene| {
            let events = scene.events.clone();
            interface.register_node(scene, events)
        });
        refused(node, "a node in disconnect");
    }
}

impl<'bound> Hostile<'bound> {
    fn new(interface: &'bound usb::Interface<Core<'_>>) -> Result<Self> {
        let scene = Scene::new()?;
        let events = scene.events.clone();
        interface.register_node(scene.clone(), events.clone())?;
        // A second one is refused; if it were not, it would be forgotten as well.
        if interface.register_node(scene.clone(), events) != Err(EBUSY) {
            pr_err!("BUG: a second node was not refused\n");
        }
        if let Some((crime, fail)) = Crime::of_probe() {
            Scene::commit(&scene, interface, crime)?;
            if fail {
                return Err(ENODEV);
            }
        }
        Ok(Self { interface })
    }
}

kernel::module_usb_driver! {
    type: Hostile<'static>,
    name: "usbhostile",
    authors: ["The usbpipe developers"],
    description: "Hostile driver for tests of the Rust USB abstractions",
    license: "GPL",
    params: {
        probe: i32 {
            default: 0,
            description: "In probe: 0 behave, 1-3 resubmit, forget, drop and fail, 4 resubmit",
        },
    },
}
