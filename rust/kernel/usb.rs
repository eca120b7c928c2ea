// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! USB host drivers.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! # Writing a driver
//!
//! 1. List the devices with [`usb_device_table!`] and implement [`Driver`].
//! 2. In [`Driver::probe`] find the endpoints with [`Interface::find_endpoint`]. An endpoint knows
//!    its transfer type and direction: an [`Endpoint<'_, Bulk, In>`](Endpoint) cannot be written to.
//! 3. For a transfer that is done while you wait, use [`Interface::control`], [`Endpoint::read`]
//!    or [`Endpoint::write`]; for many at once a [`Gather`].
//! 4. For transfers that go on while you do something else, make [`Urb`]s, each with a [`Buffer`]
//!    and a [`Handler`], and [`submit`](Urb::submit) them. A [`Queue`] does that to read without
//!    a pause, a [`Pool`] to write behind.
//! 5. For a device node, implement [`FileOperations`] and call
//!    [`register_node`](Interface::register_node) at the end of `probe`.
//! 6. Declare the module with [`module_usb_driver!`].
//!
//! `drivers/usb/misc/usbpipe/` is a driver that does all of this.
//!
//! # Rust and C
//!
//! | Rust | C |
//! | --- | --- |
//! | [`Driver`], [`Adapter`] | `struct usb_driver` |
//! | [`DeviceId`], [`usb_device_table!`] | `struct usb_device_id`, `USB_DEVICE()` and its siblings |
//! | [`Interface`], [`Device`] | `struct usb_interface`, `struct usb_device` |
//! | [`Endpoint`], [`Interface::find_endpoint`] | `usb_find_common_endpoints()`, pipes |
//! | [`Urb`], [`Completed`], [`Canceller`] | `struct urb`, `usb_submit_urb()`, `usb_kill_urb()` |
//! | [`Interface::control`], [`ControlRequest`] | `usb_control_msg()`, `struct usb_ctrlrequest` |
//! | [`Endpoint::read`], [`Endpoint::write`], [`Sleep`] | `usb_bulk_msg()`, `usb_bulk_msg_killable()`, `usb_interrupt_msg()` |
//! | [`Gather`], [`GatherCanceller`] | `usb_sg_init()`, `usb_sg_wait()`, `usb_sg_cancel()` |
//! | [`Queue`], [`Pool`] | what drivers write themselves |
//! | [`Endpoint::clear_halt`] | `usb_clear_halt()` |
//! | [`FileOperations`], [`Interface::register_node`] | `struct usb_class_driver`, `usb_register_dev()` |
//! | [`TransferError`] | `urb->status` |
//!
//! # Who owns a transfer
//!
//! 1. [`Urb::new`]: the driver owns the URB, and with it the buffer and the handler.
//! 2. [`Urb::submit`]: the host controller owns it. If that fails, [`SubmitError`] gives it back.
//! 3. [`Handler::complete`]: the handler owns it, and learns how it went. Good or bad, the buffer
//!    is there. The handler resubmits it, keeps it, or drops it.
//!
//! Nothing that the driver forgets ([`core::mem::forget`]) makes this unsound, since none of it
//! is undone by a destructor: what is in flight is known to the interface, not to the driver.
//!
//! # When I/O is possible
//!
//! From the moment that `probe` is called until the driver is unbound or `probe` fails. The
//! adapter sees to it: before the driver is unbound it cancels every transfer, waits for their
//! handlers, and refuses new ones with `ENODEV`. So a driver neither stops its I/O nor can it
//! forget to.
//!
//! # Not supported yet
//!
//! Isochronous transfers and bulk streams, coherent buffers, altsettings other than the current one, claiming further interfaces,
//! device reset, power management callbacks (a driver is unbound for a suspend or reset, and bound
//! again), sysfs attributes, and drivers for whole devices.

mod altsetting;
mod anchor;
mod attribute;
mod bond;
mod bound_device;
mod buffer;
mod callbacks;
mod canceller;
mod claim;
mod coherent;
mod completed;
mod control;
pub mod descriptor;
mod device;
mod drain;
mod driver;
mod endpoint;
mod error;
mod events;
mod file;
mod flag;
mod fleet;
mod flight;
mod fops;
mod gate;
mod group;
mod gather;
mod held;
mod id;
mod interface;
mod iso;
mod memory;
mod message;
mod next;
mod node;
mod options;
mod pages;
mod pool;
mod power;
mod queue;
mod raw;
mod reset;
mod ring;
mod scatter;
mod statistics;
mod stream;
mod string;
mod timeout;
mod transfer;
mod urb;
mod value;
mod waiter;

pub use self::{
    altsetting::{
        Altsetting,
        Settings, //
    },
    anchor::Anchor,
    attribute::Attribute,
    bound_device::{
        BoundDevice,
        Status, //
    },
    buffer::Buffer,
    callbacks::{
        Callbacks,
        SuspendEvent, //
    },
    canceller::Canceller,
    claim::Claim,
    coherent::{
        CoherentBuffer,
        NoncoherentBuffer, //
    },
    completed::{
        Completed,
        SubmitError, //
    },
    control::{
        Addressee,
        ControlRequest,
        Recipient,
        RequestType, //
    },
    device::{
        Device,
        DeviceState,
        Removable,
        Speed, //
    },
    driver::{
        Adapter,
        Driver, //
    },
    endpoint::{
        Bulk,
        BulkOrInterrupt,
        Control,
        Direction,
        Endpoint,
        EndpointDescriptor,
        In,
        Interrupt,
        Isochronous,
        Out,
        TransferKind,
        TransferType, //
    },
    error::TransferError,
    events::{
        Events,
        PollEvents, //
    },
    file::{
        FileOperations,
        Operation, //
    },
    flag::{
        Asap,
        Flag,
        NoInterrupt,
        ShortNotOk,
        ZeroPacket, //
    },
    group::{
        AttributeGroups,
        AttributeList, //
    gather::{
        Gather,
        GatherCanceller,
        GatherEntry,
        GatherOutcome, //
    },
    held::HeldTransfer,
    id::{
        DeviceId,
        IdTable, //
    },
    interface::Interface,
    iso::Packet,
    memory::Memory,
    message::Transferred,
    next::Next,
    options::DriverOptions,
    pages::{
        PageBuffer,
        Pages, //
    },
    pool::{
        Pool,
        PoolHandler,
        PoolPort,
        PoolSubmitError,
        PoolTransfer,
        PooledUrb, //
    },
    power::{
        Power,
        PowerGuard,
        RemoteWakeup, //
    },
    queue::{
        Queue,
        QueueHandler,
        QueuePort, //
    },
    scatter::ScatterBuffer,
    statistics::Statistics,
    stream::Streams,
    string::DeviceString,
    timeout::{
        LongTimeout,
        Sleep,
        Timeout, //
    },
    transfer::QueueTransfer,
    urb::{
        Handler,
        Urb, //
    },
    value::{
        AttributePage,
        AttributeValue,
        NamedValue, //
    }, //
};

/// Declares a kernel module that exposes a single USB driver.
///
/// # Examples
///
/// ```ignore
/// module_usb_driver! {
///     type: MyDriver,
///     name: "Module name",
///     authors: ["Author name"],
///     description: "Description",
///     license: "GPL v2",
/// }
/// ```
#[macro_export]
macro_rules! module_usb_driver {
    ($($f:tt)*) => {
        $crate::module_driver!(<T>, $crate::usb::Adapter<T>, { $($f)* });
    };
}
