// SPDX-License-Identifier: GPL-2.0

//! Who needs the device awake. The test lets user space allow its suspension.

use crate::{
    bench::Bench,
    verdict::Verdict, //
};
use kernel::{
    prelude::*,
    usb::RemoteWakeup, //
};

/// Guards of all kinds, given back in all ways; that the counts are right again is seen when the
/// device can be suspended afterwards.
pub(super) fn guards(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let power = interface.power()?;
    for _ in 0..10 {
        drop(interface.keep_awake()?);
        interface.keep_awake()?.release(interface);
        interface.keep_awake()?.release_quietly();
        let (one, two) = (power.hold()?, power.clone().request_awake()?);
        power.mark_last_busy();
        drop((one, two));
    }
    bench.roundtrip()
}

/// Keeps the device awake until `power-release`.
pub(super) fn hold(bench: &Bench<'_>) -> Verdict {
    let guard = bench.interface.keep_awake()?;
    *bench.shared.awake.lock() = Some(guard);
    Ok(())
}

pub(super) fn release(bench: &Bench<'_>) -> Verdict {
    let guard = bench.shared.awake.lock().take();
    guard.ok_or(ENXIO)?.release(bench.interface);
    Ok(())
}

/// Keeps the device awake for as long as the driver is bound, and no longer.
pub(super) fn forget(bench: &Bench<'_>) -> Verdict {
    core::mem::forget(bench.interface.keep_awake()?);
    Ok(())
}

/// A device that cannot wake the host up stays awake from now on.
pub(super) fn wakeup(bench: &Bench<'_>) -> Verdict {
    set_wakeup(bench, RemoteWakeup::Needed)
}

pub(super) fn no_wakeup(bench: &Bench<'_>) -> Verdict {
    set_wakeup(bench, RemoteWakeup::NotNeeded)
}

/// With a guard, so that whether the device can be suspended is asked again.
fn set_wakeup(bench: &Bench<'_>, wakeup: RemoteWakeup) -> Verdict {
    let awake = bench.interface.keep_awake()?;
    bench.interface.set_remote_wakeup(wakeup)?;
    awake.release(bench.interface);
    Ok(())
}
