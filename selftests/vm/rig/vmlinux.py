# SPDX-License-Identifier: GPL-2.0
"""The ELF kernel inside a bzImage: booted by PVH it needs no decompression."""
import os
import struct
import subprocess

from .paths import RigError

UNPACK = ((b"\x28\xb5\x2f\xfd", ["zstd", "-dcq"]),
          (b"\xfd7zXZ\0", ["xz", "-dcq", "--single-stream"]),
          (b"\x1f\x8b", ["gzip", "-dcq"]))


def payload(image):
    """Compressed payload by the fields of the boot protocol, section 1."""
    setup_sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start:start + length]


def extract(vmlinuz, vmlinux):
    if os.path.exists(vmlinux) and \
            os.path.getmtime(vmlinux) >= os.path.getmtime(vmlinuz):
        return
    with open(vmlinuz, "rb") as f:
        data = payload(f.read())
    for magic, command in UNPACK:
        if data.startswith(magic):
            break
    else:
        raise RigError("%s: unknown compression %s" % (vmlinuz, data[:6].hex()))
    # The last word is the uncompressed size, which the tools take for garbage.
    elf = subprocess.run(command, input=data[:-4], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    if elf[:4] != b"\x7fELF":
        raise RigError("%s: no ELF kernel inside" % vmlinuz)
    temporary = "%s.%d" % (vmlinux, os.getpid())
    with open(temporary, "wb") as f:
        f.write(elf)
    os.replace(temporary, vmlinux)
