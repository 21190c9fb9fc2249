# SPDX-License-Identifier: GPL-2.0
"""The Bochs of build/cache: an Intel processor with VMX and EPT, and little else.

The machine's time is its instructions: IPS of them are a second, however
fast the emulator is. A machine with commands for a debugger runs in Debian's own
Bochs, which is built with one, and stops where a guest executes xchg %bx, %bx.
"""
import os
import subprocess

from . import iso
from .paths import BOCHS, BOCHS_STOCK, VM, read_words

IPS = 50000000
RC = """\
config_interface: textconfig
display_library: {display}
cpu: model={cpu}, count=1, ips={ips}, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest={memory}, host={memory}
romimage: file={firmware}/BIOS-bochs-latest, options=fastboot
vgaromimage: file={firmware}/vgabios.bin
vga: extension=vbe, update_freq=1
pci: enabled=1, chipset=i440fx, slot1=pcivga
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path="{folder}/cd.iso", status=inserted
boot: cdrom
clock: sync=none, time0=local
com1: enabled=1, mode=file, dev="{folder}/console"
com2: enabled=1, mode=file, dev="{folder}/rig"
log: -
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
mouse: enabled=0
magic_break: enabled={magic}
"""
ISOLINUX = """default l
prompt 0
timeout 0
label l
 kernel /vmlinuz
 initrd /initrd
 append %s
"""


def command_line(machine, append):
    words = read_words(os.path.join(VM, "l1", "cmdline")) + read_words(
        os.path.join(VM, "l1", "cmdline-bochs")) + machine.append.split() + append.split()
    # A processor that tells its frequency tells that of real ones.
    return " ".join(words + ["tsc_early_khz=%d" % (IPS // 1000)])


def image(folder, machine, kernel, initrd, append):
    files = {"isolinux.cfg": (ISOLINUX % command_line(machine, append)).encode()}
    for name, path in (("vmlinuz", kernel.vmlinuz), ("initrd", initrd),
                       ("isolinux.bin", os.path.join(BOCHS, "isolinux.bin")),
                       ("ldlinux.c32", os.path.join(BOCHS, "ldlinux.c32"))):
        with open(path, "rb") as f:
            files[name] = f.read()
    iso.write(os.path.join(folder, "cd.iso"), "isolinux.bin", files)


def with_debugger(folder, machine):
    """Debian's Bochs; its one display serves VNC, which nobody is to reach."""
    lib = os.path.join(BOCHS_STOCK, "usr/lib/x86_64-linux-gnu")
    commands = os.path.join(folder, "commands")
    with open(commands, "w", encoding="utf-8") as f:
        f.writelines(c + "\n" for c in machine.debugger)
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run(alone + ["true"], stderr=subprocess.DEVNULL).returncode:
        alone = ["unshare", "--net"]
    environment = {"LTDL_LIBRARY_PATH": os.path.join(lib, "bochs/plugins"),
                   "BXSHARE": os.path.join(BOCHS_STOCK, "usr/share/bochs")}
    return alone + [os.path.join(lib, "ld-linux-x86-64.so.2"), "--library-path", lib,
                    os.path.join(BOCHS_STOCK, "usr/bin/bochs-bin"), "-debugger", "-rc",
                    commands], environment


def prepare(folder, machine, kernel, initrd, append):
    """Write the machine's files to FOLDER; its command, environment and console."""
    image(folder, machine, kernel, initrd, append)
    program, environment = [os.path.join(BOCHS, "bochs")], {}
    if machine.debugger:
        program, environment = with_debugger(folder, machine)
    rc = os.path.join(folder, "bochsrc")
    with open(rc, "w", encoding="utf-8") as f:
        f.write(RC.format(cpu=machine.cpu, ips=IPS, memory=machine.memory, folder=folder,
                          firmware=BOCHS, magic=1 if machine.debugger else 0,
                          display='rfb, options="timeout=0"' if machine.debugger else "nogui"))
    # No machine outlives the rig, however that ends.
    command = ["setpriv", "--pdeathsig", "KILL", *program, "-q", "-f", rc]
    return command, dict(os.environ, TERM="dumb", **environment), \
        os.path.join(folder, "console")
