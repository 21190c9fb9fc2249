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
BOCHS = os.path.join(CACHE, "bochs", "bin")
BOCHS_STOCK = os.path.join(CACHE, "bochs-debian", "root")
STOCK = ["6.12", "6.1", "7.2"]
KEYS = STOCK + ["debug"]


class RigError(Exception):
    """A condition the user must resolve; printed without a traceback."""


def read_words(path):
    """The words of a file of lists, without its comments."""
    with open(path, encoding="utf-8") as f:
        return [w for line in f for w in line.split("#")[0].split()]


def patience():
    """A limit is there for what hangs: it is far from what a slow machine needs."""
    return float(os.environ.get("TIMEOUT_SCALE", 3))


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
        if not os.path.exists(path):
            raise RigError("kernel %s is not there: scripts/setup/run %s gets it"
                           % (self.key, self.key))
        with open(path, encoding="utf-8") as f:
            self.abi = f.read().strip()
        base = os.path.join(CACHE, "kernels", self.abi)
        self.root = os.path.join(base, "root")
        self.headers = "/usr/src/linux-headers-" + self.abi
        self.vmlinuz = os.path.join(base, "vmlinuz")
        self.vmlinux = os.path.join(base, "vmlinux")
        self.modules = os.path.join(self.root, "usr/lib/modules", self.abi)

    def setup_debug(self):
        """What selftests/vm/debug/build leaves; it is built by the host's compiler."""
        path = os.path.join(CACHE, "kernels", "debug.abi")
        if not os.path.exists(path):
            raise RigError("the debug kernel is not built: run selftests/vm/debug/build")
        with open(path, encoding="utf-8") as f:
            self.abi = f.read().strip()
        base = os.path.join(BUILD, "debug", "root")
        self.root, self.vmlinuz = None, None
        self.headers = os.path.join(BUILD, "debug", "linux")
        self.vmlinux = os.path.join(base, "boot", "vmlinux-" + self.abi)
        self.modules = os.path.join(base, "lib", "modules", self.abi)

    def slowness(self):
        """By what its time limits are multiplied."""
        return (3 if self.key == "debug" else 1) * patience()

    def more_memory(self):
        """MB for KASAN's shadow and the records of the other detectors."""
        return 512 if self.key == "debug" else 0

    def path(self, *parts):
        return os.path.join(self.build, *parts)
