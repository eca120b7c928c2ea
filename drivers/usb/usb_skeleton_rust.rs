// SPDX-License-Identifier: GPL-2.0

//! USB skeleton driver, in Rust: what `drivers/usb/usb-skeleton.c` does, to be read beside it.
//!
//! A device with a bulk endpoint in each direction becomes `/dev/skelN`. Written data goes out
//! behind the program's back, in up to [`WRITES_IN_FLIGHT`] transfers; a read takes one.
//!
//! `Documentation/driver-api/usb/writing_usb_driver_rust.rst` walks through it.

use kernel::{
    device::{
        Bound,
        Core, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Release, //
        },
        Arc,
        ArcBorrow, //
    },
    usb, //
};

kernel::usb_device_table!(
    SKEL_TABLE,
    <SkelDriver as usb::Driver>::IdInfo,
    // Replace it by the ids of your devices.
    [(usb::DeviceId::from_id(0xfff0, 0xfff0), ())]
);

/// Bytes that one write moves at most: what memory is easily found for, in whole packets, which are
/// at most 512 bytes long at high speed.
const MAX_TRANSFER: usize = PAGE_SIZE - 512;

/// Keeps a program from filling the memory with what the device does not take.
const WRITES_IN_FLIGHT: usize = 8;

/// How long written data may take to arrive when somebody wants the device to be quiet. No signal
/// cuts it short: the one who is being killed has written it, too.
const DRAIN: usb::Sleep = usb::Sleep::Uninterruptible(usb::Timeout::from_millis::<1000>());

/// What the transfers, the files and the driver's callbacks know in common.
struct State {
    /// Why a transfer failed, until somebody is told: an errno, or 0.
    error: Atomic<i32>,
    /// The device is being reset: whoever wants to begin something has to wait.
    resetting: Atomic<bool>,
    /// Wakes those who wait for a URB, or for the end of a reset.
    changed: Arc<usb::Events>,
}

impl State {
    fn record(&self, error: Error) {
        self.error.store(error.to_errno(), Release);
    }

    /// Fails with what was recorded last, once. Programs need to tell a reset or a stall from other
    /// mishaps, but not these from each other.
    fn report(&self) -> Result {
        match self.error.xchg(0, Full) {
            0 => Ok(()),
            errno if errno == EPIPE.to_errno() => Err(EPIPE),
            _ => Err(EIO),
        }
    }
}

struct Reads(Arc<State>);

impl usb::PoolHandler for Reads {
    type Kind = usb::Bulk;
    type Direction = usb::In;
    type Memory = usb::Buffer;

    fn ended(&self, transfer: &usb::PoolTransfer<'_, Self>) {
        match transfer.result() {
            // A read that is called off has lost nothing: the next one asks again.
            Err(error) if !error.is_cancelled() => self.0.record(error.into()),
            _ => {}
        }
    }

    fn returned(&self) {
        self.0.changed.notify();
    }
}

struct Writes(Arc<State>);

impl usb::PoolHandler for Writes {
    type Kind = usb::Bulk;
    type Direction = usb::Out;
    type Memory = usb::Buffer;

    fn ended(&self, transfer: &usb::PoolTransfer<'_, Self>) {
        if let Err(error) = transfer.result() {
            self.0.record(error.into());
        }
    }

    fn returned(&self) {
        self.0.changed.notify();
    }
}

/// One bound interface.
struct Skeleton {
    state: Arc<State>,
    /// A single URB: who has taken it is the one reader, and while it is in flight nobody is.
    reads: usb::Pool<Reads>,
    writes: usb::Pool<Writes>,
}

impl Skeleton {
    fn new(interface: &usb::Interface<Bound>) -> Result<Arc<Self>> {
        let bulk_in = interface.find_endpoint().ok_or(ENXIO)?;
        let bulk_out = interface.find_endpoint().ok_or(ENXIO)?;
        let state = State {
            error: Atomic::new(0),
            resetting: Atomic::new(false),
            changed: usb::Events::new()?,
        };
        let state = Arc::new(state, GFP_KERNEL)?;
        let reads = usb::Pool::new(&bulk_in, 1, Reads(state.clone()), |_| {
            // A whole packet, however little is asked for: a device that has more than fits fails.
            usb::Buffer::new(bulk_in.max_packet().into(), GFP_KERNEL)
        })?;
        let writes = usb::Pool::new(&bulk_out, WRITES_IN_FLIGHT, Writes(state.clone()), |_| {
            usb::Buffer::new(MAX_TRANSFER, GFP_KERNEL)
        })?;
        let skeleton = Self {
            state,
            reads,
            writes,
        };
        Ok(Arc::new(skeleton, GFP_KERNEL)?)
    }

    /// Takes a URB, if there is one, and no reset that it would get into.
    fn take<P: usb::PoolHandler>(&self, pool: &usb::Pool<P>) -> Option<usb::PooledUrb<P>> {
        let free = !self.state.resetting.load(Acquire);
        free.then(|| pool.try_take()).flatten()
    }

    /// Submits a URB that was taken. If a reset has begun meanwhile, the device has forgotten what
    /// the program knows of it, so that the program is told when the reset is over.
    fn submit<P: usb::PoolHandler>(
        &self,
        urb: usb::PooledUrb<P>,
        operation: &usb::Operation<'_>,
    ) -> Result {
        urb.submit(operation.interface()).or_else(|failed| {
            operation.wait(|| (!self.state.resetting.load(Acquire)).then_some(()))?;
            self.state.report()?;
            Err(failed.error.into())
        })
    }

    /// Lets what was written arrive, for a while, and then ends all transfers.
    fn draw_down(&self, interface: &usb::Interface<Bound>) {
        if self.writes.wait_idle(interface, DRAIN) != Ok(true) {
            self.writes.kill(interface);
        }
        self.reads.kill(interface);
    }
}

#[vtable]
impl usb::FileOperations for Skeleton {
    /// The device does not sleep while a file is open.
    type OpenFile = usb::PowerGuard;

    const NAME: &'static CStr = c"skel";
    /// Ask the USB maintainer for a range of your own.
    const MINOR_BASE: u8 = 192;

    fn open(_this: ArcBorrow<'_, Self>, operation: &usb::Operation<'_>) -> Result<usb::PowerGuard> {
        operation.interface().keep_awake()
    }

    fn read_iter(
        this: ArcBorrow<'_, Self>,
        _file: &usb::PowerGuard,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        loop {
            let urb = operation.wait(|| this.take(&this.reads))?;
            this.state.report()?;
            if !urb.unread().is_empty() {
                return deliver(urb, operation, iov);
            }
            this.submit(urb, operation)?;
        }
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _file: &usb::PowerGuard,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let count = iov.len().min(MAX_TRANSFER);
        if count == 0 {
            return Ok(0);
        }
        let mut urb = operation.wait(|| this.take(&this.writes))?;
        this.state.report()?;
        if iov.copy_from_iter(urb.buffer_mut()) < count {
            return Err(EFAULT);
        }
        urb.set_length(count)?;
        this.submit(urb, operation)?;
        Ok(count)
    }

    /// The last chance to tell a program what became of what it wrote. The next one starts clean.
    fn flush(
        this: ArcBorrow<'_, Self>,
        _file: &usb::PowerGuard,
        operation: Option<&usb::Operation<'_>>,
    ) -> Result {
        if let Some(operation) = operation {
            this.draw_down(operation.interface());
        }
        this.state.report()
    }
}

/// Hands over what has come; the rest is for the next read.
fn deliver(
    mut urb: usb::PooledUrb<Reads>,
    operation: &usb::Operation<'_>,
    iov: &mut IovIterDest<'_>,
) -> Result<usize> {
    let count = iov.copy_to_iter(urb.unread());
    urb.consume(count);
    // Who wants more will be back for it. Should it fail now, it will then as well.
    if urb.unread().is_empty() && !iov.is_empty() {
        let _ = urb.submit(operation.interface());
    }
    if count == 0 {
        return Err(EFAULT);
    }
    Ok(count)
}

struct SkelDriver(Arc<Skeleton>);

impl usb::Driver for SkelDriver {
    type IdInfo = ();
    type Data<'bound> = Self;
    const ID_TABLE: usb::IdTable<Self::IdInfo> = &SKEL_TABLE;
    const OPTIONS: usb::DriverOptions<Self> =
        usb::DriverOptions::new().callbacks().supports_autosuspend();

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        let skeleton = Skeleton::new(interface)?;
        let changed = skeleton.state.changed.clone();
        // Programs may open it from here on, so nothing is left to be done.
        interface.register_node(skeleton.clone(), changed)?;
        Ok(Self(skeleton))
    }
}

#[vtable]
impl usb::Callbacks for SkelDriver {
    fn suspend(
        interface: &usb::Interface<Bound>,
        this: Pin<&Self>,
        _event: usb::SuspendEvent,
    ) -> Result {
        this.0.draw_down(interface);
        Ok(())
    }

    fn resume(_interface: &usb::Interface<Bound>, _this: Pin<&Self>) -> Result {
        Ok(())
    }

    fn pre_reset(interface: &usb::Interface<Bound>, this: Pin<&Self>) -> Result {
        this.0.state.resetting.store(true, Release);
        this.0.draw_down(interface);
        Ok(())
    }

    /// Whatever programs have told the device, it has forgotten: the next one to ask is told.
    fn post_reset(_interface: &usb::Interface<Bound>, this: Pin<&Self>) -> Result {
        let state = &this.0.state;
        state.record(EPIPE);
        state.resetting.store(false, Release);
        state.changed.notify();
        Ok(())
    }
}

kernel::module_usb_driver! {
    type: SkelDriver,
    name: "usb_skeleton_rust",
    authors: ["The usbpipe developers"],
    description: "USB skeleton driver in Rust",
    license: "GPL v2",
}
