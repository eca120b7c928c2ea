// SPDX-License-Identifier: GPL-2.0

//! The speeds a device can run at.

use std::fmt;

/// Signalling rate of the link between host and device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speed {
    /// 12 Mbit/s (USB 1.1).
    Full,
    /// 480 Mbit/s (USB 2.0).
    High,
    /// 5 Gbit/s (USB 3.0).
    Super,
}

impl Speed {
    /// Every speed, slowest first.
    pub const ALL: [Self; 3] = [Self::Full, Self::High, Self::Super];

    /// The only size of a bulk packet at this speed, in bytes (`wMaxPacketSize`).
    pub const fn bulk_max_packet(self) -> u16 {
        match self {
            Self::Full => 64,
            Self::High => 512,
            Self::Super => 1024,
        }
    }

    /// The largest isochronous packet, in bytes.
    pub const fn iso_max_packet(self) -> u16 {
        match self {
            Self::Full => 1023,
            Self::High | Self::Super => 1024,
        }
    }

    /// The speed that the device qualifier describes, where there is one.
    pub const fn other(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::High),
            Self::High => Some(Self::Full),
            Self::Super => None,
        }
    }

    /// `bInterval` of an interrupt endpoint for a period.
    ///
    /// Full speed counts frames of a millisecond. Above that it is an exponent:
    /// 2^(n-1) microframes of 125 us. The next shorter period that can be expressed is taken.
    pub fn interval(self, period_us: u32) -> u8 {
        match self {
            Self::Full => (period_us / 1000).clamp(1, 255) as u8,
            Self::High | Self::Super => {
                let microframes = (period_us / 125).max(1);
                (microframes.ilog2() + 1).min(16) as u8
            }
        }
    }
}

impl Speed {
    /// Unit of the service period of an isochronous endpoint: a frame or a microframe.
    const fn iso_unit_us(self) -> u32 {
        match self {
            Self::Full => 1000,
            Self::High | Self::Super => 125,
        }
    }

    /// `bInterval` of an isochronous endpoint for a period: an exponent at every speed.
    pub fn iso_interval(self, period_us: u32) -> u8 {
        let units = (period_us / self.iso_unit_us()).max(1);
        (units.ilog2() + 1).min(16) as u8
    }

    /// The period that this `bInterval` of an isochronous endpoint stands for, in microseconds.
    pub fn iso_period_us(self, interval: u8) -> u64 {
        u64::from(self.iso_unit_us()) << (interval.clamp(1, 16) - 1)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::High => "high",
            Self::Super => "super",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_frames_at_full_speed() {
        for (us, wanted) in [
            (0, 1),
            (999, 1),
            (1000, 1),
            (8000, 8),
            (255_000, 255),
            (256_000, 255),
        ] {
            assert_eq!(Speed::Full.interval(us), wanted, "{us} us");
        }
    }

    #[test]
    fn an_interval_is_an_exponent_above_full_speed() {
        for (us, wanted) in [
            (0, 1),
            (125, 1),
            (249, 1),
            (250, 2),
            (8000, 7),
            (15_999, 7),
            (16_000, 8),
        ] {
            assert_eq!(Speed::High.interval(us), wanted, "{us} us");
            assert_eq!(Speed::Super.interval(us), wanted, "{us} us");
        }
        assert_eq!(Speed::High.interval(u32::MAX), 16);
    }

    #[test]
    fn an_isochronous_interval_is_an_exponent_at_every_speed() {
        for (us, full, high) in [
            (0, 1, 1),
            (125, 1, 1),
            (250, 1, 2),
            (1000, 1, 4),
            (3999, 2, 5),
            (8000, 4, 7),
            (u32::MAX, 16, 16),
        ] {
            assert_eq!(Speed::Full.iso_interval(us), full, "{us} us");
            assert_eq!(Speed::High.iso_interval(us), high, "{us} us");
        }
        for (interval, full, high) in [(0, 1000, 125), (1, 1000, 125), (4, 8000, 1000)] {
            assert_eq!(Speed::Full.iso_period_us(interval), full);
            assert_eq!(Speed::Super.iso_period_us(interval), high);
        }
        assert_eq!(Speed::Full.iso_period_us(255), 1000 << 15);
    }

    #[test]
    fn only_the_two_usb_2_speeds_have_another() {
        assert_eq!(
            Speed::ALL.map(Speed::other),
            [Some(Speed::High), Some(Speed::Full), None]
        );
    }
}
