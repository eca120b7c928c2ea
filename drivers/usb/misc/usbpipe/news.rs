// SPDX-License-Identifier: GPL-2.0

//! What becomes of a transfer that an endpoint was read ahead with.

use crate::{
    pipe::Pipe,
    stats::Stats, //
};
use core::marker::PhantomData;
use kernel::{
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    },
    usb, //
};

/// Tells the node that there is news.
pub(crate) struct News<K> {
    changed: Arc<usb::Events>,
    stats: Arc<Stats>,
    /// Bytes that are held.
    waiting: Atomic<usize>,
    /// Files for which an empty transfer is one, too.
    borders: Atomic<usize>,
    kind: PhantomData<K>,
}

impl<K: usb::BulkOrInterrupt> News<K> {
    pub(crate) fn new(pipe: &Pipe) -> Self {
        Self {
            changed: pipe.changed.clone(),
            stats: pipe.stats.clone(),
            waiting: Atomic::new(0),
            borders: Atomic::new(0),
            kind: PhantomData,
        }
    }

    /// Bytes that have come and were not read.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// So many of them were.
    pub(crate) fn taken(&self, count: usize) {
        self.waiting.fetch_sub(count, Relaxed);
    }

    pub(crate) fn keeps_borders(&self) -> bool {
        self.borders.load(Relaxed) > 0
    }

    /// One more file wants them to be kept, or one less.
    pub(crate) fn keep_borders(&self, on: bool) {
        match on {
            true => self.borders.fetch_add(1, Relaxed),
            false => self.borders.fetch_sub(1, Relaxed),
        };
    }

    /// What changes for those who poll when something has come.
    const READY: usb::PollEvents = usb::PollEvents::READABLE.with(usb::PollEvents::URGENT);
}

pub(crate) type Queue<K> = usb::Queue<News<K>>;
pub(crate) type Chunk<K> = usb::HeldTransfer<News<K>>;

impl<K: usb::BulkOrInterrupt> usb::QueueHandler for News<K> {
    type Kind = K;
    type Direction = usb::In;
    type Memory = usb::Buffer;

    fn complete(&self, transfer: &mut usb::QueueTransfer<'_, Self>) -> usb::Next {
        let (result, length) = (transfer.result(), transfer.actual_length());
        self.stats.count::<usb::In>(result, length);
        match result {
            // An empty packet is no news for a stream of bytes.
            Ok(()) if length == 0 && !self.keeps_borders() => usb::Next::Resubmit,
            _ => {
                self.waiting.fetch_add(length, Relaxed);
                usb::Next::Hold
            }
        }
    }

    fn held(&self) {
        self.changed.notify_of(Self::READY);
    }

    fn stopped(&self, _error: usb::TransferError) {
        self.changed.notify();
    }
}

/// What has to be reported of a transfer. Others were cancelled for the sake of one that has.
pub(crate) fn error_of<K: usb::BulkOrInterrupt>(
    transfer: &usb::QueueTransfer<'_, News<K>>,
) -> Option<usb::TransferError> {
    let error = transfer.result().err()?;
    (!error.is_cancelled()).then_some(error)
}
