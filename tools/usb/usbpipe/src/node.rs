// SPDX-License-Identifier: GPL-2.0
//! Names of nodes as people type them.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A node's path, made from `/dev/usbpipe0`, `usbpipe0` or `0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node(PathBuf);

impl Node {
    /// Path of the node.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for Node {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Node(match text {
            _ if is_number => format!("/dev/usbpipe{text}").into(),
            _ if text.contains('/') => text.into(),
            _ => Path::new("/dev").join(text),
        }))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_and_any_path() {
        for (typed, path) in [
            ("0", "/dev/usbpipe0"),
            ("12", "/dev/usbpipe12"),
            ("usbpipe3", "/dev/usbpipe3"),
            ("/dev/usbpipe0", "/dev/usbpipe0"),
            ("./link", "./link"),
            ("/dev/serial/by-id/x", "/dev/serial/by-id/x"),
        ] {
            let node: Node = typed.parse().unwrap();
            assert_eq!(node.path(), Path::new(path), "{typed}");
        }
    }
}
