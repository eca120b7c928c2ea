// SPDX-License-Identifier: GPL-2.0

//! Termination signals as something to poll for.

use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// A stream that becomes readable with the first SIGTERM or SIGINT.
pub(crate) fn on_signal() -> Result<UnixStream> {
    let (reader, writer) = UnixStream::pair().context("cannot make a pipe for signals")?;
    for signal in [SIGTERM, SIGINT] {
        let writer = writer
            .try_clone()
            .context("cannot duplicate the pipe for signals")?;
        pipe::register(signal, writer).context("cannot catch termination signals")?;
    }
    Ok(reader)
}
