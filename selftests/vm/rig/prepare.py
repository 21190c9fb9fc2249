# SPDX-License-Identifier: GPL-2.0
"""Everything a VM of KERNEL and MACHINE boots, made when it is out of date."""
import sys

from . import build, layers, manifest, vmlinux
from .paths import Kernel, RigError
from .stamp import locked


def extract(kernel):
    if kernel.vmlinuz:
        with locked(kernel.vmlinux):
            vmlinux.extract(kernel.vmlinuz, kernel.vmlinux)


def tolerated(make, instead):
    """The result of MAKE, or INSTEAD after a message: for interactive use."""
    try:
        return make()
    except RigError as e:
        print("warning: going on without: %s" % e, file=sys.stderr)
        return instead


def guest_kernel(kernel, machine, modroot):
    """What a nested guest runs: the machine's choice or the host's kernel, but never a
    debug one, which is slow and heavy and is not what is under test there."""
    key = machine.guest or ("6.12" if kernel.key == "debug" else kernel.key)
    if key == kernel.key:
        return kernel, modroot
    guest = Kernel(key)
    extract(guest)
    return guest, layers.modules(guest, [])[1]


def stack(kernel, machine, ours, tests, diokctl):
    """Cached layers, in the order in which the kernel unpacks them. Tests of the host
    stay there: they are large, with a sanitizer in each, and memory is small."""
    host = manifest.on_host_only()
    tests, without = [t for t in tests if t not in host], [t for t in tests if t in host]
    if machine.emulator == "bochs":
        return bochs_stack(kernel, machine, ours, tests, diokctl, without)
    extract(kernel)
    modules, modroot = layers.modules(kernel, ours)
    result = [layers.base(), modules, layers.programs(tests, diokctl, without=without)]
    if machine.l2:
        result += layers.nested(*guest_kernel(kernel, machine, modroot))
    return result


def bochs_stack(kernel, machine, ours, tests, diokctl, without):
    """As little as this machine's tests need: each byte is read by an emulated
    drive and unpacked by an emulated processor."""
    mine = {t.name.split(":")[0] for t in manifest.read() if t.machine == machine.name}
    tests = [t for t in tests if t.split(":")[0] in mine]
    return [layers.base(), layers.modules(kernel, ours, "bochs")[0],
            layers.programs(tests, diokctl, "-" + machine.name, without)]


def tolerant_stack(kernel, machine, stock, selftests):
    """As much as can be built now; nothing of ours if STOCK."""
    if stock:
        return stack(kernel, machine, [], [], None)
    return stack(kernel, machine,
                 tolerated(lambda: build.modules(kernel), []),
                 tolerated(build.selftests, []) if selftests else [],
                 tolerated(build.diokctl, None))
