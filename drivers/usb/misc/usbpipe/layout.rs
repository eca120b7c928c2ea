// SPDX-License-Identifier: GPL-2.0

//! How the structures of the user space interface lie in memory: what programs were compiled with
//! has to stay.

use core::mem::offset_of;
use kernel::{
    static_assert,
    uapi, //
};

/// A structure, its size, and where its fields begin.
macro_rules! layout {
    ($($name:ident: $size:literal { $($field:ident: $offset:literal),* $(,)? })*) => {
        $(
            static_assert!(size_of::<uapi::$name>() == $size);
            $(static_assert!(offset_of!(uapi::$name, $field) == $offset);)*
        )*
    };
}

layout! {
    usbpipe_endpoint: 8 {
        address: 0,
        type_: 1,
        interval: 2,
        max_burst: 3,
        max_packet: 4,
        mult: 6,
        reserved: 7,
    }
    usbpipe_info: 272 {
        capabilities: 0,
        vendor: 8,
        product: 10,
        device_release: 12,
        usb_release: 14,
        bus: 16,
        device: 18,
        speed: 20,
        interface_number: 21,
        altsetting: 22,
        interface_class: 23,
        interface_subclass: 24,
        interface_protocol: 25,
        read_endpoint: 26,
        write_endpoint: 27,
        num_endpoints: 28,
        reserved: 29,
        endpoints: 32,
    }
    usbpipe_control: 32 {
        request_type: 0,
        request: 1,
        value: 2,
        index: 4,
        length: 6,
        timeout_ms: 8,
        actual: 12,
        data: 16,
        reserved: 24,
    }
    usbpipe_limits: 56 {
        max_transfer: 0,
        max_depth: 4,
        max_transactions: 8,
        max_slots: 12,
        max_packets: 16,
        reserved: 20,
        device_memory: 24,
        device_memory_used: 32,
        module_memory: 40,
        module_memory_used: 48,
    }
    usbpipe_select: 24 {
        read_endpoint: 0,
        write_endpoint: 1,
        flags: 2,
        read_size: 4,
        write_size: 8,
        read_depth: 12,
        write_depth: 14,
        reserved: 16,
    }
    usbpipe_transfer: 32 {
        endpoint: 0,
        flags: 1,
        reserved0: 2,
        timeout_ms: 4,
        length: 8,
        actual: 12,
        data: 16,
        reserved: 24,
    }
    usbpipe_transaction: 72 {
        sequence: 0,
        out_data: 8,
        in_data: 16,
        out_length: 24,
        in_length: 28,
        out_actual: 32,
        in_actual: 36,
        timeout_ms: 40,
        result: 44,
        setup: 48,
        kind: 56,
        state: 57,
        tag_length: 58,
        tag_out: 59,
        tag_in: 60,
        reserved0: 61,
        stale: 64,
        reserved: 68,
    }
    usbpipe_transact: 24 {
        transactions: 0,
        count: 8,
        completed: 12,
        out_endpoint: 16,
        in_endpoint: 17,
        reserved: 18,
    }
    usbpipe_event: 32 {
        data: 0,
        sequence: 8,
        length: 16,
        actual: 20,
        endpoint: 24,
        reserved: 25,
    }
    usbpipe_stats: 192 {
        read_transfers: 0,
        read_bytes: 8,
        write_transfers: 16,
        write_bytes: 24,
        control_requests: 32,
        transactions: 40,
        stale_replies: 48,
        errors_stall: 56,
        errors_timeout: 64,
        errors_overflow: 72,
        errors_bus: 80,
        errors_other: 88,
        cancelled: 96,
        late_packets: 104,
        resets: 112,
        suspends: 120,
        ring_high_water: 128,
        memory: 136,
        memory_high_water: 144,
        reserved: 152,
    }
    usbpipe_ring: 128 {
        submitted: 0,
        user_reserved: 4,
        completed: 64,
        flags: 68,
        error: 72,
        late: 76,
        reserved: 80,
    }
    usbpipe_slot: 32 {
        length: 0,
        actual: 4,
        status: 8,
        start_frame: 12,
        errors: 16,
        reserved: 20,
        user_data: 24,
    }
    usbpipe_packet: 16 {
        offset: 0,
        length: 4,
        actual: 8,
        status: 12,
    }
    usbpipe_ring_setup: 64 {
        endpoint: 0,
        reserved0: 1,
        depth: 4,
        slots: 8,
        slot_size: 12,
        packets: 16,
        packet_size: 20,
        slots_offset: 24,
        packets_offset: 28,
        data_offset: 32,
        stride: 36,
        map_offset: 40,
        map_length: 48,
        reserved: 56,
    }
    usbpipe_ring_enter: 24 {
        endpoint: 0,
        flags: 1,
        reserved0: 2,
        wait_for: 4,
        timeout_ms: 8,
        completed: 12,
        reserved: 16,
    }
    usbpipe_uring: 16 {
        data: 0,
        length: 8,
        endpoint: 12,
        flags: 13,
        timeout_ms: 14,
    }
}
