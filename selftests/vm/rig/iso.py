# SPDX-License-Identifier: GPL-2.0
"""A bootable CD-ROM image written from a few files, without a tool for it.

ISO 9660 with every file in the root directory, and El Torito's entry for a
boot loader that is read whole (no emulation). isolinux wants to be told where
it lies, which is the boot information table.
"""
import struct

SECTOR = 2048
DATE = bytes([124, 1, 1, 0, 0, 0, 0])       # one date: the same files, the same image
FIRST = 22                                  # sector of the root directory


def both(number, size=4):
    """A number in both byte orders, as ISO 9660 has most of its numbers."""
    return number.to_bytes(size, "little") + number.to_bytes(size, "big")


def padded(data, size=SECTOR):
    return data + bytes(-len(data) % size)


def record(name, sector, size, folder):
    """Directory record, section 9.1."""
    length = 33 + len(name) + (1 - len(name) % 2)
    data = (bytes([length, 0]) + both(sector) + both(size) + DATE + bytes([2 if folder else 0])
            + bytes(2) + both(1, 2) + bytes([len(name)]) + name)
    return data + bytes(length - len(data))


def volume(sectors, root):
    """Primary volume descriptor, section 8.4."""
    dates = (b"0" * 16 + b"\0") * 4
    return padded(b"\1CD001\1\0" + b" " * 32 + b"DIO".ljust(32) + bytes(8) + both(sectors)
                  + bytes(32) + both(1, 2) + both(1, 2) + both(SECTOR, 2) + both(10)
                  + struct.pack("<II", FIRST - 2, 0) + struct.pack(">II", FIRST - 1, 0)
                  + root + b" " * 623 + dates + b"\1\0")


def catalogue(loader):
    """El Torito's validation entry, whose words add up to 0, and its first entry."""
    head = bytearray(b"\1" + bytes(29) + b"\x55\xaa")
    total = sum(struct.unpack("<16H", head))
    struct.pack_into("<H", head, 28, -total & 0xffff)
    return padded(bytes(head) + struct.pack("<BBHBBHI", 0x88, 0, 0, 0, 0, 4, loader))


def with_boot_table(data, sector):
    body = padded(data, 4)
    total = sum(struct.unpack_from("<%dI" % (len(body) // 4 - 16), body, 64)) & 0xffffffff
    return body[:8] + struct.pack("<4I", 16, sector, len(data), total) + bytes(40) + body[64:]


def write(path, loader, files):
    """PATH boots LOADER (a name of FILES, {name: bytes})."""
    sector, rows, contents = FIRST + 1, [], []
    for name, data in sorted(files.items()):
        if name == loader:
            data, start = with_boot_table(data, sector), sector
        rows.append(record(name.upper().encode() + b";1", sector, len(data), False))
        contents.append(padded(data))
        sector += len(contents[-1]) // SECTOR
    dots = [record(n, FIRST, SECTOR, True) for n in (b"\0", b"\1")]
    root = padded(b"".join(dots + rows))
    assert len(root) == SECTOR
    tables = [padded(struct.pack(order + "BBIHH", 1, 0, FIRST, 1, 0)) for order in "<>"]
    with open(path, "wb") as f:
        f.write(bytes(16 * SECTOR) + volume(sector, dots[0]))
        f.write(padded(b"\0CD001\1" + b"EL TORITO SPECIFICATION".ljust(32, b"\0") + bytes(32)
                       + struct.pack("<I", 19)))
        f.write(padded(b"\xffCD001\1") + catalogue(start) + b"".join(tables) + root)
        f.writelines(contents)
