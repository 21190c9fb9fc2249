# SPDX-License-Identifier: GPL-2.0
"""Tests that run on the host itself, by the same runner, and the lint."""
import os
import signal
import subprocess
import threading

from .manifest import HOST, Test
from .paths import BUILD, patience, TOP
from .result import Result

# They need no entry in the manifest: no collection is behind them.
LINT = [Test("lint:run", HOST, 1200, [HOST]), Test("lint:selftest", HOST, 600, [HOST])]


def execute(result, command, seconds, cwd, each):
    environment = dict(os.environ, DIO_TOP=TOP)
    process = subprocess.Popen(command, cwd=cwd, env=environment, text=True,
                               errors="replace", stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)

    def stop():
        result.fail("no end within %d s" % seconds)
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, stop)
    timer.start()
    for line in process.stdout:
        each(line.rstrip("\n"))
    code = process.wait()
    timer.cancel()
    return code


def limit(test):
    return int(test.timeout * patience())


def run_test(test, logs, emit):
    result = Result("host", "host", test.name,
                    os.path.join(logs, test.name.replace(":", ".") + ".log"))
    ksft = os.path.join(BUILD, "ksft")
    execute(result, ["./run_kselftest.sh", "-o", str(limit(test)), "-t", test.name],
            limit(test) + 30, ksft, result.output)
    emit(result.finish())


def run_lint(test, logs, emit):
    """A script of scripts/lint prints TAP; its exit status is its verdict."""
    result = Result("host", "host", test.name,
                    os.path.join(logs, test.name.replace(":", ".") + ".log"))

    def each(line):
        result.write("r", line)
        result.ktap.inner(line)

    code = execute(result, [os.path.join(TOP, "scripts", *test.name.split(":"))],
                   limit(test), TOP, each)
    result.ktap.closing = ("fail" if code else "pass", "exit=%d" % code)
    emit(result.finish())


def run(test, logs, emit):
    (run_lint if test in LINT else run_test)(test, logs, emit)
