# SPDX-License-Identifier: GPL-2.0
"""Tests that run on the host itself, by the same runner, and the lint."""
import os
import subprocess

from .paths import BUILD, TOP
from .result import Result

LINT_SECONDS = 600


def execute(result, command, seconds, cwd, each):
    environment = dict(os.environ, DIO_TOP=TOP)
    process = subprocess.Popen(command, cwd=cwd, env=environment, text=True,
                               errors="replace", stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        result.fail("no end within %d s" % seconds)
    for line in output.splitlines():
        each(line)
    return process.returncode


def run_test(test, logs, emit):
    result = Result("host", "host", test.name,
                    os.path.join(logs, test.name.replace(":", ".") + ".log"))
    ksft = os.path.join(BUILD, "ksft")
    execute(result, ["./run_kselftest.sh", "-o", str(test.timeout), "-t", test.name],
            test.timeout + 30, ksft, result.output)
    emit(result.finish())


def run_lint(name, logs, emit):
    """A script of scripts/lint prints TAP; its exit status is its verdict."""
    result = Result("host", "host", "lint:" + name,
                    os.path.join(logs, "lint.%s.log" % name))

    def each(line):
        result.write("r", line)
        result.ktap.inner(line)

    code = execute(result, [os.path.join(TOP, "scripts", "lint", name)],
                   LINT_SECONDS, TOP, each)
    result.ktap.closing = ("fail" if code else "pass", "exit=%d" % code)
    emit(result.finish())
