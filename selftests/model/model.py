# SPDX-License-Identifier: GPL-2.0
"""A Promela model searched whole by spin: one test for each line of its table of
variants. What intx.py and mask.py have in common.

usage: NAME.py [VARIANT...]    (environment: DIO_TOP, the tree; MODEL=all: the large, too)
"""
import os
import tempfile
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pan import ENDS, SAFETY, SHORTEST, SpinError, Variant

TOP = os.environ["DIO_TOP"]
HERE = os.path.dirname(os.path.abspath(__file__))
AT_ONCE = min(2, os.cpu_count() or 1)
MONITORS = {"judge"}
TRAIL = 120             # lines of a trail that are shown, the last ones

Row = namedtuple("Row", "name expected words why")
Verdict = namedtuple("Verdict", "good said lines")


def read(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            words, _, why = line.partition("#")
            words = words.split()
            if words and (words[1] != "large" or os.environ.get("MODEL") == "all"):
                words = words[:1] + words[1 + (words[1] == "large"):]
                rows.append(Row(words[0], words[1], words[2:], why.strip()))
    return rows


def trail(found):
    return (["broken: %s" % found.broken] +
            ["    " + line for line in found.trail[-TRAIL:]])


def holds(variant, kinds):
    """Every search finds nothing, and was whole."""
    good, said, lines = True, [], {}
    for kind in kinds:
        found = variant.search(kind)
        said.append("%s: %s" % (" ".join(kind), found))
        if kind is SAFETY:
            lines = variant.lines(found, MONITORS)
        if found.errors:
            said += trail(variant.search(SHORTEST) if kind is SAFETY else found)
        elif not found.whole:
            said += ["not whole:"] + found.text.splitlines()
        good = good and not found.errors and found.whole
    return Verdict(good, said, lines)


def breaks(variant, expected):
    """The search finds the counter-example that is expected, and no other one first."""
    kind = ENDS if expected == "endless" else SHORTEST
    found = variant.search(kind)
    said = ["%s: %s" % (" ".join(kind), found)]
    if not found.errors:
        return Verdict(False, said + ["no counter-example, expected: " + expected], {})
    return Verdict(found.broken == expected, said + trail(found), {})


def judge(model, row):
    with tempfile.TemporaryDirectory(prefix="dio-model-") as folder:
        try:
            variant = Variant(model, row.words, folder)
            if row.expected == "holds":
                return holds(variant, [SAFETY])
            if row.expected == "ends":
                return holds(variant, [SAFETY, ENDS])
            return breaks(variant, row.expected)
        except SpinError as e:
            return Verdict(False, str(e).splitlines(), {})


def report(number, name, good, said):
    for line in said:
        print("# " + line)
    print("%s %d %s" % ("ok" if good else "not ok", number, name), flush=True)
    return good


def unreached(model, verdicts):
    """Lines of the model that no variant which holds has come to."""
    lines = {}
    for verdict in verdicts:
        for number, reached in verdict.lines.items():
            lines[number] = lines.get(number, False) or reached
    with open(model, encoding="utf-8") as f:
        text = f.read().splitlines()
    return ["%d: %s" % (n, text[n - 1]) for n in sorted(lines) if not lines[n]]


def main(path, table, names):
    """Exit status. PATH of the model in the tree, TABLE beside this file."""
    model = os.path.join(TOP, path)
    rows = [r for r in read(os.path.join(HERE, table)) if not names or r.name in names]
    print("TAP version 13\n1..%d" % (len(rows) + (not names)), flush=True)
    good, verdicts = True, []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(partial(judge, model), rows)
        for number, (row, verdict) in enumerate(zip(rows, found), 1):
            verdicts.append(verdict)
            said = ["%s: %s" % (row.why, " ".join(row.words)), *verdict.said]
            good &= report(number, "%s %s" % (row.name, row.expected), verdict.good, said)
    if not names:
        missed = unreached(model, verdicts)
        good &= report(len(rows) + 1, "each line of the model is reached", not missed, missed)
    return 0 if good else 1
