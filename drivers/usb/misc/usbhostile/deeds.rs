// SPDX-License-Identifier: GPL-2.0

//! What was done so far, for tests that ask whether anything was.
//!
//! It is counted since the module was loaded: a scene ends with the binding, and with it what the
//! scene knows.

use kernel::{
    prelude::*,
    str::{
        BStr,
        CString, //
    },
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    usb, //
};

/// Something that is done, and how often.
pub(crate) struct Deed {
    name: &'static [u8],
    count: Atomic<u64>,
}

impl Deed {
    const fn new(name: &'static [u8]) -> Self {
        Self {
            name,
            count: Atomic::new(0),
        }
    }

    pub(crate) fn count(&self) {
        self.count.add(1, Relaxed);
    }
}

macro_rules! deeds {
    ($table:ident: $($name:literal)*) => {
        static $table: [Deed; [$($name.len()),*].len()] = [$(Deed::new($name)),*];
    };
}

// What programs order, by these names. What takes until the driver is unbound counts each time
// that it succeeds; what waits for a minute, when it begins.
deeds!(ORDERS:
    b"resubmit" b"forget" b"drop" b"never" b"wait" b"obstinate" b"slow"
    b"transfer flood" b"transfer hammer" b"transfer switch" b"transfer hoard" b"transfer never"
    b"transfer keep"
    b"asleep ctrl 0" b"asleep ctrl 1" b"asleep ctrl 2"
    b"asleep read 0" b"asleep read 1" b"asleep read 2"
    b"asleep write 0" b"asleep write 1" b"asleep write 2"
    b"asleep intr 0" b"asleep intr 1" b"asleep intr 2"
    b"asleep gather 0" b"asleep gather 1" b"asleep gather 2"
    b"kind forget" b"kind resubmit" b"kind drop" b"kind fight" b"kind queue" b"kind work"
    b"queue forget" b"queue quit" b"queue hoard" b"queue keep" b"queue fight"
    b"pool forget" b"pool quit" b"pool keep" b"pool fight"
    b"gather forget" b"gather never" b"gather fight"
    b"anchor forget" b"anchor fight"
    b"memory coherent" b"memory forget" b"memory share" b"memory hop"
    b"hoard memory" b"hoard results" b"hoard ports"
    b"device keep" b"device forget"
    b"stream forget" b"stream resubmit"
    b"power forget" b"power keep" b"power fight" b"power waste"
    b"reset once" b"reset again" b"reset queue" b"reset halt"
    b"claim never" b"claim forget" b"claim fight" b"claim thread" b"claim keep" b"claim cross"
    b"cancel fight"
    b"work again" b"work never" b"work forget" b"work handler" b"work keep" b"work fight"
);

// What the core calls for, where a callback could submit something, what was done with the device
// locked, and what became of transfers.
deeds!(EVENTS:
    b"completion"
    b"suspend" b"resume" b"reset-resume" b"pre-reset" b"post-reset"
    b"suspend-io" b"resume-io" b"reset-resume-io" b"pre-reset-io" b"post-reset-io"
    b"locked never" b"locked brief"
    b"work" b"uring" b"read after all" b"streams asleep"
);

fn find(table: &'static [Deed], name: &[u8]) -> Option<&'static Deed> {
    table.iter().find(|deed| deed.name == name)
}

/// What a program may order by this name.
pub(crate) fn order(name: &[u8]) -> Result<&'static Deed> {
    find(&ORDERS, name).ok_or(EINVAL)
}

/// Counts something that has happened.
pub(crate) fn happened(name: &[u8]) {
    match find(&EVENTS, name) {
        Some(deed) => deed.count(),
        None => pr_err!("BUG: nothing of that name can happen\n"),
    }
}

/// The commands of io_uring have names of their own.
pub(crate) fn uring() -> Result<&'static Deed> {
    find(&EVENTS, b"uring").ok_or(EINVAL)
}

/// All that was done, one each line: `NAME=COUNT`.
pub(crate) struct Deeds;

impl usb::AttributeValue for Deeds {
    fn show(&self, page: &mut usb::AttributePage<'_>) -> Result {
        for deed in [&ORDERS[..], &EVENTS[..]].into_iter().flatten() {
            let count = deed.count.load(Relaxed);
            if count > 0 {
                page.append(deed.name)?;
                let line = CString::try_from_fmt(fmt!("={count}\n"))?;
                page.append(line.to_bytes())?;
            }
        }
        Ok(())
    }

    fn parse(_text: &BStr) -> Result<Self> {
        Err(EINVAL)
    }
}
