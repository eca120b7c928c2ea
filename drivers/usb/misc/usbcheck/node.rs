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
        REFERENCE, //
    },
    verdict::Verdict, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
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
        Mutex, //
    },
    usb, //
};

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

/// How much of the list a file has read.
type Position = Pin<KBox<Mutex<usize>>>;

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
    if bench.interface.device().product_id() == REFERENCE {
        bench.set_mode(Mode::Loopback)?;
    }
    (check.run)(&bench)
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
    type OpenFile = Position;

    const NAME: &'static CStr = c"usbcheck";

    fn open(_this: ArcBorrow<'_, Self>, _operation: &usb::Operation<'_>) -> Result<Position> {
        KBox::pin_init(new_mutex!(0, "usbcheck::Position"), GFP_KERNEL)
    }

    fn read_iter(
        this: ArcBorrow<'_, Self>,
        position: &Position,
        _operation: &usb::Operation<'_>,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let mut position = position.lock();
        let mut all = KVec::new();
        for report in this.reports.lock().iter() {
            all.extend_from_slice(report.to_bytes(), GFP_KERNEL)?;
            all.push(b'\n', GFP_KERNEL)?;
        }
        let count = iov.copy_to_iter(all.get(*position..).unwrap_or(&[]));
        *position += count;
        Ok(count)
    }

    fn write_iter(
        this: ArcBorrow<'_, Self>,
        _position: &Position,
        operation: &usb::Operation<'_>,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let mut line = [0; 64];
        let count = iov.copy_from_iter(&mut line);
        let line = line.get(..count).unwrap_or(&[]);
        this.run(line.trim_ascii(), operation.interface())?;
        Ok(count)
    }

    /// Says how many checks were run.
    fn show_fdinfo(
        this: ArcBorrow<'_, Self>,
        _position: &Position,
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
        _position: &Position,
        _operation: Option<&usb::Operation<'_>>,
    ) -> Result {
        this.flushes.add(1, Relaxed);
        Ok(())
    }
}
