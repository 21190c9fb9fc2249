# SPDX-License-Identifier: GPL-2.0
"""The initramfs of L1: archives laid one over another.

base (busybox, init), modules (per kernel), programs (selftests, diokctl),
nested (QEMU and the guests) are cached; the last one, a few lines of text,
is made for each boot.
"""
import os
import stat
import subprocess

from . import build, modtree
from .cpio import Archive
from .paths import BUILD, KSFT_SOURCE, QEMU_ROOT, VM
from .qemu import BINARY, LIB, LOADER
from .stamp import made

BUSYBOX = "/bin/busybox"
FIRMWARE = ("qboot.rom kvmvapic.bin linuxboot_dma.bin pvh.bin bios-256k.bin "
            "vgabios-stdvga.bin").split()


def write(path, archive):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = "%s.%d" % (path, os.getpid())
    with open(temporary, "wb") as f:
        f.write(archive.bytes())
    os.replace(temporary, path)


def base():
    out = os.path.join(BUILD, "layers", "base.cpio")
    timeout = build.small_program("timeout")
    sources = [os.path.join(VM, "l1", n) for n in ("init", "tests.sh", "shell.sh",
                                                 "suspicious")]

    def make():
        a = Archive()
        for folder in ("proc", "sys", "dev", "tmp", "run", "sbin", "usr/bin", "usr/sbin",
                       "root", "var/tmp", "lib", "lib64"):
            a.mkdir(folder)
        a.node("dev/console", stat.S_IFCHR | 0o600, 5, 1)
        a.file("bin/busybox", BUSYBOX, 0o755)
        a.symlink("bin/sh", "busybox")
        a.symlink("sbin/modprobe", "../bin/busybox")    # the kernel's own calls
        a.file("init", sources[0], 0o755)
        for path in sources[1:]:
            a.file("etc/dio/" + os.path.basename(path), path, 0o644)
        a.file("usr/bin/timeout", timeout, 0o755)
        a.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                             "nobody:x:65534:65534:nobody:/:/bin/sh\n")
        a.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")
        write(out, a)

    made(out, [BUSYBOX, timeout, *sources, __file__], make)
    return out


def modules(kernel, ours, emulator="qemu"):
    """The layer, and the folder it was made from."""
    variant = ("" if emulator == "qemu" else "-" + emulator) + ("" if ours else "-stock")
    names = os.path.join(VM, "l1", "modules" if emulator == "qemu" else "modules-" + emulator)
    out = kernel.path("modules%s.cpio" % variant)
    tree = kernel.path("modroot" + variant)

    def make():
        modtree.make(kernel, names, ours, tree)
        a = Archive()
        a.tree("lib/modules", os.path.join(tree, "lib", "modules"))
        write(out, a)

    made(out, [*ours, names,
               os.path.join(kernel.modules, "modules.dep"), __file__], make, kernel.abi)
    return out, tree


def programs(tests, diokctl, variant="", without=()):
    """The selftests TESTS; WITHOUT are others that were installed beside them."""
    variant += "" if tests else "-stock"
    out = os.path.join(BUILD, "layers", "programs%s.cpio" % variant)
    ksft = os.path.join(BUILD, "ksft")
    runner = [os.path.join(KSFT_SOURCE, n) for n in ("kselftest", "run_kselftest.sh")]

    def add_tests(a):
        a.tree("ksft/kselftest", runner[0])
        a.file("ksft/run_kselftest.sh", runner[1], 0o755)
        a.text("ksft/kselftest-list.txt", "".join(t + "\n" for t in tests))
        for name in sorted({t.split(":")[0] for t in tests}):
            a.tree("ksft/" + name, os.path.join(ksft, name),
                   {t.split(":")[1] for t in without if t.split(":")[0] == name})

    def make():
        a = Archive()
        if tests:
            add_tests(a)
        if diokctl:
            a.file("usr/sbin/diokctl", diokctl, 0o755)
            for library in build.libraries(diokctl):
                a.file(library, library, 0o755)
        write(out, a)

    inputs = [*runner, __file__] + ([diokctl] if diokctl else [])
    if os.path.isdir(ksft):
        inputs.append(ksft)
    made(out, inputs, make, " ".join([*tests, "without", *without]))
    return out


def qemu_libraries():
    text = subprocess.run([LOADER, "--library-path", LIB, "--list", BINARY], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    rows = [line.split() for line in text.splitlines() if " => /" in line]
    return [(r[0], os.path.realpath(r[2])) for r in rows]


def firmware(archive):
    for name in FIRMWARE:
        for folder in ("usr/share/qemu", "usr/share/seabios"):
            path = os.path.join(QEMU_ROOT, folder, name)
            if os.path.exists(path):
                archive.file("usr/share/qemu/" + name, os.path.realpath(path), 0o644)
                break


def nested(kernel, modroot):
    """QEMU and what it boots. Its libraries stay apart from diokctl's."""
    qemu = os.path.join(BUILD, "layers", "qemu.cpio")

    def make_qemu():
        a = Archive()
        for name, path in qemu_libraries():
            a.file("usr/lib/qemu/" + os.path.basename(name), path, 0o755)
        a.file("usr/lib/qemu/ld.so", os.path.realpath(LOADER), 0o755)
        a.file("usr/lib/qemu/qemu-system-x86_64", BINARY, 0o755)
        a.text("usr/bin/qemu-system-x86_64",
               "#!/bin/sh\nexec /usr/lib/qemu/ld.so --library-path /usr/lib/qemu "
               "/usr/lib/qemu/qemu-system-x86_64 -L /usr/share/qemu \"$@\"\n", 0o755)
        firmware(a)
        write(qemu, a)

    made(qemu, [BINARY, __file__], make_qemu)
    guest_files = build.guests(kernel, modroot)
    if not guest_files:
        return [qemu]
    out = kernel.path("guests.cpio")

    def make_guests():
        a = Archive()
        a.tree("l2", guest_files)
        write(out, a)

    made(out, [guest_files, __file__], make_guests)
    return [qemu, out]


# Its presence says that a test does all of its rounds: lib/guest.sh, lib/clock.h.
VOLUME = [("etc/dio/volume", "all\n", 0o644)]


def boot_layer(machine, run, files):
    a = Archive()
    a.text("etc/dio/devices", machine.device_table())
    a.text("etc/dio/run", ". /etc/dio/%s\n" % run)
    for path, text, mode in files:
        a.text(path, text, mode)
    return a.bytes()
