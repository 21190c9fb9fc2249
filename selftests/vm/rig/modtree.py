# SPDX-License-Identifier: GPL-2.0
"""/lib/modules of L1: the stock modules it needs, decompressed, and ours."""
import lzma
import os
import shutil
import subprocess

from .paths import read_words

LISTS = ("modules.builtin", "modules.builtin.modinfo", "modules.order")


def closure(kernel, names):
    """Files of NAMES and of all they depend on, by modules.dep."""
    depends = {}
    with open(os.path.join(kernel.modules, "modules.dep"), encoding="utf-8") as f:
        for line in f:
            file, _, rest = line.partition(":")
            depends[file] = rest.split()
    by_name = {os.path.basename(f).split(".")[0].replace("-", "_"): f for f in depends}
    wanted = set()
    for name in names:
        file = by_name.get(name.replace("-", "_"))
        if file:            # else it is built in
            wanted |= {file, *depends[file]}
    return sorted(wanted)


def make(kernel, names, ours, dest):
    """DEST/lib/modules/ABI from nothing: what the file NAMES lists, and OURS."""
    shutil.rmtree(dest, ignore_errors=True)
    base = os.path.join(dest, "lib", "modules", kernel.abi)
    os.makedirs(os.path.join(base, "updates"))
    for file in closure(kernel, read_words(names)):
        with open(os.path.join(kernel.modules, file), "rb") as f:
            data = f.read()
        if file.endswith(".xz"):
            file, data = file[:-3], lzma.decompress(data)
        path = os.path.join(base, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
    for name in LISTS:
        path = os.path.join(kernel.modules, name)
        if os.path.exists(path):
            shutil.copy(path, base)
    for path in ours:       # what a debugger wants is most of it
        subprocess.run(["strip", "-g", "-o", os.path.join(base, "updates", os.path.basename(path)),
                        path], check=True)
    subprocess.run(["depmod", "-b", dest, kernel.abi], check=True,
                   stderr=subprocess.DEVNULL)
