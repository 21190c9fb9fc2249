# SPDX-License-Identifier: GPL-2.0
"""One test on one kernel: its output, its kernel messages, its verdict."""
import os
import time

from .judge import Judge
from .ktap import Ktap


class Result:
    def __init__(self, kernel, machine, name, log):
        self.kernel, self.machine, self.name, self.log = kernel, machine, name, log
        self.ktap, self.judge = Ktap(), Judge()
        self.begin, self.seconds = time.monotonic(), 0.0
        self.waiting = {"output", "kernel"}     # ends that are still to come
        os.makedirs(os.path.dirname(log), exist_ok=True)
        self.file = open(log, "w", buffering=1, encoding="utf-8")

    def write(self, mark, text):
        self.file.write("%8.3f %s %s\n" % (time.monotonic() - self.begin, mark, text))

    def output(self, text):
        self.write("r", text)
        self.ktap.line(text)

    def kernel_line(self, text):
        self.write("k", text)
        self.judge.line(text)

    def fail(self, why):
        self.write("-", why)
        self.ktap.fail(why)

    def machine_ended(self, why):
        """The machine is gone: a failure, or what the test was to do."""
        if self.judge.seen:
            self.write("-", "%s, as announced" % why)
            self.ktap.ended_as_announced()
        else:
            self.fail(why)

    def ended(self, stream):
        """True once both streams have ended."""
        self.waiting.discard(stream)
        return not self.waiting

    def finish(self):
        self.seconds = time.monotonic() - self.begin
        for text in self.judge.bad[:20]:
            self.ktap.fail("kernel: " + text)
        if self.judge.ends and not self.ktap.announced:
            self.ktap.fail("the machine was to end with: " + self.judge.ends)
        self.ktap.finish()
        self.file.close()
        return self

    @property
    def counts(self):
        return self.ktap.counts()


def verdict(kernel, machine, name, log, why):
    """A failure that no test program stands behind (build, boot, manifest)."""
    result = Result(kernel, machine, name, log)
    result.fail(why)
    return result.finish()
