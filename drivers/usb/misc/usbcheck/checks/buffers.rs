// SPDX-License-Identifier: GPL-2.0

//! The kinds of memory: what goes out of one of them comes back into another.

use crate::{
    bench::{
        code,
        pattern_byte,
        Bench,
        INTERRUPT_IN,
        PACKET, //
    },
    look::Look,
    tray::{
        launch,
        urb, //
    },
    verdict::{
        all_zero,
        equal,
        expect,
        refused,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    usb::{
        self,
        Buffer,
        Bulk,
        CoherentBuffer,
        ControlRequest,
        In,
        Interrupt,
        Memory,
        NoncoherentBuffer,
        OnePiece,
        Out,
        PageBuffer,
        Part,
        Recipient,
        ScatterBuffer,
        Timeout, //
    }, //
};

/// What goes out, in bytes: not whole pages, and no packets of any size.
const OUT_LENGTH: usize = 3 * PAGE_SIZE + 100;

/// Room for it, in whole packets.
const IN_LENGTH: usize = OUT_LENGTH.next_multiple_of(PACKET);

const SECONDS: Timeout = Timeout::from_millis::<5000>();

fn heap_buffer(length: usize) -> Result<Buffer> {
    Buffer::new(length, GFP_KERNEL)
}

/// Sends a pattern out of one piece of memory and gets it back into another.
fn roundtrip<I: Look<Bulk, In>>(
    bench: &Bench<'_>,
    mut out: impl Look<Bulk, Out>,
    input: I,
) -> Verdict<I> {
    equal(OUT_LENGTH, out.length(), "length of the memory")?;
    let bytes = KVec::from_elem(0u8, OUT_LENGTH, GFP_KERNEL)?;
    let (mut sent, mut received) = (bytes, KVec::from_elem(0xff, IN_LENGTH, GFP_KERNEL)?);
    for (i, byte) in sent.iter_mut().enumerate() {
        *byte = pattern_byte(0x17, i);
    }
    out.copy_from_slice(0, &sent)?;
    input.copy_to_slice(0, &mut received)?;
    all_zero(&received, "new memory")?;

    let done = launch(bench.interface, urb(&bench.bulk_out()?, out)?)?.wait()?;
    done.result()?;
    expect(done.is_complete(), "the device to take all bytes")?;
    let mut kept = KVec::from_elem(0u8, OUT_LENGTH, GFP_KERNEL)?;
    done.memory().copy_to_slice(0, &mut kept)?;
    same_bytes(&sent, &kept, "what was sent, afterwards")?;

    let done = launch(bench.interface, urb(&bench.bulk_in()?, input)?)?.wait()?;
    done.result()?;
    equal(OUT_LENGTH, done.actual_length(), "bytes that came back")?;
    done.memory().copy_to_slice(0, &mut received)?;
    let (data, rest) = received.split_at(OUT_LENGTH);
    same_bytes(&sent, data, "what came back")?;
    all_zero(rest, "memory behind it")?;
    Ok(done.into_urb().into_parts().0)
}

pub(super) fn heap(bench: &Bench<'_>) -> Verdict {
    roundtrip(bench, heap_buffer(OUT_LENGTH)?, heap_buffer(IN_LENGTH)?).map(|_| ())
}

pub(super) fn pages(bench: &Bench<'_>) -> Verdict {
    let input = PageBuffer::new(IN_LENGTH)?;
    // Whoever has mapped the pages sees the transfer in them.
    let seen = input.pages().clone();
    roundtrip(bench, PageBuffer::new(OUT_LENGTH)?, input)?;
    let mut bytes = [0; 16];
    seen.read(PAGE_SIZE, &mut bytes)?;
    equal(pattern_byte(0x17, PAGE_SIZE), bytes[0], "shared byte")?;
    equal(seen.length(), IN_LENGTH, "length of the pages")
}

pub(super) fn coherent(bench: &Bench<'_>) -> Verdict {
    let new = |length| CoherentBuffer::new(bench.interface, length);
    roundtrip(bench, new(OUT_LENGTH)?, new(IN_LENGTH)?)?;
    let mut small = new(16)?;
    small.access_mut(|bytes| bytes.fill(7))?;
    equal(16, small.access(|bytes| bytes.len())?, "bytes to look at")?;
    expect(
        small.access(|bytes| bytes == [7; 16])?,
        "what was written through access_mut",
    )
}

pub(super) fn noncoherent(bench: &Bench<'_>) -> Verdict {
    let out = NoncoherentBuffer::<Out>::new(bench.interface, OUT_LENGTH)?;
    let input = NoncoherentBuffer::<In>::new(bench.interface, IN_LENGTH)?;
    roundtrip(bench, out, input)?;
    let wrong = NoncoherentBuffer::<In>::new(bench.interface, PACKET)?;
    let wrong = urb(&bench.bulk_out()?, wrong);
    refused(EINVAL, wrong, "OUT from memory for IN")
}

pub(super) fn scatter(bench: &Bench<'_>) -> Verdict {
    let out = ScatterBuffer::new(OUT_LENGTH)?;
    roundtrip(bench, out, ScatterBuffer::new(IN_LENGTH)?)?;
    let interrupt = bench.interface.endpoint::<Interrupt, In>(INTERRUPT_IN);
    let pieces = urb(&interrupt.ok_or(ENXIO)?, ScatterBuffer::new(64)?);
    refused(EOPNOTSUPP, pieces, "pieces through an interrupt endpoint")?;
    let read = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
    let pieces = bench
        .interface
        .control(&read, ScatterBuffer::new(64)?, SECONDS);
    refused(EOPNOTSUPP, pieces, "pieces through endpoint 0")
}

/// A byte of the memory that a part is not of.
const AROUND: u8 = 0xa5;

/// Sends from odd addresses and receives at them, and leaves alone what is around.
pub(super) fn part(bench: &Bench<'_>) -> Verdict {
    let coherent = |length| CoherentBuffer::new(bench.interface, length);
    let (out, input) = (OUT_LENGTH + 1, IN_LENGTH + 2);
    part_of(bench, heap_buffer(out)?, heap_buffer(input)?)?;
    part_of(bench, coherent(out)?, coherent(input)?)?;
    let out = NoncoherentBuffer::<Out>::new(bench.interface, out)?;
    let input = NoncoherentBuffer::<In>::new(bench.interface, input)?;
    roundtrip(
        bench,
        Part::new(out, 1..OUT_LENGTH + 1)?,
        Part::new(input, 1..IN_LENGTH + 1)?,
    )
    .map(|_| ())
}

fn part_of<O: OnePiece, I: OnePiece>(bench: &Bench<'_>, out: O, mut input: I) -> Verdict
where
    Part<O>: Look<Bulk, Out>,
    Part<I>: Look<Bulk, In>,
{
    for end in [0, IN_LENGTH + 1] {
        input.copy_from_slice(end, &[AROUND])?;
    }
    let part = Part::new(input, 1..IN_LENGTH + 1)?;
    let sent = Part::new(out, 1..OUT_LENGTH + 1)?;
    let input = roundtrip(bench, sent, part)?;
    for end in [0, IN_LENGTH + 1] {
        let mut byte = [0];
        input.whole().copy_to_slice(end, &mut byte)?;
        equal([AROUND], byte, "byte beside the part")?;
    }
    Ok(())
}

/// Sizes, and bytes that are not there.
pub(super) fn limits(bench: &Bench<'_>) -> Verdict {
    let too_large = Buffer::MAX_LENGTH + 1;
    let coherent = |length| CoherentBuffer::new(bench.interface, length);
    let noncoherent = |length| NoncoherentBuffer::<In>::new(bench.interface, length);
    refused(EMSGSIZE, heap_buffer(too_large), "a heap buffer")?;
    for (length, error) in [(0, EINVAL), (too_large, EMSGSIZE), (usize::MAX, EMSGSIZE)] {
        refused(error, coherent(length), "a coherent buffer")?;
        refused(error, noncoherent(length), "a non-coherent buffer")?;
        refused(error, ScatterBuffer::new(length), "a scatter buffer")?;
        refused(error, PageBuffer::new(length), "a page buffer")?;
    }
    beyond(heap_buffer(8)?)?;
    beyond(coherent(8)?)?;
    beyond(ScatterBuffer::new(8)?)?;
    beyond(PageBuffer::new(8)?)
}

/// Bytes behind the end are neither read nor written.
fn beyond(mut memory: impl Memory) -> Verdict {
    let mut bytes = [0x55; 5];
    for offset in [4, 8, usize::MAX] {
        let copied = memory.copy_to_slice(offset, &mut bytes);
        refused(EINVAL, copied, "bytes behind the end")?;
        let copied = memory.copy_from_slice(offset, &bytes);
        refused(EINVAL, copied, "bytes behind the end")?;
    }
    same_bytes(&[0x55; 5], &bytes, "bytes that were not copied")?;
    memory.copy_to_slice(3, &mut bytes)?;
    all_zero(&bytes, "memory that was not written to")
}

/// Blocks of the device are freed while the interface stays bound: a few hundred of 64 KiB each
/// are more than a guest has memory for.
pub(super) fn freed(bench: &Bench<'_>) -> Verdict {
    const SIZE: usize = 64 << 10;
    const COUNT: usize = 4096;
    for i in 0..COUNT {
        let mut buffer = CoherentBuffer::new(bench.interface, SIZE)?;
        equal(0, buffer.access(|bytes| bytes[i])?, "a new byte")?;
        buffer.access_mut(|bytes| bytes.fill(0xff))?;
    }
    Ok(())
}

/// Memory of one interface is not for another one.
pub(super) fn of_another(
    bench: &Bench<'_>,
    other: &usb::Interface<kernel::device::Bound>,
) -> Verdict {
    let foreign = CoherentBuffer::new(other, PACKET)?;
    refused(
        EINVAL,
        urb(&bench.bulk_in()?, foreign),
        "memory of another interface",
    )
}
