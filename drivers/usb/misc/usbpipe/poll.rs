// SPDX-License-Identifier: GPL-2.0

//! What `poll()` says.

use crate::{
    file::File,
    pipe::Pipe,
    stream::Stream, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    usb::{
        Operation,
        PollEvents, //
    }, //
};

/// Who does not ask for something must not cause it to begin.
pub(crate) fn poll(
    pipe: &Pipe,
    file: &File,
    operation: &Operation<'_>,
    wanted: PollEvents,
) -> PollEvents {
    // Who has a ring polls for that.
    if file.rings.exist() {
        return file.rings.poll();
    }
    let mut events = PollEvents::NONE;
    if wanted.intersects(PollEvents::READABLE) {
        let source = file.source(pipe, operation);
        events = events.with(said(source.map(|(source, _)| source)));
    }
    if wanted.intersects(PollEvents::URGENT) {
        events = events.with(urgent(said(file.event_source(pipe, operation, 0))));
    }
    events.with(writable(file, operation))
}

/// What a stream says, or why there is none.
fn said<S: ?Sized + Stream>(stream: Result<Arc<S>>) -> PollEvents {
    match stream {
        Ok(stream) => stream.poll(),
        // There is no endpoint, so that there will never be anything.
        Err(EOPNOTSUPP) => PollEvents::NONE,
        Err(_) => PollEvents::ERROR,
    }
}

/// What is readable elsewhere is urgent here.
fn urgent(said: PollEvents) -> PollEvents {
    match said.contains(PollEvents::READABLE) {
        true => PollEvents::URGENT,
        false => said,
    }
}

/// Who has not written yet can.
fn writable(file: &File, operation: &Operation<'_>) -> PollEvents {
    match file.open_sink() {
        Some(sink) => sink.poll(),
        None => match file.addresses(operation.interface()) {
            (_, 0) => PollEvents::NONE,
            _ => PollEvents::WRITABLE,
        },
    }
}
