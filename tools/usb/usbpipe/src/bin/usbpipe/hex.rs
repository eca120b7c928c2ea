// SPDX-License-Identifier: GPL-2.0
//! Bytes as hexadecimal digits.

/// Reads `01 02ff` and `01:02:ff`; an odd number of digits is an error.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let is_digit = |c: &char| !c.is_whitespace() && *c != ':';
    let digits: Vec<char> = text.chars().filter(is_digit).collect();
    digits.chunks(2).map(byte).collect()
}

fn byte(pair: &[char]) -> Result<u8, String> {
    let digits: String = pair.iter().collect();
    let valid = pair.len() == 2 && pair.iter().all(char::is_ascii_hexdigit);
    valid
        .then(|| u8::from_str_radix(&digits, 16).ok())
        .flatten()
        .ok_or_else(|| format!("`{digits}` is not a byte of two hexadecimal digits"))
}

/// Lines of an offset, sixteen bytes, and the characters they would be.
pub(crate) fn dump(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).enumerate();
    lines
        .map(|(index, line)| dump_line(index * 16, line))
        .collect()
}

fn dump_line(offset: usize, line: &[u8]) -> String {
    let pairs: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
    let show = |byte: &u8| {
        if matches!(byte, b' '..=b'~') {
            char::from(*byte)
        } else {
            '.'
        }
    };
    let text: String = line.iter().map(show).collect();
    format!("{offset:04x}  {:<47}  {text}\n", pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_any_grouping() {
        for text in ["0102ff", "01 02 ff", "01:02:FF"] {
            assert_eq!(parse(text), Ok(vec![1, 2, 0xff]), "{text}");
        }
        assert_eq!(parse(""), Ok(vec![]));
    }

    #[test]
    fn half_bytes_and_other_letters_are_refused() {
        assert_eq!(
            parse("012"),
            Err("`2` is not a byte of two hexadecimal digits".into())
        );
        assert!(parse("zz").is_err());
        assert!(parse("+1").is_err());
    }

    #[test]
    fn dump_has_offsets_and_text() {
        let bytes: Vec<u8> = (0x38..0x4a).collect();
        assert_eq!(
            dump(&bytes),
            "0000  38 39 3a 3b 3c 3d 3e 3f 40 41 42 43 44 45 46 47  89:;<=>?@ABCDEFG\n\
             0010  48 49                                            HI\n"
        );
        assert_eq!(dump(&[0x7f, 0x1b]).trim_end().chars().last(), Some('.'));
        assert_eq!(dump(&[]), "");
    }
}
