// SPDX-License-Identifier: GPL-2.0

//! Hubs, disks, smart cards and firmware.

use super::super::{
    Part::{
        Alt,
        Assoc,
        Comp,
        Conf,
        End, //
    },
    Sample,
    BULK,
    INTERRUPT, //
};
use crate::usb::Speed;

pub(super) const ALL: &[Sample] = &[
    // Recorded for umockdev.
    Sample {
        name: "hub, NEC 0409:0058",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 9, 0, 1, 0x40, // device
            9, 4, 0x58, 0, 0, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x19, 0, 1, 1, 0, 0xe0, 0x32, // configuration
            9, 4, 0, 0, 1, 9, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 0x81, 3, 1, 0, 0x0c, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x09, 0),
            End(0x81, INTERRUPT, 1, 1, 0),
        ],
    },
    // Recorded for umockdev.
    Sample {
        name: "hub with a translator for each port, Realtek 0bda:5411",
        speed: Speed::High,
        device: &[
            0x12, 1, 0x10, 2, 9, 0, 2, 0x40, // device
            0xda, 0x0b, 0x11, 0x54, 4, 1, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x29, 0, 1, 1, 0, 0xe0, 0, // configuration
            9, 4, 0, 0, 1, 9, 0, 1, 0, // interface 0, altsetting 0
            7, 5, 0x81, 3, 1, 0, 0x0c, // interrupt IN
            9, 4, 0, 1, 1, 9, 0, 2, 0, // interface 0, altsetting 1
            7, 5, 0x81, 3, 1, 0, 0x0c, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 0, 0),
            Alt(0, 0, 0x09, 0),
            End(0x81, INTERRUPT, 1, 1, 0),
            Alt(0, 1, 0x09, 0),
            End(0x81, INTERRUPT, 1, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "disk with UAS, Samsung 04e8:61f5",
        speed: Speed::SuperPlus,
        device: &[
            0x12, 1, 0x10, 3, 0, 0, 0, 9, // device
            0xe8, 4, 0xf5, 0x61, 0, 1, // vendor, product, release
            2, 3, 1, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x2a, 0, 3, // store
            7, 0x10, 2, 0x1e, 0xf4, 0, 0, // USB 2.0 extension
            0x0a, 0x10, 3, 0, 0x0e, 0, 1, 0x0a, 0xff, 7, // SuperSpeed
            0x14, 0x10, 0x0a, 0, 1, 0, 0, 0, 0, 0x11, 0, 0, 0x30, 0x40, 0x0a, 0, 0xb0,
            0x40, //
            0x0a, 0, // SuperSpeedPlus
        ],
        configurations: &[&[
            9, 2, 0x79, 0, 1, 1, 0, 0x80, 0x70, // configuration
            9, 4, 0, 0, 2, 8, 6, 0x50, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 4, 0, // bulk IN
            6, 0x30, 0x0f, 0, 0, 0, // SuperSpeed companion
            7, 5, 2, 2, 0, 4, 0, // bulk OUT
            6, 0x30, 0x0f, 0, 0, 0, // SuperSpeed companion
            9, 4, 0, 1, 4, 8, 6, 0x62, 0, // interface 0, altsetting 1
            7, 5, 0x81, 2, 0, 4, 0, // bulk IN
            6, 0x30, 0x0f, 5, 0, 0, // SuperSpeed companion
            4, 0x24, 3, 0, // pipe
            7, 5, 2, 2, 0, 4, 0, // bulk OUT
            6, 0x30, 0x0f, 5, 0, 0, // SuperSpeed companion
            4, 0x24, 4, 0, // pipe
            7, 5, 0x83, 2, 0, 4, 0, // bulk IN
            6, 0x30, 0x0f, 5, 0, 0, // SuperSpeed companion
            4, 0x24, 2, 0, // pipe
            7, 5, 4, 2, 0, 4, 0, // bulk OUT
            6, 0x30, 0, 0, 0, 0, // SuperSpeed companion
            4, 0x24, 1, 0, // pipe
        ]],
        expected: &[
            Conf(1, 1, 896, 0),
            Alt(0, 0, 0x08, 0),
            End(0x81, BULK, 1024, 1, 0),
            Comp(16, 0, 0),
            End(0x02, BULK, 1024, 1, 0),
            Comp(16, 0, 0),
            Alt(0, 1, 0x08, 0),
            End(0x81, BULK, 1024, 1, 1),
            Comp(16, 32, 0),
            End(0x02, BULK, 1024, 1, 1),
            Comp(16, 32, 0),
            End(0x83, BULK, 1024, 1, 1),
            Comp(16, 32, 0),
            End(0x04, BULK, 1024, 1, 1),
            Comp(1, 0, 0),
        ],
    },
    // Reported by UsbTreeView.
    Sample {
        name: "keyboard and disk of a board, 2345:5432",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0xef, 2, 1, 0x40, // device
            0x45, 0x23, 0x32, 0x54, 0x10, 3, // vendor, product, release
            2, 3, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x40, 0, 2, 1, 0, 0xc0, 1, // configuration
            9, 4, 0, 0, 2, 3, 0, 1, 5, // interface 0, altsetting 0
            9, 0x21, 1, 1, 0, 1, 0x22, 0x3f, 0, // HID
            7, 5, 0x81, 3, 8, 0, 4, // interrupt IN
            7, 5, 2, 3, 8, 0, 4, // interrupt OUT
            9, 4, 1, 0, 2, 8, 6, 0x50, 1, // interface 1, altsetting 0
            7, 5, 0x83, 2, 0, 2, 0, // bulk IN
            7, 5, 4, 2, 0, 2, 1, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 2, 0),
            Alt(0, 0, 0x03, 1),
            End(0x81, INTERRUPT, 8, 1, 0),
            End(0x02, INTERRUPT, 8, 1, 0),
            Alt(1, 0, 0x08, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "serial port and disk of a board, Espressif 303a:4001",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0xef, 2, 1, 0x40, // device
            0x3a, 0x30, 1, 0x40, 0, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x62, 0, 3, 1, 0, 0xa0, 0x32, // configuration
            8, 0x0b, 0, 2, 2, 2, 0, 0, // function
            9, 4, 0, 0, 1, 2, 2, 0, 4, // interface 0, altsetting 0
            5, 0x24, 0, 0x20, 1, // CDC header
            5, 0x24, 1, 0, 1, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 1, // union
            7, 5, 0x81, 3, 8, 0, 0x10, // interrupt IN
            9, 4, 1, 0, 2, 0x0a, 0, 0, 0, // interface 1, altsetting 0
            7, 5, 2, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x82, 2, 0x40, 0, 0, // bulk IN
            9, 4, 2, 0, 2, 8, 6, 0x50, 5, // interface 2, altsetting 0
            7, 5, 3, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x83, 2, 0x40, 0, 0, // bulk IN
        ]],
        expected: &[
            Conf(1, 3, 100, 0),
            Assoc(0, 2, 0x02),
            Alt(0, 0, 0x02, 4),
            End(0x81, INTERRUPT, 8, 1, 0),
            Alt(1, 0, 0x0a, 0),
            End(0x02, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            Alt(2, 0, 0x08, 0),
            End(0x03, BULK, 64, 1, 0),
            End(0x83, BULK, 64, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "smart card reader, Alcor 058f:9520",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0x10, 1, 0, 0, 0, 8, // device
            0x8f, 5, 0x20, 0x95, 0x33, 0xf0, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x5d, 0, 1, 1, 0, 0x80, 0x19, // configuration
            9, 4, 0, 0, 3, 0x0b, 0, 0, 0, // interface 0, altsetting 0
            0x36, 0x21, 0, 1, 0, 3, 3, 0, 0, 0, 0x74, 0x0e, 0, 0, 0x74, 0x0e, 0, 0, 1,
            0xda, //
            0x26, 0, 0, 0x48, 0xdb, 4, 0, 0x35, 0xfe, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0xbe,
            4, //
            2, 0, 0x0f, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 1, // smart card reader
            7, 5, 0x81, 3, 4, 0, 0x20, // interrupt IN
            7, 5, 2, 2, 0x10, 0, 0, // bulk OUT
            7, 5, 0x83, 2, 0x10, 0, 0, // bulk IN
        ]],
        expected: &[
            Conf(1, 1, 50, 0),
            Alt(0, 0, 0x0b, 1),
            End(0x81, INTERRUPT, 4, 1, 0),
            End(0x02, BULK, 16, 1, 0),
            End(0x83, BULK, 16, 1, 0),
        ],
    },
    // Reported by USB Prober.
    Sample {
        name: "lights with firmware update, Fadecandy 1d50:607a",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x50, 0x1d, 0x7a, 0x60, 8, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x2b, 0, 2, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 1, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 1, 2, 0x40, 0, 0, // bulk OUT
            9, 4, 1, 0, 0, 0xfe, 1, 1, 4, // interface 1, altsetting 0
            9, 0x21, 0x0d, 0x10, 0x27, 0, 4, 1, 1, // firmware update
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x01, BULK, 64, 1, 0),
            Alt(1, 0, 0xfe, 1),
        ],
    },
];
