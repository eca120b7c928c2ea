// SPDX-License-Identifier: GPL-2.0

//! Serial and parallel ports, and modems that are made of them.

use super::super::{
    Part::{
        Alt,
        Conf,
        End, //
    },
    Sample,
    BULK,
    INTERRUPT, //
};
use crate::usb::Speed;

pub(super) const ALL: &[Sample] = &[
    // Recorded for esp-usb.
    Sample {
        name: "two serial ports, FTDI 0403:6010",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            3, 4, 0x10, 0x60, 0, 7, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x37, 0, 2, 1, 0, 0x80, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 2, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            9, 4, 1, 0, 2, 0xff, 0xff, 0xff, 2, // interface 1, altsetting 0
            7, 5, 0x83, 2, 0, 2, 0, // bulk IN
            7, 5, 4, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x83, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "serial port, Silicon Labs 10c4:ea60",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0xc4, 0x10, 0x60, 0xea, 0, 1, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x20, 0, 1, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 2, 0xff, 0, 0, 0, // interface 0, altsetting 0
            7, 5, 2, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x82, 2, 0x40, 0, 0, // bulk IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0xff, 0),
            End(0x02, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "serial port, QinHeng 1a86:7523",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0x10, 1, 0xff, 0, 0, 8, // device
            0x86, 0x1a, 0x23, 0x75, 0x54, 2, // vendor, product, release
            0, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x27, 0, 1, 1, 0, 0x80, 0x30, // configuration
            9, 4, 0, 0, 3, 0xff, 1, 2, 0, // interface 0, altsetting 0
            7, 5, 0x82, 2, 0x20, 0, 0, // bulk IN
            7, 5, 2, 2, 0x20, 0, 0, // bulk OUT
            7, 5, 0x81, 3, 8, 0, 1, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 96, 0),
            Alt(0, 0, 0xff, 0),
            End(0x82, BULK, 32, 1, 0),
            End(0x02, BULK, 32, 1, 0),
            End(0x81, INTERRUPT, 8, 1, 0),
        ],
    },
    // Reported by lsusb.
    Sample {
        name: "parallel port, Prolific 067b:2305",
        speed: Speed::Full,
        device: &[
            0x12, 1, 0, 1, 0, 0, 0, 8, // device
            0x7b, 6, 5, 0x23, 2, 2, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x4e, 0, 1, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 1, 7, 1, 1, 0, // interface 0, altsetting 0
            7, 5, 1, 2, 0x40, 0, 0, // bulk OUT
            9, 4, 0, 1, 2, 7, 1, 2, 0, // interface 0, altsetting 1
            7, 5, 1, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x82, 2, 0x40, 0, 0, // bulk IN
            9, 4, 0, 2, 3, 0xff, 0, 0xff, 0, // interface 0, altsetting 2
            7, 5, 1, 2, 0x40, 0, 0, // bulk OUT
            7, 5, 0x82, 2, 0x40, 0, 0, // bulk IN
            7, 5, 0x83, 3, 4, 0, 1, // interrupt IN
        ]],
        expected: &[
            Conf(1, 1, 100, 0),
            Alt(0, 0, 0x07, 0),
            End(0x01, BULK, 64, 1, 0),
            Alt(0, 1, 0x07, 0),
            End(0x01, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            Alt(0, 2, 0xff, 0),
            End(0x01, BULK, 64, 1, 0),
            End(0x82, BULK, 64, 1, 0),
            End(0x83, INTERRUPT, 4, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "modem, Quectel 2c7c:0296",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x7c, 0x2c, 0x96, 2, 0, 0, // vendor, product, release
            3, 2, 4, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x91, 0, 5, 1, 1, 0xe0, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            9, 4, 1, 0, 2, 0xff, 0xff, 0xff, 0, // interface 1, altsetting 0
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            9, 4, 2, 0, 3, 0xff, 0xff, 0xff, 0, // interface 2, altsetting 0
            7, 5, 0x83, 3, 0x40, 0, 5, // interrupt IN
            7, 5, 0x84, 2, 0, 2, 0, // bulk IN
            7, 5, 3, 2, 0, 2, 0, // bulk OUT
            9, 4, 3, 0, 3, 0xff, 0xfe, 0xff, 0, // interface 3, altsetting 0
            7, 5, 0x85, 3, 0x40, 0, 5, // interrupt IN
            7, 5, 0x86, 2, 0, 2, 0, // bulk IN
            7, 5, 4, 2, 0, 2, 0, // bulk OUT
            9, 4, 4, 0, 3, 0xff, 0xff, 0xff, 0, // interface 4, altsetting 0
            7, 5, 0x87, 3, 0x40, 0, 5, // interrupt IN
            7, 5, 0x88, 2, 0, 2, 0, // bulk IN
            7, 5, 5, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 5, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x01, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(2, 0, 0xff, 0),
            End(0x83, INTERRUPT, 64, 1, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x03, BULK, 512, 1, 0),
            Alt(3, 0, 0xff, 0),
            End(0x85, INTERRUPT, 64, 1, 0),
            End(0x86, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
            Alt(4, 0, 0xff, 0),
            End(0x87, INTERRUPT, 64, 1, 0),
            End(0x88, BULK, 512, 1, 0),
            End(0x05, BULK, 512, 1, 0),
        ],
    },
    // Recorded for esp-usb.
    Sample {
        name: "modem with CDC of its own, SIMCom 1e0e:9001",
        speed: Speed::High,
        device: &[
            0x12, 1, 0, 2, 0, 0, 0, 0x40, // device
            0x0e, 0x1e, 1, 0x90, 0x18, 3, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 2, 1, 6, 1, 0, 0xa0, 0xfa, // configuration
            9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0, // interface 0, altsetting 0
            7, 5, 0x81, 2, 0, 2, 0, // bulk IN
            7, 5, 1, 2, 0, 2, 0, // bulk OUT
            9, 4, 1, 0, 3, 0xff, 0, 0, 0, // interface 1, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x83, 3, 0x0a, 0, 9, // interrupt IN
            7, 5, 0x82, 2, 0, 2, 0, // bulk IN
            7, 5, 2, 2, 0, 2, 0, // bulk OUT
            9, 4, 2, 0, 3, 0xff, 0, 0, 0, // interface 2, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x85, 3, 0x0a, 0, 9, // interrupt IN
            7, 5, 0x84, 2, 0, 2, 0, // bulk IN
            7, 5, 3, 2, 0, 2, 0, // bulk OUT
            9, 4, 3, 0, 3, 0xff, 0, 0, 0, // interface 3, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x87, 3, 0x0a, 0, 9, // interrupt IN
            7, 5, 0x86, 2, 0, 2, 0, // bulk IN
            7, 5, 4, 2, 0, 2, 0, // bulk OUT
            9, 4, 4, 0, 3, 0xff, 0, 0, 0, // interface 4, altsetting 0
            5, 0x24, 0, 0x10, 1, // CDC header
            5, 0x24, 1, 0, 0, // call management
            4, 0x24, 2, 2, // abstract control
            5, 0x24, 6, 0, 0, // union
            7, 5, 0x89, 3, 0x0a, 0, 9, // interrupt IN
            7, 5, 0x88, 2, 0, 2, 0, // bulk IN
            7, 5, 5, 2, 0, 2, 0, // bulk OUT
            9, 4, 5, 0, 3, 0xff, 0xff, 0xff, 0, // interface 5, altsetting 0
            7, 5, 0x8b, 3, 8, 0, 9, // interrupt IN
            7, 5, 0x8a, 2, 0, 2, 0, // bulk IN
            7, 5, 6, 2, 0, 2, 0, // bulk OUT
        ]],
        expected: &[
            Conf(1, 6, 500, 0),
            Alt(0, 0, 0xff, 0),
            End(0x81, BULK, 512, 1, 0),
            End(0x01, BULK, 512, 1, 0),
            Alt(1, 0, 0xff, 4),
            End(0x83, INTERRUPT, 10, 1, 0),
            End(0x82, BULK, 512, 1, 0),
            End(0x02, BULK, 512, 1, 0),
            Alt(2, 0, 0xff, 4),
            End(0x85, INTERRUPT, 10, 1, 0),
            End(0x84, BULK, 512, 1, 0),
            End(0x03, BULK, 512, 1, 0),
            Alt(3, 0, 0xff, 4),
            End(0x87, INTERRUPT, 10, 1, 0),
            End(0x86, BULK, 512, 1, 0),
            End(0x04, BULK, 512, 1, 0),
            Alt(4, 0, 0xff, 4),
            End(0x89, INTERRUPT, 10, 1, 0),
            End(0x88, BULK, 512, 1, 0),
            End(0x05, BULK, 512, 1, 0),
            Alt(5, 0, 0xff, 0),
            End(0x8b, INTERRUPT, 8, 1, 0),
            End(0x8a, BULK, 512, 1, 0),
            End(0x06, BULK, 512, 1, 0),
        ],
    },
];
