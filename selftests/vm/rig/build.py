# SPDX-License-Identifier: GPL-2.0
"""Build what runs in a VM: our modules, diokctl, the selftests, guest files.

Modules are built from a copy of the tree by the kernel's own compiler inside
an unprivileged chroot (scripts/kbuild), so several kernels build at once.
"""
import functools
import glob
import os
import re
import shutil
import subprocess

from . import sparse
from .paths import (BUILD, CACHE, KSFT_SOURCE, RigError, SELFTESTS, TOP,
                    UAPI_HEADERS, VM)
from .stamp import locked, made

MODULE_ROOMS = ("Kbuild", "compat", "uapi", "kvm-dio", "rt-sched", "vfio-ext")
TEST_MODULES = os.path.join(SELFTESTS, "modules", "")
# Without kernel-doc, which the header packages lack: that is a check of the lint.
STRICT = ["W=1", "cmd_checkdoc=:"]
WARNING = re.compile(r"(?!\./|/usr/src/|arch/|include/).*\b(warning|error):", re.I)


def run(command, log, what, cwd=TOP):
    """Run COMMAND with its output in LOG; on failure show the end of it."""
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "w", encoding="utf-8") as f:
        code = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=f,
                              stderr=subprocess.STDOUT).returncode
    if code:
        with open(log, encoding="utf-8", errors="replace") as f:
            tail = "".join(f.readlines()[-25:])
        raise RigError("%s failed:\n%s(whole log: %s)" % (what, tail, log))


def module_sources():
    rooms = [os.path.join(TOP, r) for r in MODULE_ROOMS]
    return [r for r in rooms if os.path.exists(r)]


def our_modules(kernel, checked=True):
    """Those of the rooms; none while there is no Kbuild."""
    if not os.path.exists(os.path.join(TOP, "Kbuild")):
        return []
    return module_tree(kernel, "modules", "src", module_sources(), checked)


def modules(kernel):
    """Our modules for KERNEL and those of the tests."""
    ours = our_modules(kernel)
    rooms = [r for r in module_sources() if os.path.isdir(r)]   # for variant.mk
    return ours and ours + module_tree(kernel, "test-modules", "src-tests",
                                       [TEST_MODULES, *rooms], bring=bring_objects)


def bring_objects(kernel, src):
    """The rooms' own objects, without what a debugger wants, in SRC/built for variant.mk.
    Nothing there makes them: an empty .cmd is for modpost, which sums a module's sources."""
    for obj in glob.glob(kernel.path("src", "*", "*.o")):
        room, name = obj.split(os.sep)[-2:]
        folder = os.path.join(src, "built", room)
        copy = os.path.join(folder, name)
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(copy) or os.stat(copy).st_mtime != os.stat(obj).st_mtime:
            subprocess.run(["strip", "-g", "-p", "-o", copy, obj], check=True)
            open(os.path.join(folder, ".%s.cmd" % name), "w").close()


def make_strictly(command, log, src, what):
    """A warning about a file that is not the kernel's own is a failure. What was built
    goes with it, also if the build fails: nothing would be said about it the next time."""
    failure = None
    try:
        run(command, log, what)
    except RigError as e:
        failure = e
    with open(log, encoding="utf-8", errors="replace") as f:
        found = [line for line in f if WARNING.match(line)]
    if found and (not failure or any("warning:" in line.lower() for line in found)):
        shutil.rmtree(src)
    if failure or found:
        raise failure or RigError("%s gave warnings:\n%s" % (what, "".join(found)))


def copy_sources(sources, src):
    # By content, and with a time of now: a file edited while the last
    # build ran would else look older than the object made of its past.
    os.makedirs(src, exist_ok=True)
    subprocess.run(["rsync", "-rlp", "--checksum", "--delete", "--exclude=*.o", "--exclude=*.ko",
                    "--exclude=*.mod*", "--exclude=.*.cmd",
                    "--filter=P *.o", "--filter=P *.ko", "--filter=P *.mod*",
                    "--filter=P .*.cmd", "--filter=P Module.symvers",
                    "--filter=P modules.order", "--filter=P /built/",
                    *sources, src + "/"], check=True)


def module_tree(kernel, name, folder, sources, checked=True, bring=None):
    """The modules of SOURCES and what BRING adds, built in build/KEY/FOLDER without a
    warning. sparse is left out unless CHECKED, or what is there was: a later build makes
    up for it."""
    src = kernel.path(folder)
    script = os.path.join(TOP, "scripts", "kbuild")
    mark = kernel.path(name + ".checked")
    arguments = list(STRICT)
    if kernel.key == sparse.KEY and (checked or os.path.exists(mark)):
        arguments += sparse.ARGUMENTS

    def make():
        copy_sources(sources, src)
        if bring:
            bring(kernel, src)
        how = []
        if arguments != STRICT:
            sparse.bring(src, libraries(sparse.program()))
            how = [sparse.COMPILED if os.path.exists(mark) else sparse.ALL]
        where = [kernel.root] if kernel.root else ["-"]
        log = kernel.path("logs", "build-%s.log" % name)
        what = "building the %s for kernel %s" % (name, kernel.key)
        make_strictly([script, *where, kernel.headers, src, *arguments, *how, "modules"],
                      log, src, what)
        if how:
            open(mark, "w").close()

    made(kernel.path(name), sources + [script],
         lambda: (make(), open(kernel.path(name), "w").close()),
         " ".join([kernel.abi, *arguments]))
    found = []
    for base, dirs, files in os.walk(src):
        dirs.sort()
        found += [os.path.join(base, f) for f in sorted(files) if f.endswith(".ko")]
    return found


def diokctl():
    """The program, or None while tools/ does not exist."""
    tools = os.path.join(TOP, "tools")
    if not os.path.exists(os.path.join(tools, "Makefile")):
        return None
    out = os.path.join(BUILD, "tools")
    os.makedirs(out, exist_ok=True)
    with locked(out):
        run(["make", "-s", "-C", tools, "O=" + out],
            os.path.join(BUILD, "logs", "build-tools.log"), "building diokctl")
    return os.path.join(out, "diokctl")


def libraries(program):
    """What the dynamic PROGRAM loads, by the loader's own account."""
    text = subprocess.run(["ldd", program], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    words = [w for line in text.splitlines() for w in line.split()]
    return sorted({w for w in words if w.startswith("/")})


def collections():
    """Folders under selftests/ that a kselftest Makefile is in."""
    found = []
    for name in sorted(os.listdir(SELFTESTS)):
        makefile = os.path.join(SELFTESTS, name, "Makefile")
        if os.path.exists(makefile):
            with open(makefile, encoding="utf-8") as f:
                if "lib.mk" in f.read():
                    found.append(name)
    return found


def make_collection(name):
    out = os.path.join(BUILD, "selftests", name)
    installed = os.path.join(BUILD, "ksft", name)
    os.makedirs(out, exist_ok=True)
    variables = ["KSFT=" + KSFT_SOURCE, "OUTPUT=" + out, "INSTALL_PATH=" + installed,
                 "KHDR_INCLUDES=-isystem " + UAPI_HEADERS, "COLLECTION=" + name,
                 "building_out_of_srctree=1", "USERLDFLAGS=-static",
                 "CACHE=" + CACHE, "TOP=" + TOP]
    base = ["make", "-s", "-C", os.path.join(SELFTESTS, name)]
    inputs = [os.path.join(SELFTESTS, d) for d in (name, "lib")]
    inputs += [os.path.join(TOP, d) for d in ("uapi", "kvm-dio", "rt-sched", "vfio-ext", "tools")]

    def make():
        shutil.rmtree(installed, ignore_errors=True)
        run(base + variables + ["-j2", "install"],
            os.path.join(BUILD, "logs", "build-selftests-%s.log" % name),
            "building the selftests of " + name)
        os.makedirs(installed, exist_ok=True)

    made(installed, inputs, make, " ".join(variables))
    text = subprocess.run(base + variables + ["emit_tests"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return sorted(set(text.split()))


def selftests():
    """All collections installed in build/ksft; the list of collection:test."""
    return [t for name in collections() for t in make_collection(name)]


def small_program(name):
    """A program of one file of selftests/vm/l1."""
    out = os.path.join(BUILD, "tools", name)
    source = os.path.join(VM, "l1", name + ".c")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    made(out, [source], lambda: run(
        ["cc", "-O2", "-Wall", "-Wextra", "-static", "-o", out, source],
        os.path.join(BUILD, "logs", "build-%s.log" % name), "building " + name))
    return out


@functools.lru_cache
def tsc_khz():
    return int(subprocess.run([small_program("tsckhz")], check=True,
                              stdout=subprocess.PIPE).stdout)


def guests(kernel, modroot):
    """Files for nested guests, made by selftests/guests for KERNEL."""
    folder = os.path.join(SELFTESTS, "guests")
    if not os.path.exists(os.path.join(folder, "Makefile")):
        return None
    out = kernel.path("guests")
    os.makedirs(out, exist_ok=True)
    with locked(out):
        run(["make", "-s", "-C", folder, "O=" + out, "VMLINUX=" + kernel.vmlinux,
             "MODROOT=" + modroot, "ABI=" + kernel.abi, "TOP=" + TOP],
            kernel.path("logs", "build-guests.log"), "building the guests")
    return out
