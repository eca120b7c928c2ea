# SPDX-License-Identifier: GPL-2.0
"""Lets a file of unittest classes report as TAP."""

import sys
import unittest


class _TapResult(unittest.TestResult):
    """Prints a line for each test when it has ended."""

    def __init__(self):
        super().__init__()
        self._count = 0
        self._problem = None
        self._skipped = ""

    def startTest(self, test):
        super().startTest(test)
        self._problem, self._skipped = None, ""

    def stopTest(self, test):
        super().stopTest(test)
        self._count += 1
        for line in (self._problem or "").splitlines():
            print(f"# {line}")
        verdict = "not ok" if self._problem else "ok"
        print(f"{verdict} {self._count} - {_title(test)}{self._skipped}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._skipped = f" # SKIP {reason}"

    def addError(self, test, err):
        super().addError(test, err)
        self._problem = self.errors[-1][1]

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._problem = self.failures[-1][1]

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._problem = f"{subtest}\n{err[1]}"

    def finish(self):
        print(f"1..{self._count}")
        return 0 if self.wasSuccessful() and self._count else 1


def _title(test):
    group = type(test).__name__
    return f"{group}: {test.id().rpartition('.')[2][len('test_'):].replace('_', ' ')}"


def main():
    """Runs the tests of the main module, or those named on the command line."""
    module = sys.modules["__main__"]
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(module.__doc__.strip())
        sys.exit(0)
    loader = unittest.defaultTestLoader
    loader.testNamePatterns = [f"*{name}*" for name in sys.argv[1:]] or None
    print("TAP version 13")
    result = _TapResult()
    loader.loadTestsFromModule(module).run(result)
    sys.exit(result.finish())
