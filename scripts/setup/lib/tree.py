# SPDX-License-Identifier: GPL-2.0
"""Unpacked package trees: no maintainer script runs, no root is needed."""
import os
import shutil
import subprocess

from sources import SetupError

# Packages and files no tree needs: half of the size of a compiler's closure.
SKIP_PACKAGES = ("libasan", "libtsan", "libubsan", "liblsan", "libhwasan",
                 "libgprofng", "openssl-provider", "libsystemd", "libgomp",
                 "libitm", "libquadmath", "libatomic", "base-files",
                 "manpages", "linux-doc")
SKIP_FILES = ("./usr/share/doc*", "./usr/share/man*", "./usr/share/locale*",
              "./usr/share/info*", "*/lto1", "*lto-dump*", "*.a")


def unpack_one(deb, root):
    tar = ["tar", "-x", "-C", root, "--keep-directory-symlink", "--no-same-owner"]
    tar += ["--exclude=" + pattern for pattern in SKIP_FILES]
    source = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sink = subprocess.run(tar, stdin=source.stdout, stderr=subprocess.PIPE)
    source.stdout.close()
    source.communicate()
    if sink.returncode or source.returncode:
        raise SetupError("unpacking %s failed: %s" % (
            os.path.basename(deb), sink.stderr.decode(errors="replace").strip()))


def unpack(debs, root, skip=SKIP_PACKAGES):
    """ROOT becomes a merged-/usr tree with the files of DEBS, from nothing."""
    shutil.rmtree(root, ignore_errors=True)
    for sub in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "proc", "dev", "tmp",
                "src"):
        os.makedirs(os.path.join(root, sub))
    for link in ("bin", "sbin", "lib", "lib64"):
        os.symlink("usr/" + link, os.path.join(root, link))
    for deb in debs:
        if not os.path.basename(deb.path).startswith(skip):
            unpack_one(deb.path, root)
    awk = os.path.join(root, "usr/bin/awk")
    if os.path.exists(os.path.join(root, "usr/bin/mawk")) and not os.path.lexists(awk):
        os.symlink("mawk", awk)
    with open(os.path.join(root, "dev/null"), "w", encoding="utf-8"):
        pass


def unpack_text(tarball, top, paths, dest):
    """The members PATHS of a kernel source tarball, without its top folder."""
    shutil.rmtree(dest, ignore_errors=True)
    os.makedirs(dest)
    members = ["%s/%s" % (top, p) for p in paths]
    r = subprocess.run(["tar", "-xf", tarball, "-C", dest, "--strip-components=1",
                        "--wildcards", *members], stderr=subprocess.PIPE, text=True)
    if r.returncode:
        raise SetupError("unpacking %s failed: %s" % (tarball, r.stderr.strip()))
