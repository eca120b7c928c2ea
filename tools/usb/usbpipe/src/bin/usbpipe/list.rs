// SPDX-License-Identifier: GPL-2.0
//! `usbpipe list`

use std::path::{Path, PathBuf};

use usbpipe::{Blocking, Device, Entry, Info};

use crate::exit::Exit;

/// List the nodes there are, and the devices behind them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Where sysfs is mounted
    #[arg(long, hide = true, default_value = "/sys", value_name = "DIR")]
    sysfs: PathBuf,
}

const HEAD: [&str; 7] = ["NODE", "ID", "MBIT/S", "READ", "WRITE", "PRODUCT", "SERIAL"];

pub(crate) fn run(args: &Args) -> Result<(), Exit> {
    let entries = usbpipe::list(&args.sysfs).map_err(|e| Exit::file(args.sysfs.display(), &e))?;
    if args.json {
        return crate::info::print_json(&entries);
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| row(entry, info(&entry.node)))
        .collect();
    if rows.is_empty() {
        eprintln!("no usbpipe nodes: is the module loaded, and a device plugged in?");
    } else {
        print!("{}", table(&rows));
    }
    Ok(())
}

/// What the node itself says, where we may ask it.
fn info(node: &Path) -> Option<Info> {
    let node = node.to_str()?.parse().ok()?;
    Device::open(&node, Blocking::Fail).ok()?.info().ok()
}

fn row(entry: &Entry, info: Option<Info>) -> [String; 7] {
    let (read, write) = info.map_or((None, None), |i| (i.read_endpoint, i.write_endpoint));
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    [
        entry.node.display().to_string(),
        entry.id.to_string(),
        entry.speed_mbps.clone(),
        or_dash(read.map(|address| address.to_string())),
        or_dash(write.map(|address| address.to_string())),
        or_dash(entry.product.clone()),
        or_dash(entry.serial.clone()),
    ]
}

fn table(rows: &[[String; 7]]) -> String {
    let head = HEAD.map(str::to_owned);
    let lines: Vec<_> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..HEAD.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    lines
        .iter()
        .map(|line| aligned(line.as_slice(), &widths))
        .collect()
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let pad = |(cell, width): (&String, &usize)| format!("{cell:<width$}");
    let cells: Vec<_> = cells.iter().zip(widths).map(pad).collect();
    format!("{}\n", cells.join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use usbpipe::Id;

    use super::*;

    fn entry(node: &str, product: Option<&str>) -> Entry {
        Entry {
            node: node.into(),
            id: Id {
                vendor: 0x1209,
                product: 1,
            },
            speed_mbps: "480".into(),
            port: "1-1".into(),
            manufacturer: None,
            product: product.map(str::to_owned),
            serial: Some("0001".into()),
        }
    }

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let rows = [
            row(&entry("/dev/usbpipe0", Some("Reference device")), None),
            row(&entry("/dev/usbpipe10", None), None),
        ];
        assert_eq!(
            table(&rows),
            "NODE            ID         MBIT/S  READ  WRITE  PRODUCT           SERIAL\n\
             /dev/usbpipe0   1209:0001  480     -     -      Reference device  0001\n\
             /dev/usbpipe10  1209:0001  480     -     -      -                 0001\n"
        );
    }
}
