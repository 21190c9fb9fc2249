# SPDX-License-Identifier: GPL-2.0
"""Boot one machine, run one script in it, print what it prints.

usage: selftests/vm/shell [-m MACHINE] [-k KERNEL] [-t SECONDS] [-a APPEND] [-v]
                          [-s] [-n] [-f LOCAL:REMOTE] SCRIPT|-c COMMAND
The exit status is the script's; the whole log is in build/KERNEL/logs/.
"""
import argparse
import os
import sys
import time

from . import layers, prepare
from .judge import Judge
from .machine import Machine
from .paths import Kernel
from .session import KERNEL, Session


def arguments(argv):
    p = argparse.ArgumentParser(prog="selftests/vm/shell")
    p.add_argument("-m", "--machine", default="reset")
    p.add_argument("-k", "--kernel", default="6.12")
    p.add_argument("-t", "--timeout", type=int, default=300)
    p.add_argument("-a", "--append", default="", help="more kernel command line")
    p.add_argument("-v", "--verbose", action="store_true",
                   help="show the kernel's messages too")
    p.add_argument("-c", "--command", help="instead of a script")
    p.add_argument("-f", "--file", action="append", default=[],
                   metavar="LOCAL:REMOTE", help="one more file in the machine")
    p.add_argument("-s", "--stock", action="store_true",
                   help="build and install nothing of ours")
    p.add_argument("-n", "--no-tests", action="store_true",
                   help="without the selftests (and the sources they need)")
    p.add_argument("script", nargs="?")
    a = p.parse_args(argv)
    if (a.command is None) == (a.script is None):
        p.error("give a script or -c COMMAND")
    return a


def extra_files(specs):
    for spec in specs:
        local, _, remote = spec.partition(":")
        with open(local, "rb") as f:
            yield remote, f.read(), 0o755


def report(session, verbose):
    """Print the run's lines; the script's exit status, or None."""
    status, judge, begun = None, Judge(), None
    for channel, text in session.lines():
        if channel == KERNEL:
            judge.line(text)
            if verbose:
                print("k| " + text, flush=True)
        elif text.startswith("@@begin"):
            begun = time.monotonic()
        elif text.startswith("@@exit "):
            status = int(text.split()[1])
        elif text.startswith("@@problem") or not text.startswith("@@"):
            print(text, flush=True)
    for text in judge.bad:
        print("k| " + text, file=sys.stderr)
    if session.timed_out:
        print("shell: time limit reached, machine killed", file=sys.stderr)
    end = time.monotonic()
    print("shell: boot %.1f s, script %.1f s" % (
        (begun or end) - session.begin, end - (begun or end)), file=sys.stderr)
    return status


def main(argv):
    a = arguments(argv)
    kernel, machine = Kernel(a.kernel), Machine(a.machine)
    script = a.command + "\n" if a.command is not None else open(a.script).read()
    stack = prepare.tolerant_stack(kernel, machine, a.stock, not a.no_tests)
    boot = layers.boot_layer(machine, "shell.sh", [
        ("etc/dio/script", script, 0o755), *layers.VOLUME, *extra_files(a.file)])
    log = kernel.path("logs", "shell-%s.%d.log" % (machine.name, os.getpid()))
    os.makedirs(os.path.dirname(log), exist_ok=True)
    session = Session(machine, kernel, stack, boot, log, a.append)
    try:
        session.start(a.timeout)
        status = report(session, a.verbose)
    finally:
        session.close()
    print("shell: log %s" % log, file=sys.stderr)
    if status is None:
        print("shell: the machine ended before the script did", file=sys.stderr)
        return 125
    return status
