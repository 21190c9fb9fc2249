# SPDX-License-Identifier: GPL-2.0
"""Make a thing only when its inputs changed; one maker at a time per thing."""
import contextlib
import fcntl
import hashlib
import os

SKIPPED = (".git", "build", "__pycache__")


def files_of(path):
    if os.path.isfile(path):
        yield path
        return
    for base, dirs, files in os.walk(path):
        dirs[:] = sorted(d for d in dirs if d not in SKIPPED)
        for name in sorted(files):
            yield os.path.join(base, name)


def fingerprint(paths, extra=""):
    """Of names, sizes and times: contents are not read."""
    digest = hashlib.sha256(extra.encode())
    for path in paths:
        for name in files_of(path):
            with contextlib.suppress(FileNotFoundError):
                st = os.lstat(name)
                digest.update(("%s %d %d\n" % (name, st.st_size,
                                               st.st_mtime_ns)).encode())
    return digest.hexdigest()


@contextlib.contextmanager
def locked(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made(target, inputs, make, extra=""):
    """Call MAKE unless TARGET was made from the same INPUTS. True if it ran."""
    with locked(target):
        key = fingerprint(inputs, extra)
        stamp = target + ".stamp"
        if os.path.exists(stamp) and os.path.exists(target):
            with open(stamp, encoding="utf-8") as f:
                if f.read() == key:
                    return False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(stamp)
        make()
        with open(stamp, "w", encoding="utf-8") as f:
            f.write(key)
        return True
