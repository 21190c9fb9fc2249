# SPDX-License-Identifier: GPL-2.0
"""make bench: run the tests that a bench names, collect the figures they print.

B picks benches, KERNEL kernels (6.12); SECONDS_EACH shortens what is played. A bench is one file of benches/, and its
figures are those that its tests assert: counts, and instructions of a machine
whose time they are. bench/results.json has them all, bench/*.svg the plots.
"""
import json
import os
import signal

from rig import check, manifest, vmjob
from rig.paths import KEYS, Kernel, RigError, TOP

from . import plot, table

OUT = os.path.join(TOP, "bench")


class Run(check.Check):
    """A run of make check with the tests of the benches and nothing else."""

    def __init__(self, keys, benches):
        super().__init__(keys, [t for b in benches for t in b.tests])
        self.rows = []
        self.long = {t: s for b in benches for t, s in b.long.items()}
        emit = self.report.emit

        def collect(result):
            emit(result)
            if result.kernel in KEYS:
                self.rows += table.figures(result.log, Kernel(result.kernel).abi)

        self.report.emit = collect

    def select(self):
        listed = manifest.read()
        self.tests = [t._replace(timeout=self.long.get(t.name, t.timeout))
                      for t in listed if t.name in self.words]
        self.lint = []
        return listed


def write(rows, benches):
    os.makedirs(OUT, exist_ok=True)
    with open(os.path.join(OUT, "results.json"), "w", encoding="utf-8") as f:
        json.dump(rows, f, indent=1)
    for bench in benches:
        for metric in bench.plots:
            part = [r for r in rows if (r["bench"], r["metric"]) == (bench.figures, metric)]
            if not part:
                continue
            name = "%s-%s.svg" % (bench.name, metric.replace(" ", "-"))
            title = "%s: %s %s" % (bench.name, metric, part[0]["unit"])
            with open(os.path.join(OUT, name), "w", encoding="utf-8") as f:
                f.write(plot.svg(title, part))


def seconds():
    """Of device time, for each round that is played; 0: a minute."""
    text = os.environ.get("SECONDS_EACH", "0")
    if not text.isdigit() or int(text) > 600:
        raise RigError("SECONDS_EACH is '%s': at most 600" % text)
    return int(text)


def main():
    signal.signal(signal.SIGINT, check.interrupted)
    signal.signal(signal.SIGTERM, check.interrupted)
    benches = [table.Bench(n) for n in os.environ.get("B", "").split() or table.names()]
    keys = os.environ.get("KERNEL", "").split() or ["6.12"]
    unknown = [k for k in keys if k not in KEYS]
    if unknown:
        raise RigError("unknown kernel '%s' (known: %s)" % (" ".join(unknown), " ".join(KEYS)))
    check.setup(keys)
    vmjob.APPEND += " dio.bench"
    if seconds():
        vmjob.APPEND += " dio.seconds=%d" % seconds()
    run = Run(keys, benches)
    status = run.run()
    rows = sorted(run.rows, key=lambda r: (r["bench"], keys_order(keys, r["kernel"])))
    missing = [b.name for b in benches if not any(r["bench"] == b.figures for r in rows)]
    write(rows, benches)
    for line in table.lines(rows):
        print(line)
    print("\n%d figures in bench/results.json%s" % (
        len(rows), "; none of " + " ".join(missing) if missing else ""))
    return status or (1 if missing else 0)


def keys_order(keys, abi):
    return [Kernel(k).abi for k in keys].index(abi)
