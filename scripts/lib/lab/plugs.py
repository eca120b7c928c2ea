# SPDX-License-Identifier: GPL-2.0
"""The hand outside the real lab that plugs a device in and out.

The guest writes `plug SPEED [ARGUMENT...]` or `unplug` to a virtio-serial port,
one request a line, and reads one line back: `ok` or `error: REASON`. The device
is refdevd, a usbredir server that connects to QEMU's character device.
"""

import shlex
import signal
import subprocess

from lab import process

_SPEEDS = ("full", "high", "super")


class Plugs:
    """Serves the requests of one guest."""

    def __init__(self, loop, port, refdevd, run):
        self._loop, self._port, self._refdevd = loop, port, refdevd
        self._socket = run.path / "usb0.sock"
        self._trace = run.path / "refdevd.log"
        self._device = None
        self._pending = b""
        loop.watch(port, self._receive)

    def close(self):
        if self._device:
            self._forget()

    def _receive(self):
        data = self._port.recv(4096)
        if not data:
            self._loop.unwatch(self._port)
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._serve(line.decode(errors="replace"))

    def _serve(self, request):
        try:
            verb, *arguments = shlex.split(request)
            {"plug": self._plug, "unplug": self._unplug}[verb](*arguments)
        except (KeyError, TypeError, ValueError):
            self._reply(f"error: not a request: {request}")

    def _reply(self, text):
        self._port.sendall(f"{text}\n".encode())

    def _plug(self, speed="high", *arguments):
        if self._device:
            self._reply("error: the device is plugged in already")
        elif speed not in _SPEEDS:
            self._reply(f"error: no such speed: {speed} (one of {', '.join(_SPEEDS)})")
        else:
            self._start(speed, arguments)
            self._loop.watch(self._device.stdout, self._attached)

    def _start(self, speed, arguments):
        with open(self._trace, "ab") as trace:
            self._device = process.start(
                [self._refdevd, "usbredir", "--socket", self._socket, "--speed", speed, *arguments],
                stdout=subprocess.PIPE, stderr=trace)

    def _attached(self):
        """The first line of refdevd says that it is connected; its end, that it failed."""
        line = self._device.stdout.readline()
        self._loop.unwatch(self._device.stdout)
        if line:
            self._loop.watch(self._device.stdout, self._ended)
            self._reply("ok")
        else:
            status = self._forget()
            self._reply(f"error: refdevd ended with status {status}: {self._last_words()}")

    def _ended(self):
        """The device went away by itself, for example because of a fault it was given."""
        if not self._device.stdout.read1():
            self._loop.unwatch(self._device.stdout)

    def _unplug(self):
        if not self._device:
            self._reply("error: no device is plugged in")
            return
        if self._loop.watched(self._device.stdout):
            self._loop.unwatch(self._device.stdout)
        status = self._forget()
        gone = status in (0, -signal.SIGTERM)
        self._reply("ok" if gone else f"error: refdevd ended with status {status}: {self._last_words()}")

    def _forget(self):
        process.stop(self._device, gently=True)
        self._device.stdout.close()
        status, self._device = self._device.returncode, None
        return status

    def _last_words(self):
        lines = self._trace.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"
