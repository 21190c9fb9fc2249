#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""A second witness, that we have not touched: Debian's own Bochs.

Its debugger stops inside a guest and prints the EPT entry of each page, once on
the stock kernel and once with memory types full.
"""
import os
import re
import subprocess
import sys
import tempfile

TOP = os.environ["DIO_TOP"]
sys.path.insert(0, os.path.join(TOP, "selftests/vm"))
from rig import build, layers, prepare                      # noqa: E402
from rig.machine import Machine                             # noqa: E402
from rig.paths import BUILD, Kernel                         # noqa: E402
from rig.session import Session                             # noqa: E402

SECONDS = 400
GUEST = os.path.join(BUILD, "ksft", "ept", "witness_guest")
ENTRY = re.compile(r"EPT.*(ignore_pat|IGNORE_PAT) (\S+)\s*$")
PAGE = re.compile(r"linear page (0x[0-9a-f]+) maps to")


def expected():
    """[(linear address, entry on stock, entry with memory types full)]"""
    text = subprocess.run([GUEST, "list"], check=True, text=True, stdout=subprocess.PIPE).stdout
    return [(int(a, 16), stock, full) for a, stock, full in
            (line.split() for line in text.splitlines())]


def boot(folder, rows):
    """The log of the machine, with what the debugger printed."""
    kernel, machine = Kernel("6.12"), Machine("ept")
    look = ["page %#x" % linear for linear, *_ in rows]
    machine.debugger = ["c", *look, "c", *look, "q"]
    stack = prepare.stack(kernel, machine, build.modules(kernel), ["ept:memtype_matrix"],
                          build.diokctl())
    script = "/ksft/ept/witness_guest\n"
    layer = layers.boot_layer(machine, "shell.sh", [("etc/dio/script", script, 0o755)])
    log = os.path.join(folder, "log")
    session = Session(machine, kernel, stack, layer, log)
    try:
        session.start(SECONDS)
        for _ in session.lines():
            pass
    finally:
        session.close()
    with open(log, encoding="utf-8", errors="replace") as f:
        return [line.rstrip("\n") for line in f]


def entries(lines):
    """[(linear address, "ignore_pat,WC")] in the order of the log: the last entry
    that is printed before the result of a walk is the one of the page itself."""
    found, entry = [], None
    for line in lines:
        m = ENTRY.search(line)
        if m:
            entry = "%s,%s" % m.groups()
        m = PAGE.search(line)
        if m:
            found.append((int(m.group(1), 16), entry))
            entry = None
    return found


def main():
    rows = expected()
    with tempfile.TemporaryDirectory(prefix="dio-witness-") as folder:
        lines = boot(folder, rows)
    found = entries(lines)
    wanted = ([("stock", a, s) for a, s, _ in rows] + [("full", a, f) for a, _, f in rows])
    print("TAP version 13\n1..%d" % len(wanted))
    failed = False
    for number, (phase, linear, entry) in enumerate(wanted, 1):
        got = found[number - 1] if number <= len(found) else None
        good = got == (linear, entry)
        failed |= not good
        if not good:
            print("# expected %s, got %s" % (entry, got))
        print("%s %d %s %#x %s" % ("ok" if good else "not ok", number, phase, linear, entry))
    if failed:
        print("".join("# %s\n" % line for line in lines[-40:]))
    return failed


if __name__ == "__main__":
    sys.exit(main())
