// SPDX-License-Identifier: GPL-2.0
//! What bindgen makes of `include/uapi/linux/usb/usbpipe.h`. Nothing here is written by hand.

#![allow(
    non_camel_case_types,
    missing_docs,
    dead_code,
    unreachable_pub,
    rustdoc::broken_intra_doc_links,
    reason = "generated: the header's names, all of them"
)]

include!(concat!(env!("OUT_DIR"), "/uapi.rs"));
