# SPDX-License-Identifier: GPL-2.0
"""sparse beside the compiler, where the modules for one kernel are built.

It is one kernel's, as what it sees is the same on all of them. Its warnings are the
build's, which passes none.

usage: python3 -m rig.sparse [TREE FOLDER]   this tree, or another one in a folder
"""
import os
import shutil
import sys

KEY = "6.12"
FOLDER = "sparse"               # in the folder of the sources
RUN = """#!/bin/sh
exec /src/{folder}/{loader} --library-path /src/{folder} /src/{folder}/sparse "$@"
"""


# For make: endianness included; the files that it compiles, or those too that it has.
ARGUMENTS = ["CHECK=/src/%s/run" % FOLDER, "CF=-D__CHECK_ENDIAN__"]
COMPILED, ALL = "C=1", "C=2"


def program():
    return shutil.which("sparse")


def bring(src, libraries):
    """The compiler's tree has no sparse and may have an older C library than the host: the
    host's goes in with the LIBRARIES it loads, its loader among them."""
    out = os.path.join(src, FOLDER)
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for library in libraries:
        shutil.copy(library, out)
    shutil.copy(program(), os.path.join(out, "sparse"))
    loader, = [n for n in os.listdir(out) if n.startswith("ld-")]
    run = os.path.join(out, "run")
    with open(run, "w", encoding="utf-8") as f:
        f.write(RUN.format(folder=FOLDER, loader=loader))
    os.chmod(run, 0o755)


def build_other(tree, folder):
    """Its rooms, and folders with modules of its own, each of which may use the rooms."""
    from . import build, paths
    kernel = paths.Kernel(KEY)
    kernel.build = folder
    names = sorted(os.listdir(tree))
    rooms = [os.path.join(tree, n) for n in names
             if os.path.exists(os.path.join(tree, n, "Kbuild"))]
    build.module_tree(kernel, "modules", "src", [os.path.join(tree, "Kbuild"), *rooms])
    for name in names:
        if os.path.exists(os.path.join(tree, name, "Makefile")):
            build.module_tree(kernel, name, "src-" + name, [os.path.join(tree, name, ""), *rooms])


def main(argv):
    from . import build, paths
    try:
        if argv:
            build_other(*argv)
        else:
            build.modules(paths.Kernel(KEY))
    except paths.RigError as e:
        sys.exit(str(e))


if __name__ == "__main__":
    main(sys.argv[1:])
