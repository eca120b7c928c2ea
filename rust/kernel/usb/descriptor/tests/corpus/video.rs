// SPDX-License-Identifier: GPL-2.0

//! Devices that see: UVC, and capture at high bandwidth.

use super::{
    Part::{
        Alt,
        Assoc,
        Comp,
        Conf,
        End, //
    },
    Sample,
    INTERRUPT,
    ISOCHRONOUS, //
};
use crate::usb::Speed;

pub(super) const ALL: &[Sample] = &[
    Sample {
        name: "webcam",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0xef, 2, 1, 0x40, // device
            0x09, 0x12, 0x01, 0x05, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xc5, 0x01, 2, 1, 0, 0x80, 0xfa, // configuration
            8, 0x0b, 0, 2, 0x0e, 3, 0, 2, // function
            9, 4, 0, 0, 1, 0x0e, 1, 0, 2, // interface 0, altsetting 0
            13, 0x24, 1, 0x10, 0x01, 0x4f, 0x00, 0x00, 0x6c, 0xdc, 0x02, 1, // header
            1, // ...
            18, 0x24, 2, 1, 0x01, 0x02, 0, 0, 0x00, 0x00, 0x00, 0x00, // terminal 1: camera
            0x00, 0x00, 3, 0x0e, 0, 0, // ...
            12, 0x24, 5, 2, 1, 0x00, 0x00, 2, 0x7f, 0x15, 0, 0, // unit 2: processing
            27, 0x24, 6, 3, 0x6b, 0x1d, 0xf2, 0x90, 0x37, 0xc4, 0x5e,
            0x4a, // unit 3: extension
            0xb9, 8, 0x72, 0xe1, 0x2c, 0xd5, 0x93, 0x0f, 8, 1, 2, 2, // ...
            0x0f, 0, 0, // ...
            9, 0x24, 3, 4, 0x01, 0x01, 0, 3, 0, // terminal 4: to the host
            7, 5, 0x83, 3, 0x10, 0x00, 6, // interrupt IN
            5, 0x25, 3, 0x10, 0x00, // interrupt endpoint
            9, 4, 1, 0, 0, 0x0e, 2, 0, 0, // no stream
            15, 0x24, 1, 2, 0xe7, 0x00, 0x81, 0, 4, 0, 0, 0, // input header
            1, 0, 0, // ...
            27, 0x24, 4, 1, 2, 0x59, 0x55, 0x59, 0x32, 0, 0, 0x10, // format 1: YUY2
            0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71, 0x10, 1, 0, // ...
            0, 0, 0, // ...
            38, 0x24, 5, 1, 0, 0x80, 0x02, 0xe0, 0x01, 0x00, 0x00, 0x77, // frame
            0x01, 0x93, 0x00, 0xca, 0x08, 0x00, 0x60, 0x09, 0x00, 0x15, 0x16, 0x05, // ...
            0x00, 3, 0x15, 0x16, 0x05, 0x00, 0x80, 0x1a, 0x06, 0x00, 0x2a, 0x2c, // ...
            0x0a, 0x00, // ...
            30, 0x24, 5, 2, 0, 0x00, 0x05, 0xd0, 0x02, 0x00, 0x00, 0x65, // frame
            0x04, 0x00, 0x00, 0xca, 0x08, 0x00, 0x20, 0x1c, 0x00, 0x40, 0x42, 0x0f, // ...
            0x00, 1, 0x40, 0x42, 0x0f, 0x00, // ...
            6, 0x24, 0x0d, 1, 1, 4, // colour
            11, 0x24, 6, 2, 3, 1, 1, 0, 0, 0, 0, // format 2: MJPEG
            34, 0x24, 7, 1, 0, 0x80, 0x02, 0xe0, 0x01, 0x00, 0x00, 0x77, // frame
            0x01, 0x93, 0x00, 0xca, 0x08, 0x00, 0x60, 0x09, 0x00, 0x15, 0x16, 0x05, // ...
            0x00, 2, 0x15, 0x16, 0x05, 0x00, 0x2a, 0x2c, 0x0a, 0x00, // ...
            34, 0x24, 7, 2, 0, 0x00, 0x05, 0xd0, 0x02, 0x00, 0x00, 0x65, // frame
            0x04, 0xba, 0x01, 0x5e, 0x1a, 0x00, 0x20, 0x1c, 0x00, 0x15, 0x16, 0x05, // ...
            0x00, 2, 0x15, 0x16, 0x05, 0x00, 0x2a, 0x2c, 0x0a, 0x00, // ...
            30, 0x24, 7, 3, 0, 0x80, 0x07, 0x38, 0x04, 0x00, 0x40, 0xe3, // frame
            0x09, 0xe3, 0x83, 0x53, 0x3b, 0x00, 0x48, 0x3f, 0x00, 0x15, 0x16, 0x05, // ...
            0x00, 1, 0x15, 0x16, 0x05, 0x00, // ...
            6, 0x24, 0x0d, 1, 1, 4, // colour
            9, 4, 1, 1, 1, 0x0e, 2, 0, 0, // up to 128 bytes
            7, 5, 0x81, 5, 0x80, 0x00, 1, // isochronous IN
            9, 4, 1, 2, 1, 0x0e, 2, 0, 0, // up to 512 bytes
            7, 5, 0x81, 5, 0x00, 0x02, 1, // isochronous IN
            9, 4, 1, 3, 1, 0x0e, 2, 0, 0, // up to 1024 bytes
            7, 5, 0x81, 5, 0x00, 0x04, 1, // isochronous IN
            9, 4, 1, 4, 1, 0x0e, 2, 0, 0, // up to 1536 bytes
            7, 5, 0x81, 5, 0x00, 0x0b, 1, // isochronous IN
            9, 4, 1, 5, 1, 0x0e, 2, 0, 0, // up to 2048 bytes
            7, 5, 0x81, 5, 0x00, 0x0c, 1, // isochronous IN
            9, 4, 1, 6, 1, 0x0e, 2, 0, 0, // up to 3072 bytes
            7, 5, 0x81, 5, 0x00, 0x14, 1, // isochronous IN
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Assoc(0, 2, 0x0e),
            Alt(0, 0, 0x0e, 5),
            End(0x83, INTERRUPT, 16, 1, 1),
            Alt(1, 0, 0x0e, 10),
            Alt(1, 1, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 128, 1, 0),
            Alt(1, 2, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 512, 1, 0),
            Alt(1, 3, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 1, 0),
            Alt(1, 4, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 768, 2, 0),
            Alt(1, 5, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 2, 0),
            Alt(1, 6, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 3, 0),
        ],
    },
    Sample {
        name: "capture at high bandwidth",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0, 0, 0, 0x40, // device
            0x09, 0x12, 0x02, 0x05, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0x67, 0x00, 2, 1, 0, 0x80, 0xfa, // configuration
            9, 4, 0, 0, 0, 0xff, 0, 0, 0, // interface 0, altsetting 0
            9, 4, 0, 1, 2, 0xff, 0, 0, 0, // interface 0, altsetting 1
            7, 5, 0x82, 5, 0x00, 0x04, 1, // isochronous IN
            7, 5, 0x81, 3, 0x40, 0x00, 4, // interrupt IN
            9, 4, 0, 2, 2, 0xff, 0, 0, 0, // interface 0, altsetting 2
            7, 5, 0x82, 5, 0x00, 0x0c, 1, // isochronous IN
            7, 5, 0x81, 3, 0x40, 0x00, 4, // interrupt IN
            9, 4, 0, 3, 2, 0xff, 0, 0, 0, // interface 0, altsetting 3
            7, 5, 0x82, 5, 0x00, 0x14, 1, // isochronous IN
            7, 5, 0x81, 3, 0x40, 0x00, 4, // interrupt IN
            9, 4, 1, 0, 1, 0xff, 1, 0, 0, // interface 1, altsetting 0
            7, 5, 0x83, 3, 0x00, 0x0c, 4, // interrupt IN
        ]],
        expected: &[
            Conf(1, 2, 500, 0),
            Alt(0, 0, 0xff, 0),
            Alt(0, 1, 0xff, 0),
            End(0x82, ISOCHRONOUS, 1024, 1, 0),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(0, 2, 0xff, 0),
            End(0x82, ISOCHRONOUS, 1024, 2, 0),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(0, 3, 0xff, 0),
            End(0x82, ISOCHRONOUS, 1024, 3, 0),
            End(0x81, INTERRUPT, 64, 1, 0),
            Alt(1, 0, 0xff, 0),
            End(0x83, INTERRUPT, 1024, 2, 0),
        ],
    },
    Sample {
        name: "camera at 10 Gbit per second",
        speed: Speed::SuperPlus,
        device: &[
            18, 1, 0x20, 0x03, 0xef, 2, 1, 9, // device
            0x09, 0x12, 0x03, 0x05, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[
            5, 0x0f, 0x3e, 0x00, 4, // store
            7, 0x10, 2, 0x06, 0x00, 0x00, 0x00, // USB 2.0 extension
            10, 0x10, 3, 0, 0x0e, 0x00, 2, 0x0a, 0x20, 0x00, // SuperSpeed
            20, 0x10, 4, 0, 0x3d, 0x91, 0x5c, 7, 0x11, 0xa4, 0x4e, 0x2b, // container
            0x83, 0x60, 0x1f, 0x92, 0x66, 0xd0, 0x0b, 0x7e, // ...
            20, 0x10, 0x0a, 0, 0x01, 0x00, 0x00, 0x00, 0x01, 0x11, 0x00,
            0x00, // SuperSpeedPlus
            0x31, 0x40, 0x0a, 0x00, 0xb1, 0x40, 0x0a, 0x00, // ...
        ],
        configurations: &[&[
            9, 2, 0x7a, 0x00, 2, 1, 0, 0x80, 0x70, // configuration
            8, 0x0b, 0, 2, 0x0e, 3, 0, 0, // function
            9, 4, 0, 0, 0, 0x0e, 1, 1, 0, // interface 0, altsetting 0
            13, 0x24, 1, 0x50, 0x01, 0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 1, // header
            1, // ...
            9, 4, 1, 0, 0, 0x0e, 2, 1, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 1, 0x0e, 2, 1, 0, // interface 1, altsetting 1
            7, 5, 0x81, 5, 0x00, 0x04, 1, // isochronous IN
            6, 0x30, 3, 0, 0x00, 0x10, // SuperSpeed companion
            9, 4, 1, 2, 1, 0x0e, 2, 1, 0, // interface 1, altsetting 2
            7, 5, 0x81, 5, 0x00, 0x04, 1, // isochronous IN
            6, 0x30, 0x0f, 2, 0x00, 0xc0, // SuperSpeed companion
            9, 4, 1, 3, 1, 0x0e, 2, 1, 0, // interface 1, altsetting 3
            7, 5, 0x81, 5, 0x00, 0x04, 1, // isochronous IN
            6, 0x30, 0x0f, 0x80, 0x01, 0x00, // SuperSpeed companion
            8, 0x31, 0, 0, 0x00, 0x80, 0x01, 0x00, // SuperSpeedPlus companion
        ]],
        expected: &[
            Conf(1, 2, 896, 0),
            Assoc(0, 2, 0x0e),
            Alt(0, 0, 0x0e, 1),
            Alt(1, 0, 0x0e, 0),
            Alt(1, 1, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 1, 0),
            Comp(4, 0, 4096),
            Alt(1, 2, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 1, 0),
            Comp(16, 0, 49152),
            Alt(1, 3, 0x0e, 0),
            End(0x81, ISOCHRONOUS, 1024, 1, 0),
            Comp(16, 0, 98304),
        ],
    },
];
