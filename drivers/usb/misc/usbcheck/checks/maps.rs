// SPDX-License-Identifier: GPL-2.0

//! Buffers that a program has mapped: `check-map` of the labs' guests, which calls these.

use crate::{
    bench::{
        pattern_byte,
        Bench, //
    },
    tray::{
        launch,
        urb, //
    },
    verdict::{
        equal,
        expect,
        same_bytes,
        Verdict, //
    },
    window::{
        Pane,
        LENGTH, //
    }, //
};
use kernel::{
    prelude::*,
    usb::PageBuffer, //
};

fn bytes(pane: &Pane) -> Result<KVec<u8>> {
    let mut bytes = KVec::from_elem(0, LENGTH, GFP_KERNEL)?;
    pane.pages.read(0, &mut bytes)?;
    Ok(bytes)
}

fn take(pane: &Pane) -> Result<PageBuffer> {
    pane.buffer.lock().take().ok_or(EBUSY)
}

/// Sends what the program has written, and fills the other buffer with it.
pub(super) fn transfer(bench: &Bench<'_>) -> Verdict {
    let pane = &bench.shared.window.out;
    for (i, byte) in bytes(pane)?.iter().enumerate() {
        equal(pattern_byte(0x3c, i), *byte, "what the program wrote")?;
    }
    let urb = urb(&bench.bulk_out()?, take(pane)?)?;
    let done = launch(bench.interface, urb)?.wait()?;
    expect(done.is_complete(), "the device to take all bytes")?;
    *pane.buffer.lock() = Some(done.into_urb().into_parts().0);
    receive(bench)
}

fn receive(bench: &Bench<'_>) -> Verdict {
    let pane = &bench.shared.window.input;
    let urb = urb(&bench.bulk_in()?, take(pane)?)?;
    let done = launch(bench.interface, urb)?.wait()?;
    done.result()?;
    equal(LENGTH, done.actual_length(), "bytes that came back")?;
    *pane.buffer.lock() = Some(done.into_urb().into_parts().0);
    let sent = bytes(&bench.shared.window.out)?;
    same_bytes(&sent, &bytes(pane)?, "what came back")
}

/// Leaves a mark at the end of the other buffer.
pub(super) fn mark(bench: &Bench<'_>) -> Verdict {
    let pages = &bench.shared.window.input.pages;
    pages.write(LENGTH - 16, &[0xee; 16])?;
    Ok(())
}
