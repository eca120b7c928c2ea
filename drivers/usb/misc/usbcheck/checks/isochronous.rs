// SPDX-License-Identifier: GPL-2.0

//! Isochronous transfers, in altsetting 1 of the reference device.

use crate::{
    bench::{
        pattern_byte,
        source_byte,
        Bench,
        Mode,
        ISO_IN,
        ISO_OUT, //
    },
    checks::altsettings::in_larger,
    look::{
        Look,
        PACKETS, //
    },
    tray::{
        launch,
        Catcher,
        Ended, //
    },
    verdict::{
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
        Buffer,
        Direction,
        Endpoint,
        In,
        Isochronous,
        Out,
        Packet,
        ScatterBuffer,
        Settings,
        Urb, //
    }, //
};

/// The packets of the device's endpoints, in bytes.
pub(super) const STRIDE: usize = 512;

type IsoUrb<D> = Urb<Isochronous, D, Catcher<Isochronous, D, Buffer>>;

fn iso_urb<D: Direction>(
    endpoint: &Endpoint<'_, Isochronous, D>,
    count: usize,
    stride: usize,
    memory: usize,
) -> Result<IsoUrb<D>>
where
    Buffer: Look<Isochronous, D>,
{
    let buffer = Buffer::new(memory, GFP_KERNEL)?;
    Urb::isochronous(endpoint, buffer, count, stride, Catcher::new()?)
}

pub(super) fn out_endpoint<'a>(
    settings: &'a Settings<'_>,
) -> Result<Endpoint<'a, Isochronous, Out>> {
    settings.endpoint(ISO_OUT).ok_or(ENXIO)
}

pub(super) fn in_endpoint<'a>(settings: &'a Settings<'_>) -> Result<Endpoint<'a, Isochronous, In>> {
    settings.endpoint(ISO_IN).ok_or(ENXIO)
}

/// The packets that the handler has seen.
pub(super) fn packets<D: Direction>(
    done: &Ended<Isochronous, D>,
) -> impl Iterator<Item = Packet> + '_
where
    Buffer: Look<Isochronous, D>,
{
    done.view.packets.iter().map_while(|packet| *packet)
}

/// What the device sent in one packet.
pub(super) fn packet_data(done: &Ended<Isochronous, In>, index: usize) -> &[u8] {
    let range = done.view.packet_data.get(index).cloned();
    range
        .and_then(|range| done.memory().get(range))
        .unwrap_or(&[])
}

/// The length of a packet of the loopback: each has its own.
pub(super) fn packet_length(index: usize) -> usize {
    (index * 67 + 1) % (STRIDE + 1)
}

/// Packets of different lengths come back as they were.
pub(super) fn loopback(bench: &Bench<'_>) -> Verdict {
    const COUNT: usize = PACKETS;
    in_larger(bench, |settings| {
        let mut out = iso_urb(&out_endpoint(settings)?, COUNT, STRIDE, COUNT * STRIDE)?;
        equal(COUNT, out.packet_count(), "packets")?;
        for (i, byte) in out.buffer_mut().iter_mut().enumerate() {
            *byte = pattern_byte(0x61, i);
        }
        for index in 0..COUNT {
            out.set_packet_length(index, packet_length(index))?;
        }
        let done = launch(bench.interface, out)?.wait()?;
        done.result()?;
        equal(0, done.view.error_count, "packets that failed")?;
        for (index, packet) in packets(&done).enumerate() {
            equal(packet_length(index), packet.actual_length, "bytes sent")?;
            equal(index * STRIDE, packet.offset, "offset of a packet")?;
        }
        collect(bench, settings, COUNT)
    })
}

/// Reads until `count` packets that are not empty have come back.
fn collect(bench: &Bench<'_>, settings: &Settings<'_>, count: usize) -> Verdict {
    let mut index = 0;
    for _ in 0..100 {
        let input = iso_urb(&in_endpoint(settings)?, 8, STRIDE, 8 * STRIDE)?;
        let done = launch(bench.interface, input)?.wait()?;
        done.result()?;
        equal(0, done.view.error_count, "packets that failed")?;
        for data in (0..8)
            .map(|i| packet_data(&done, i))
            .filter(|data| !data.is_empty())
        {
            check_packet(index, data)?;
            index += 1;
        }
        if index == count {
            return Ok(());
        }
    }
    equal(count, index, "packets that came back")
}

fn check_packet(index: usize, data: &[u8]) -> Verdict {
    let mut wanted = KVec::new();
    for i in 0..packet_length(index) {
        wanted.push(pattern_byte(0x61, index * STRIDE + i), GFP_KERNEL)?;
    }
    same_bytes(&wanted, data, "a packet")
}

/// The device fills each packet; together they are a stream.
pub(super) fn source(bench: &Bench<'_>) -> Verdict {
    in_larger(bench, |settings| {
        bench.set_mode(Mode::Source)?;
        let input = iso_urb(&in_endpoint(settings)?, 8, STRIDE, 9 * STRIDE)?;
        equal(8 * STRIDE, input.length(), "length of the transfer")?;
        let done = launch(bench.interface, input)?.wait()?;
        done.result()?;
        full_packets(&done)?;
        let mut position = 0;
        for byte in (0..8).flat_map(|i| packet_data(&done, i)) {
            expect(*byte == source_byte(position), "the stream of the source")?;
            position += 1;
        }
        equal(8 * STRIDE, position, "bytes of the stream")?;
        shorter(bench, done.into_urb())
    })
}

fn full_packets(done: &Ended<Isochronous, In>) -> Verdict {
    equal(8 * STRIDE, done.actual_length(), "bytes in all")?;
    equal(8, done.view.packet_count, "packets")?;
    equal(0, done.view.error_count, "packets that failed")?;
    for (index, packet) in packets(done).enumerate() {
        equal(Ok(()), packet.result, "a packet")?;
        equal(STRIDE, packet.actual_length, "bytes of a packet")?;
        equal(index * STRIDE, packet.offset, "offset of a packet")?;
        equal(Some(packet), done.view.packets[index], "a packet by index")?;
    }
    equal(None, done.view.packets[8], "a packet that there is not")?;
    expect(packet_data(done, 8).is_empty(), "no data of no packet")?;
    expect(done.view.start_frame >= 0, "a frame to start in")
}

/// A packet can ask for less.
fn shorter(bench: &Bench<'_>, mut urb: IsoUrb<In>) -> Verdict {
    urb.set_packet_length(3, 10)?;
    urb.set_packet_length(4, 0)?;
    urb.set_packet_length(5, STRIDE)?;
    let done = launch(bench.interface, urb)?.wait()?;
    done.result()?;
    let lengths: [usize; 3] = [3, 4, 5].map(|i| packet_data(&done, i).len());
    equal(
        [10, 0, STRIDE],
        lengths,
        "bytes of packets that ask for less",
    )?;
    let offset = done.view.packets[5].ok_or(EIO)?.offset;
    equal(5 * STRIDE, offset, "offset behind a shorter packet")
}

/// What a URB may consist of.
pub(super) fn limits(bench: &Bench<'_>) -> Verdict {
    in_larger(bench, |settings| {
        let endpoint = in_endpoint(settings)?;
        let speed = bench.interface.device().speed();
        let limit = endpoint.descriptor().bytes_per_interval(speed) as usize;
        equal(STRIDE, limit, "bytes of an interval")?;
        let new = |count, stride, memory| iso_urb(&endpoint, count, stride, memory);
        for stride in [0, limit + 1, usize::MAX] {
            refused(EMSGSIZE, new(1, stride, 4096), "a packet of that size")?;
        }
        for count in [0, 1025, usize::MAX] {
            refused(EINVAL, new(count, 1, 4096), "so many packets")?;
        }
        refused(EINVAL, new(9, STRIDE, 9 * STRIDE - 1), "memory too short")?;
        new(1024, 4, 4096)?;
        let mut urb = new(2, 100, 4096)?;
        for (index, length) in [(0, 101), (1, usize::MAX), (2, 0), (usize::MAX, 0)] {
            let set = urb.set_packet_length(index, length);
            refused(EINVAL, set, "the length of a packet")?;
        }
        for frame in [-1, i32::MIN] {
            refused(
                EINVAL,
                urb.set_start_frame(frame),
                "a frame that there is not",
            )?;
        }
        for frame in [0, i32::MAX] {
            urb.set_start_frame(frame)?;
        }
        let pieces = ScatterBuffer::new(4096)?;
        let urb = Urb::isochronous(&endpoint, pieces, 8, STRIDE, Catcher::new()?);
        refused(EOPNOTSUPP, urb, "packets in pieces")
    })
}
