# SPDX-License-Identifier: GPL-2.0
"""What a person sees: one line per finished test, then the failures, then the sum."""
import json
import os
import threading

from .paths import BUILD

TIMINGS = os.path.join(BUILD, "timings.json")
SHOWN = 20      # lines of detail per failure


def load_timings():
    try:
        with open(TIMINGS, encoding="utf-8") as f:
            return json.load(f)
    except (FileNotFoundError, ValueError):
        return {}


class Report:
    def __init__(self):
        self.lock = threading.Lock()
        self.results, self.totals = [], [0, 0, 0]
        self.timings = load_timings()

    def emit(self, result):
        counts = result.counts
        with self.lock:
            self.results.append(result)
            self.totals = [a + b for a, b in zip(self.totals, counts)]
            self.timings[result.kernel + " " + result.name] = round(result.seconds, 1)
            self.line(result, counts)

    def line(self, result, counts):
        passed, failed, skipped = counts
        word = "FAILED" if failed else "ok" if passed else "skip"
        extra = ", ".join("%d %s" % (n, what) for n, what in
                          zip(counts, ("passed", "failed", "skipped")) if n)
        print("%-6s  %-5s %-6s %-40s %-30s %6.1f s" % (
            word, result.kernel, result.machine, result.name, extra, result.seconds),
            flush=True)

    def failures(self):
        bad = [r for r in self.results if r.counts[1]]
        for r in bad:
            print("\nFAILED %s on %s (%s)" % (r.name, r.kernel, r.machine))
            lines = [l for d in r.ktap.details() for l in d.splitlines()]
            for line in lines[:SHOWN]:
                print("    " + line)
            if len(lines) > SHOWN:
                print("    ... %d more lines" % (len(lines) - SHOWN))
            print("    log: " + os.path.relpath(r.log))

    def close(self):
        """The exit status: a run in which nothing ran has failed."""
        self.failures()
        os.makedirs(BUILD, exist_ok=True)
        with open(TIMINGS, "w", encoding="utf-8") as f:
            json.dump(self.timings, f, indent=1, sort_keys=True)
        if not self.results:
            print("no test was selected")
        print("%d passed, %d failed, %d skipped" % tuple(self.totals), flush=True)
        return 1 if self.totals[1] or not self.totals[0] else 0
