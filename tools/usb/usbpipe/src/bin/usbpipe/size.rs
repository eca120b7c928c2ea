// SPDX-License-Identifier: GPL-2.0
//! Numbers of bytes: as people type them, and as they read them.

use std::time::Duration;

const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/// Reads `4096`, `64K`, `64KiB`, `1M`, `2G`, also `0x1000`.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let (digits, suffix) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(place) if !text.starts_with("0x") => text.split_at(place),
        _ => (text, ""),
    };
    let shift = match suffix.to_ascii_lowercase().trim_end_matches("ib") {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err(format!("unknown unit `{suffix}`; use K, M or G")),
    };
    let number = number(digits)?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "too large".into())
}

/// Reads a decimal number, or a hexadecimal one with `0x`.
pub(crate) fn number(text: &str) -> Result<u64, String> {
    let result = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    result.map_err(|error| error.to_string())
}

/// An exact number of bytes, and a round one where that is easier to read.
pub(crate) fn amount(bytes: u64) -> String {
    match bytes {
        0..1024 => binary(bytes),
        _ => format!("{bytes} bytes ({})", binary(bytes)),
    }
}

/// A size with three digits: `512 bytes`, `64.00 MiB`.
fn binary(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} bytes"),
        _ => format!("{value:.2} {}", UNITS[unit]),
    }
}

/// Bytes over time: `123.4 MB/s`, where a MB is a million bytes.
pub(crate) fn rate(bytes: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64().max(1e-9);
    format!("{:.1} MB/s", bytes as f64 / seconds / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("0x1000", 4096),
            ("64K", 65536),
            ("64KiB", 65536),
            ("1m", 1 << 20),
            ("2G", 2 << 30),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "K", "-1", "1T", "1.5M", "0xg", "18446744073709551615K"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_sizes() {
        assert_eq!(binary(1023), "1023 bytes");
        assert_eq!(binary(1024), "1.00 KiB");
        assert_eq!(binary(64 << 20), "64.00 MiB");
        assert_eq!(binary(u64::MAX), "16777216.00 TiB");
    }

    #[test]
    fn amounts_are_exact_and_round() {
        assert_eq!(amount(0), "0 bytes");
        assert_eq!(amount(1023), "1023 bytes");
        assert_eq!(amount(1025), "1025 bytes (1.00 KiB)");
    }

    #[test]
    fn shown_rates() {
        assert_eq!(rate(250_000_000, Duration::from_secs(2)), "125.0 MB/s");
        assert_eq!(rate(0, Duration::ZERO), "0.0 MB/s");
    }
}
