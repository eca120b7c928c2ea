// SPDX-License-Identifier: GPL-2.0

//! What the driver does when it is called by the core: I/O until its last moment.

use crate::{
    attributes::ATTRIBUTES,
    crimes::{
        claim_in_probe,
        commit_in_probe,
        commit_locked, //
    },
    deeds::happened,
    scene::{
        is_careful,
        never_answered,
        Crime,
        Scene, //
    }, //
};
use core::mem;
use kernel::{
    device::{
        Bound,
        Core, //
    },
    prelude::*,
    sync::{
        atomic::Relaxed,
        Arc, //
    },
    usb, //
};

/// Goes on doing I/O until its last moment.
pub(crate) struct Hostile<'bound> {
    interface: &'bound usb::Interface<Bound>,
    pub(crate) scene: Arc<Scene>,
}

/// Complains if the driver got away with something.
pub(crate) fn refused(result: Result, expected: Error, what: &str) {
    if result != Err(expected) {
        pr_err!("BUG: {what} was not refused\n");
    }
}

impl Drop for Hostile<'_> {
    fn drop(&mut self) {
        refused(
            never_answered(self.interface),
            ENODEV,
            "I/O in a destructor",
        );
        let settings = self.interface.settings().map(mem::forget);
        refused(settings, ENODEV, "an altsetting in a destructor");
        if is_careful() {
            self.scene.clear();
        }
    }
}

kernel::usb_device_table!(
    USB_TABLE,
    <Hostile<'static> as usb::Driver>::IdInfo,
    [
        (usb::DeviceId::from_id(0x1209, 0x0001), ()),
        (usb::DeviceId::from_id(0x1209, 0x0004), ()),
        (
            usb::DeviceId::from_device_interface_number(0x1209, 0x0002, 0),
            ()
        ),
    ]
);

impl usb::Driver for Hostile<'static> {
    type IdInfo = ();
    type Data<'bound> = Hostile<'bound>;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;
    const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
        .callbacks()
        .supports_autosuspend()
        .attributes(ATTRIBUTES);

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
        refused(never_answered(interface), ENODEV, "I/O in disconnect");
        let node = Scene::new().and_then(|scene| {
            let events = scene.events.clone();
            interface.register_node(scene, events)
        });
        refused(node, ENODEV, "a node in disconnect");
        let claim = interface.claim(1).map(mem::forget);
        refused(claim, ENODEV, "a claim in disconnect");
    }
}

impl<'bound> Hostile<'bound> {
    fn new(interface: &'bound usb::Interface<Core<'_>>) -> Result<Self> {
        let scene = Scene::new()?;
        let events = scene.events.clone();
        interface.register_node(scene.clone(), events.clone())?;
        // A second one is refused; if it were not, it would be forgotten as well.
        let second = interface.register_node(scene.clone(), events);
        refused(second, EBUSY, "a second node");
        refused(
            interface.claim(0).map(mem::forget),
            EBUSY,
            "claiming oneself",
        );
        claim_in_probe(&scene, interface)?;
        commit_in_probe(&scene, interface)?;
        Ok(Self { interface, scene })
    }
}

/// Starts transfers and leaves them to somebody else to be ended; fails if it was told to.
fn call_back(
    (called, io): (&[u8], &[u8]),
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    crime: Crime,
) -> Result {
    happened(called);
    let reset = interface.bound_device().reset();
    refused(reset, EDEADLK, "a reset in a callback");
    // There may be no endpoint for them.
    if Scene::commit(scene, interface, crime).is_ok() {
        happened(io);
    }
    match scene.obstinate.load(Relaxed) {
        true => Err(EIO),
        false => Ok(()),
    }
}

/// Allocates bulk streams, where there are any, and again once they are given back.
fn alloc_streams_twice(interface: &usb::Interface<Bound>) {
    let Some(from) = interface.find_endpoint::<usb::Bulk, usb::In>() else {
        return;
    };
    let alloc = || interface.alloc_streams(&[from.address()], 4).map(drop);
    if alloc().is_err() {
        return;
    }
    match alloc() {
        Ok(()) => happened(b"streams asleep"),
        Err(EINVAL) => pr_err!("BUG: streams were not given back\n"),
        // Somebody else has the altsettings.
        Err(_) => (),
    }
}

/// As [`call_back`], for those that suspend and resume the device.
fn call_back_asleep(
    names: (&[u8], &[u8]),
    scene: &Arc<Scene>,
    interface: &usb::Interface<Bound>,
    crime: Crime,
) -> Result {
    let awake = interface.keep_awake().map(mem::forget);
    refused(awake, EDEADLK, "waiting for oneself to wake up");
    let wakeup = interface.set_remote_wakeup(usb::RemoteWakeup::Needed);
    refused(wakeup, EDEADLK, "remote wakeup in a callback");
    let settings = interface.settings();
    // Somebody else may have them.
    let _ = settings.and_then(|mut settings| settings.set(0));
    alloc_streams_twice(interface);
    call_back(names, scene, interface, crime)
}

#[vtable]
impl usb::Callbacks for Hostile<'static> {
    fn suspend(
        interface: &usb::Interface<Bound>,
        data: Pin<&Self::Data<'_>>,
        _event: usb::SuspendEvent,
    ) -> Result {
        let names = (&b"suspend"[..], &b"suspend-io"[..]);
        call_back_asleep(names, &data.scene, interface, Crime::go_on())
    }

    fn resume(interface: &usb::Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        let names = (&b"resume"[..], &b"resume-io"[..]);
        call_back_asleep(names, &data.scene, interface, Crime::stop())
    }

    fn reset_resume(interface: &usb::Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        let names = (&b"reset-resume"[..], &b"reset-resume-io"[..]);
        call_back_asleep(names, &data.scene, interface, Crime::Drop)
    }

    fn pre_reset(interface: &usb::Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        let names = (&b"pre-reset"[..], &b"pre-reset-io"[..]);
        call_back(names, &data.scene, interface, Crime::go_on())
    }

    fn post_reset(interface: &usb::Interface<Bound>, data: Pin<&Self::Data<'_>>) -> Result {
        let names = (&b"post-reset"[..], &b"post-reset-io"[..]);
        call_back(names, &data.scene, interface, Crime::Drop)
    }

    fn ioctl(
        interface: &usb::Interface<Core<'_>>,
        data: Pin<&Self::Data<'_>>,
        _command: u32,
        buffer: &mut [u8],
    ) -> Result<i32> {
        let end = buffer.iter().position(|byte| *byte == 0);
        let name = &buffer[..end.unwrap_or(buffer.len())];
        commit_locked(name, &data.scene, interface).map(|()| 0)
    }
}
