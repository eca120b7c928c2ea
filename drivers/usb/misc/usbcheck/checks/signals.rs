// SPDX-License-Identifier: GPL-2.0

//! Those who wait for the node: `check-signal`, `check-nowait` and `check-ring` of the labs' guests,
//! which call these.

use crate::{
    bench::Bench,
    verdict::Verdict, //
};
use kernel::{
    prelude::*,
    usb::PollEvents, //
};

/// There is something to read.
pub(super) fn tick(bench: &Bench<'_>) -> Verdict {
    bench.shared.ticks.add();
    Ok(())
}

/// Tells of an event, which the argument names.
pub(super) fn signal(bench: &Bench<'_>) -> Verdict {
    let events = match bench.argument {
        b"readable" => PollEvents::READABLE,
        b"writable" => PollEvents::WRITABLE,
        b"urgent" => PollEvents::URGENT,
        b"error" => PollEvents::ERROR,
        b"nothing" => PollEvents::NONE,
        _ => Err(EINVAL)?,
    };
    bench.shared.ticks.events().notify_of(events);
    Ok(())
}
