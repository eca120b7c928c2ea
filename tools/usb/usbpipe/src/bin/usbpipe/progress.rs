// SPDX-License-Identifier: GPL-2.0
//! The progress bar.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::cli::{Common, When};

const KNOWN: &str =
    "{msg} [{bar:24}] {percent:>3}% {binary_bytes:>10} {decimal_bytes_per_sec:>12} {eta:>4}";
const UNKNOWN: &str = "{msg} {spinner} {binary_bytes:>10} {decimal_bytes_per_sec:>12} {elapsed:>4}";
const HERTZ: u8 = 10;

/// A bar on stderr, or nothing, as the user wants it.
pub(crate) fn bar(common: &Common, verb: &'static str, total: Option<u64>) -> ProgressBar {
    let template = if total.is_some() { KNOWN } else { UNKNOWN };
    // PANIC: the templates are constants, and a test tries both.
    let style = ProgressStyle::with_template(template).expect("template is valid");
    ProgressBar::with_draw_target(total, target(common))
        .with_style(style.progress_chars("=> "))
        .with_message(verb)
}

fn target(common: &Common) -> ProgressDrawTarget {
    let wanted = match common.progress {
        _ if common.quiet => false,
        When::Auto => io::stderr().is_terminal(),
        When::Always => true,
        When::Never => false,
    };
    match wanted {
        true => ProgressDrawTarget::term_like_with_hz(Box::new(Serial), HERTZ),
        false => ProgressDrawTarget::hidden(),
    }
}

/// A terminal of which nothing is known but that it understands "erase line". A serial console
/// has no size to ask for, and a log through a pipe is no terminal: both get a bar if it is asked
/// for.
#[derive(Debug)]
struct Serial;

impl Serial {
    fn control(count: usize, letter: char) -> io::Result<()> {
        match count {
            0 => Ok(()),
            _ => write!(io::stderr(), "\x1b[{count}{letter}"),
        }
    }
}

impl TermLike for Serial {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        Serial::control(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        Serial::control(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        Serial::control(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        Serial::control(count, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        // The padding up to the right edge would wrap on a narrower terminal.
        write!(io::stderr(), "{}", text.trim_end_matches(' '))
    }

    fn clear_line(&self) -> io::Result<()> {
        write!(io::stderr(), "\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_valid_and_quiet_hides() {
        for total in [None, Some(100)] {
            let common = Common {
                quiet: true,
                progress: When::Always,
            };
            assert!(bar(&common, "read", total).is_hidden());
            let common = Common {
                quiet: false,
                progress: When::Always,
            };
            let bar = bar(&common, "read", total);
            assert!(!bar.is_hidden());
            bar.finish_and_clear();
        }
    }
}
