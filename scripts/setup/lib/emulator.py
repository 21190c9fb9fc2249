# SPDX-License-Identifier: GPL-2.0
"""Bochs, the emulator of Intel and AMD processors: once built from Debian's source with
our oracle of memory types, and once as Debian built it, as a second witness.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import threading
import time

from items import Item, version_key
from sources import SetupError
from tree import unpack

HERE = os.path.dirname(os.path.abspath(__file__))
PATCHES = os.path.join(HERE, "..", "..", "..", "selftests", "ept")
RELEASE = "trixie"
FIRMWARE = "bochsbios vgabios isolinux syslinux-common".split()
FILES = ("usr/share/bochs/BIOS-bochs-latest", "usr/share/vgabios/vgabios.bin",
         "usr/lib/ISOLINUX/isolinux.bin", "usr/lib/syslinux/modules/bios/ldlinux.c32")
# What no machine of the rig uses costs a compiler's time. 3.0 does not compile
# with AVX and without EVEX, and its processors of interest need AVX.
CONFIGURE = """
    --with-nogui --enable-x86-64 --enable-cpu-level=6 --enable-vmx=2 --enable-svm --enable-avx
    --enable-evex --enable-cet --enable-memtype --enable-pci
    --enable-all-optimizations --disable-docbook --disable-plugins --disable-debugger
""".split()
# Parts that no kernel spends time in: without optimisation, a third of the time.
UNUSED = "cpu/avx cpu/softfloat3e".split()
OBJECTS = 440       # files that are compiled, for the line of progress
# Of what Debian's own Bochs depends on: the libraries, which its debugger's windows
# have many of, but no data for windows that nobody opens.
STOCK = re.compile(r"(bochs|zlib1g|lib(?!.*-(common|data)_)[^_]*)_")


class Bochs(Item):
    sources = True

    def __init__(self, cache, say):
        super().__init__(cache, "bochs", "bochs", RELEASE)
        self.say = say
        self.patches = sorted(glob.glob(os.path.join(PATCHES, "*.patch")))
        self.source = []

    def recipe(self):
        """A changed patch or option is another emulator."""
        digest = hashlib.sha256(" ".join(CONFIGURE).encode())
        for path in self.patches:
            with open(path, "rb") as f:
                digest.update(f.read())
        return digest.hexdigest()[:16]

    def ready(self):
        try:
            with open(self.stamp, encoding="utf-8") as f:
                return super().ready() and self.recipe() in f.read()
        except FileNotFoundError:
            return False

    def resolve(self, apt):
        self.source = apt.source("bochs")
        self.debs = self.source + apt.single(FIRMWARE)
        if not self.source:
            raise SetupError("no source of bochs in the suites of Debian " + RELEASE)

    def run(self, folder, log, *command):
        with open(log, "a", encoding="utf-8") as f:
            code = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=f,
                                  stderr=subprocess.STDOUT).returncode
        if code:
            with open(log, encoding="utf-8", errors="replace") as f:
                tail = "".join(f.readlines()[-15:])
            raise SetupError("building bochs: %s failed:\n%s(whole log: %s)" % (
                command[0], tail, log))

    def progress(self, source, done):
        begin = time.monotonic()
        while not done.wait(20):
            have = len(glob.glob(source + "/**/*.o", recursive=True))
            self.say("bochs: %d of about %d files compiled (%.0f s)" % (
                have, OBJECTS, time.monotonic() - begin))

    def compile(self, source, log):
        done = threading.Event()
        threading.Thread(target=self.progress, args=(source, done), daemon=True).start()
        jobs = "-j%d" % (os.cpu_count() or 1)
        try:
            for part in UNUSED:
                self.run(os.path.join(source, part), log, "make", jobs, "CXXFLAGS=-O0")
            self.run(source, log, "make", jobs, "bochs")
        finally:
            done.set()

    def make(self):
        tarball = self.source[0].path
        source, bin_ = (os.path.join(self.path, d) for d in ("source", "bin"))
        log = os.path.join(self.path, "build.log")
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(source)
        os.mkdir(bin_)
        self.run(source, log, "tar", "-xf", tarball, "--strip-components=1")
        for path in self.patches:
            self.run(source, log, "patch", "-p1", "-i", path)
        self.run(source, log, "./configure", "-q", "CFLAGS=-O2", "CXXFLAGS=-O2", *CONFIGURE)
        self.compile(source, log)
        shutil.copy(os.path.join(source, "bochs"), bin_)
        self.firmware(bin_)
        shutil.rmtree(source)
        self.finish("%s %s" % (self.recipe(), os.path.basename(tarball)))

    def firmware(self, bin_):
        root = os.path.join(self.path, "firmware")
        unpack([d for d in self.debs if d.path.endswith(".deb")], root)
        for name in FILES:
            shutil.copy(os.path.realpath(os.path.join(root, name)),
                        os.path.join(bin_, os.path.basename(name)))
        shutil.rmtree(root)


class BochsStock(Item):
    """Debian's own Bochs with its debugger, unpacked with its libraries."""

    def __init__(self, cache):
        super().__init__(cache, "bochs-debian", "bochs-debian", RELEASE)

    def resolve(self, apt):
        self.debs = [d for d in apt.closure(["bochs", "bochs-term"])
                     if STOCK.match(os.path.basename(d.path))]
        version = apt.show("bochs", "Version")
        if not self.debs or version_key(version)[0] < 3:
            raise SetupError("no Bochs 3 or newer for Debian %s, found: %s"
                             % (RELEASE, version or "none"))

    def make(self):
        unpack(self.debs, os.path.join(self.path, "root"), skip=())
        self.finish(self.release)
