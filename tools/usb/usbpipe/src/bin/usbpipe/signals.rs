// SPDX-License-Identifier: GPL-2.0
//! The first SIGINT or SIGTERM stops a transfer, so that it can say how far it came; the second
//! ends the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use usbpipe::Stop;

use crate::exit::Exit;

/// A flag that the signals raise.
pub(crate) fn stop() -> Result<Arc<Stop>, Exit> {
    register().map_err(|error| Exit::file("signal handlers", &error))
}

fn register() -> io::Result<Arc<Stop>> {
    let stop = Arc::new(Stop::new()?);
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset.
        flag::register_conditional_default(signal, again.clone())?;
        flag::register(signal, again.clone())?;
        low_level::pipe::register(signal, stop.raising_end()?)?;
    }
    Ok(stop)
}
