# SPDX-License-Identifier: GPL-2.0
"""Verdict of one test from the kselftest runner's KTAP.

The runner prefixes a test's own lines by "# " and closes with its verdict.
Sub-tests count one by one; a verdict that no sub-test explains counts too.
"""
import re

RESULT = re.compile(r"(ok|not ok) (\d+)(.*)")
PLAN = re.compile(r"1\.\.(\d+)")
CLOSING = re.compile(r"(ok|not ok) \d+ selftests: (\S+): (\S+)(?: # (.*))?$")
# What the harness says of every test, failed or not.
HARNESS = re.compile(r"#\s+(RUN|OK|FAIL)\s|# \S+: Test (failed|terminated by assertion)")
SAID = 12           # lines that are kept to explain a failure


def outcome(word, rest):
    """pass, fail or skip of one result line."""
    if word == "not ok":
        return "fail"
    return "skip" if re.search(r"#\s*SKIP", rest) else "pass"


class Ktap:
    def __init__(self):
        self.subtests = []          # (outcome, line, what was said before it)
        self.said = []
        self.plan = None
        self.closing = None         # (outcome, remark)
        self.failures = []          # verdicts from outside the test's output
        self.announced = False      # the test ended its machine, as it said

    def line(self, text):
        m = CLOSING.match(text)
        if m:
            self.closing = (outcome(m.group(1), text), m.group(4) or "")
        elif text.startswith("# "):
            self.inner(text[2:])

    def inner(self, text):
        m = RESULT.match(text)
        if m:
            self.subtests.append((outcome(m.group(1), m.group(3)), text, self.said))
            self.said = []
            return
        m = PLAN.match(text)
        if m and self.plan is None:
            self.plan = int(m.group(1))
        elif text.startswith("# ") and not HARNESS.match(text):
            self.said = (self.said + [text])[-SAID:]

    def fail(self, why):
        self.failures.append(why)

    def ended_as_announced(self):
        self.announced, self.closing, self.plan = True, ("pass", ""), None

    def finish(self):
        """To be called once, after the last line: what the lines do not say."""
        if self.closing is None and not self.failures:
            self.fail("ended without a verdict")
        if self.closing and self.closing[0] == "fail" and not self.counts_only("fail"):
            self.fail("verdict: not ok %s" % self.closing[1])
        skipped = self.closing and self.closing[0] == "skip"
        if self.plan is not None and not skipped and self.plan != len(self.subtests):
            self.fail("%d results for a plan of %d" % (len(self.subtests), self.plan))

    def counts_only(self, kind):
        return sum(1 for o, *_ in self.subtests if o == kind)

    def counts(self):
        """(passed, failed, skipped)"""
        failed = self.counts_only("fail") + (1 if self.failures else 0)
        if self.subtests:
            return self.counts_only("pass"), failed, self.counts_only("skip")
        if failed:
            return 0, failed, 0
        return (0, 0, 1) if self.closing[0] == "skip" else (1, 0, 0)

    def details(self):
        lines = []
        for kind, line, said in self.subtests:
            if kind == "fail":
                lines += [line] + ["    " + s for s in said]
        return lines + self.failures
