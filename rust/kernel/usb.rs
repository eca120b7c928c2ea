// SPDX-License-Identifier: GPL-2.0
// SPDX-FileCopyrightText: Copyright (C) 2025 Collabora Ltd.

//! USB host drivers.
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h)
//!
//! # Writing a driver
//!
//! 1. List the devices with [`usb_device_table!`](crate::usb_device_table) and implement
//!    [`Driver`].
//! 2. In [`Driver::probe`] find the endpoints with [`Interface::find_endpoint`]. An endpoint knows
//!    its transfer type and direction: an [`Endpoint<'_, Bulk, In>`](Endpoint) cannot be written to.
//! 3. For a transfer that is done while you wait, use [`Interface::control`], [`Endpoint::read`]
//!    or [`Endpoint::write`], each with a [`Timeout`]; for many at once, a [`Gather`].
//! 4. For transfers that go on while you do something else, take a [`Queue`] that always reads, or
//!    a [`Pool`] to write with; or make [`Urb`]s, each with a [`Buffer`] and a [`Handler`], and
//!    [`submit`](Urb::submit) them.
//! 5. For a device node, implement [`FileOperations`] and call
//!    [`register_node`](Interface::register_node) at the end of `probe`.
//! 6. Say in [`Driver::OPTIONS`] what else the driver can do: [`Callbacks`] for suspend and reset,
//!    [attributes](Attribute) in sysfs.
//! 7. Declare the module with [`module_usb_driver!`](crate::module_usb_driver).
//!
//! `drivers/usb/usb_skeleton_rust.rs` is a driver to begin with, and
//! `Documentation/driver-api/usb/writing_usb_driver_rust.rst` walks through it. A smaller one,
//! whole: it turns on a lamp, and tells how warm it is.
//!
//! ```
//! use kernel::{
//!     device::{Bound, Core},
//!     prelude::*,
//!     usb,
//! };
//!
//! struct Lamp;
//!
//! kernel::usb_device_table!(
//!     LAMPS,
//!     <Lamp as usb::Driver>::IdInfo,
//!     [(usb::DeviceId::from_id(0x1209, 0x0001), ())]
//! );
//!
//! impl usb::Driver for Lamp {
//!     type IdInfo = ();
//!     type Data<'bound> = Lamp;
//!     const ID_TABLE: usb::IdTable<()> = &LAMPS;
//!     const OPTIONS: usb::DriverOptions<Self> = usb::DriverOptions::new()
//!         .attributes(usb::AttributeGroups::new().with::<(Temperature,)>());
//!
//!     fn probe<'bound>(
//!         interface: &'bound usb::Interface<Core<'_>>,
//!         _id: &usb::DeviceId,
//!         _info: Option<&'bound ()>,
//!     ) -> impl PinInit<Lamp, Error> + 'bound {
//!         let turn_on = usb::ControlRequest::<usb::Out>::vendor(usb::Recipient::Device, 1, 1, 0);
//!         turn(interface, &turn_on).map(|()| Lamp)
//!     }
//! }
//!
//! fn turn(
//!     interface: &usb::Interface<Bound>,
//!     request: &usb::ControlRequest<usb::Out>,
//! ) -> Result {
//!     const LIMIT: usb::Timeout = usb::Timeout::from_millis::<1000>();
//!     let nothing = usb::Buffer::new(0, GFP_KERNEL)?;
//!     interface.control(request, nothing, LIMIT)?.result?;
//!     Ok(())
//! }
//!
//! struct Temperature;
//!
//! #[vtable]
//! impl usb::Attribute<Lamp> for Temperature {
//!     const NAME: &'static CStr = c"temperature";
//!     type Value = u8;
//!
//!     fn show(interface: &usb::Interface<Bound>, _lamp: Pin<&Lamp>) -> Result<u8> {
//!         const LIMIT: usb::Timeout = usb::Timeout::from_millis::<1000>();
//!         let request = usb::ControlRequest::<usb::In>::vendor(usb::Recipient::Device, 2, 0, 0);
//!         let reply = interface.control(&request, usb::Buffer::new(1, GFP_KERNEL)?, LIMIT)?;
//!         reply.result?;
//!         reply.buffer.first().copied().ok_or(EIO)
//!     }
//! }
//! ```
//!
//! # Rust and C
//!
//! | Rust | C |
//! | --- | --- |
//! | [`Driver`], [`Adapter`], [`Callbacks`], [`DriverOptions`] | `struct usb_driver` |
//! | [`Attribute`], [`AttributeGroups`] | `dev_groups`, `DEVICE_ATTR()` |
//! | [`DeviceId`], [`usb_device_table!`](crate::usb_device_table) | `struct usb_device_id`, `USB_DEVICE()` and its siblings |
//! | [`Interface::find_id`], [`Interface::matches`] | `usb_match_id()`, `usb_match_one_id()` |
//! | [`Interface`], [`Claim`] | `struct usb_interface`, `usb_driver_claim_interface()` |
//! | [`Altsetting`], [`Settings`] | `struct usb_host_interface`, `usb_set_interface()` |
//! | [`Device`], [`BoundDevice`] | `struct usb_device`, `usb_string()`, `usb_reset_device()` |
//! | [`InterfaceInfo`] | `usb_ifnum_to_if()`, `usb_interface_claimed()` |
//! | [`Endpoint`], [`Interface::find_endpoint`] | `usb_find_common_endpoints()`, pipes |
//! | [`descriptor`] | `struct usb_*_descriptor`, `cdc_parse_cdc_header()` |
//! | [`Urb`], [`Completed`], [`Canceller`] | `struct urb`, `usb_submit_urb()`, `usb_kill_urb()` |
//! | [`ZeroPacket`] and other [`Flag`]s | `URB_ZERO_PACKET` and other `URB_*` |
//! | [`Memory`] and its types, [`Part`] | `transfer_buffer`, `usb_alloc_coherent()`, `sg` |
//! | [`Slots`], [`SlotBuffer`] | rings that programs map: `transfer_buffer` set anew each time |
//! | [`Urb::isochronous`], [`Packet`] | `iso_frame_desc` |
//! | [`Streams`] | `usb_alloc_streams()` |
//! | [`Anchor`] | `struct usb_anchor` |
//! | [`Interface::control`], [`ControlRequest`] | `usb_control_msg()`, `struct usb_ctrlrequest` |
//! | [`ControlRequest::in_words`] | `usb_decode_ctrl()` |
//! | [`Endpoint::read`], [`Endpoint::write`], [`Sleep`] | `usb_bulk_msg()`, `usb_bulk_msg_killable()`, `usb_interrupt_msg()` |
//! | [`Gather`], [`GatherCanceller`] | `usb_sg_init()`, `usb_sg_wait()`, `usb_sg_cancel()` |
//! | [`Queue`], [`Pool`] | what drivers write themselves |
//! | [`Work`], [`WorkHandler`] | `schedule_work()`, `cancel_work_sync()` |
//! | [`Limit`] | a `struct semaphore` for writes that nobody waits for |
//! | [`Endpoint::clear_halt`], [`Endpoint::reset`] | `usb_clear_halt()`, `usb_reset_endpoint()` |
//! | [`Power`], [`PowerGuard`] | `usb_autopm_get_interface()` and its siblings |
//! | [`FileOperations`], [`Interface::register_node`] | `struct usb_class_driver`, `usb_register_dev()` |
//! | [`UringCommand`] | `struct io_uring_cmd` |
//! | [`FileOperations::command_name`], [`TracedCommand`] | tracepoints and `dev_dbg()` of a driver |
//! | [`Urb::submit`], [`Urb::submit_noio`], [`Urb::submit_atomic`] | `GFP_KERNEL`, `GFP_NOIO`, `GFP_ATOMIC` |
//! | [`TransferError`] | `urb->status`, and what `usb_submit_urb()` returns: one name for each errno |
//!
//! # The life of a transfer
//!
//! 1. *Idle*, [`Urb::new`]: the driver owns the URB, and with it the memory and the handler.
//! 2. *In flight*, [`Urb::submit`]: the host controller owns it. If that fails, [`SubmitError`]
//!    gives it back. A [`Canceller`] or an [`Anchor`] can end the transfer early.
//! 3. *Completing*, [`Handler::complete`]: the handler owns it, and learns how it went. Good or
//!    bad, the memory is there.
//! 4. The handler resubmits it (2), takes it out and keeps it (1), or drops it, which frees all.
//!
//! Nothing that the driver forgets ([`core::mem::forget`]) makes this unsound, since none of it
//! is undone by a destructor: what is in flight is known to the interface, not to the driver.
//!
//! # When I/O is possible
//!
//! From the moment that `probe` is called until the driver is unbound or `probe` fails, but for the
//! time between `suspend` and `resume` or `reset_resume`, and between `pre_reset` and `post_reset`.
//! The adapter sees to it: before it tells the core that the driver is ready for any of these, it
//! cancels every transfer, waits for their handlers, and refuses new ones; with `ENODEV` for ever,
//! with `EHOSTUNREACH` for a while. So a driver neither stops its I/O nor can it forget to.
//!
//! # Where functions can be called
//!
//! A function without a `# Context` section neither sleeps nor allocates, and can be called in any
//! context but that of an NMI: by a [`Handler`], with interrupts off, with a spinlock held. What
//! may sleep needs process context, and no spinlock. What a driver implements always has such a
//! section, or its trait has: there it says what the driver may do.
//!
//! A function that can fail has an `# Errors` section.
//!
//! # What a host controller and a device say
//!
//! Nothing of it is believed. Status and lengths of transfers and of isochronous packets, strings
//! and descriptors are checked once, here, before a slice is made. Memory is initialised, so the
//! worst that a lie shows is what was in it before the transfer: zeros, or what the driver or the
//! same device has put there; never kernel data. See [`TransferError`] and [`descriptor`].
//!
//! One exception is a host controller that does not see the caches of a 32-bit ARM processor: to
//! map memory for it there discards what is in caches only, be it zeros. If it claims more than it
//! has written, that is what was in memory before. A device cannot bring this about, as what is
//! received is counted by the host controller.
//!
//! # Warnings of the core
//!
//! These warn of drivers with bugs. No driver without `unsafe` can cause them:
//!
//! | warning | excluded by | shown by |
//! | --- | --- | --- |
//! | "URB submitted while active" | [`Urb::submit`] consumes the URB | `compile-fail/submit-twice.rs` |
//! | "BOGUS urb xfer, pipe != type" (a message) | [`Endpoint`] is made from a descriptor of the altsetting in use, and a URB of another one is refused (`ESTALE`) | `altsetting-stale`, `compile-fail/isochronous-as-bulk.rs` |
//! | "BOGUS control dir" | the pipe is made from the setup packet | `control-empty`, `compile-fail/control-urb-direction.rs` |
//! | "BOGUS control len" (a message) | `wLength` is the length of the memory | `control-urbs`, `control-scratch` |
//! | "BOGUS urb flags" | [`Flag`] is implemented for the transfers that an option is for | `control-empty`, `compile-fail/short-not-ok-of-out.rs` |
//! | "bad maxpacket" (a message) | an endpoint without packets is no [`Endpoint`] | `lie-config` |
//! | "setup packet is on stack" | it is in memory that the URB owns | `control-urbs` |
//! | "transfer buffer is on stack" | [`Memory`] is owned, and from the heap | `compile-fail/buffer-on-stack.rs` |
//! | `dma_map_single()` of `vmalloc()` memory | no [`Memory`] is, but what is mapped already | `compile-fail/memory-of-own.rs`, `buffer-coherent` |
//! | scatter-gather for isochronous transfers | [`ScatterBuffer`] is for bulk transfers | `iso-limits`, `buffer-scatter` |
//! | no buffer for bounce memory | [`ScatterBuffer`] is for controllers that can gather | `buffer-scatter` |
//! | `usb_set_interface()`: "invalid altsetting" (a message) | [`Settings::set`] looks for it first | `altsetting-change` |
//! | `usb_free_streams()` in flight | [`Streams`] ends all I/O first | `stream-ends` |
//!
//! What it is shown by is a check of `drivers/usb/misc/usbcheck/` that does what would cause the
//! warning, or a program that does not compile. Messages are looked for in the log of each test.
//!
//! # Not supported
//!
//! - Drivers for whole devices (`struct usb_device_driver`), such as that of a vendor's charger.
//! - Notifiers of devices (`usb_register_notify()`), and power budgets of hubs.
//! - Offloaded endpoints (`usb_offload_get()`), and isochronous endpoints of eUSB2 at double rate.
//! - Buffers of one's own (`URB_FREE_BUFFER`, a foreign `transfer_dma`).
//! - Requests to control endpoints other than number 0. [`Interface::find_endpoint`] finds such an
//!   [`Endpoint`] of type [`Control`], but there is nothing that can be sent to it.
//! - Link power management at run time (`usb_enable_lpm()` and its siblings). A driver can only
//!   forbid what hubs begin by themselves: [`DriverOptions::disable_hub_initiated_lpm`].
//! - Whether a host controller takes pieces of any length (`usb_device_no_sg_constraint()`). Those
//!   of a [`ScatterBuffer`] are pages, which each that can gather takes.
//! - Asking for a reset instead of a resume (`reset_resume` of `struct usb_device`); see
//!   [`BoundDevice::queue_reset`].
//! - Locking the device for a purpose of one's own (`usb_lock_device()`). It is locked in
//!   callbacks, see [`Core`](crate::device::Core), and by what needs it, like
//!   [`BoundDevice::reset`].

/// The name of a lock that generic code makes, or code that is inlined into it.
///
/// Drivers have copies of such code, and of the literals in it. But lockdep wants a class to have
/// one name, and it compares addresses; that of a static is everywhere the same.
macro_rules! lock_name {
    ($name:literal) => {{
        static NAME: &$crate::str::CStr = $name;
        NAME
    }};
}

mod altsetting;
mod anchor;
mod attribute;
mod body;
mod bond;
mod bound_device;
mod buffer;
mod call;
mod callbacks;
mod canceller;
mod claim;
mod coherent;
mod completed;
mod control;
mod deadline;
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
mod gather;
mod group;
mod halt;
mod handler;
mod held;
mod id;
#[cfg(CONFIG_KUNIT = "y")]
mod idle;
mod interface;
mod interface_info;
mod iso;
mod limit;
mod lock;
mod matching;
mod memory;
mod message;
mod next;
mod node;
mod operation;
mod options;
mod page_buffer;
mod pages;
mod part;
mod pool;
mod power;
mod proof;
mod queue;
mod raw;
mod requests;
mod reset;
mod ring;
mod scatter;
mod slots;
mod statistics;
mod stream;
mod string;
mod submission;
mod tasks;
mod timeout;
mod trace;
mod transfer;
mod transferred;
mod urb;
mod uring;
mod uring_entry;
mod value;
mod vault;
mod waiter;
mod words;
mod work;

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
        RequestType,
        ReservedRecipient, //
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
        FIONREAD, //
    },
    flag::{
        Asap,
        Flag,
        NoInterrupt,
        ShortNotOk,
        ZeroPacket, //
    },
    gather::{
        Gather,
        GatherCanceller,
        GatherEntry,
        GatherOutcome, //
    },
    group::{
        AttributeGroups,
        AttributeList, //
    },
    handler::Handler,
    held::HeldTransfer,
    id::{
        DeviceId,
        IdTable, //
    },
    interface::Interface,
    interface_info::InterfaceInfo,
    iso::Packet,
    limit::{
        Limit,
        Permit, //
    },
    memory::{
        Memory,
        MemoryMut, //
    },
    next::Next,
    operation::Operation,
    options::DriverOptions,
    page_buffer::PageBuffer,
    pages::Pages,
    part::{
        OnePiece,
        Part, //
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
    proof::{
        IsBound,
        IsLocked,
        Receives,
        RequestOf,
        Sends, //
    },
    queue::{
        Queue,
        QueueHandler,
        QueuePort, //
    },
    scatter::ScatterBuffer,
    slots::{
        SlotBuffer,
        Slots, //
    },
    statistics::Statistics,
    stream::Streams,
    string::DeviceString,
    timeout::{
        LongTimeout,
        Sleep,
        Timeout, //
    },
    trace::TracedCommand,
    transfer::QueueTransfer,
    transferred::{
        StartError,
        TransferFailure,
        Transferred, //
    },
    urb::Urb,
    uring::{
        UringCommand,
        UringReply, //
    },
    value::{
        AttributePage,
        AttributeValue,
        NamedValue, //
    },
    work::{
        Work,
        WorkHandler, //
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
