// SPDX-License-Identifier: GPL-2.0

//! The list of cases.

use crate::{
    bench::{
        of_either_type,
        Bench, //
    },
    ch9,
    control_queue,
    ctrl_out,
    halt,
    list::{
        lists,
        Lengths::{
            Different,
            Same, //
        }, //
    },
    memory::Address::{
        Aligned,
        Odd, //
    },
    simple::{
        of_all_lengths,
        transfers, //
    },
    stream,
    unlink::cancellations,
    unlink_queue, //
};
use kernel::{
    prelude::*,
    usb::{
        Buffer,
        CoherentBuffer, //
    }, //
};

/// Runs the case that was asked for. What it returns, the program gets.
///
/// # Errors
///
/// - `EOPNOTSUPP`: there is no such case, the device does not have what it needs, or it makes no
///   sense with these parameters.
/// - Those of the case.
pub(crate) fn run(bench: &Bench<'_>) -> Result<i32> {
    use stream::isochronous;

    let (source, sink) = (bench.source(), bench.sink());
    match bench.request.case {
        0 => Ok(0),
        1 => of_either_type!(sink?, it => transfers::<_, _, CoherentBuffer>(bench, it, Aligned)),
        2 => of_either_type!(source?, it => transfers::<_, _, CoherentBuffer>(bench, it, Aligned)),
        3 => of_either_type!(sink?, it => of_all_lengths::<_, _, CoherentBuffer>(bench, it)),
        4 => of_either_type!(source?, it => of_all_lengths::<_, _, CoherentBuffer>(bench, it)),
        5 => of_either_type!(sink?, it => lists(bench, it, Same)),
        6 => of_either_type!(source?, it => lists(bench, it, Same)),
        7 => of_either_type!(sink?, it => lists(bench, it, Different)),
        8 => of_either_type!(source?, it => lists(bench, it, Different)),
        9 => ch9::requests(bench),
        10 => control_queue::queue(bench),
        11 => of_either_type!(source?, it => cancellations(bench, it)),
        12 => of_either_type!(sink?, it => cancellations(bench, it)),
        13 => halt::halts(bench),
        14 => ctrl_out::echoes(bench, Aligned),
        15 => isochronous(bench, &bench.iso_out()?, Aligned),
        16 => isochronous(bench, &bench.iso_in()?, Aligned),
        17 => of_either_type!(sink?, it => transfers::<_, _, Buffer>(bench, it, Odd)),
        18 => of_either_type!(source?, it => transfers::<_, _, Buffer>(bench, it, Odd)),
        19 => of_either_type!(sink?, it => transfers::<_, _, CoherentBuffer>(bench, it, Odd)),
        20 => of_either_type!(source?, it => transfers::<_, _, CoherentBuffer>(bench, it, Odd)),
        21 => ctrl_out::echoes(bench, Odd),
        22 => isochronous(bench, &bench.iso_out()?, Odd),
        23 => isochronous(bench, &bench.iso_in()?, Odd),
        24 => of_either_type!(sink?, it => unlink_queue::queues(bench, it)),
        25 => transfers::<_, _, CoherentBuffer>(bench, &bench.interrupt_out()?, Aligned),
        26 => transfers::<_, _, CoherentBuffer>(bench, &bench.interrupt_in()?, Aligned),
        27 => of_either_type!(sink?, it => stream::bulk(bench, it)),
        28 => of_either_type!(source?, it => stream::bulk(bench, it)),
        29 => of_either_type!(sink?, it => halt::sequences(bench, it)),
        _ => Err(EOPNOTSUPP),
    }
}
