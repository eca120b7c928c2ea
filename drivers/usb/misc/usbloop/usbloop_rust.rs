// SPDX-License-Identifier: GPL-2.0

//! A loop of transfers in Rust, to be compared with the one in C, `usbloop_c.c`.
//!
//! The devices are QEMU's. In the middle of a large read or write the one for storage is a source
//! or sink of bulk data that is as fast as the emulation; the one for audio takes a packet in each
//! frame.
//!
//! A program writes `WAY LENGTH DEPTH COUNT` to `/dev/usbloopN`: move COUNT buffers of LENGTH bytes,
//! DEPTH of them in flight, `in` or `out`, by `control` requests for the device descriptor, or in
//! `iso` packets. With `anchored` behind it, the URBs are in an anchor meanwhile. It has been done
//! when `write()` returns.

use kernel::{
    device::Core,
    iov::IovIterSource,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Full,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        Mutex, //
    },
    usb, //
};

mod order;

use self::order::{
    Kind,
    Order,
    BLOCK_SIZE, //
};

/// Bytes in a command and in a status of the Bulk-Only Transport (its sections 5.1, 5.2).
const CBW_SIZE: usize = 31;
const CSW_SIZE: u32 = 13;

/// SCSI commands.
const TEST_UNIT_READY: u8 = 0x00;
const READ_10: u8 = 0x28;
const WRITE_10: u8 = 0x2a;

/// Transfers of one length to one endpoint.
struct Run {
    in_flight: Atomic<i32>,
    bytes: Atomic<u64>,
    failed: Atomic<bool>,
    events: Arc<usb::Events>,
}

/// What becomes of one URB.
struct Transfer {
    run: Arc<Run>,
    /// How many times it is to be submitted again.
    left: u32,
    bytes: u64,
}

impl<T: usb::TransferType, D: usb::Direction> usb::Handler<T, D> for Transfer {
    fn complete(mut done: usb::Completed<'_, T, D, Self>) {
        // CAST: A transfer is shorter than 4 GiB.
        let (failed, bytes) = (done.result().is_err(), done.actual_length() as u64);
        let transfer = done.handler_mut();
        transfer.bytes += bytes;
        if failed || transfer.left == 0 {
            return transfer.ended(failed);
        }
        transfer.left -= 1;
        if let Err(usb::SubmitError { urb, .. }) = done.resubmit() {
            urb.handler().ended(true);
        }
    }
}

impl Transfer {
    /// Will not be submitted again.
    fn ended(&self, failed: bool) {
        self.run.bytes.add(self.bytes, Relaxed);
        self.run.ended(failed);
    }
}

impl Run {
    fn new(events: Arc<usb::Events>) -> Result<Arc<Self>> {
        let run = Self {
            // Not over before all have been submitted.
            in_flight: Atomic::new(1),
            bytes: Atomic::new(0),
            failed: Atomic::new(false),
            events,
        };
        Ok(Arc::new(run, GFP_KERNEL)?)
    }

    /// One of the URBs will not be submitted again.
    fn ended(&self, failed: bool) {
        if failed {
            self.failed.store(true, Relaxed);
        }
        if self.in_flight.fetch_sub(1, Full) == 1 {
            self.events.notify();
        }
    }

    /// Submits a new URB.
    fn submit<T: usb::TransferType, D: usb::Direction>(
        run: &Arc<Self>,
        way: &Way<'_>,
        urb: usb::Urb<T, D, Transfer>,
    ) -> Result {
        run.in_flight.add(1, Relaxed);
        let submitted = urb.submit(way.operation.interface());
        submitted.inspect_err(|_| run.ended(true))?;
        Ok(())
    }
}

/// How buffers go, and what is in them.
struct Way<'a> {
    node: &'a Node,
    operation: &'a usb::Operation<'a>,
    length: u32,
    content: &'a [u8],
    anchor: Option<&'a usb::Anchor>,
}

impl Way<'_> {
    fn buffer(&self) -> Result<usb::Buffer> {
        let mut buffer = usb::Buffer::new(self.length as usize, GFP_KERNEL)?;
        for (to, from) in buffer.iter_mut().zip(self.content) {
            *to = *from;
        }
        Ok(buffer)
    }

    /// Moves `count` buffers with `depth` of them in flight, in URBs that `new` makes.
    fn run<T: usb::TransferType, D: usb::Direction>(
        &self,
        depth: u32,
        count: u32,
        new: impl Fn(usb::Buffer, Transfer) -> Result<usb::Urb<T, D, Transfer>>,
    ) -> Result {
        let depth = depth.min(count);
        let run = Run::new(self.node.events.clone())?;
        for index in 0..depth {
            let transfer = Transfer {
                run: run.clone(),
                left: (count - index - 1) / depth,
                bytes: 0,
            };
            let mut urb = new(self.buffer()?, transfer)?;
            if let Some(anchor) = self.anchor {
                urb.set_anchor(anchor);
            }
            Run::submit(&run, self, urb)?;
        }
        run.ended(false);
        self.operation
            .wait(|| (run.in_flight.load(Relaxed) == 0).then_some(()))?;
        let expected = u64::from(self.length) * u64::from(count);
        if run.failed.load(Relaxed) || run.bytes.load(Relaxed) != expected {
            return Err(EIO);
        }
        Ok(())
    }

    fn bulk<D: usb::Direction>(&self, depth: u32, count: u32) -> Result {
        let endpoint = self.operation.interface().find_endpoint::<usb::Bulk, D>();
        let endpoint = endpoint.ok_or(ENODEV)?;
        self.run(depth, count, |buffer, transfer| {
            usb::Urb::new(&endpoint, buffer, transfer)
        })
    }

    fn control(&self, depth: u32, count: u32) -> Result {
        const DEVICE: u8 = 1;
        let request = usb::ControlRequest::get_descriptor(DEVICE, 0, 0);
        self.run(depth, count, |buffer, transfer| {
            usb::Urb::control(self.operation.interface(), &request, buffer, transfer)
        })
    }

    /// Altsetting 1 has the endpoint, and plays at once.
    fn isochronous(&self, depth: u32, count: u32) -> Result {
        let mut settings = self.operation.interface().settings()?;
        settings.set(1)?;
        let endpoint = settings.find_endpoint::<usb::Isochronous, usb::Out>();
        let endpoint = endpoint.ok_or(ENODEV)?;
        self.run(depth, count, |buffer, transfer| {
            let length = buffer.len();
            usb::Urb::isochronous(&endpoint, buffer, 1, length, transfer)
        })
    }
}

/// What the files of a device share.
#[pin_data]
struct Node {
    events: Arc<usb::Events>,
    /// One order at a time.
    #[pin]
    busy: Mutex<()>,
}

impl Node {
    fn new(events: Arc<usb::Events>) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                events,
                busy <- new_mutex!((), "usbloop::Node::busy"),
            }),
            GFP_KERNEL,
        )
    }

    fn obey(&self, operation: &usb::Operation<'_>, order: &Order) -> Result {
        let anchor = usb::Anchor::new()?;
        let way = Way {
            node: self,
            operation,
            length: order.length,
            content: &[],
            anchor: order.anchored.then_some(&anchor),
        };
        let (depth, count) = (order.depth, order.count);
        match order.kind {
            Kind::Control => way.control(depth, count),
            Kind::Isochronous => way.isochronous(depth, count),
            Kind::In => self.within(operation, READ_10, order, || {
                way.bulk::<usb::In>(depth, count)
            }),
            Kind::Out => self.within(operation, WRITE_10, order, || {
                way.bulk::<usb::Out>(depth, count)
            }),
        }
    }

    /// Moves data in the middle of a command.
    fn within(
        &self,
        operation: &usb::Operation<'_>,
        opcode: u8,
        order: &Order,
        data: impl FnOnce() -> Result,
    ) -> Result {
        // The first command after a reset fails, whatever it is.
        self.send_command(operation, TEST_UNIT_READY, false, 0)?;
        self.receive_status(operation)?;
        self.send_command(operation, opcode, order.kind == Kind::In, order.bytes())?;
        data()?;
        self.receive_status(operation)
    }

    /// Sends a command with so many bytes of data to follow.
    fn send_command(
        &self,
        operation: &usb::Operation<'_>,
        opcode: u8,
        read: bool,
        bytes: u64,
    ) -> Result {
        let mut command = [0; CBW_SIZE];
        command[..4].copy_from_slice(b"USBC");
        command[8..12].copy_from_slice(&u32::try_from(bytes)?.to_le_bytes());
        command[12] = u8::from(read) << 7;
        command[14] = 10;
        command[15] = opcode;
        command[22..24].copy_from_slice(&u16::try_from(bytes / BLOCK_SIZE)?.to_be_bytes());
        // CAST: 31.
        let way = self.way(operation, CBW_SIZE as u32, &command);
        way.bulk::<usb::Out>(1, 1)
    }

    fn receive_status(&self, operation: &usb::Operation<'_>) -> Result {
        self.way(operation, CSW_SIZE, &[]).bulk::<usb::In>(1, 1)
    }

    /// That of what a command consists of beside its data.
    fn way<'a>(
        &'a self,
        operation: &'a usb::Operation<'a>,
        length: u32,
        content: &'a [u8],
    ) -> Way<'a> {
        Way {
            node: self,
            operation,
            length,
            content,
            anchor: None,
        }
    }
}

#[vtable]
impl usb::FileOperations for Node {
    type OpenFile = ();

    const NAME: &'static CStr = c"usbloop";

    fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result {
        Ok(())
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _file: &(),
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let mut text = [0; 64];
        let count = iov.copy_from_iter(&mut text);
        let order = Order::parse(&text[..count])?;
        let _guard = this.busy.lock();
        this.obey(operation, &order)?;
        Ok(count)
    }
}

struct Loop;

kernel::usb_device_table!(
    USB_TABLE,
    <Loop as usb::Driver>::IdInfo,
    [
        (usb::DeviceId::from_id(0x46f4, 0x0001), ()),
        // The interface with the loudspeaker's endpoint.
        (
            usb::DeviceId::from_device_interface_number(0x46f4, 0x0002, 1),
            ()
        ),
    ]
);

impl usb::Driver for Loop {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &USB_TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        let events = usb::Events::new()?;
        interface.register_node(Node::new(events.clone())?, events)?;
        Ok(Self)
    }
}

kernel::module_usb_driver! {
    type: Loop,
    name: "usbloop_rust",
    authors: ["The usbpipe developers"],
    description: "Loop of transfers in Rust",
    license: "GPL",
}
