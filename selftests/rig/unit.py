#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""Pure parts of the rig and of set-up, tested on the host."""
import os
import sys
import tempfile
import unittest

TOP = os.environ["DIO_TOP"]
sys.path[:0] = [os.path.join(TOP, "selftests/vm"), os.path.join(TOP, "scripts/setup/lib")]
import sources                                              # noqa: E402
from rig import iso, judge, ktap, machine, manifest, schedule   # noqa: E402
from rig.paths import RigError                              # noqa: E402
from tap import run                                         # noqa: E402

DEB822 = """# comment
Types: deb deb-src
URIs: http://m.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://s.example/sec
Suites: bookworm-security
Components: main
Signed-By: /k.gpg
"""
ONELINE = """# deb http://off.example/debian trixie main
deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian trixie main contrib # x
deb-src http://m.example/debian trixie main
deb http://m.example/debian-security trixie-security main
deb cdrom:[Debian]/ trixie main
"""


class Sources(unittest.TestCase):
    def etc(self, name, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.mkdir(os.path.join(folder.name, "sources.list.d"))
        with open(os.path.join(folder.name, name), "w", encoding="utf-8") as f:
            f.write(text)
        return folder.name

    def test_deb822(self):
        text = sources.derive("trixie", self.etc("sources.list.d/a.sources", DEB822),
                              "bookworm")
        self.assertIn("URIs: http://m.example/debian\nSuites: trixie trixie-backports\n", text)
        self.assertIn("URIs: http://s.example/sec\nSuites: trixie-security\n", text)
        self.assertIn("\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n", text)
        self.assertIn("Signed-By: /k.gpg", text)
        self.assertNotIn("off.example", text)

    def test_one_line(self):
        text = sources.derive("bookworm", self.etc("sources.list", ONELINE), "trixie")
        self.assertIn("URIs: http://m.example/debian\nSuites: bookworm bookworm-backports\n",
                      text)
        self.assertIn("URIs: http://m.example/debian-security\n"
                      "Suites: bookworm-security\n", text)
        self.assertNotIn("off.example", text)
        self.assertNotIn("cdrom", text)

    def test_security_is_derived_when_absent(self):
        etc = self.etc("sources.list", "deb http://m.example/debian/ trixie main\n")
        self.assertIn("URIs: http://m.example/debian-security\nSuites: bookworm-security",
                      sources.derive("bookworm", etc, "trixie"))

    def test_unknown_host(self):
        with self.assertRaisesRegex(sources.SetupError, "Debian 12 or 13"):
            sources.derive("bookworm", self.etc("sources.list", ONELINE), "noble")


class Judge(unittest.TestCase):
    def bad(self, *lines):
        j = judge.Judge()
        for line in lines:
            j.line(line)
        return len(j.bad)

    def test_what_fails(self):
        for line in ("[ 1.0] WARNING: CPU: 0 PID: 1 at x.c:1 f+0x1/0x2",
                     "[ 1.0] BUG: kernel NULL pointer dereference",
                     "[ 1.0] WARNING: possible circular locking dependency detected",
                     "[ 1.0] BUG: KASAN: slab-use-after-free in f",
                     "[ 1.0] INFO: task x:1 blocked for more than 120 seconds.",
                     "[ 1.0] DMAR: DRHD: handling fault status reg 2",
                     "[ 1.0] irq 20: nobody cared"):
            self.assertEqual(self.bad(line), 1, line)

    def test_what_passes(self):
        for line in ("[ 1.0] vfio-pci 0000:01:00.0: resetting",
                     "[ 1.0] DMAR: Intel(R) Virtualization Technology",
                     "[ 1.0] igb 0000:01:00.0: DEBUG: x"):
            self.assertEqual(self.bad(line), 0, line)

    def test_only_dmar_can_be_allowed(self):
        allow = "[ 1.0] dio-allow: DMAR"
        fault = "[ 1.1] DMAR: [DMA Write NO_PASID] Request device [00:11.0] fault addr 0x1"
        self.assertEqual(self.bad(allow, fault), 0)
        self.assertEqual(self.bad(fault, allow), 1)
        self.assertEqual(self.bad(allow, "[ 1.2] BUG: x"), 1)


    def test_an_announced_end(self):
        j = judge.Judge()
        for line in ("[ 1.0] dio-ends: Missing ENDBR: f", "[ 1.1] BUG: something else",
                     "[ 1.2] Missing ENDBR: f+0x0/0x10", "[ 1.3] kernel BUG at cet.c:1!"):
            j.line(line)
        self.assertEqual((len(j.bad), j.seen), (1, True))


class Ktap(unittest.TestCase):
    def counts(self, *lines):
        k = ktap.Ktap()
        for line in lines:
            k.line(line)
        k.finish()
        return k.counts()

    def test_plain(self):
        self.assertEqual(self.counts("ok 1 selftests: c: t"), (1, 0, 0))
        self.assertEqual(self.counts("ok 1 selftests: c: t # SKIP"), (0, 0, 1))
        self.assertEqual(self.counts("not ok 1 selftests: c: t # exit=1"), (0, 1, 0))
        self.assertEqual(self.counts("not ok 1 selftests: c: t # TIMEOUT 9 seconds"),
                         (0, 1, 0))

    def test_subtests_count_one_by_one(self):
        self.assertEqual(self.counts("# 1..3", "# ok 1 a", "# not ok 2 b",
                                     "# ok 3 c # SKIP no device",
                                     "not ok 1 selftests: c: t # exit=1"), (1, 1, 1))

    def test_unexplained_verdict_counts(self):
        self.assertEqual(self.counts("# 1..1", "# ok 1 a",
                                     "not ok 1 selftests: c: t # exit=139"), (1, 1, 0))

    def test_lost_results_fail(self):
        self.assertEqual(self.counts("# 1..2", "# ok 1 a", "ok 1 selftests: c: t"),
                         (1, 1, 0))

    def test_an_announced_end_passes(self):
        k = ktap.Ktap()
        k.line("# 1..1")
        k.ended_as_announced()
        k.finish()
        self.assertEqual(k.counts(), (1, 0, 0))

    def test_no_verdict_fails(self):
        self.assertEqual(self.counts("# ok 1 a"), (1, 1, 0))
        self.assertEqual(self.counts(), (0, 1, 0))


class Iso(unittest.TestCase):
    def image(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cd.iso")
            iso.write(path, "boot.bin", {"boot.bin": bytes(range(256)) * 20, "a": b"hello"})
            with open(path, "rb") as f:
                return f.read()

    def test_descriptors(self):
        data = self.image()
        self.assertEqual([data[n * 2048:n * 2048 + 6] for n in (16, 17, 18)],
                         [b"\1CD001", b"\0CD001", b"\xffCD001"])
        self.assertEqual(len(data), 2048 * int.from_bytes(data[16 * 2048 + 80:][:4], "little"))

    def test_the_loader_is_where_the_catalogue_says(self):
        data = self.image()
        catalogue = data[19 * 2048:][:64]
        words = [int.from_bytes(catalogue[i:i + 2], "little") for i in range(0, 32, 2)]
        self.assertEqual(sum(words) & 0xffff, 0)
        sector = int.from_bytes(catalogue[40:44], "little")
        loader = data[sector * 2048:][:5120]
        self.assertEqual(loader[:8], bytes(range(8)))
        self.assertEqual(int.from_bytes(loader[12:16], "little"), sector)
        self.assertEqual(loader[64:], (bytes(range(256)) * 20)[64:])


class Tables(unittest.TestCase):
    def test_every_machine_reads(self):
        for name in machine.names():
            m = machine.Machine(name)
            self.assertEqual(len(m.devices), len(set(m.devices)))

    def test_manifest_refuses(self):
        for line in ("a:b reset", "ab reset 3", "a:b nowhere 3", "a:b reset x",
                     "a:b reset 3 kernels=5.4"):
            with self.assertRaises(RigError, msg=line):
                manifest.parse_line("f:1", line)

    def test_a_test_that_wants_asking(self):
        line = manifest.parse_line("f:1", "a:b reset 3 kernels=6.12 asked")
        self.assertEqual(line, ("a:b", "reset", 3, ["6.12"], True))
        self.assertEqual(manifest.selected([line], []), [])
        self.assertEqual(manifest.selected([line], ["a:"]), [line])

    def test_no_test_is_lost_by_grouping(self):
        tests = [manifest.Test("c:%d" % i, "reset", 90, ["6.12"]) for i in range(40)]
        groups = schedule.groups(tests, ["6.12", "6.1"], {}, 2)
        self.assertEqual(sorted(t.name for g in groups for t in g.tests),
                         sorted(t.name for t in tests))
        self.assertGreater(len(groups), 1)

    def test_the_longest_begins(self):
        tests = [manifest.Test("c:short", "reset", 60, ["6.12"]),
                 manifest.Test("c:long", "host", 600, ["host"])]
        for timings, first in (({}, "c:long"), ({"6.12 c:short": 400.0}, "c:short")):
            groups = schedule.groups(tests, ["6.12", "host"], timings, 2)
            self.assertEqual(groups[0].tests[0].name, first)


if __name__ == "__main__":
    sys.exit(run(sys.modules[__name__]))
