#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""The rig can fail a test: one machine is given tests that misbehave."""
import os
import shutil
import sys
import tempfile

TOP = os.environ["DIO_TOP"]
sys.path.insert(0, os.path.join(TOP, "selftests/vm"))
from rig import layers, prepare                             # noqa: E402
from rig.cpio import Archive                                # noqa: E402
from rig.machine import Machine                             # noqa: E402
from rig.manifest import Test                               # noqa: E402
from rig.paths import KSFT_SOURCE, Kernel                   # noqa: E402
from rig.vmjob import VmJob                                 # noqa: E402

# name: (script, timeout, expected counts, expected word in the details)
CASES = {
    "passes": ("true", 10, (1, 0, 0), ""),
    "counts": ("echo 1..3; echo ok 1 a; echo ok 2 b '# SKIP'; echo not ok 3 c; exit 1",
               10, (1, 1, 1), "not ok 3 c"),
    "loses_one": ("echo 1..2; echo ok 1 a", 10, (1, 1, 0), "plan of 2"),
    "skips": ("exit 4", 10, (0, 0, 1), ""),
    "fails": ("exit 1", 10, (0, 1, 0), "exit=1"),
    "overruns": ("sleep 60", 2, (0, 1, 0), "TIMEOUT"),
    "warns": ("echo 'WARNING: made up' > /dev/kmsg", 10, (0, 1, 0), "made up"),
    "faults": ("echo 'DMAR: made up fault' > /dev/kmsg", 10, (0, 1, 0), "made up"),
    "may_fault": ("echo 'dio-allow: DMAR' > /dev/kmsg; "
                  "echo 'DMAR: made up fault' > /dev/kmsg", 10, (1, 0, 0), ""),
    "panics": ("echo c > /proc/sysrq-trigger; sleep 9", 10, (0, 1, 0), "panic"),
    "after_panic": ("echo ok 1 a", 10, (1, 0, 0), ""),
    "stops": ("poweroff -f; sleep 9", 10, (0, 1, 0), "machine ended"),
    "after_stop": ("echo ok 1 a", 10, (1, 0, 0), ""),
    "hangs": ("kill -STOP -1; while :; do :; done", 2, (0, 1, 0), "hung"),
}


def layer(path):
    a = Archive()
    a.tree("ksft/kselftest", os.path.join(KSFT_SOURCE, "kselftest"))
    a.file("ksft/run_kselftest.sh", os.path.join(KSFT_SOURCE, "run_kselftest.sh"), 0o755)
    a.text("ksft/kselftest-list.txt", "".join("f:%s\n" % n for n in CASES))
    for name, (script, *_) in CASES.items():
        a.text("ksft/f/" + name, "#!/bin/sh\n%s\n" % script, 0o755)
    layers.write(path, a)


def run(folder):
    kernel, machine = Kernel("6.12"), Machine("dma")
    prepare.extract(kernel)
    programs = os.path.join(folder, "programs.cpio")
    layer(programs)
    results = {}
    tests = [Test("f:" + n, "dma", c[1], ["6.12"]) for n, c in CASES.items()]
    job = VmJob(kernel, machine, tests, os.path.join(folder, "logs"),
                [layers.base(), layers.modules(kernel, [])[0], programs],
                lambda r: results.setdefault(r.name, r))
    job.run()
    with open(os.path.join(folder, "logs", "dma.log"), encoding="utf-8") as f:
        return results, f.read()


def check(results, log):
    failed = 0
    for number, (name, (_, _, counts, word)) in enumerate(CASES.items(), 1):
        r = results.pop("f:" + name, None)
        got = r.counts if r else None
        details = "\n".join(r.ktap.details()) if r else ""
        good = got == counts and word in details
        if name == "hangs":     # and where its processor was
            good &= "CPU#0" in log
        failed |= not good
        print("%s %d %s" % ("ok" if good else "not ok", number, name))
        if not good:
            print("# expected %s with '%s', got %s: %s" % (counts, word, got, details))
    number = len(CASES) + 1
    print("%s %d nothing else is reported" % ("not ok" if results else "ok", number))
    for name, r in results.items():
        print("# %s: %s" % (name, r.ktap.details()))
    return failed or bool(results)


def main():
    folder = tempfile.mkdtemp(prefix="dio-faults-")
    print("TAP version 13\n1..%d" % (len(CASES) + 1), flush=True)
    try:
        return check(*run(folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
