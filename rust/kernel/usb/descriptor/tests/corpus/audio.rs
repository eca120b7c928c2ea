// SPDX-License-Identifier: GPL-2.0

//! Devices that sound: audio 1.0 and 2.0.

use super::{
    Part::{
        Alt,
        Assoc,
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
        name: "headset",
        speed: Speed::Full,
        device: &[
            18, 1, 0x10, 0x01, 0, 0, 0, 8, // device
            0x09, 0x12, 0x01, 0x04, 0x00, 0x01, // vendor, product, release
            1, 2, 0, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xdd, 0x00, 4, 1, 0, 0x80, 0x32, // configuration
            9, 4, 0, 0, 0, 1, 1, 0, 0, // interface 0, altsetting 0
            10, 0x24, 1, 0x00, 0x01, 0x47, 0x00, 2, 1, 2, // header of two streams
            12, 0x24, 2, 1, 0x01, 0x01, 0, 2, 0x03, 0x00, 0, 0, // terminal 1: from the host
            10, 0x24, 6, 2, 1, 1, 1, 2, 2, 0, // unit 2: volume
            9, 0x24, 3, 3, 0x02, 0x03, 0, 2, 0, // terminal 3: headphones
            12, 0x24, 2, 4, 0x01, 0x02, 0, 1, 0x00, 0x00, 0, 0, // terminal 4: microphone
            9, 0x24, 6, 5, 4, 1, 3, 0, 0, // unit 5: volume
            9, 0x24, 3, 6, 0x01, 0x01, 0, 5, 0, // terminal 6: to the host
            9, 4, 1, 0, 0, 1, 2, 0, 0, // nothing to play
            9, 4, 1, 1, 1, 1, 2, 0, 0, // play
            7, 0x24, 1, 1, 1, 0x01, 0x00, // general
            14, 0x24, 2, 1, 2, 2, 0x10, 2, 0x80, 0xbb, 0, 0x44, // PCM, 48 or 44.1 kHz
            0xac, 0, // ...
            9, 5, 1, 9, 0xc0, 0x00, 1, 0, 0, // isochronous OUT
            7, 0x25, 1, 1, 0, 0x00, 0x00, // audio endpoint
            9, 4, 2, 0, 0, 1, 2, 0, 0, // nothing to record
            9, 4, 2, 1, 1, 1, 2, 0, 0, // record
            7, 0x24, 1, 6, 1, 0x01, 0x00, // general
            11, 0x24, 2, 1, 1, 2, 0x10, 1, 0x80, 0xbb, 0, // PCM, 48 kHz
            9, 5, 0x82, 5, 0x64, 0x00, 1, 0, 0, // isochronous IN
            7, 0x25, 1, 0, 0, 0x00, 0x00, // audio endpoint
            9, 4, 3, 0, 1, 3, 0, 0, 0, // keys
            9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0x2d, 0x00, // HID
            7, 5, 0x83, 3, 0x04, 0x00, 0x20, // interrupt IN
        ]],
        expected: &[
            Conf(1, 4, 100, 0),
            Alt(0, 0, 0x01, 7),
            Alt(1, 0, 0x01, 0),
            Alt(1, 1, 0x01, 2),
            End(0x01, ISOCHRONOUS, 192, 1, 1),
            Alt(2, 0, 0x01, 0),
            Alt(2, 1, 0x01, 2),
            End(0x82, ISOCHRONOUS, 100, 1, 1),
            Alt(3, 0, 0x03, 1),
            End(0x83, INTERRUPT, 4, 1, 0),
        ],
    },
    Sample {
        name: "converter with audio 2.0",
        speed: Speed::High,
        device: &[
            18, 1, 0x00, 0x02, 0xef, 2, 1, 0x40, // device
            0x09, 0x12, 0x02, 0x04, 0x00, 0x01, // vendor, product, release
            1, 2, 3, 1, // strings, configurations
        ],
        bos: &[],
        configurations: &[&[
            9, 2, 0xcd, 0x00, 2, 1, 0, 0xc0, 0, // configuration
            8, 0x0b, 0, 2, 1, 0, 0x20, 0, // function
            9, 4, 0, 0, 0, 1, 1, 0x20, 0, // interface 0, altsetting 0
            9, 0x24, 1, 0x00, 0x02, 8, 0x40, 0x00, 0, // header
            8, 0x24, 0x0a, 0x10, 7, 7, 0, 0, // clock source
            17, 0x24, 2, 1, 0x01, 0x01, 0, 0x10, 2, 0x03, 0x00,
            0x00, // terminal 1: from the host
            0x00, 0, 0x00, 0x00, 0, // ...
            18, 0x24, 6, 2, 1, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, // unit 2: volume
            0x00, 0x0f, 0x00, 0x00, 0x00, 0, // ...
            12, 0x24, 3, 3, 0x01, 0x03, 0, 2, 0x10, 0x00, 0x00, 0, // terminal 3: loudspeakers
            9, 4, 1, 0, 0, 1, 2, 0x20, 0, // interface 1, altsetting 0
            9, 4, 1, 1, 2, 1, 2, 0x20, 0, // interface 1, altsetting 1
            16, 0x24, 1, 1, 0, 1, 0x01, 0x00, 0x00, 0x00, 2, 0x03, // general
            0x00, 0x00, 0x00, 0, // ...
            6, 0x24, 2, 1, 2, 0x10, // PCM
            7, 5, 1, 5, 0xc8, 0x00, 1, // isochronous OUT
            8, 0x25, 1, 0, 0, 0, 0x00, 0x00, // audio endpoint
            7, 5, 0x81, 0x11, 0x04, 0x00, 4, // feedback
            9, 4, 1, 2, 2, 1, 2, 0x20, 0, // interface 1, altsetting 2
            16, 0x24, 1, 1, 0, 1, 0x01, 0x00, 0x00, 0x00, 2, 0x03, // general
            0x00, 0x00, 0x00, 0, // ...
            6, 0x24, 2, 1, 4, 0x18, // PCM
            7, 5, 1, 5, 0x90, 0x01, 1, // isochronous OUT
            8, 0x25, 1, 0, 0, 0, 0x00, 0x00, // audio endpoint
            7, 5, 0x81, 0x11, 0x04, 0x00, 4, // feedback
        ]],
        expected: &[
            Conf(1, 2, 0, 0),
            Assoc(0, 2, 0x01),
            Alt(0, 0, 0x01, 5),
            Alt(1, 0, 0x01, 0),
            Alt(1, 1, 0x01, 2),
            End(0x01, ISOCHRONOUS, 200, 1, 1),
            End(0x81, ISOCHRONOUS, 4, 1, 0),
            Alt(1, 2, 0x01, 2),
            End(0x01, ISOCHRONOUS, 400, 1, 1),
            End(0x81, ISOCHRONOUS, 4, 1, 0),
        ],
    },
];
