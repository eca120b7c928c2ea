# SPDX-License-Identifier: GPL-2.0
"""Waiting for several descriptors at once, up to a deadline."""

import selectors
import time


class Loop:
    """Calls back for every descriptor that has something to read."""

    _TICK_S = 0.05

    def __init__(self):
        self._selector = selectors.DefaultSelector()

    def watch(self, file, callback):
        self._selector.register(file, selectors.EVENT_READ, callback)

    def unwatch(self, file):
        self._selector.unregister(file)

    def watched(self, file):
        return file in self._selector.get_map()

    def run(self, done, deadline=None):
        """Serves until `done()`; False where the deadline came first."""
        while not done():
            if deadline is not None and time.monotonic() >= deadline:
                return False
            self.step(self._TICK_S)
        return True

    def step(self, seconds):
        """Serves what is there, waiting at most this long for it; True if there was."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def close(self):
        self._selector.close()
