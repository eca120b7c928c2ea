// SPDX-License-Identifier: GPL-2.0

//! Lies about transfers into memory of other kinds, and into memory that was used before.

use super::{
    ends_as_told,
    only_what_was_sent,
    sent,
    ASKED,
    FILL, //
};
use crate::{
    bench::Bench,
    look::Look,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        all_zero,
        equal,
        expect,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        Bulk,
        CoherentBuffer,
        In,
        NoncoherentBuffer,
        PageBuffer,
        Part,
        ScatterBuffer, //
    }, //
};

/// More than is asked for.
const ROOM: usize = 4 * ASKED;

/// The argument begins with the kind of memory. The device has 100 bytes to send.
pub(crate) fn memory(bench: &Bench<'_>) -> Verdict {
    let mut words = bench.argument.splitn(2, |byte| *byte == b' ');
    let kind = words.next().unwrap_or(&[]);
    let argument = words.next().unwrap_or(&[]);
    let interface = bench.interface;
    let bench = &Bench { argument, ..*bench };
    match kind {
        b"coherent" => filled(bench, CoherentBuffer::new(interface, ROOM)?),
        b"noncoherent" => filled(bench, NoncoherentBuffer::<In>::new(interface, ROOM)?),
        b"pages" => filled(bench, PageBuffer::new(ROOM)?),
        b"pieces" => filled(bench, ScatterBuffer::new(ROOM)?),
        b"part" => part(bench),
        _ => Err(EINVAL.into()),
    }
}

/// A range of a buffer, whose other bytes stay as they are.
fn part(bench: &Bench<'_>) -> Verdict {
    const AROUND: u8 = 0x33;
    let mut whole = Buffer::new(ROOM + 2, GFP_KERNEL)?;
    (whole[0], whole[ROOM + 1]) = (AROUND, AROUND);
    let part = into(bench, Part::new(whole, 1..ROOM + 1)?)?;
    let ends = [part.whole()[0], part.whole()[ROOM + 1]];
    equal([AROUND; 2], ends, "bytes beside the part")
}

fn filled(bench: &Bench<'_>, memory: impl Look<Bulk, In>) -> Verdict {
    into(bench, memory).map(|_| ())
}

/// Reads into the first bytes of `memory`.
fn into<M: Look<Bulk, In>>(bench: &Bench<'_>, memory: M) -> Verdict<M> {
    bench.write(&sent())?;
    let mut input = urb(&bench.bulk_in()?, memory)?;
    input.set_length(ASKED)?;
    let done = launch(bench.interface, input)?.wait()?;
    expect(done.actual_length() <= ASKED, "no more than was asked for")?;
    let mut bytes = KVec::from_elem(0xff, ROOM, GFP_KERNEL)?;
    done.memory().copy_to_slice(0, &mut bytes)?;
    only_what_was_sent(&bytes, &sent())?;
    ends_as_told(bench, done.result(), done.actual_length())?;
    Ok(done.into_urb().into_parts().0)
}

/// What the device sends first, and for a second time.
const FIRST: [u8; 512] = [0x77; 512];
const SECOND: [u8; 100] = [0x11; 100];

/// Memory is used again, and the argument is about the second time. Where nothing arrives then, it
/// holds what the same device sent before, and nothing else.
pub(crate) fn again(bench: &Bench<'_>) -> Verdict {
    bench.write(&FIRST)?;
    let mut input = urb(&bench.bulk_in()?, Buffer::new(ROOM, GFP_KERNEL)?)?;
    input.set_length(FIRST.len())?;
    let done = launch(bench.interface, input)?.wait()?;
    done.result()?;
    same_bytes(&FIRST, done.data(), "what came first")?;
    bench.write(&SECOND)?;
    let done = launch(bench.interface, done.into_urb())?.wait()?;
    let (asked, rest) = done.memory().split_at(FIRST.len());
    for (i, byte) in asked.iter().enumerate() {
        let known = *byte == FIRST[i] || SECOND.get(i) == Some(byte) || *byte == FILL;
        expect(known, "only what was sent, now or before")?;
    }
    all_zero(rest, "memory that was not to be used")?;
    ends_as_told(bench, done.result(), done.data().len())
}
