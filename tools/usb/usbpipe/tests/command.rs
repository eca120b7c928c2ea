// SPDX-License-Identifier: GPL-2.0
//! The command: arguments, exit codes, and what it prints. A FIFO that is open for reading and
//! writing gives back what it gets, so it stands in for a node in loopback mode.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail with the test")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_usbpipe");

fn usbpipe(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .env_remove("USBPIPE_PROGRESS")
        .timeout(Duration::from_secs(20));
    command
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// A directory with a FIFO `node` and a file `data` of the given length.
struct Lab(TempDir);

impl Lab {
    fn new(length: usize) -> Self {
        let dir = TempDir::new().unwrap();
        mknodat(
            CWD,
            dir.path().join("node"),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let data: Vec<u8> = (0..length).map(|i| (i * 7 + i / 251) as u8).collect();
        fs::write(dir.path().join("data"), data).unwrap();
        Lab(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Assert {
        usbpipe(args).current_dir(&self.0).assert()
    }
}

#[test]
fn every_subcommand_has_help() {
    for name in ["list", "info", "read", "write", "pipe", "control"] {
        let text = stdout(&usbpipe(&[name, "--help"]).assert().success());
        assert!(text.contains(&format!("Usage: usbpipe {name}")), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }
    let text = stdout(&usbpipe(&["--help"]).assert().success());
    for name in [
        "list",
        "info",
        "read",
        "write",
        "pipe",
        "control",
        "Exit status:",
    ] {
        assert!(text.contains(name), "{name}");
    }
    assert!(!text.contains("completions"), "{text}");
}

#[test]
fn wrong_arguments_are_status_2() {
    for args in [
        &[][..],
        &["frobnicate"],
        &["info"],
        &["read", "0", "-n", "many"],
        &["read", "0", "--progress", "sometimes"],
        &["control", "0"],
        &["control", "0", "-r", "256"],
        &["control", "0", "-r", "1", "--type", "odd"],
        &["control", "0", "-r", "1", "-d", "1"],
        &["control", "0", "-r", "1", "-d", "11", "-l", "4"],
        &["control", "0", "-r", "1", "--raw"],
    ] {
        usbpipe(args).assert().code(2);
    }
}

#[test]
fn a_missing_node_is_status_3() {
    for args in [
        &["info", "./none"][..],
        &["read", "./none"],
        &["write", "./none"],
        &["pipe", "./none", "data"],
        &["control", "./none", "-r", "2"],
    ] {
        let assert = Lab::new(1).run(args).code(3);
        assert_eq!(
            stderr(&assert),
            "usbpipe: ./none: open: ENOENT: no such file\n  `usbpipe list` shows the nodes there are\n"
        );
    }
}

#[test]
fn another_kind_of_node_is_status_1() {
    let assert = usbpipe(&["info", "/dev/null"]).assert().code(1);
    assert_eq!(
        stderr(&assert),
        "usbpipe: /dev/null: info: ENOTTY: not a usbpipe node, or a driver without this command\n"
    );
}

#[test]
fn a_missing_input_is_status_1() {
    let assert = Lab::new(0).run(&["pipe", "./node", "nothing"]).code(1);
    assert_eq!(stderr(&assert), "usbpipe: nothing: ENOENT: no such file\n");
}

#[test]
fn pipe_sends_a_file_out_and_back() {
    let lab = Lab::new(1_000_000);
    let assert = lab.run(&["pipe", "./node", "data", "-o", "back"]).success();
    let text = stdout(&assert);
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("sent      1000000 bytes (976.56 KiB), CRC-32C "),
        "{text}"
    );
    assert!(
        lines[1].starts_with("received  1000000 bytes (976.56 KiB), CRC-32C "),
        "{text}"
    );
    assert!(
        lines[2].starts_with("identical ") && lines[2].contains(" MB/s"),
        "{text}"
    );
    assert_eq!(lines.len(), 3);
    assert_eq!(stderr(&assert), "");
    assert_eq!(
        fs::read(lab.path("data")).unwrap(),
        fs::read(lab.path("back")).unwrap()
    );
}

#[test]
fn pipe_can_be_quiet_or_write_to_stdout() {
    let lab = Lab::new(5000);
    let assert = lab.run(&["pipe", "-q", "./node", "data"]).success();
    assert_eq!(
        (stdout(&assert), stderr(&assert)),
        (String::new(), String::new())
    );
    let assert = lab.run(&["pipe", "./node", "data", "-o", "-"]).success();
    assert_eq!(
        assert.get_output().stdout,
        fs::read(lab.path("data")).unwrap()
    );
    assert!(stderr(&assert).contains("identical "));
}

#[test]
fn progress_is_drawn_when_forced() {
    let lab = Lab::new(3_000_000);
    let assert = lab
        .run(&["pipe", "./node", "data", "--progress", "always"])
        .success();
    let text = stderr(&assert);
    assert!(text.contains("pipe ["), "{text}");
    assert!(text.contains("B/s"), "{text}");
    let mut command = usbpipe(&["pipe", "./node", "data"]);
    let assert = command
        .current_dir(&lab.0)
        .env("USBPIPE_PROGRESS", "always")
        .assert()
        .success();
    assert!(stderr(&assert).contains("pipe ["));
}

/// Keeps the FIFO open, with some bytes in it.
fn preload(lab: &Lab, bytes: &[u8]) -> fs::File {
    use std::io::Write;
    let mut node = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(lab.path("node"))
        .unwrap();
    node.write_all(bytes).unwrap();
    node
}

#[test]
fn old_data_is_a_mismatch_unless_drained() {
    let lab = Lab::new(10_000);
    let node = preload(&lab, b"stale");
    let assert = lab.run(&["pipe", "./node", "data"]).code(1);
    assert!(
        stderr(&assert).starts_with("usbpipe: the "),
        "{}",
        stderr(&assert)
    );
    assert!(stderr(&assert).contains("differ"));
    drop(node);
    let _node = preload(&lab, b"stale");
    lab.run(&["pipe", "./node", "data", "--drain"]).success();
}

#[test]
fn input_and_output_must_differ() {
    let lab = Lab::new(10);
    let assert = lab.run(&["pipe", "./node", "data", "-o", "data"]).code(2);
    assert_eq!(stderr(&assert), "usbpipe: data is both input and output\n");
    assert_eq!(fs::read(lab.path("data")).unwrap().len(), 10);
}

#[test]
fn read_stops_at_the_count_or_the_time_limit() {
    let lab = Lab::new(0);
    let _node = preload(&lab, b"hello, world");
    let assert = lab.run(&["read", "./node", "-n", "5"]).success();
    assert_eq!(stdout(&assert), "hello");
    assert!(stderr(&assert).starts_with("received  5 bytes, CRC-32C "));
    let assert = lab
        .run(&["read", "./node", "-n", "1K", "-t", "1", "-o", "rest"])
        .code(1);
    assert_eq!(
        stderr(&assert),
        "usbpipe: ./node: read: nothing moved within the time limit\n\
         \x20 received  7 bytes of 1024 bytes (1.00 KiB)\n"
    );
    assert_eq!(fs::read(lab.path("rest")).unwrap(), b", world");
}

#[test]
fn write_takes_stdin_and_tells_the_checksum() {
    let lab = Lab::new(0);
    let mut node = preload(&lab, b"");
    let mut command = usbpipe(&["write", "./node"]);
    let assert = command
        .current_dir(&lab.0)
        .write_stdin("123456789")
        .assert()
        .success();
    // The check value of CRC-32C.
    assert!(stdout(&assert).starts_with("sent      9 bytes, CRC-32C e3069283, "));
    let mut bytes = [0; 9];
    node.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"123456789");
}

fn spawn(lab: &Lab, args: &[&str]) -> Child {
    let mut command = std::process::Command::new(PROGRAM);
    command
        .args(args)
        .current_dir(&lab.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_signal_ends_a_transfer_with_its_counts() {
    let lab = Lab::new(0);
    let _node = preload(&lab, b"abc");
    let mut child = spawn(&lab, &["read", "./node", "-t", "20"]);
    // Bytes that came through show that it is at work.
    let mut bytes = [0; 3];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut bytes)
        .unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "usbpipe: ./node: read: interrupted\n  received  3 bytes\n"
    );
}

fn fake_sysfs(root: &Path) {
    let device = root.join("devices/usb1/1-2");
    fs::create_dir_all(device.join("1-2:1.0")).unwrap();
    for (name, value) in [
        ("idVendor", "1209"),
        ("idProduct", "0001"),
        ("speed", "480"),
        ("serial", "0001"),
    ] {
        fs::write(device.join(name), format!("{value}\n")).unwrap();
    }
    let node = root.join("class/usbmisc/usbpipe77");
    fs::create_dir_all(&node).unwrap();
    std::os::unix::fs::symlink(device.join("1-2:1.0"), node.join("device")).unwrap();
}

#[test]
fn list_shows_nodes_it_may_not_open() {
    let root = TempDir::new().unwrap();
    fake_sysfs(root.path());
    let sysfs = root.path().to_str().unwrap();
    let assert = usbpipe(&["list", "--sysfs", sysfs]).assert().success();
    assert_eq!(
        stdout(&assert),
        "NODE            ID         MBIT/S  READ  WRITE  PRODUCT  SERIAL\n\
         /dev/usbpipe77  1209:0001  480     -     -      -        0001\n"
    );
    let assert = usbpipe(&["list", "--json", "--sysfs", sysfs])
        .assert()
        .success();
    let json: serde_json::Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!(json[0]["node"], "/dev/usbpipe77");
    assert_eq!(json[0]["id"], "1209:0001");
}

#[test]
fn an_empty_list_says_what_to_check() {
    let root = TempDir::new().unwrap();
    let assert = usbpipe(&["list", "--sysfs", root.path().to_str().unwrap()])
        .assert()
        .success();
    assert_eq!(stdout(&assert), "");
    assert!(stderr(&assert).starts_with("no usbpipe nodes"));
}

#[test]
fn manual_pages_and_completions_are_made() {
    let dir = TempDir::new().unwrap();
    usbpipe(&["man", dir.path().to_str().unwrap()])
        .assert()
        .success();
    for page in ["usbpipe.1", "usbpipe-pipe.1"] {
        assert!(
            fs::read_to_string(dir.path().join(page))
                .unwrap()
                .contains(".TH"),
            "{page}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let text = stdout(&usbpipe(&["completions", shell]).assert().success());
        assert!(text.contains("usbpipe"), "{shell}");
    }
    usbpipe(&["completions", "dos"]).assert().code(2);
}
