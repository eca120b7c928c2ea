// SPDX-License-Identifier: GPL-2.0

//! Bulk streams, where there are none: the reference device has no endpoints with streams.

use crate::{
    bench::{
        Bench,
        BULK_IN,
        BULK_OUT,
        INTERRUPT_IN, //
    },
    verdict::{
        self,
        equal,
        Verdict, //
    }, //
};
use kernel::prelude::*;

pub(super) fn refused(bench: &Bench<'_>) -> Verdict {
    let alloc = |addresses: &[u8], wanted| bench.interface.alloc_streams(addresses, wanted);
    let cases: [(&[u8], u16); 7] = [
        (&[BULK_IN], 0),
        (&[], 1),
        (&[BULK_IN, BULK_IN], 1),
        (&[0x8f], 1),
        (&[INTERRUPT_IN], 1),
        (&[BULK_IN, BULK_OUT], 16),
        (&[BULK_IN], u16::MAX),
    ];
    for (addresses, wanted) in cases {
        verdict::refused(EINVAL, alloc(addresses, wanted), "streams")?;
        // The endpoints work as before.
        bench.roundtrip()?;
    }
    for endpoint in bench.interface.endpoints() {
        equal(0, endpoint.max_streams(), "streams of an endpoint")?;
    }
    // A refusal leaves nothing behind that would be in the way.
    bench.interface.settings()?.set(0)?;
    bench.roundtrip()
}
