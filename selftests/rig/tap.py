# SPDX-License-Identifier: GPL-2.0
"""Unit tests of Python that speak TAP."""
import os
import unittest


class Tap(unittest.TextTestResult):
    """One TAP line a test."""
    planned = 0

    def startTestRun(self):
        print("TAP version 13\n1..%d" % self.planned)

    def stopTest(self, test):
        super().stopTest(test)
        broken = [why for t, why in self.failures + self.errors if t is test]
        for line in "".join(broken).splitlines():
            print("# " + line)
        print("%s %d %s" % ("not ok" if broken else "ok", self.testsRun, test.id()),
              flush=True)


def run(module):
    """Exit status of all tests of MODULE."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    Tap.planned = suite.countTestCases()
    with open(os.devnull, "w", encoding="utf-8") as quiet:
        runner = unittest.TextTestRunner(stream=quiet, resultclass=Tap)
        return 0 if runner.run(suite).wasSuccessful() else 1
