// SPDX-License-Identifier: GPL-2.0

//! Devices that keep or put out data: disks, hubs, printers, cameras.

use super::{
    Part::{
        Alt,
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
    Sample {
        name: "memory stick",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x01, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[
            &[
                9, 2, 0x20, 0x00, 1, 1, 0, 0x80, 0x64, // configuration
                9, 4, 0, 0, 2, 8, 6, 0x50, 0, // bulk-only transport
                7, 5, 0x81, 2, 0x00, 0x02, 0, // bulk IN
                7, 5, 2, 2, 0x00, 0x02, 0, // bulk OUT
            ],
            &[
                9, 7, 0x20, 0x00, 1, 1, 0, 0x80, 0x64, // configuration at full speed
                9, 4, 0, 0, 2, 8, 6, 0x50, 0, // bulk-only transport
                7, 5, 0x81, 2, 0x40, 0x00, 0, // bulk IN
                7, 5, 2, 2, 0x40, 0x00, 0, // bulk OUT
            ],
        ],
        expected: &[
            Conf(1, 1, 200, 0),
            Alt(0, 0, 0x08, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Conf(1, 1, 200, 0),
            Alt(0, 0, 0x08, 0),
            End(0x81, BULK, 64, 1, 0),
            End(0x02, BULK, 64, 1, 0),
        ],
    },
    Sample {
        name: "disk with streams",
        speed: Speed::Super,
        device: &[
            18, 1, 0x20, 0x03, 0, 0, 0, 9, // device
            0x09, 0x12, 0x02, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x2a, 0x00, 3, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            10, 0x10, 3, 0, 0x0e, 0x00, 1, 0x0a, 0xff, 0x07, // SuperSpeed
            20, 0x10, 4, 0, 0x3d, 0x91, 0x5c, 7, 0x11, 0xa4, 0x4e, 0x2b, // container
            0x83, 0x60, 0x1f, 0x92, 0x66, 0xd0, 0x0b, 0x7e, // ...
        ],
        configurations: &[&[
            9, 2, 0x79, 0x00, 1, 1, 0, 0xc0, 2, // configuration
            9, 4, 0, 0, 2, 8, 6, 0x50, 0, // bulk-only transport
            7, 5, 0x81, 2, 0x00, 0x04, 0, // bulk IN
            6, 0x30, 0x0f, 0, 0x00, 0x00, // SuperSpeed companion
            7, 5, 2, 2, 0x00, 0x04, 0, // bulk OUT
            6, 0x30, 0x0f, 0, 0x00, 0x00, // SuperSpeed companion
            9, 4, 0, 1, 4, 8, 6, 0x62, 0, // UAS
            7, 5, 0x81, 2, 0x00, 0x04, 0, // bulk IN
            6, 0x30, 0x0f, 5, 0x00, 0x00, // SuperSpeed companion
            4, 0x24, 3, 0, // pipe usage: data in
            7, 5, 2, 2, 0x00, 0x04, 0, // bulk OUT
            6, 0x30, 0x0f, 5, 0x00, 0x00, // SuperSpeed companion
            4, 0x24, 4, 0, // pipe usage: data out
            7, 5, 0x83, 2, 0x00, 0x04, 0, // bulk IN
            6, 0x30, 0x0f, 5, 0x00, 0x00, // SuperSpeed companion
            4, 0x24, 2, 0, // pipe usage: status
            7, 5, 4, 2, 0x00, 0x04, 0, // bulk OUT
            6, 0x30, 0, 0, 0x00, 0x00, // SuperSpeed companion
            4, 0x24, 1, 0, // pipe usage: command
        ]],
        expected: &[
            Conf(1, 1, 16, 0),
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
    Sample {
        name: "high speed hub",
        speed: Speed::High,
        device: &[
            18, 1, 0x10, 0x02, 9, 0, 2, 0x40, // device
            0x09, 0x12, 0x03, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x20, 0x00, 2, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            20, 0x10, 4, 0, 0x3d, 0x91, 0x5c, 7, 0x11, 0xa4, 0x4e, 0x2b, // container
            0x83, 0x60, 0x1f, 0x92, 0x66, 0xd0, 0x0b, 0x7e, // ...
        ],
        configurations: &[&[
            9, 2, 0x29, 0x00, 1, 1, 0, 0xe0, 0x32, // configuration
            9, 4, 0, 0, 1, 9, 0, 1, 0, // one translator
            7, 5, 0x81, 3, 0x01, 0x00, 0x0c, // interrupt IN
            9, 4, 0, 1, 1, 9, 0, 2, 0, // a translator for each port
            7, 5, 0x81, 3, 0x01, 0x00, 0x0c, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x09, 0),
            End(0x81, INTERRUPT, 1, 1, 0),
            Alt(0, 1, 0x09, 0),
            End(0x81, INTERRUPT, 1, 1, 0),
        ],
    },
    Sample {
        name: "SuperSpeed hub",
        speed: Speed::Super,
        device: &[
            18, 1, 0x20, 0x03, 9, 0, 3, 9, // device
            0x09, 0x12, 0x04, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x41, 0x00, 5, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            10, 0x10, 3, 0, 0x0e, 0x00, 1, 4, 0xe7, 0x00, // SuperSpeed
            20, 0x10, 4, 0, 0x3d, 0x91, 0x5c, 7, 0x11, 0xa4, 0x4e, 0x2b, // container
            0x83, 0x60, 0x1f, 0x92, 0x66, 0xd0, 0x0b, 0x7e, // ...
            20, 0x10, 0x0a, 0, 0x01, 0x00, 0x00, 0x00, 0x01, 0x11, 0x00,
            0x00, // SuperSpeedPlus
            0x31, 0x40, 0x0a, 0x00, 0xb1, 0x40, 0x0a, 0x00, // ...
            3, 0x10, 0x0b, // precision time measurement
        ],
        configurations: &[&[
            9, 2, 0x1f, 0x00, 1, 1, 0, 0xe0, 0, // configuration
            9, 4, 0, 0, 1, 9, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 0x81, 0x13, 0x02, 0x00, 8, // interrupt IN
            6, 0x30, 0, 0, 0x02, 0x00, // SuperSpeed companion
        ]],
        expected: &[
            Conf(1, 1, 0, 0),
            Alt(0, 0, 0x09, 0),
            End(0x81, INTERRUPT, 2, 1, 0),
            Comp(1, 0, 2),
        ],
    },
    Sample {
        name: "printer",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x05, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x65, 0x00, 2, 1, 0, 0xc0, 1, // configuration
            9, 4, 0, 0, 1, 7, 1, 1, 0, // one way
            7, 5, 1, 2, 0x00, 0x02, 0, // bulk OUT
            9, 4, 0, 1, 2, 7, 1, 2, 0, // two ways
            7, 5, 1, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x82, 2, 0x00, 0x02, 0, // bulk IN
            9, 4, 0, 2, 2, 7, 1, 4, 0, // IPP over USB
            7, 5, 1, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x82, 2, 0x00, 0x02, 0, // bulk IN
            9, 4, 1, 0, 3, 0xff, 0, 0, 0, // scanner
            7, 5, 0x83, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 4, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x85, 3, 0x08, 0x00, 8, // interrupt IN
        ]],
        expected: &[
            Conf(1, 2, 2, 0),
            Alt(0, 0, 0x07, 0),
            End(0x01, BULK, 512, 1, 0),
            Alt(0, 1, 0x07, 0),
            End(0x01, BULK, 512, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            Alt(0, 2, 0x07, 0),
            End(0x01, BULK, 512, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
            End(0x85, INTERRUPT, 8, 1, 0),
        ],
    },
    Sample {
        name: "camera with PTP",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x06, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0x00, 1, 1, 0, 0xc0, 1, // configuration
            9, 4, 0, 0, 3, 6, 1, 1, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 2, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x83, 3, 0x08, 0x00, 0x0b, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 2, 0),
            Alt(0, 0, 0x06, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 8, 1, 0),
        ],
    },
    Sample {
        name: "DFU in use",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x07, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x32, 0x00, 2, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 2, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0x40, 0x00, 0, // bulk IN
            7, 5, 1, 2, 0x40, 0x00, 0, // bulk OUT
            9, 4, 1, 0, 0, 0xfe, 1, 1, 0, // DFU at run time
            9, 0x21, 0x0d, 0xe8, 0x03, 0x00, 0x04, 0x1a, 0x01, // DFU functional
        ]],
        expected: &[
            Conf(1, 2, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 64, 1, 0),
            End(0x01, BULK, 64, 1, 0),
            Alt(1, 0, 0xfe, 1),
        ],
    },
    Sample {
        name: "DFU for update",
        speed: Speed::Full,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x08, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x2d, 0x00, 1, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 0, 0xfe, 1, 2, 4, // flash
            9, 4, 0, 1, 0, 0xfe, 1, 2, 5, // option bytes
            9, 4, 0, 2, 0, 0xfe, 1, 2, 6, // EEPROM
            9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01, // DFU functional
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0xfe, 0),
            Alt(0, 1, 0xfe, 0),
            Alt(0, 2, 0xfe, 1),
        ],
    },
    Sample {
        name: "oscilloscope with USB488",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x09, 0x02, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0x00, 1, 1, 0, 0xc0, 1, // configuration
            9, 4, 0, 0, 3, 0xfe, 3, 1, 0, // interface 0, altsetting 0
            7, 5, 1, 2, 0x00, 0x02, 0, // bulk OUT
            7, 5, 0x82, 2, 0x00, 0x02, 0, // bulk IN
            7, 5, 0x83, 3, 0x02, 0x00, 7, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 2, 0),
            Alt(0, 0, 0xfe, 0),
            End(0x01, BULK, 512, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x83, INTERRUPT, 2, 1, 0),
        ],
    },
];
