// SPDX-License-Identifier: GPL-2.0

//! What a caller who waits learns of a transfer's end: a name, and how far it came.

use crate::{
    bench::{
        code,
        pattern,
        Bench,
        BULK_IN,
        PACKET, //
    },
    verdict::{
        equal,
        expect,
        same_bytes,
        Verdict, //
    }, //
};
use kernel::{
    prelude::*,
    usb::{
        Addressee,
        Buffer,
        ControlRequest,
        In,
        NoncoherentBuffer,
        Out,
        Recipient,
        RequestType,
        ScatterBuffer,
        Timeout,
        TransferError,
        TransferFailure, //
    }, //
};

const SECONDS: Timeout = Timeout::from_millis::<5000>();
const MOMENT: Timeout = Timeout::from_millis::<50>();

/// A transfer that has moved nothing.
fn failed<T>(error: TransferError) -> Result<T, TransferFailure> {
    Err(error.into())
}

/// Each bad end has a name of its own.
pub(super) fn names(bench: &Bench<'_>) -> Verdict {
    let (out, input) = (bench.bulk_out()?, bench.bulk_in()?);
    let mut bytes = [9; PACKET];
    let nothing = input.receive(&mut bytes, MOMENT);
    equal(failed(TransferError::TimedOut), nothing, "nothing to read")?;
    let nothing = input.receive_exact(&mut bytes, MOMENT);
    equal(failed(TransferError::TimedOut), nothing, "nothing to read")?;
    let room = input.receive(&mut [], MOMENT);
    equal(failed(TransferError::Invalid), room, "no room to read into")?;
    let room = input.receive_exact(&mut [], MOMENT);
    equal(failed(TransferError::Invalid), room, "no room to read into")?;
    same_bytes(&[9; PACKET], &bytes, "memory that nothing came for")?;

    out.send(&pattern::<100>(3), SECONDS)?;
    let short = Err(TransferFailure {
        error: TransferError::Short,
        actual_length: 100,
    });
    let result = input.receive_exact(&mut bytes, SECONDS);
    equal(short, result, "less than what must come")?;

    bench.order(code::HALT, BULK_IN.into())?;
    let stalled = input.receive(&mut bytes, SECONDS);
    equal(failed(TransferError::Stall), stalled, "a halted endpoint")?;
    input.clear_halt()?;
    of_requests(bench)?;
    bench.roundtrip()
}

fn of_requests(bench: &Bench<'_>) -> Verdict {
    let interface = bench.interface;
    let device = interface.bound_device();
    let unknown = ControlRequest::<Out>::vendor(Recipient::Device, 0xee, 0, 0);
    let stalled = interface.control_send(&unknown, &[], SECONDS);
    equal(failed(TransferError::Stall), stalled, "an unknown request")?;
    let unknown = ControlRequest::<In>::vendor(Recipient::Device, 0xee, 0, 0);
    let stalled = interface.control_receive(&unknown, &mut [0; 4], SECONDS);
    equal(failed(TransferError::Stall), stalled, "an unknown request")?;
    let never = ControlRequest::<In>::vendor(Recipient::Device, code::NEVER_ANSWER, 0, 0);
    let late = interface.control_receive(&never, &mut [0; 4], MOMENT);
    equal(
        failed(TransferError::TimedOut),
        late,
        "an answer that never comes",
    )?;
    bench.order(code::SET_MODE, 0)?;
    let status = device.status(Addressee::Endpoint(0x8f));
    equal(Err(TransferError::Stall), status, "status of nobody")?;
    let string = device.string(0).map(|_| ());
    equal(Err(TransferError::Invalid), string, "string 0")?;
    let string = device.string(0xff).map(|_| ());
    equal(Err(TransferError::Stall), string, "an unknown string")
}

/// Memory of transfers that don't even begin.
pub(super) fn memory(bench: &Bench<'_>) -> Verdict {
    const SET_ADDRESS: u8 = 5;
    let (interface, input) = (bench.interface, bench.bulk_in()?);
    let new = |kind, code| ControlRequest::<Out>::new(kind, Recipient::Device, code, 1, 0);
    let of_the_core = new(RequestType::Standard, SET_ADDRESS);
    let mut buffer = Buffer::new(70_000, GFP_KERNEL)?;
    buffer[..3].copy_from_slice(b"abc");
    for (request, name) in [
        (of_the_core, TransferError::Rejected),
        (new(RequestType::Vendor, 0xee), TransferError::MessageSize),
    ] {
        let Err(refused) = interface.control(&request, buffer, SECONDS) else {
            return expect(false, "a request to be refused");
        };
        equal(name, refused.error, "why a request is refused")?;
        equal(70_000, refused.buffer.len(), "bytes that come back")?;
        buffer = refused.buffer;
    }
    same_bytes(b"abc", &buffer[..3], "what comes back")?;

    let for_out = NoncoherentBuffer::<Out>::new(interface, PACKET)?;
    let Err(refused) = input.read(for_out, MOMENT) else {
        return expect(false, "memory for OUT to be refused");
    };
    equal(TransferError::Invalid, refused.error, "why it is refused")?;
    let again = bench.bulk_out()?.write(refused.buffer, SECONDS)?;
    equal(Ok(()), again.result, "a write from what came back")?;
    bench.read(&[0; PACKET])?;

    let read = ControlRequest::<In>::vendor(Recipient::Device, code::SCRATCH_READ, 0, 0);
    let Err(refused) = interface.control(&read, ScatterBuffer::new(8)?, MOMENT) else {
        return expect(false, "pieces to be refused");
    };
    let name = TransferError::Other(EOPNOTSUPP);
    equal(name, refused.error, "why pieces are refused")
}
