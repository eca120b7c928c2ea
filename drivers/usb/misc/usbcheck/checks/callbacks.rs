// SPDX-License-Identifier: GPL-2.0

//! What the core has called back for; the test makes it do so. The argument is how often.

use crate::{
    bench::Bench,
    driver::LAST_GOODBYE,
    verdict::{
        equal,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

fn wanted(bench: &Bench<'_>) -> Result<u32> {
    let text = core::str::from_utf8(bench.argument).map_err(|_| EINVAL)?;
    text.parse().map_err(|_| EINVAL)
}

#[track_caller]
fn called(wanted: u32, counter: &Atomic<u32>, what: &str) -> Verdict {
    equal(wanted, counter.load(Relaxed), what)
}

/// Each suspension ends with one of the two resumptions; requests were possible in all of them.
pub(super) fn suspends(bench: &Bench<'_>) -> Verdict {
    let (wanted, calls) = (wanted(bench)?, &bench.shared.calls);
    let resumes = calls.resumes.load(Relaxed) + calls.reset_resumes.load(Relaxed);
    called(wanted, &calls.suspends, "suspensions")?;
    equal(wanted, resumes, "resumptions")?;
    equal(0, calls.errno.load(Relaxed), "requests in callbacks")?;
    bench.roundtrip()
}

pub(super) fn resets(bench: &Bench<'_>) -> Verdict {
    let (wanted, calls) = (wanted(bench)?, &bench.shared.calls);
    called(wanted, &calls.pre_resets, "calls before a reset")?;
    called(wanted, &calls.post_resets, "calls after a reset")?;
    equal(0, calls.errno.load(Relaxed), "requests in callbacks")?;
    bench.roundtrip()
}

/// The driver was unbound before, from a device that was there: it could say goodbye.
pub(super) fn goodbye(bench: &Bench<'_>) -> Verdict {
    equal(0, LAST_GOODBYE.load(Relaxed), "the request in disconnect")?;
    bench.roundtrip()
}
