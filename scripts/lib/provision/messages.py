# SPDX-License-Identifier: GPL-2.0
"""Messages to the person at the terminal: standard error, one form."""

import signal
import sys
import time

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_UNSUPPORTED = 3


class Failure(Exception):
    """Something the user must know: what, why, and what to do about it."""

    def __init__(self, what, hint=None, code=EXIT_FAILURE):
        super().__init__(what)
        self.hint = hint
        self.code = code


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_main(main):
    """Run `main()` and turn what it raises into a message and a status."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    try:
        sys.exit(main())
    except Failure as failure:
        say(f"error: {failure}")
        if failure.hint:
            say(f"  {failure.hint}")
        sys.exit(failure.code)
    except BrokenPipeError:
        sys.exit(EXIT_FAILURE)
    except OSError as error:
        say(f"error: {error}")
        sys.exit(EXIT_FAILURE)
    except KeyboardInterrupt:
        say("interrupted; run the same command again to go on from here")
        sys.exit(130)


def _interrupt(_number, _frame):
    """Being told to end takes the same orderly way out as Ctrl-C."""
    raise KeyboardInterrupt


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Progress:
    """A line that says how far a long step is.

    A terminal gets one line that is rewritten; a log gets a line whenever
    `LOG_EVERY` seconds have gone by, so that neither looks dead.
    """

    LOG_EVERY = 20
    TERMINAL_EVERY = 0.2

    def __init__(self, what, total=None):
        self.what = what
        self.total = total
        self.done = 0
        self.start = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.shown = self.start

    def step(self, count=1):
        self.done += count
        self.show_if_due()

    def show_if_due(self):
        every = self.TERMINAL_EVERY if self.terminal else self.LOG_EVERY
        now = time.monotonic()
        if now - self.shown >= every:
            self.shown = now
            self._show("\r" if self.terminal else "", "" if self.terminal else "\n")

    def _show(self, before, after):
        share = ""
        if self.total:
            share = f" {min(99, 100 * self.done // self.total):2d} %"
        elapsed = clock(time.monotonic() - self.start)
        sys.stderr.write(f"{before}{self.what}:{share} {self.done} steps, {elapsed}{after}")
        sys.stderr.flush()

    def close(self, verdict):
        """End the line; silent where the step was over before anyone waited."""
        elapsed = time.monotonic() - self.start
        if self.terminal:
            sys.stderr.write("\r\033[K")
        if elapsed >= 2:
            say(f"{self.what}: {verdict} in {clock(elapsed)}")
