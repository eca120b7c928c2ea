// SPDX-License-Identifier: GPL-2.0

//! `/dev/usbcheckN`: runs a check for who writes its name, and whoever reads gets a list of the
//! checks that were run.

use crate::{
    bench::{
        Bench,
        Mode, //
    },
    checks::{
        Check,
        CHECKS, //
    },
    driver::{
        Shared,
        REFERENCE,
        STREAMS, //
    },
    verdict::Verdict, //
};
use kernel::{
    ioctl::{
        _IO,
        _IOR, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    new_mutex,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    str::CString,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        Mutex,
        MutexGuard, //
    },
    transmute::AsBytes,
    uaccess::{
        UserPtr,
        UserSlice, //
    },
    usb, //
};

/// Reads of this file get ticks from now on: a byte each, which they wait for.
const TICKS: u32 = _IO(b'c' as u32, 0x30);
/// Gives a `long`: the number of bits that it has.
const LONG: u32 = _IOR::<u64>(b'c' as u32, 0x31);
const COMPAT_LONG: u32 = _IOR::<u32>(b'c' as u32, 0x31);

/// What the files of one node share.
#[pin_data]
pub(crate) struct Node {
    shared: Arc<Shared>,
    /// Of each check that was run last: how it ended. Held while one runs, so that they don't
    /// disturb each other.
    #[pin]
    reports: Mutex<KVec<CString>>,
    /// How often a descriptor was closed.
    flushes: Atomic<u32>,
}

/// What belongs to one open file.
#[pin_data]
pub(crate) struct OpenFile {
    /// How much of the list it has read.
    #[pin]
    position: Mutex<usize>,
    /// It reads ticks instead.
    ticking: Atomic<bool>,
}

impl Node {
    pub(crate) fn new(shared: Arc<Shared>) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                shared,
                reports <- new_mutex!(KVec::new(), "usbcheck::Node::reports"),
                flushes: Atomic::new(0),
            }),
            GFP_KERNEL,
        )
    }

    /// The reports.
    fn list(&self, nonblocking: bool) -> Result<MutexGuard<'_, KVec<CString>>> {
        match nonblocking {
            true => self.reports.try_lock().ok_or(EAGAIN),
            false => Ok(self.reports.lock()),
        }
    }

    fn run(&self, line: &[u8], interface: &usb::Interface<kernel::device::Bound>) -> Result {
        let mut words = line.splitn(2, |byte| *byte == b' ');
        let name = words.next().unwrap_or(&[]);
        let check = CHECKS.iter().find(|check| check.name.as_bytes() == name);
        let check = check.ok_or(EINVAL)?;
        let mut reports = self.reports.lock();
        let verdict = prepare_and_run(
            check,
            Bench {
                interface,
                shared: &self.shared,
                argument: words.next().unwrap_or(&[]),
            },
        );
        reports.push(report(check, &verdict)?, GFP_KERNEL)?;
        verdict.map_err(|failure| failure.error)
    }
}

fn prepare_and_run(check: &Check, bench: Bench<'_>) -> Verdict {
    if [REFERENCE, STREAMS].contains(&bench.interface.device().product_id()) {
        bench.set_mode(Mode::Loopback)?;
    }
    (check.run)(&bench)
}

/// Writes to where an argument of a command points to.
fn put<T: AsBytes>(arg: usize, value: &T) -> Result {
    let to = UserSlice::new(UserPtr::from_addr(arg), core::mem::size_of::<T>());
    to.writer().write(value)
}

/// One line on how a check ended, which goes to the log where it failed.
fn report(check: &Check, verdict: &Verdict) -> Result<CString> {
    let name = check.name;
    let report = match verdict {
        Ok(()) => CString::try_from_fmt(fmt!("{name}: passed"))?,
        Err(failure) => CString::try_from_fmt(fmt!("{name}: {failure}"))?,
    };
    if verdict.is_err() {
        pr_info!("{}\n", &*report);
    }
    Ok(report)
}

#[vtable]
impl usb::FileOperations for Node {
    type OpenFile = Pin<KBox<OpenFile>>;

    const NAME: &'static CStr = c"usbcheck";
    const ASYNC: bool = true;
    const NOWAIT: bool = true;

    fn open(
        _this: ArcBorrow<'_, Self>,
        _operation: &usb::Operation<'_>,
    ) -> Result<Pin<KBox<OpenFile>>> {
        KBox::pin_init(
            pin_init!(OpenFile {
                position <- new_mutex!(0, "usbcheck::OpenFile::position"),
                ticking: Atomic::new(false),
            }),
            GFP_KERNEL,
        )
    }

    fn read_iter(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        if file.ticking.load(Relaxed) {
            operation.wait(|| this.shared.ticks.take())?;
            return Ok(iov.copy_to_iter(b"t"));
        }
        let mut position = file.position.lock();
        let mut all = KVec::new();
        for report in this.list(operation.is_nonblocking())?.iter() {
            all.extend_from_slice(report.to_bytes(), GFP_KERNEL)?;
            all.push(b'\n', GFP_KERNEL)?;
        }
        let count = iov.copy_to_iter(all.get(*position..).unwrap_or(&[]));
        *position += count;
        Ok(count)
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        if operation.is_nonblocking() {
            // A check takes its time.
            return Err(EAGAIN);
        }
        let mut line = [0; 128];
        let count = iov.copy_from_iter(&mut line);
        let line = line.get(..count).unwrap_or(&[]);
        this.run(line.trim_ascii(), operation.interface())?;
        Ok(count)
    }

    fn poll(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        _operation: &usb::Operation<'_>,
        _wanted: usb::PollEvents,
    ) -> usb::PollEvents {
        match file.ticking.load(Relaxed) && this.shared.ticks.is_empty() {
            true => usb::PollEvents::WRITABLE,
            false => usb::PollEvents::WRITABLE.with(usb::PollEvents::READABLE),
        }
    }

    fn ioctl(
        _this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        _operation: &usb::Operation<'_>,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        match cmd {
            TICKS => file.ticking.store(true, Relaxed),
            LONG => put(arg, &64_u64)?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }

    /// A `long` of a 32-bit program is shorter.
    fn compat_ioctl(
        this: ArcBorrow<'_, Self>,
        file: &Self::OpenFile,
        operation: &usb::Operation<'_>,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        match cmd {
            COMPAT_LONG => put(arg, &32_u32)?,
            LONG => return Err(ENOTTY),
            _ => return Self::ioctl(this, file, operation, cmd, arg),
        }
        Ok(0)
    }

    fn mmap(
        this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: &usb::Operation<'_>,
        vma: &VmaNew,
        offset: u64,
    ) -> Result {
        this.shared.window.map(vma, offset)
    }

    /// Says how many checks were run.
    fn show_fdinfo(
        this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        operation: Option<&usb::Operation<'_>>,
        seq: &SeqFile,
    ) {
        seq_print!(seq, "checks:\t{}\n", this.reports.lock().len());
        seq_print!(seq, "flushes:\t{}\n", this.flushes.load(Relaxed));
        seq_print!(seq, "gone:\t{}\n", u8::from(operation.is_none()));
    }

    /// Counts, for fdinfo.
    fn flush(
        this: ArcBorrow<'_, Self>,
        _file: &Self::OpenFile,
        _operation: Option<&usb::Operation<'_>>,
    ) -> Result {
        this.flushes.add(1, Relaxed);
        Ok(())
    }
}
