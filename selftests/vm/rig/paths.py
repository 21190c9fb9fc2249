# SPDX-License-Identifier: GPL-2.0
"""Where things are. A kernel is named by its key: 6.12, 6.1, 7.2 or debug."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(TOP, "build")
CACHE = os.path.join(BUILD, "cache")
SELFTESTS = os.path.join(TOP, "selftests")
VM = os.path.join(SELFTESTS, "vm")
KSFT_SOURCE = os.path.join(CACHE, "source", "6.12", "tools", "testing", "selftests")
UAPI_HEADERS = os.path.join(CACHE, "source", "7.2", "usr", "include")
QEMU_ROOT = os.path.join(CACHE, "qemu", "root")
STOCK = ["6.12", "6.1", "7.2"]
KEYS = STOCK + ["debug"]


class RigError(Exception):
    """A condition the user must resolve; printed without a traceback."""


def read_words(path):
    """The words of a file of lists, without its comments."""
    with open(path, encoding="utf-8") as f:
        return [w for line in f for w in line.split("#")[0].split()]


class Kernel:
    """One kernel under test: its image, its modules, its build folder."""

    def __init__(self, key):
        self.key = key
        self.build = os.path.join(BUILD, key)
        if key == "debug":
            self.setup_debug()
        else:
            self.setup_stock()

    def setup_stock(self):
        path = os.path.join(CACHE, "kernels", self.key + ".abi")
        with open(path, encoding="utf-8") as f:
            self.abi = f.read().strip()
        base = os.path.join(CACHE, "kernels", self.abi)
        self.root = os.path.join(base, "root")
        self.headers = "/usr/src/linux-headers-" + self.abi
        self.vmlinuz = os.path.join(base, "vmlinuz")
        self.vmlinux = os.path.join(base, "vmlinux")
        self.modules = os.path.join(self.root, "usr/lib/modules", self.abi)

    def setup_debug(self):
        """selftests/vm/debug/ leaves a built tree and its installed modules."""
        self.root = None
        self.headers = os.path.join(BUILD, "debug", "headers")
        self.vmlinuz = None
        self.vmlinux = os.path.join(BUILD, "debug", "vmlinux")
        installed = os.path.join(BUILD, "debug", "root", "lib", "modules")
        names = os.listdir(installed) if os.path.isdir(installed) else []
        if len(names) != 1 or not os.path.exists(self.vmlinux):
            raise RigError("the debug kernel is not built: expected %s and one "
                           "folder in %s" % (self.vmlinux, installed))
        self.abi = names[0]
        self.modules = os.path.join(installed, self.abi)

    def path(self, *parts):
        return os.path.join(self.build, *parts)
