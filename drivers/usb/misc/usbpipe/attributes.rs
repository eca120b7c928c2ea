// SPDX-License-Identifier: GPL-2.0

//! The counters of a node in sysfs, in two folders of its interface: `usbpipe` has what went
//! through it, `usbpipe_errors` what went wrong.

use crate::driver::UsbPipe;
use kernel::{
    device::Bound,
    prelude::*,
    usb, //
};

macro_rules! attributes {
    ($list:ident; $($name:ident: $type:ident = $file:literal),* $(,)?) => {
        $(
            struct $type;

            #[vtable]
            impl usb::Attribute<UsbPipe> for $type {
                const NAME: &'static CStr = $file;
                type Value = u64;

                fn show(_interface: &usb::Interface<Bound>, data: Pin<&UsbPipe>) -> Result<u64> {
                    Ok(data.pipe.up_to_date_stats().$name.value())
                }
            }
        )*

        type $list = ($($type,)*);
    };
}

attributes!(
    Traffic;
    read_transfers: ReadTransfers = c"read_transfers",
    read_bytes: ReadBytes = c"read_bytes",
    write_transfers: WriteTransfers = c"write_transfers",
    write_bytes: WriteBytes = c"write_bytes",
    control_requests: ControlRequests = c"control_requests",
    transactions: Transactions = c"transactions",
    ring_high_water: RingHighWater = c"ring_high_water",
    resets: Resets = c"resets",
    suspends: Suspends = c"suspends",
);

attributes!(
    Errors;
    errors_stall: Stalls = c"stall",
    errors_timeout: Timeouts = c"timeout",
    errors_overflow: Overflows = c"overflow",
    errors_bus: BusErrors = c"bus",
    errors_other: OtherErrors = c"other",
    cancelled: Cancelled = c"cancelled",
    late_packets: LatePackets = c"late_packets",
    stale_replies: StaleReplies = c"stale_replies",
);

/// All of them.
pub(crate) const GROUPS: usb::AttributeGroups<UsbPipe> = usb::AttributeGroups::new()
    .with_named::<Traffic>(c"usbpipe")
    .with_named::<Errors>(c"usbpipe_errors");
