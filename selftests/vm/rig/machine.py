# SPDX-License-Identifier: GPL-2.0
"""Machine tables: selftests/vm/machines/NAME, the format is in `reset` and `ept`.

Slots are dealt out in order, so that a name has one place on every kernel.
"""
import os
import re

from .paths import RigError, VM

FOLDER = os.path.join(VM, "machines")
FIRST_SLOT = 3          # 0 is the host bridge; 1 and 2 are left to QEMU
LAST_SLOT = 30          # 31 is the chipset's
LINE = re.compile(r"(\w+)\s+(.*)")


class Machine:
    def __init__(self, name):
        self.name = name
        self.memory, self.smp, self.icount, self.l2 = 768, 1, None, False
        self.emulator, self.cpu, self.append, self.boot = "qemu", None, "", 90
        self.guest = None
        self.bios, self.thread = "qboot.rom", "multi"
        self.debugger = None    # commands for that of Debian's own Bochs
        self.qemu, self.devices = [], []
        self.slot = FIRST_SLOT
        path = os.path.join(FOLDER, name)
        if not os.path.exists(path):
            raise RigError("no machine '%s' (known: %s)" % (name, " ".join(names())))
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                line = line.split("#")[0].strip()
                if line:
                    self.parse("%s:%d" % (path, number), line)

    def parse(self, where, line):
        m = LINE.fullmatch(line)
        word, rest = m.groups() if m else (line, "")
        if word in ("memory", "smp", "boot"):
            setattr(self, word, int(rest))
        elif word in ("icount", "cpu", "append", "bios", "thread", "guest"):
            setattr(self, word, rest)
        elif word == "emulator" and rest in ("qemu", "bochs"):
            self.emulator = rest
        elif word == "l2":
            self.l2 = rest == "yes"
        elif word == "qemu":
            self.qemu += rest.split()
        elif word == "device" and len(rest.split(None, 2)) == 3:
            self.device(where, *rest.split(None, 2))
        else:
            raise RigError("%s: cannot read '%s'" % (where, line))

    def device(self, where, name, place, model):
        if self.slot > LAST_SLOT:
            raise RigError("%s: no slot left for %s" % (where, name))
        kind, _, options = place.partition(",")
        if kind == "next":
            return self.function(name, model)
        slot, self.slot = self.slot, self.slot + 1
        self.functions = 0
        if "romfile" not in model and model.split(",")[0] in ("e1000e", "virtio-net-pci"):
            model += ",romfile="
        if kind == "port":
            port = "pcie-root-port,id=p%d,bus=pcie.0,addr=0x%x,chassis=%d" % (slot, slot, slot)
            self.qemu += ["-device", port + ("," + options if options else "")]
            self.qemu += ["-device", "%s,bus=p%d" % (model, slot)]
        elif kind == "root":
            self.qemu += ["-device", "%s,bus=pcie.0,addr=0x%x" % (model, slot)]
        else:
            raise RigError("%s: a device is at root or port, not '%s'" % (where, kind))
        self.devices.append("%s %s 0000:00:%02x.0 0" % (name, kind, slot))
        return None

    def function(self, name, model):
        """One more function beside the device of the line above."""
        slot = self.slot - 1
        self.functions += 1
        self.qemu += ["-device", "%s,bus=p%d,addr=0x0.%d" % (model, slot, self.functions)]
        self.devices.append("%s port 0000:00:%02x.0 %d" % (name, slot, self.functions))

    def device_table(self):
        return "".join(d + "\n" for d in self.devices)


def names():
    return sorted(os.listdir(FOLDER))
