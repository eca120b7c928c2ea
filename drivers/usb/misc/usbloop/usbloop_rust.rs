// SPDX-License-Identifier: GPL-2.0

//! A loop of bulk transfers in Rust, to be compared with the one in C, `usbloop_c.c`.
//!
//! The device is QEMU's storage device. In the middle of a large read or write it is a source or
//! sink of bulk data that is as fast as the emulation.
//!
//! A program writes `in LENGTH DEPTH COUNT` or `out LENGTH DEPTH COUNT` to `/dev/usbloopN`: move
//! COUNT buffers of LENGTH bytes, DEPTH of them in flight. It has been done when `write()` returns.

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
            Full,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        Mutex, //
    },
    usb, //
};

const MAX_LENGTH: u32 = 1 << 20;
const MAX_DEPTH: u32 = 1024;

/// Bytes in a block of the device.
const BLOCK_SIZE: u64 = 4096;

/// Bytes in a command and in a status of the Bulk-Only Transport (its sections 5.1, 5.2).
const CBW_SIZE: usize = 31;
const CSW_SIZE: u32 = 13;

/// SCSI commands.
const TEST_UNIT_READY: u8 = 0x00;
const READ_10: u8 = 0x28;
const WRITE_10: u8 = 0x2a;

/// Transfers of one length to one endpoint.
struct Run {
    /// How many times a URB that has completed is to be submitted again.
    left: Atomic<i32>,
    in_flight: Atomic<i32>,
    bytes: Atomic<u64>,
    failed: Atomic<bool>,
    events: Arc<usb::Events>,
}

struct Transfer(Arc<Run>);

impl<D: usb::Direction> usb::Handler<usb::Bulk, D> for Transfer {
    fn complete(done: usb::Completed<'_, usb::Bulk, D, Self>) {
        let run = &done.handler().0;
        if done.result().is_err() {
            return run.ended(true);
        }
        // CAST: A transfer is shorter than 4 GiB.
        run.bytes.add(done.actual_length() as u64, Relaxed);
        if run.left.fetch_sub(1, Relaxed) <= 0 {
            return run.ended(false);
        }
        if let Err(usb::SubmitError { urb, .. }) = done.resubmit() {
            urb.handler().0.ended(true);
        }
    }
}

impl Run {
    fn new(left: u32, events: Arc<usb::Events>) -> Result<Arc<Self>> {
        let run = Self {
            left: Atomic::new(i32::try_from(left)?),
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

    /// Submits a new URB for a buffer with this content.
    fn submit<D: usb::Direction>(run: &Arc<Self>, way: &Way<'_, D>) -> Result {
        let mut buffer = usb::Buffer::new(way.length as usize, GFP_KERNEL)?;
        for (to, from) in buffer.iter_mut().zip(way.content) {
            *to = *from;
        }
        let urb = usb::Urb::new(&way.endpoint, buffer, Transfer(run.clone()))?;
        run.in_flight.add(1, Relaxed);
        let submitted = urb.submit(way.endpoint.interface());
        submitted.inspect_err(|_| run.ended(true))?;
        Ok(())
    }
}

/// Where buffers go, and what is in them.
struct Way<'a, D: usb::Direction> {
    endpoint: usb::Endpoint<'a, usb::Bulk, D>,
    length: u32,
    content: &'a [u8],
}

impl<'a, D: usb::Direction> Way<'a, D> {
    fn new(interface: &'a usb::Interface<Bound>, length: u32, content: &'a [u8]) -> Result<Self> {
        let endpoint = interface.find_endpoint().ok_or(ENODEV)?;
        Ok(Self {
            endpoint,
            length,
            content,
        })
    }

    /// Moves `count` buffers with `depth` of them in flight.
    fn run(&self, operation: &usb::Operation<'_>, node: &Node, depth: u32, count: u32) -> Result {
        let depth = depth.min(count);
        let run = Run::new(count - depth, node.events.clone())?;
        for _ in 0..depth {
            Run::submit(&run, self)?;
        }
        run.ended(false);
        operation.wait(|| (run.in_flight.load(Relaxed) == 0).then_some(()))?;
        let expected = u64::from(self.length) * u64::from(count);
        if run.failed.load(Relaxed) || run.bytes.load(Relaxed) != expected {
            return Err(EIO);
        }
        Ok(())
    }
}

/// What a program asks for.
struct Order {
    read: bool,
    length: u32,
    depth: u32,
    count: u32,
}

impl Order {
    fn parse(text: &[u8]) -> Result<Self> {
        let text = core::str::from_utf8(text).map_err(|_| EINVAL)?;
        let mut words = text.split_ascii_whitespace();
        let read = match words.next() {
            Some("in") => true,
            Some("out") => false,
            _ => return Err(EINVAL),
        };
        let mut number = || -> Result<u32> { words.next().ok_or(EINVAL)?.parse().or(Err(EINVAL)) };
        let order = Self {
            read,
            length: number()?,
            depth: number()?,
            count: number()?,
        };
        order.is_possible().then_some(order).ok_or(EINVAL)
    }

    fn is_possible(&self) -> bool {
        let bytes = self.bytes();
        (1..=MAX_LENGTH).contains(&self.length)
            && (1..=MAX_DEPTH).contains(&self.depth)
            && bytes != 0
            && bytes % BLOCK_SIZE == 0
            && bytes / BLOCK_SIZE <= u64::from(u16::MAX)
    }

    fn bytes(&self) -> u64 {
        u64::from(self.length) * u64::from(self.count)
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
        let interface = operation.interface();
        // The first command after a reset fails, whatever it is.
        self.send_command(operation, TEST_UNIT_READY, false, 0)?;
        self.receive_status(operation)?;
        let (depth, count) = (order.depth, order.count);
        if order.read {
            self.send_command(operation, READ_10, true, order.bytes())?;
            Way::<usb::In>::new(interface, order.length, &[])?
                .run(operation, self, depth, count)?;
        } else {
            self.send_command(operation, WRITE_10, false, order.bytes())?;
            Way::<usb::Out>::new(interface, order.length, &[])?
                .run(operation, self, depth, count)?;
        }
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
        let way = Way::<usb::Out>::new(operation.interface(), CBW_SIZE as u32, &command)?;
        way.run(operation, self, 1, 1)
    }

    fn receive_status(&self, operation: &usb::Operation<'_>) -> Result {
        let way = Way::<usb::In>::new(operation.interface(), CSW_SIZE, &[])?;
        way.run(operation, self, 1, 1)
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
    [(usb::DeviceId::from_id(0x46f4, 0x0001), ())]
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
    description: "Loop of bulk transfers in Rust",
    license: "GPL",
}
