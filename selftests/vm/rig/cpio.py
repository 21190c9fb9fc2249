# SPDX-License-Identifier: GPL-2.0
"""newc archives written from a description; no root and no staging folder."""
import os
import stat


class Archive:
    def __init__(self):
        self.parts, self.dirs, self.inode = [], set(), 0

    def entry(self, name, mode, data=b"", rdev=(0, 0)):
        self.inode += 1
        name_bytes = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev,
                  len(name_bytes), 0)
        header = b"070701" + b"".join(b"%08x" % f for f in fields) + name_bytes
        self.parts += [header, bytes(-len(header) % 4), data, bytes(-len(data) % 4)]

    def mkdir(self, path):
        path = path.strip("/")
        if path and path not in self.dirs:
            self.mkdir(os.path.dirname(path))
            self.dirs.add(path)
            self.entry(path, stat.S_IFDIR | 0o755)

    def text(self, path, data, mode=0o644):
        path = path.strip("/")
        self.mkdir(os.path.dirname(path))
        self.entry(path, stat.S_IFREG | mode,
                   data.encode() if isinstance(data, str) else data)

    def file(self, path, source, mode=None):
        with open(source, "rb") as f:
            data = f.read()
        self.text(path, data, mode or (os.stat(source).st_mode & 0o777))

    def symlink(self, path, target):
        path = path.strip("/")
        self.mkdir(os.path.dirname(path))
        self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def node(self, path, mode, major, minor):
        path = path.strip("/")
        self.mkdir(os.path.dirname(path))
        self.entry(path, mode, rdev=(major, minor))

    def tree(self, path, source, without=()):
        """All of the folder SOURCE below PATH, but for files with a name of WITHOUT."""
        self.mkdir(path)
        for base, dirs, files in os.walk(source):
            dirs.sort()
            there = os.path.join(path, os.path.relpath(base, source))
            there = os.path.normpath(there)
            self.mkdir(there)
            links = [d for d in dirs if os.path.islink(os.path.join(base, d))]
            for name in sorted(set(files + links) - set(without)):
                full = os.path.join(base, name)
                if os.path.islink(full):
                    self.symlink(os.path.join(there, name), os.readlink(full))
                else:
                    self.file(os.path.join(there, name), full)

    def bytes(self):
        """The archive with its end mark; archives may follow one another."""
        end = Archive()
        end.entry("TRAILER!!!", 0)
        data = b"".join(self.parts + end.parts)
        return data + bytes(-len(data) % 512)
