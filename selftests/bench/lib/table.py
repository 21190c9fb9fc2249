# SPDX-License-Identifier: GPL-2.0
"""What was measured: a bench's definition, the figures of its tests, tables."""
import os
import re

from rig.paths import RigError

BENCHES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "benches")
COLUMNS = ("bench", "case", "variant", "metric", "value", "unit", "n")
FIGURE = re.compile(r"# figure (.*)$")


class Bench:
    """selftests/bench/benches/NAME: lines `test collection:test [SECONDS]`, `plot METRIC`,
    and `figures BENCH` if its tests have their figures under that name.

    A test with SECONDS has a long form, which it runs when dio.bench is on the
    kernel's command line; they are its limit.
    """

    def __init__(self, name):
        self.name, self.tests, self.plots, self.long = name, [], [], {}
        self.figures = name
        path = os.path.join(BENCHES, name)
        if not os.path.exists(path):
            raise RigError("no bench '%s' (known: %s)" % (name, " ".join(names())))
        with open(path, encoding="utf-8") as f:
            for line in f:
                word, _, rest = line.split("#")[0].strip().partition(" ")
                if word == "test":
                    test, *seconds = rest.split()
                    self.tests.append(test)
                    self.long.update({test: int(s) for s in seconds})
                elif word == "plot":
                    self.plots.append(rest.strip())
                elif word == "figures":
                    self.figures = rest.strip()
                elif word:
                    raise RigError("%s: cannot read '%s'" % (path, line.strip()))


def names():
    return sorted(os.listdir(BENCHES))


def figures(log, kernel):
    """The figures in the log of one test, as rows of results.json."""
    rows = []
    with open(log, encoding="utf-8") as f:
        for line in f:
            m = FIGURE.search(line)
            fields = m.group(1).split("|") if m else []
            if len(fields) == len(COLUMNS):
                row = dict(zip(COLUMNS, fields), kernel=kernel)
                row["value"], row["n"] = float(row["value"]), int(row["n"])
                rows.append(row)
    return rows


def ordered(rows, key):
    """Values of KEY in the order in which they first appear."""
    return list(dict.fromkeys(r[key] for r in rows))


def number(value):
    return "%d" % value if value == int(value) else "%.2f" % value


def lines(rows):
    """One table for each case and kernel: metrics down, variants across."""
    for place in dict.fromkeys((r["bench"], r["kernel"], r["case"]) for r in rows):
        part = [r for r in rows if (r["bench"], r["kernel"], r["case"]) == place]
        variants = ordered(part, "variant")
        yield "\n%s, kernel %s: %s (%s)" % (*place, part[0]["unit"])
        yield "  %-24s" % "" + "".join("%18s" % v for v in variants) + "%13s" % "stock/diok"
        for metric in ordered(part, "metric"):
            value = {r["variant"]: r["value"] for r in part if r["metric"] == metric}
            cells = "".join("%18s" % (number(value[v]) if v in value else "") for v in variants)
            ratio = ("%13.2f" % (value["stock"] / value["diok"])
                     if value.get("stock") and value.get("diok") else "")
            yield "  %-24s%s%s" % (metric, cells, ratio)
