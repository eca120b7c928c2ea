// SPDX-License-Identifier: GPL-2.0
//! Which nodes there are, from sysfs: needs no permission to open them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::info::Id;

const PREFIX: &str = "usbpipe";

/// A node and the device behind it. Strings are as the device gave them, control characters
/// replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Path of the node.
    pub node: PathBuf,
    /// Vendor and product.
    pub id: Id,
    /// Signalling rate in Mbit/s, as the kernel writes it: `480`, `1.5`.
    pub speed_mbps: String,
    /// Where the device is plugged in: `1-2.3` is bus 1, port 2, then port 3 of a hub.
    pub port: String,
    /// Name of the maker.
    pub manufacturer: Option<String>,
    /// Name of the product.
    pub product: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
}

/// All nodes of a sysfs mounted at `root` (usually `/sys`), by their number.
///
/// # Errors
///
/// Those of reading the class directory. A missing one is an empty list: the class appears with
/// its first device. A device that goes away while it is being read is left out.
pub fn list(root: &Path) -> io::Result<Vec<Entry>> {
    let class = root.join("class/usbmisc");
    let entries = match fs::read_dir(&class) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        found.extend(number(&path).and_then(|index| Some((index, read(&path, index)?))));
    }
    found.sort_by_key(|(index, _)| *index);
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

/// The number N of `usbpipeN`; other drivers share the class.
fn number(path: &Path) -> Option<u32> {
    path.file_name()?
        .to_str()?
        .strip_prefix(PREFIX)?
        .parse()
        .ok()
}

fn read(node: &Path, index: u32) -> Option<Entry> {
    let interface = node.join("device").canonicalize().ok()?;
    let device = interface.parent()?;
    let attribute = |name: &str| {
        fs::read_to_string(device.join(name))
            .ok()
            .map(|text| clean(&text))
    };
    let hex = |name| u16::from_str_radix(&attribute(name)?, 16).ok();
    Some(Entry {
        node: format!("/dev/{PREFIX}{index}").into(),
        id: Id {
            vendor: hex("idVendor")?,
            product: hex("idProduct")?,
        },
        speed_mbps: attribute("speed")?,
        port: clean(&device.file_name()?.to_string_lossy()),
        manufacturer: attribute("manufacturer"),
        product: attribute("product"),
        serial: attribute("serial"),
    })
}

/// What a device calls itself must not reach a terminal as it is.
fn clean(text: &str) -> String {
    let replace = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.trim_end_matches('\n').chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A sysfs with one device at port 1-1 and its interface.
    fn fake() -> TempDir {
        let root = TempDir::new().unwrap();
        let device = root.path().join("devices/usb1/1-1");
        fs::create_dir_all(device.join("1-1:1.0")).unwrap();
        for (name, value) in [
            ("idVendor", "1209"),
            ("idProduct", "0001"),
            ("speed", "480"),
            ("product", "Reference\u{1b}[31m device"),
            ("serial", "0001"),
        ] {
            fs::write(device.join(name), format!("{value}\n")).unwrap();
        }
        root
    }

    fn add_node(root: &TempDir, name: &str, interface: &str) {
        let node = root.path().join("class/usbmisc").join(name);
        fs::create_dir_all(&node).unwrap();
        symlink(
            root.path().join("devices/usb1/1-1").join(interface),
            node.join("device"),
        )
        .unwrap();
    }

    #[test]
    fn no_class_is_no_device() {
        let root = TempDir::new().unwrap();
        assert_eq!(list(root.path()).unwrap(), []);
    }

    #[test]
    fn one_device() {
        let root = fake();
        add_node(&root, "usbpipe0", "1-1:1.0");
        let expected = Entry {
            node: "/dev/usbpipe0".into(),
            id: Id {
                vendor: 0x1209,
                product: 1,
            },
            speed_mbps: "480".into(),
            port: "1-1".into(),
            manufacturer: None,
            product: Some("Reference\u{fffd}[31m device".into()),
            serial: Some("0001".into()),
        };
        assert_eq!(list(root.path()).unwrap(), [expected]);
    }

    #[test]
    fn order_is_by_number_and_other_drivers_are_left_out() {
        let root = fake();
        for name in ["usbpipe10", "usbpipe2", "hiddev0", "usbpipe", "usbpipex"] {
            add_node(&root, name, "1-1:1.0");
        }
        let nodes: Vec<_> = list(root.path())
            .unwrap()
            .into_iter()
            .map(|e| e.node)
            .collect();
        assert_eq!(
            nodes,
            [Path::new("/dev/usbpipe2"), Path::new("/dev/usbpipe10")]
        );
    }

    #[test]
    fn a_device_that_just_went_away_is_left_out() {
        let root = fake();
        add_node(&root, "usbpipe0", "1-1:1.0");
        add_node(&root, "usbpipe1", "1-1:1.7");
        assert_eq!(list(root.path()).unwrap().len(), 1);
    }
}
