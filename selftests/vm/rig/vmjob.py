# SPDX-License-Identifier: GPL-2.0
"""Run a list of tests in one machine, with as many boots as that takes.

A panic, a hang or an early end fails the test that was running; the rest of
the list gets a fresh boot. A machine that reaches no test twice is given up.
"""
import os
import time

from . import layers
from .judge import SUSPICIOUS
from .result import Result, verdict
from .session import KERNEL, Session

GRACE_SECONDS = 25      # after the runner's own timeout, until QEMU is killed
CLOSE_SECONDS = 60      # after the last test: the leak scan
APPEND = "panic_on_warn=1 oops=panic"


class VmJob:
    def __init__(self, kernel, machine, tests, logs, stack, emit, part="", volume=False):
        self.kernel, self.machine, self.stack, self.emit = kernel, machine, stack, emit
        self.pending = list(tests)
        self.logs, self.name = logs, machine.name + part
        self.slow = kernel.slowness()
        self.volume = layers.VOLUME if volume else []
        self.output = self.console = None       # results the two streams are in
        self.done, self.reached = False, 0

    def log(self, name=None):
        if name is None:
            return os.path.join(self.logs, self.name + ".log")
        return os.path.join(self.logs, self.machine.name, name.replace(":", ".") + ".log")

    def run(self):
        os.makedirs(self.logs, exist_ok=True)
        open(self.log(), "w", encoding="utf-8").close()
        fruitless = 0
        while self.pending and fruitless < 2:
            before = len(self.pending)
            self.boot()
            fruitless = 0 if len(self.pending) < before else fruitless + 1
        for test in self.pending:
            self.problem(test.name, "not run: the machine does not get as far as "
                         "its tests, see %s" % self.log())

    def problem(self, name, why):
        self.emit(verdict(self.kernel.key, self.machine.name, name,
                          self.log(name), why))

    def timeout(self, test):
        return int(test.timeout * self.slow)

    def boot(self):
        table = "".join("%s %s %d\n" % (*t.name.split(":"), self.timeout(t))
                        for t in self.pending)
        boot_layer = layers.boot_layer(self.machine, "tests.sh", [
            ("etc/dio/tests", table, 0o644), *self.volume])
        session = Session(self.machine, self.kernel, self.stack, boot_layer,
                          self.log(), APPEND)
        session.owed = lambda: any(r.waiting for r in self.running.values())
        self.output = self.console = None
        self.running, self.strays, self.leaks, self.boot_bad = {}, [], [], []
        self.done = False
        try:
            session.start(self.machine.boot * self.slow)
            for channel, text in session.lines():
                if channel == KERNEL:
                    self.kernel_line(text)
                else:
                    self.rig_line(session, text)
        finally:
            session.close()
        self.after(session)

    def result(self, name):
        """The result of the test NAME of this boot, made by the first mark."""
        if name not in self.running:
            self.running[name] = Result(self.kernel.key, self.machine.name, name,
                                        self.log(name))
        return self.running[name]

    def kernel_line(self, text):
        if "dio-rig: begin " in text:
            self.console = self.result(text.split("dio-rig: begin ")[1].strip())
        elif "dio-rig: end " in text:
            result, self.console = self.console, None
            if result:
                self.ended(result, "kernel")
        elif self.console:
            self.console.kernel_line(text)
        elif self.running and SUSPICIOUS.search(text):
            self.strays.append(text)

    def rig_line(self, session, text):
        now = time.monotonic()
        if text.startswith("@@begin "):
            self.output = self.result(text.split()[1])
            test = next(t for t in self.pending if t.name == self.output.name)
            session.deadline = now + self.timeout(test) + GRACE_SECONDS * self.slow
        elif text.startswith("@@end "):
            session.deadline = now + CLOSE_SECONDS * self.slow
            result, self.output = self.output, None
            if result:
                self.ended(result, "output")
        elif text == "@@done":
            self.done = True
        elif text.startswith("@@leak "):
            self.leaks.append(text[7:])
        elif text.startswith(("@@boot ", "@@problem ")):
            self.boot_bad.append(text[2:])
        elif self.output:
            self.output.output(text)

    def ended(self, result, stream):
        if result.ended(stream):
            self.conclude(result)

    def conclude(self, result):
        self.pending = [t for t in self.pending if t.name != result.name]
        self.emit(result.finish())

    def after(self, session):
        """What the end of the machine says about the test it came in."""
        current = self.output or self.console
        if not self.done:
            why = ("the machine hung: killed by the time limit" if session.timed_out
                   else "the machine ended (panic or reset)")
            if current:
                current.machine_ended(why)
                self.conclude(current)
            elif not self.pending:
                self.strays.append(why)
        else:
            for result in [r for r in self.running.values() if len(r.waiting) == 1]:
                result.fail("the kernel's console lost its end mark")
                self.conclude(result)
        if self.strays:
            self.problem("rig:between-tests", "\n".join(self.strays[:10]))
        if self.boot_bad:
            self.problem("rig:boot", "\n".join(self.boot_bad[:10]))
        if self.leaks:
            self.problem("rig:kmemleak", "\n".join(self.leaks[:40]))
