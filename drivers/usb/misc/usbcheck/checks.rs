// SPDX-License-Identifier: GPL-2.0

//! The table of checks.

mod altsettings;
mod anchors;
mod atomic;
mod bound;
mod buffers;
mod callbacks;
mod cancellers;
pub(crate) mod claims;
pub(crate) mod configurations;
mod control;
mod descriptors;
mod endings;
mod endpoints;
mod errors;
mod interfaces;
mod iso_queues;
mod isochronous;
mod lies;
mod maps;
mod pools;
mod power;
mod requests;
mod signals;
mod streams;
mod synchronous;
mod urbs;
mod works;

use crate::{
    bench::Bench,
    verdict::Verdict, //
};

/// Something that can be checked.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Bench<'_>) -> Verdict,
}

/// Entries of the table, each the name and the function.
macro_rules! checks {
    ($($name:literal: $area:ident::$function:ident,)*) => {
        &[$(Check { name: $name, run: $area::$function },)*]
    };
}

/// All of them. Those with an argument have it behind a blank.
pub(crate) const CHECKS: &[Check] = checks![
    "altsetting-list": altsettings::list,
    "altsetting-change": altsettings::change,
    "altsetting-stale": altsettings::stale,
    "altsetting-exclusive": altsettings::exclusive,
    "altsetting-interrupt": altsettings::interrupt,
    "anchor-wait": anchors::wait,
    "anchor-kill": anchors::kill,
    "anchor-poison": anchors::poison,
    "anchor-block": anchors::block,
    "anchor-unlink": anchors::unlink,
    "anchor-leave": anchors::leave,
    "buffer-heap": buffers::heap,
    "buffer-pages": buffers::pages,
    "buffer-coherent": buffers::coherent,
    "buffer-noncoherent": buffers::noncoherent,
    "buffer-scatter": buffers::scatter,
    "buffer-part": buffers::part,
    "buffer-limits": buffers::limits,
    "buffer-freed": buffers::freed,
    "callback-suspends": callbacks::suspends,
    "callback-resets": callbacks::resets,
    "callback-goodbye": callbacks::goodbye,
    "cancel-kill": cancellers::kill,
    "cancel-unlink": cancellers::unlink,
    "cancel-block": cancellers::block,
    "cancel-poison": cancellers::poison,
    "cancel-resubmitting": cancellers::resubmitting,
    "cancel-outlives": cancellers::outlives,
    "claim-probe": claims::probed,
    "claim-use": claims::use_it,
    "claim-foreign": claims::foreign,
    "claim-cross": claims::cross,
    "claim-lost": claims::lost,
    "control-scratch": control::scratch,
    "control-stall": control::stall,
    "control-timeout": control::timeout,
    "control-size": control::size,
    "control-standard": requests::standard,
    "control-of-the-core": requests::of_the_core,
    "control-urbs": requests::urbs,
    "control-empty": requests::empty_answers,
    "descriptor-device": descriptors::device,
    "descriptor-endpoints": descriptors::endpoints,
    "device-strings": bound::strings,
    "device-odd-strings": bound::odd_strings,
    "device-descriptors": bound::descriptors,
    "device-facts": bound::facts,
    "device-status": bound::status,
    "device-reset": bound::reset,
    "device-queue-reset": bound::queue_reset,
    "device-configure": bound::configure,
    "ending-names": endings::names,
    "ending-memory": endings::memory,
    "endpoint-reset": endpoints::reset,
    "endpoint-busy": endpoints::busy,
    "error-stall": errors::stall,
    "error-short": errors::short,
    "error-cancelled": errors::cancelled,
    "error-gone": errors::gone,
    "interface-list": interfaces::list,
    "interface-claimed": interfaces::claimed,
    "interface-lost": interfaces::lost,
    "iso-loopback": isochronous::loopback,
    "iso-source": isochronous::source,
    "iso-limits": isochronous::limits,
    "iso-queues": iso_queues::loopback,
    "iso-queue-source": iso_queues::source,
    "iso-queue-gaps": iso_queues::source_with_gaps,
    "lie-in": lies::bulk_in,
    "lie-out": lies::bulk_out,
    "lie-interrupt": lies::interrupt,
    "lie-interrupt-out": lies::interrupt_out,
    "lie-iso": lies::isochronous,
    "lie-iso-out": lies::isochronous_out,
    "lie-read": lies::read,
    "lie-receive": lies::receive,
    "lie-write": lies::write,
    "lie-gather": lies::gather,
    "lie-gather-out": lies::gather_out,
    "lie-queue": lies::queue,
    "lie-pool": lies::pool,
    "lie-pool-in": lies::pool_in,
    "lie-memory": lies::memory,
    "lie-again": lies::again,
    "lie-control": lies::control,
    "lie-control-urb": lies::control_urb,
    "lie-control-out": lies::control_out,
    "lie-descriptor": lies::descriptor,
    "lie-status": lies::status,
    "lie-string": lies::string,
    "lie-config": lies::configuration,
    "map-transfer": maps::transfer,
    "map-mark": maps::mark,
    "power-guards": power::guards,
    "power-hold": power::hold,
    "power-release": power::release,
    "power-forget": power::forget,
    "power-wakeup": power::wakeup,
    "power-no-wakeup": power::no_wakeup,
    "signal": signals::signal,
    "stream-refused": streams::refused,
    "stream-none": streams::none,
    "stream-data": streams::data,
    "stream-ids": streams::ids,
    "stream-ends": streams::ends,
    "stream-reset": streams::reset,
    "stream-forget": streams::forget,
    "sync-transfers": synchronous::transfers,
    "sync-failures": synchronous::failures,
    "sync-control": synchronous::control,
    "sync-gather": synchronous::gather,
    "pool": pools::pool,
    "queue": pools::queue,
    "tick": signals::tick,
    "urb-atomic": atomic::locked,
    "urb-noio": atomic::without_io,
    "urb-timer": atomic::timer,
    "urb-complete": urbs::complete,
    "urb-resubmit": urbs::resubmit,
    "urb-length": urbs::length,
    "urb-flags": urbs::flags,
    "urb-parts": urbs::parts,
    "work-recovery": works::recovery,
    "work-once": works::once,
    "urb-interrupt": urbs::interrupt,
];
