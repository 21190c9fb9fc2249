# SPDX-License-Identifier: GPL-2.0
"""What build/cache holds: one class per kind of item, one row per item.

An item resolves to packages of one Debian release, is built from them, and
is finished when its stamp carries the recipe's number.
"""
import os
import re
import subprocess

from sources import SetupError, host_release
from tree import unpack, unpack_text

RECIPE = "1"        # raise to have every item made again

# key: (release, ABI pattern). The newest match in the release's suites wins.
KERNELS = {
    "6.12": ("bookworm", r"6\.12\.\d+\+deb12-amd64"),
    "6.1": ("bookworm", r"6\.1\.0-\d+-amd64"),
    "7.2": ("trixie", r"7\.2\.\d+\+deb13-amd64"),
}
TOOLS = ("binutils make dwarves bash coreutils dash sed grep findutils mawk "
         "xz-utils").split()
# Parts of the kernel source that are used as they are: each kernel's own kvm
# selftests; kselftest, checkpatch, the YNL generator, and what `make headers` needs.
KVM_PARTS = (
    "tools/testing/selftests/kvm tools/testing/selftests/rseq "
    "tools/testing/selftests/lib.mk tools/testing/selftests/*.h scripts/subarch.include "
    "tools/build/Build.include tools/lib/rbtree.c tools/scripts tools/include "
    "tools/arch/x86/include").split()
SOURCE_PARTS = KVM_PARTS + (
    "Makefile Kbuild Kconfig COPYING LICENSES .clang-format scripts include arch/x86 "
    "tools/testing/selftests/run_kselftest.sh tools/testing/selftests/kselftest* "
    "tools/testing/selftests/gen_kselftest_tar.sh tools/net/ynl "
    "Documentation/netlink").split()
SOURCES = {
    "6.12": ("bookworm", SOURCE_PARTS),
    "6.1": ("bookworm", KVM_PARTS),
    "7.2": ("trixie", SOURCE_PARTS + (
        "tools/testing/selftests/vfio tools/testing/selftests/cgroup/lib tools/lib "
        "drivers/dma/ioat/*.h drivers/dma/idxd/*.h").split()),
}
KEPT = "6.12"       # whose tarball the debug kernel is built from
HEADERS = "7.2"     # whose user-space headers the selftests are built with


def version_key(name):
    return [int(n) for n in re.findall(r"\d+", name)]


class Item:
    """Base: NAME for messages, PATH of the result, RELEASE of its packages."""

    sources = False     # needs lists of source packages
    edition = RECIPE

    def __init__(self, cache, name, path, release):
        self.cache, self.name, self.release = cache, name, release
        self.path = os.path.join(cache, path)
        self.stamp = os.path.join(cache, "stamps", name)
        self.debs = []

    def ready(self):
        try:
            with open(self.stamp, encoding="utf-8") as f:
                return f.read().split()[:1] == [self.edition]
        except FileNotFoundError:
            return False

    def finish(self, detail):
        os.makedirs(os.path.dirname(self.stamp), exist_ok=True)
        # a new file: a copy of build/cache may share the old one by a hard link
        with open(self.stamp + ".new", "w", encoding="utf-8") as f:
            f.write("%s %s\n" % (self.edition, detail))
        os.replace(self.stamp + ".new", self.stamp)


class Kernel(Item):
    """Compiler, headers, modules and image of one kernel in one tree."""

    def __init__(self, cache, key):
        release, self.pattern = KERNELS[key]
        super().__init__(cache, "kernel-" + key, "kernels", release)
        self.key, self.abi = key, None

    def image(self, apt, abi):
        """The packages with the modules and the kernel: split since 7.2."""
        for pair in (("linux-modules-", "linux-binary-"),
                     ("linux-modules-", "linux-binary-unsigned-"),
                     ("linux-image-",), ("linux-image-unsigned-",)):
            if all(apt.show(p + abi, "Package") for p in pair):
                return [p + abi for p in pair]
        return []

    def resolve(self, apt):
        names = [n[len("linux-headers-"):] for n in apt.names("linux-headers-")]
        abis = sorted((n for n in names if re.fullmatch(self.pattern, n)),
                      key=version_key, reverse=True)
        image = []
        for self.abi in abis:
            image = self.image(apt, self.abi)
            if image:
                break
        if not image:
            raise SetupError("no kernel like %s in the suites of Debian %s"
                             % (self.pattern, self.release))
        headers = "linux-headers-" + self.abi
        depends = apt.show(headers, "Depends")
        gcc = re.search(r"\bgcc-\d+", depends).group(0)
        common = re.search(r"linux-headers-\S+-common", depends).group(0)
        kbuild = re.search(r"linux-kbuild-\S+", depends).group(0).rstrip(",")
        self.debs = (apt.closure([gcc, kbuild, *TOOLS])
                     + apt.single([headers, common, *image]))

    def make(self):
        base = os.path.join(self.path, self.abi)
        root = os.path.join(base, "root")
        unpack(self.debs, root)
        modules = os.path.join(root, "usr/lib/modules", self.abi)
        for image in (os.path.join(root, "boot", "vmlinuz-" + self.abi),
                      os.path.join(modules, "vmlinuz"),
                      os.path.join(modules, "vmlinuz.unsigned")):
            if os.path.exists(image):
                break
        else:
            raise SetupError("no kernel image in the packages of " + self.abi)
        link = os.path.join(base, "vmlinuz")
        if os.path.lexists(link):
            os.unlink(link)
        os.symlink(os.path.relpath(image, base), link)
        subprocess.run(["depmod", "-b", root, self.abi], check=True,
                       stderr=subprocess.DEVNULL)
        with open(os.path.join(self.path, self.key + ".abi"), "w",
                  encoding="utf-8") as f:
            f.write(self.abi + "\n")
        self.finish(self.abi)


class Qemu(Item):
    """QEMU >= 8 with its libraries and firmware; Debian 12 has it in backports."""

    def __init__(self, cache):
        release = "trixie" if host_release() == "trixie" else "bookworm"
        super().__init__(cache, "qemu", "qemu", release)

    def resolve(self, apt):
        suite = "bookworm-backports" if self.release == "bookworm" else None
        self.debs = apt.closure(["qemu-system-x86"], suite)
        version = apt.show("qemu-system-x86", "Version").split(":")[-1]
        if not self.debs or version_key(version)[0] < 8:
            raise SetupError("no QEMU with igb (8 or newer) for Debian %s, found: %s"
                             % (self.release, version or "none"))

    def make(self):
        unpack(self.debs, os.path.join(self.path, "root"))
        self.finish(self.release)


class Source(Item):
    """Parts of linux-source, plus the newest exported user-space headers."""

    edition = RECIPE + ".1"      # 1: with the kvm selftests

    def __init__(self, cache, key):
        release, self.parts = SOURCES[key]
        super().__init__(cache, "source-" + key, "source/" + key, release)
        self.key = key

    def resolve(self, apt):
        self.debs = apt.single(["linux-source-" + self.key])

    def make(self):
        top = "linux-source-" + self.key
        kept = os.path.join(self.cache, "source")
        unpack(self.debs, os.path.join(self.path, "deb"))
        tarball = os.path.join(kept, top + ".tar.xz")
        os.replace(os.path.join(self.path, "deb/usr/src", top + ".tar.xz"), tarball)
        unpack_text(tarball, top, self.parts, self.path)
        if self.key != KEPT:
            os.unlink(tarball)
        if self.key == HEADERS:
            subprocess.run(["make", "-s", "-C", self.path, "ARCH=x86_64", "headers"],
                           check=True, stdout=subprocess.DEVNULL)
        self.finish(os.path.basename(self.debs[0].path))
