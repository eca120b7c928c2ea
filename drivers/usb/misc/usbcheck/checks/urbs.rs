// SPDX-License-Identifier: GPL-2.0

//! URBs: one transfer, many, part of the memory, and options.

use crate::{
    bench::{
        code,
        pattern,
        source_byte,
        Bench,
        Mode,
        INTERRUPT_IN,
        PACKET, //
    },
    tray::{
        launch,
        urb,
        TestUrb, //
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
    prelude::*,
    usb::{
        self,
        Buffer,
        Bulk,
        In,
        Interrupt,
        Out, //
    }, //
};

fn out_urb(bench: &Bench<'_>, length: usize) -> Result<TestUrb<Bulk, Out>> {
    urb(&bench.bulk_out()?, Buffer::new(length, GFP_KERNEL)?)
}

fn in_urb(bench: &Bench<'_>, length: usize) -> Result<TestUrb<Bulk, In>> {
    urb(&bench.bulk_in()?, Buffer::new(length, GFP_KERNEL)?)
}

/// A URB is used again and again; each time the handler runs once.
pub(super) fn complete(bench: &Bench<'_>) -> Verdict {
    let (mut out, mut input) = (out_urb(bench, 200)?, in_urb(bench, PACKET)?);
    for round in 1..=5 {
        let bytes = pattern::<200>(round);
        out.buffer_mut().copy_from_slice(&bytes);
        let done = launch(bench.interface, out)?.wait()?;
        expect(done.is_complete(), "all bytes to be taken")?;
        expect(done.was_of(bench.interface), "its interface")?;
        out = done.into_urb();
        let done = launch(bench.interface, input)?.wait()?;
        done.result()?;
        same_bytes(&bytes, done.data(), "what came back")?;
        let completions = done.handler().completions();
        equal(usize::from(round), completions, "runs of the handler")?;
        input = done.into_urb();
    }
    equal(1000, bench.taken()?, "bytes that the device took")
}

/// A handler resubmits; the transfers follow each other.
pub(super) fn resubmit(bench: &Bench<'_>) -> Verdict {
    const COUNT: usize = 50;
    bench.set_mode(Mode::Source)?;
    let urb = in_urb(bench, PACKET)?;
    urb.handler().resubmit(COUNT - 1);
    let done = launch(bench.interface, urb)?.wait()?;
    done.result()?;
    equal(PACKET, done.data().len(), "bytes of the last transfer")?;
    equal(COUNT, done.handler().completions(), "runs of the handler")?;
    let wanted: [u8; PACKET] = core::array::from_fn(|i| source_byte((COUNT - 1) * PACKET + i));
    same_bytes(&wanted, done.data(), "the last transfer")?;
    // Resubmitting is also possible later, and elsewhere.
    let flight_of_the_same = done.handler().completions();
    drop(done);
    equal(COUNT, flight_of_the_same, "runs of the handler")
}

/// A transfer moves the part of the memory that it was told to.
pub(super) fn length(bench: &Bench<'_>) -> Verdict {
    let mut out = out_urb(bench, 512)?;
    equal(512, out.length(), "length of a new URB")?;
    for (length, fits) in [(513, false), (usize::MAX, false), (512, true), (300, true)] {
        let set = out.set_length(length);
        match fits {
            true => set?,
            false => refused(EINVAL, set, "a length beyond the memory")?,
        }
        let wanted = if fits { length } else { 512 };
        equal(wanted, out.length(), "length of the URB")?;
    }
    out.buffer_mut().copy_from_slice(&pattern::<512>(9));
    let done = launch(bench.interface, out)?.wait()?;
    equal(300, done.actual_length(), "bytes that were sent")?;
    expect(done.is_complete(), "that to be all")?;
    equal(300, bench.taken()?, "bytes that the device took")?;
    read_part(bench)?;
    nothing(bench, done.into_urb())
}

/// The device has 300 bytes: a transfer may ask for fewer than fit into its memory, if what it
/// asks for is a multiple of the packet.
fn read_part(bench: &Bench<'_>) -> Verdict {
    let mut input = in_urb(bench, 4 * PACKET)?;
    input.set_length(PACKET)?;
    let done = launch(bench.interface, input)?.wait()?;
    done.result()?;
    same_bytes(&pattern::<300>(9), done.data(), "what came back")?;
    equal(300, done.data().len(), "bytes that came back")?;
    let rest = done.memory().get(300..).ok_or(EIO)?;
    all_zero(rest, "memory behind it")
}

/// A transfer of no bytes is one, too.
fn nothing(bench: &Bench<'_>, mut out: TestUrb<Bulk, Out>) -> Verdict {
    out.set_length(0)?;
    let done = launch(bench.interface, out)?.wait()?;
    expect(done.is_complete(), "an empty transfer to be complete")?;
    equal(300, bench.taken()?, "bytes that the device took")
}

/// Options are set and taken back.
pub(super) fn flags(bench: &Bench<'_>) -> Verdict {
    let mut out = out_urb(bench, PACKET)?;
    out.set_flag(usb::ZeroPacket);
    out.set_flag(usb::NoInterrupt);
    out.clear_flag(usb::NoInterrupt);
    let done = launch(bench.interface, out)?.wait()?;
    expect(done.is_complete(), "a whole packet to be sent")?;

    // The first one need not interrupt, as the second one does.
    let mut first = in_urb(bench, 512)?;
    first.set_flag(usb::NoInterrupt);
    let first = launch(bench.interface, first)?;
    let second = launch(bench.interface, in_urb(bench, 512)?)?;
    equal(512, second.wait()?.actual_length(), "bytes of the second")?;
    equal(512, first.wait()?.actual_length(), "bytes of the first")?;
    short_not_ok(bench)
}

fn short_not_ok(bench: &Bench<'_>) -> Verdict {
    bench.write(&pattern::<100>(1))?;
    let mut input = in_urb(bench, PACKET)?;
    // However long it is at that time.
    input.set_length(0)?;
    input.set_flag(usb::ShortNotOk);
    input.set_length(PACKET)?;
    let done = launch(bench.interface, input)?.wait()?;
    let short = Err(usb::TransferError::Short);
    equal(short, done.result(), "a short transfer that must not be")?;
    same_bytes(&pattern::<100>(1), done.data(), "what came back")?;

    bench.write(&pattern::<100>(2))?;
    let mut input = done.into_urb();
    input.clear_flag(usb::ShortNotOk);
    let done = launch(bench.interface, input)?.wait()?;
    equal(Ok(()), done.result(), "a short transfer that may be")
}

/// Memory and handler survive the URB.
pub(super) fn parts(bench: &Bench<'_>) -> Verdict {
    bench.write(&pattern::<64>(3))?;
    let done = launch(bench.interface, in_urb(bench, PACKET)?)?.wait()?;
    let (buffer, handler) = done.into_urb().into_parts();
    let found = buffer.get(..64).ok_or(EIO)?;
    same_bytes(&pattern::<64>(3), found, "the buffer")?;
    equal(1, handler.completions(), "runs of the handler")?;
    // The same two make another URB, of another endpoint.
    let again = urb(&bench.bulk_out()?, buffer)?;
    let done = launch(bench.interface, again)?.wait()?;
    expect(done.is_complete(), "the whole buffer to be sent")
}

/// Events of the reference device, through the interrupt endpoint.
pub(super) fn interrupt(bench: &Bench<'_>) -> Verdict {
    let endpoint = bench.interface.endpoint::<Interrupt, In>(INTERRUPT_IN);
    let urb = urb(&endpoint.ok_or(ENXIO)?, Buffer::new(64, GFP_KERNEL)?)?;
    let flight = launch(bench.interface, urb)?;
    bench.order(code::TRIGGER_EVENT, 0x1234)?;
    let done = flight.wait()?;
    done.result()?;
    equal(8, done.data().len(), "bytes of an event")?;
    same_bytes(&[0x34, 0x12, 0, 0], &done.data()[4..], "the event's code")
}
