# SPDX-License-Identifier: GPL-2.0
"""The QEMU of build/cache, run with its own loader and libraries."""
import os

from .build import tsc_khz
from .paths import QEMU_ROOT, VM, read_words

LIB = os.path.join(QEMU_ROOT, "usr/lib/x86_64-linux-gnu")
BINARY = os.path.join(QEMU_ROOT, "usr/bin/qemu-system-x86_64")
LOADER = os.path.join(LIB, "ld-linux-x86-64.so.2")
FIRMWARE = [os.path.join(QEMU_ROOT, p) for p in
            ("usr/share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu")]
MONITOR = "monitor"     # a socket in the machine's folder
ICOUNT_KHZ = 1000000    # one tick an instruction, one instruction a ns


def program():
    # No machine outlives the rig, however that ends.
    command = ["setpriv", "--pdeathsig", "KILL", LOADER, "--library-path", LIB, BINARY]
    for folder in FIRMWARE:
        command += ["-L", folder]
    return command


def environment():
    return dict(os.environ, QEMU_MODULE_DIR=os.path.join(LIB, "qemu"))


def accelerator(machine):
    if machine.icount:
        return ["-accel", "tcg,thread=single", "-icount", machine.icount,
                "-rtc", "base=2024-01-01,clock=vm"]
    return ["-accel", "tcg,thread=" + machine.thread]


def prepare(folder, machine, kernel, initrd, append):
    """Command, environment and console (none: it is standard output)."""
    return command(machine, kernel, initrd, os.path.join(folder, "rig"), append), \
        environment(), None


def command(machine, kernel, initrd, rig_fifo, append=""):
    """TTY 0 is stdout; TTY 1 is the FIFO that the rig reads its marks from."""
    append += " tsc_early_khz=%d" % (ICOUNT_KHZ if machine.icount else tsc_khz())
    append += " dio.icount" if machine.icount else ""
    words = " ".join(read_words(os.path.join(VM, "l1", "cmdline")) +
                     machine.append.split() + append.split())
    return program() + [
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-M", "q35,kernel-irqchip=split",
        # VFs are dead above 4 GiB in QEMU 10.0 ("PF still in reset state").
        "-global", "q35-pcihost.pci-hole64-size=0",
        "-device", "intel-iommu,intremap=on,caching-mode=on",
        "-cpu", "qemu64,+svm,+npt,+x2apic", "-smp", str(machine.smp),
        *accelerator(machine), "-m", str(machine.memory + kernel.more_memory()),
        "-bios", machine.bios,
        "-kernel", kernel.vmlinux, "-initrd", initrd, "-append", words,
        "-chardev", "stdio,id=c0,signal=off", "-serial", "chardev:c0",
        "-chardev", "file,id=c1,path=" + rig_fifo, "-serial", "chardev:c1",
        # Relative to the machine's folder: a socket's path has 107 characters at most.
        "-chardev", "socket,id=c2,path=%s,server=on,wait=off" % MONITOR,
        "-mon", "chardev=c2,mode=readline",
        *machine.qemu]
