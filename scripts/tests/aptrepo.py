# SPDX-License-Identifier: GPL-2.0
"""A small signed package archive on a local web server, for tests of setup."""

import functools
import hashlib
import http.server
import io
import subprocess
import tarfile
import threading
from pathlib import Path

HOST = "127.0.0.1"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass

    def copyfile(self, source, outputfile):
        """Half of a file and no more, where the test asks for that."""
        if self.server.cut and self.path.endswith(".deb"):
            outputfile.write(source.read()[:1000])
            self.close_connection = True
        else:
            super().copyfile(source, outputfile)


class Archive:
    """Packages of one suite; `publish` (re)writes and signs its lists."""

    def __init__(self, folder, suite="testing-suite"):
        self.root, self.suite = Path(folder), suite
        self.pool = self.root / "debian/pool"
        self.pool.mkdir(parents=True)
        self.home = self.root / "gnupg"
        self.home.mkdir(mode=0o700)
        self.keyring = self.root / "keyring.gpg"
        self._make_key()
        self.server = http.server.ThreadingHTTPServer(
            (HOST, 0), functools.partial(Handler, directory=str(self.root)))
        self.server.cut = False
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def uri(self):
        return f"http://{HOST}:{self.server.server_port}/debian"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=False)

    def _gpg(self, *args, text=None):
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--passphrase", ""]
        return subprocess.run([*command, *args], input=text, capture_output=True, check=True).stdout

    def _make_key(self):
        self._gpg("--quick-gen-key", "test", "ed25519", "sign", "never")
        self.keyring.write_bytes(self._gpg("--export"))

    def add(self, package, version, files):
        """A package holding `files` {path: bytes}."""
        build = self.root / "build" / f"{package}_{version}"
        for path, content in files.items():
            target = build / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        control = build / "DEBIAN/control"
        control.parent.mkdir(parents=True, exist_ok=True)
        control.write_text(f"Package: {package}\nVersion: {version}\nArchitecture: all\n"
                           "Maintainer: test <test@localhost>\nDescription: test\n")
        deb = self.pool / f"{package}_{version}_all.deb"
        subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "--build", str(build), str(deb)],
                       check=True, stdout=subprocess.DEVNULL)
        return deb

    def publish(self, signed=True):
        dist = self.root / "debian/dists" / self.suite
        lists = dist / "main/binary-amd64/Packages"
        lists.parent.mkdir(parents=True, exist_ok=True)
        lists.write_text("\n".join(self._stanza(deb) for deb in sorted(self.pool.glob("*.deb"))))
        release = (f"Suite: {self.suite}\nCodename: {self.suite}\nComponents: main\nArchitectures: amd64\n"
                   f"Date: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n {_sha256(lists)} {lists.stat().st_size} "
                   "main/binary-amd64/Packages\n")
        text = self._gpg("--clearsign", text=release.encode()) if signed else release.encode()
        (dist / "InRelease").write_bytes(text)

    def _stanza(self, deb):
        control = subprocess.run(["dpkg-deb", "-f", str(deb)], check=True, capture_output=True, text=True).stdout
        place = deb.relative_to(self.root / "debian")
        return f"{control}Filename: {place}\nSize: {deb.stat().st_size}\nSHA256: {_sha256(deb)}\n"

    def add_kernel(self, version, padding=0):
        """linux-source of that version: a Makefile and some bytes."""
        series = ".".join(version.split("-")[0].split("~")[0].split(".")[:2])
        tarball = io.BytesIO()
        with tarfile.open(fileobj=tarball, mode="w:xz", preset=0) as tar:
            _add(tar, f"linux-source-{series}/Makefile", f"# {version}\n".encode())
            _add(tar, f"linux-source-{series}/padding", b"\0" * padding)
        return self.add(f"linux-source-{series}", version,
                        {f"usr/src/linux-source-{series}.tar.xz": tarball.getvalue(), "noise": b"n" * 5000})


def _add(tar, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
