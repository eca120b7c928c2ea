// SPDX-License-Identifier: GPL-2.0

//! One bound interface: what all files of its node share, and the operations of the node.

use crate::{
    access::Access,
    budget::Budget,
    command,
    file::File,
    lane::{
        LaneGuard,
        Lanes,
        Purpose, //
    },
    poll,
    replies::Replies,
    ring,
    stats::Stats,
    stream::{
        Streams,
        ENDED, //
    },
};
use kernel::{
    device::Bound,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::{
        Arc,
        ArcBorrow, //
    },
    usb, //
};

/// What belongs to one bound interface.
#[pin_data]
pub(crate) struct Pipe {
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) stats: Arc<Stats>,
    /// Notified when data came, room was made, or a transfer failed.
    pub(crate) changed: Arc<usb::Events>,
    /// The device can wake the computer when it has something to say.
    pub(crate) wakes_host: bool,
    /// The rings of all files.
    pub(crate) rings: Arc<ring::Table>,
    #[pin]
    pub(crate) replies: Replies,
    #[pin]
    pub(crate) streams: Streams,
    #[pin]
    pub(crate) access: Access,
}

impl Pipe {
    pub(crate) fn new(wakes_host: bool) -> Result<Arc<Self>> {
        let (lanes, budget) = (Lanes::new()?, Budget::new()?);
        let (stats, changed) = (Stats::new()?, usb::Events::new()?);
        Arc::pin_init(
            try_pin_init!(Self {
                rings: ring::Table::new(
                    lanes.clone(),
                    budget.clone(),
                    stats.clone(),
                    changed.clone()
                )?,
                lanes,
                budget,
                stats,
                changed,
                wakes_host,
                replies <- Replies::new(),
                streams <- Streams::new(),
                access <- Access::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// Begins to use an endpoint for something else than a stream.
    ///
    /// # Errors
    ///
    /// `EBUSY`: it is being used.
    pub(crate) fn enter(
        &self,
        interface: &usb::Interface<Bound>,
        address: u8,
        purpose: Purpose,
    ) -> Result<LaneGuard> {
        self.streams.reap(interface);
        self.lanes.enter(address, purpose)
    }

    /// The counters, with what rings have counted for themselves.
    pub(crate) fn up_to_date_stats(&self) -> &Stats {
        self.rings.tell_stats();
        &self.stats
    }

    /// The device is awake again: everything goes on.
    pub(crate) fn restart(&self, interface: &usb::Interface<Bound>) {
        self.streams.for_each(|stream| stream.restart(interface));
        self.rings.resume();
    }

    /// The device was reset.
    pub(crate) fn was_reset(&self, interface: &usb::Interface<Bound>) {
        self.stats.resets.add(1);
        self.replies.forget();
        self.streams.for_each(|stream| stream.reset());
        self.rings.reset();
        self.restart(interface);
    }
}

/// Has the device wake up. Who does not want to wait for that is told to try again.
pub(crate) fn awake(operation: &usb::Operation<'_>) -> Result<usb::PowerGuard> {
    let interface = operation.interface();
    match operation.is_nonblocking() {
        true => interface.power()?.request_awake(),
        false => interface.keep_awake(),
    }
}

fn read(
    pipe: &Pipe,
    file: &File,
    operation: &usb::Operation<'_>,
    iov: &mut IovIterDest<'_>,
) -> Result<usize> {
    let (source, packets) = file.source(pipe, operation)?;
    let room = iov.len();
    if !packets {
        return source.read(operation, room, &mut |data| iov.copy_to_iter(data));
    }
    // All of it or nothing: what could not be copied stays.
    let deliver = &mut |data: &[u8]| match iov.copy_to_iter(data) {
        count if count == data.len() => count,
        _ => 0,
    };
    source
        .read_packet(operation, room, deliver)
        .map(|(length, _)| length)
}

#[vtable]
impl usb::FileOperations for Pipe {
    type OpenFile = Pin<KBox<File>>;

    const NAME: &'static CStr = c"usbpipe";
    const MODE: u16 = 0o660;
    const MINOR_BASE: u8 = 208;
    const NOWAIT: bool = true;

    fn open(this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result<Self::OpenFile> {
        let file = KBox::pin_init(File::new(&this)?, GFP_KERNEL)?;
        this.access.open()?;
        Ok(file)
    }

    fn release(
        this: ArcBorrow<'_, Self>,
        file: Self::OpenFile,
        operation: Option<&usb::Operation<'_>>,
    ) {
        let interface = operation.map(|operation| operation.interface());
        if let Some(operation) = operation {
            file.commands.end(operation);
        }
        file.rings.release(interface);
        file.leave(&this, interface);
        this.access.close();
    }

    fn read_iter(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        loop {
            match read(&this, file, operation, iov) {
                // The program has chosen another endpoint meanwhile.
                Err(error) if error == ENDED => continue,
                result => return result,
            }
        }
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let _awake = awake(operation)?;
        let (sink, packets) = file.sink(&this, operation)?;
        match packets {
            true => sink.write_packet(operation, iov),
            false => sink.write(operation, iov),
        }
    }

    fn poll(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        wanted: usb::PollEvents,
    ) -> usb::PollEvents {
        poll::poll(&this, file, operation, wanted)
    }

    fn fsync(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
    ) -> Result {
        let (sink, _) = file.sink(&this, operation)?;
        sink.flush(operation)
    }

    fn command_name(cmd: u32) -> &'static CStr {
        command::name(cmd)
    }

    fn ioctl(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        command::dispatch(&this, file, operation, cmd, arg).map(|()| 0)
    }

    fn uring_cmd(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        command: usb::UringCommand,
    ) -> Result {
        this.streams.reap(operation.interface());
        file.commands.begin(operation, command)
    }

    fn mmap(
        _this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        _operation: &usb::Operation<'_>,
        vma: &VmaNew,
        offset: u64,
    ) -> Result {
        file.rings.map(vma, offset)
    }

    fn show_fdinfo(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: Option<&usb::Operation<'_>>,
        seq: &SeqFile,
    ) {
        let Some(operation) = operation else {
            seq_print!(seq, "usbpipe-gone:\t1\n");
            return;
        };
        let (reading, writing) = file.addresses(operation.interface());
        let waiting = file.open_source().map_or(0, |source| source.available());
        seq_print!(seq, "usbpipe-read-endpoint:\t{reading:#04x}\n");
        seq_print!(seq, "usbpipe-write-endpoint:\t{writing:#04x}\n");
        seq_print!(seq, "usbpipe-waiting:\t{waiting}\n");
        seq_print!(seq, "usbpipe-memory:\t{}\n", this.budget.used());
    }
}
