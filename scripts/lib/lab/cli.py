# SPDX-License-Identifier: GPL-2.0
"""The command line of scripts/lab."""

import argparse
import contextlib
import os
import signal
import sys
import termios
import tty

from provision.messages import Failure, say

from lab import kernel, kvm, suite
from lab.guest import DMESG_BAD, TIME_LIMIT, Guest
from lab.options import LABS, Options, is_debug
from lab.rundir import GUEST_DIED, RunDir

MISUSE = 125
_TAIL = 25

DESCRIPTION = """\
Run programs in a guest of one of the labs: fast (User Mode Linux), real
(x86_64 in QEMU), and fast-debug, real-debug with a kernel that finds errors."""

EPILOG = f"""\
exit status of run, test and shell:
  the program's own, or
  {DMESG_BAD}  the program succeeded, but the kernel log is bad (its lines are shown)
  {TIME_LIMIT}  the time limit was reached
  {MISUSE}  the runner could not do its work, or was misused
  {GUEST_DIED}  the guest died, or the runner was interrupted

in the guest:
  /lab/share    the directory of this run, read-write, and the current one
  /lab/bin      first in PATH: usbpipe, refdevd, testusb, plug, unplug, ...
  /lab/tests    the guest tests
  plug [full|high|super] [REFDEVD-OPTION...], unplug: a device comes and goes,
                the reference device or, with --device, another one

environment:
  USBPIPE_KERNEL_FAST, ..._FAST_DEBUG, ..._REAL, ..._REAL_DEBUG
                  artefact directories to use instead of this checkout's kernels
  USBPIPE_PROGRAMS  directory of guest programs to use instead of building them

examples:
  scripts/lab run fast -- uname -a
  scripts/lab run fast --give data.bin -- sha256sum data.bin
  scripts/lab run real -- sh -c 'plug super && usbpipe list'
  scripts/lab run fast -- ./my-test.sh     (a host file is given by itself)
  scripts/lab run fast-debug --kunit '*'
  scripts/lab test fast -k plug
  scripts/lab shell real"""


def main(argv):
    at = argv.index("--") if "--" in argv else len(argv)
    arguments = _parser().parse_args(argv[:at])
    arguments.program = argv[at + 1:]
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGHUP, _terminated)
    try:
        return arguments.verb(arguments)
    except Failure as failure:
        say(f"scripts/lab: {failure}")
        if failure.hint:
            say(f"  {failure.hint}")
        return MISUSE
    except KeyboardInterrupt:
        say("scripts/lab: interrupted; the guest was stopped")
        return GUEST_DIED


def _terminated(number, _frame):
    sys.exit(128 + number)


class _Parser(argparse.ArgumentParser):
    """Leaves with the runner's own status, which no program in a guest has."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(MISUSE, f"{self.prog}: {message} (--help tells more)\n")


def _parser():
    parser = _Parser(prog="scripts/lab", description=DESCRIPTION, epilog=EPILOG,
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_run(verbs.add_parser("run", help="run a program, given after --"))
    _add_test(verbs.add_parser("test", help="run the guest tests, reported as TAP"))
    _add_shell(verbs.add_parser("shell", help="an interactive shell (Ctrl-] ends the guest)"))
    probe = verbs.add_parser("probe-kvm", help="find out anew whether KVM can be used")
    probe.add_argument("--kernel", metavar="DIR", help="artefact directory")
    probe.set_defaults(verb=_probe_kvm)
    return parser


def _add_guest_options(parser):
    parser.add_argument("lab", choices=LABS)
    parser.add_argument("--kernel", metavar="DIR", help="artefact directory (default: scripts/kernel LAB)")
    parser.add_argument("--timeout", metavar="S", type=float, help="end the guest after S seconds")
    parser.add_argument("--mem", metavar="MB", type=int, default=0)
    parser.add_argument("--smp", metavar="N", type=int, default=0)
    parser.add_argument("--append", metavar="WORD", action="append", default=[],
                        help="add to the kernel's command line")
    parser.add_argument("--modules", metavar="NAME", nargs="+", default=[],
                        help="load these before the program starts")
    parser.add_argument("--pci-testdev", action="store_true", help="real labs: add QEMU's PCI test device")
    parser.add_argument("--keep", action="store_true", help="keep the directory of this run and name it")


def _add_run(parser):
    _add_guest_options(parser)
    parser.add_argument("--give", metavar="FILE[:NAME]", action="append", default=[],
                        help="copy a file or directory into the share first")
    parser.add_argument("--take", metavar="NAME[:DEST]", action="append", default=[],
                        help="copy it from the share afterwards")
    parser.add_argument("--kunit", metavar="GLOB", help="run these KUnit suites at boot; their KTAP is printed")
    parser.add_argument("--leaks", action="store_true",
                        help="debug labs: look for leaked memory at the end (takes some seconds)")
    parser.set_defaults(verb=_run)


def _part(word):
    """K/N as it is given to the guest; argparse says what is wrong."""
    part, _, parts = word.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{word} is no K/N with K from 1 to N")
    return word


def _add_test(parser):
    _add_guest_options(parser)
    parser.add_argument("-k", metavar="PATTERN", dest="pattern", default="*", help="only tests of this name")
    parser.add_argument("--cycles", metavar="N", type=int, default=0,
                        help="how often tests repeat what they repeat (a soak: no test has a time limit)")
    parser.add_argument("--part", metavar="K/N", type=_part,
                        help="of the crimes of tests hostile*, only every Nth, from the Kth on")
    parser.add_argument("--list", action="store_true", help="name the tests of this lab and do nothing")
    parser.set_defaults(verb=_test, leaks=None, kunit=None)


def _add_shell(parser):
    _add_guest_options(parser)
    parser.add_argument("--give", metavar="FILE[:NAME]", action="append", default=[])
    parser.set_defaults(verb=_shell, leaks=False, kunit=None)


def _options(arguments, limit_s):
    leaks = is_debug(arguments.lab) if arguments.leaks is None else arguments.leaks
    limit_s = limit_s if arguments.timeout is None else arguments.timeout
    return Options(arguments.mem, arguments.smp, limit_s, arguments.append, arguments.pci_testdev,
                   arguments.kunit or "", leaks, arguments.modules, cycles=getattr(arguments, "cycles", 0),
                   part=getattr(arguments, "part", None) or "")


@contextlib.contextmanager
def _run_directory(arguments):
    run = RunDir()
    try:
        yield run
    finally:
        if arguments.keep:
            say(f"scripts/lab: kept {run.path}")
        else:
            run.remove()


def _run(arguments):
    if not arguments.program and not arguments.kunit:
        raise Failure("no program", "give it after --, as in: scripts/lab run fast -- uname -a")
    place = kernel.artefact(arguments.lab, arguments.kernel)
    with _run_directory(arguments) as run:
        for spec in arguments.give:
            run.give(spec)
        guest = Guest(arguments.lab, place, _options(arguments, 120), run)
        verdict = guest.execute(_program(arguments.program, run))
        _explain(verdict, run)
        failed = _print_ktap(run) if arguments.kunit else False
        for spec in arguments.take:
            run.take(spec)
        return verdict.status or int(failed)


def _program(argv, run):
    """The command for the guest; a file of the host, named by a path, is given."""
    if not argv:
        return ["true"]
    if "/" in argv[0] and os.path.isfile(argv[0]):
        return ["./" + run.give(argv[0]), *argv[1:]]
    return argv


def _print_ktap(run):
    text, failed = suite.kunit_report(run.kernel_log())
    print(text)
    return failed


def _test(arguments):
    tests = suite.select(arguments.lab, arguments.pattern)
    if arguments.list:
        print("\n".join(test.name for test in tests))
        return 0
    if not tests:
        raise Failure(f"no test of {arguments.lab} matches {arguments.pattern}")
    place = kernel.artefact(arguments.lab, arguments.kernel)
    return suite.run(arguments.lab, place, tests, _options(arguments, 2700))


def _shell(arguments):
    if not sys.stdin.isatty():
        raise Failure("shell needs a terminal", "use run for anything else")
    place = kernel.artefact(arguments.lab, arguments.kernel)
    with _run_directory(arguments) as run, _raw(sys.stdin.fileno()) as keyboard:
        for spec in arguments.give:
            run.give(spec)
        verdict = Guest(arguments.lab, place, _options(arguments, 0), run).execute(["sh"], keyboard=keyboard)
        _explain(verdict, run, end="\r\n")
        return verdict.status


@contextlib.contextmanager
def _raw(terminal):
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    try:
        yield terminal
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _probe_kvm(arguments):
    place = kernel.artefact("real", arguments.kernel)
    found = kvm.probe(place / "kernel")
    say(f"KVM {'can' if found['works'] else 'cannot'} be used: {found['why']} ({found['took_s']} s)")
    return 0 if found["works"] else 1


def _explain(verdict, run, end="\n"):
    """Says what went wrong beyond the program's own status."""
    told = []
    for part, reports in verdict.bad.items():
        for report in reports:
            told += [f"scripts/lab: bad kernel message ({part}):", *report.lines]
    if verdict.timed_out or verdict.died:
        told += ["scripts/lab: " + ("time limit reached" if verdict.timed_out else "the guest died"),
                 *_last_lines(run)]
    for line in told:
        print(line if line.startswith("scripts/lab: ") else f"  {line}", file=sys.stderr, end=end, flush=True)


def _last_lines(run):
    log = run.kernel_log() or (run.path / "machine.log").read_text(errors="replace")
    return log.splitlines()[-_TAIL:]
