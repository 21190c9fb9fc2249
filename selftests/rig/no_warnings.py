#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""The rig's build of modules: W=1 and sparse, and no warning passes, not even later."""
import os
import shutil
import sys
import tempfile
import unittest

TOP = os.environ["DIO_TOP"]
sys.path.insert(0, os.path.join(TOP, "selftests/vm"))
from rig import build                                       # noqa: E402
from rig.paths import Kernel, RigError                      # noqa: E402
from tap import run                                         # noqa: E402

TOY = """// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
%s
MODULE_DESCRIPTION("toy");
MODULE_LICENSE("GPL");
"""


class Toy(Kernel):
    def __init__(self, folder):
        super().__init__("6.12")
        self.build = folder


class Warnings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="dio-warnings-")
        self.addCleanup(shutil.rmtree, folder)
        self.sources = os.path.join(folder, "toy", "")
        os.mkdir(self.sources)
        self.write("Kbuild", "obj-m += toy.o\n")
        self.kernel = Toy(os.path.join(folder, "build"))

    def write(self, name, text):
        with open(os.path.join(self.sources, name), "w", encoding="utf-8") as f:
            f.write(text)

    def modules(self, body):
        self.write("toy.c", TOY % body)
        return build.module_tree(self.kernel, "modules", "src", [self.sources])

    def refused(self, body, word):
        for _ in range(2):      # what is built already says nothing any more
            with self.assertRaisesRegex(RigError, "toy.c.*" + word):
                self.modules(body)

    def test_clean(self):
        found = self.modules("static int __init toy(void) { return 0; }\nmodule_init(toy);")
        self.assertEqual([os.path.basename(f) for f in found], ["toy.ko"])

    def test_unused(self):
        self.refused("static int __init toy(void) { int n = 0; n++; return 0; }\n"
                     "module_init(toy); static const int idle;", "idle")

    def test_no_prototype(self):
        self.refused("int toy(void) { return 0; }", "prototype")

    def test_sparse(self):
        self.refused("int toy(const int __user *p); int toy(const int __user *p) { return *p; }",
                     "noderef")

    def test_warning_beside_an_error(self):
        self.write("Kbuild", "obj-m += first.o toy.o\n")
        self.write("first.c", TOY % "static const int idle;")
        with self.assertRaisesRegex(RigError, "nothing"):
            self.modules("static int __init toy(void) { return nothing; }\nmodule_init(toy);")
        with self.assertRaisesRegex(RigError, "first.c.*idle"):
            self.modules("")

    def test_unchecked(self):
        """What was built without sparse is looked at by the next build with it."""
        bad = "int toy(const int __user *p); int toy(const int __user *p) { return *p; }"
        self.write("toy.c", TOY % bad)
        build.module_tree(self.kernel, "modules", "src", [self.sources], checked=False)
        with self.assertRaisesRegex(RigError, "toy.c.*noderef"):
            build.module_tree(self.kernel, "modules", "src", [self.sources])

    def test_sparse_endianness(self):
        self.refused("u32 toy(__le32 v); u32 toy(__le32 v) { return v; }", "base type")


if __name__ == "__main__":
    sys.exit(run(sys.modules[__name__]))
