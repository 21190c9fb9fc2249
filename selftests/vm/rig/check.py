# SPDX-License-Identifier: GPL-2.0
"""make check: build, run, report. T and KERNEL select (environment or words).

Tests with many equal rounds do all of them when T names them, or with ALL=1."""
import fcntl
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import build, hostjob, manifest, prepare, schedule
from .machine import Machine
from .paths import BUILD, KEYS, Kernel, KSFT_SOURCE, RigError, STOCK, TOP, VM
from .report import Report
from .result import verdict
from .vmjob import VmJob

# A machine waits more than it computes: one more than there are processors.
SLOTS = int(os.environ.get("JOBS", (os.cpu_count() or 1) + 1))


class Check:
    def __init__(self, keys, words):
        self.keys, self.words = keys, words
        self.volume = bool(words or os.environ.get("ALL"))
        self.report = Report()
        self.logs_name = self.own_logs()
        self.tests, self.modules, self.installed = [], {}, []
        self.diokctl = None

    def own_logs(self):
        """`logs`, or a name of its own while another run has that."""
        os.makedirs(BUILD, exist_ok=True)
        self.lock = open(os.path.join(BUILD, "check.lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return "logs"
        except BlockingIOError:
            return "logs.%d" % os.getpid()

    def logs(self, key):
        return os.path.join(BUILD, key, self.logs_name)

    def failed(self, key, name, why):
        log = os.path.join(self.logs(key), "rig", name.replace(":", ".") + ".log")
        self.report.emit(verdict(key, "-", name, log, why))

    def attempt(self, key, name, make):
        """The result of MAKE; None and a failed test when it cannot be made."""
        try:
            return make()
        except RigError as e:
            self.failed(key, name, str(e))
            return None

    def select(self):
        tests = manifest.read()
        self.tests = [t for t in manifest.selected(tests, self.words)]
        self.lint = manifest.selected(hostjob.LINT, self.words)
        return tests

    def build_all(self, pool):
        """Selftests and diokctl once, our modules for each kernel."""
        futures = {k: pool.submit(self.attempt, k, "build:modules",
                                  lambda k=k: build.modules(Kernel(k)))
                   for k in self.keys}
        for name in build.collections():
            self.installed += self.attempt(
                "host", "build:" + name, lambda n=name: build.make_collection(n)) or []
        self.diokctl = self.attempt("host", "build:diokctl", build.diokctl)
        for key, future in futures.items():
            self.modules[key] = future.result()

    def install_runner(self):
        """The host's copy of what the machines get in /ksft."""
        ksft = os.path.join(BUILD, "ksft")
        os.makedirs(ksft, exist_ok=True)
        shutil.copytree(os.path.join(KSFT_SOURCE, "kselftest"),
                        os.path.join(ksft, "kselftest"), dirs_exist_ok=True)
        shutil.copy(os.path.join(KSFT_SOURCE, "run_kselftest.sh"), ksft)
        with open(os.path.join(ksft, "kselftest-list.txt"), "w", encoding="utf-8") as f:
            f.writelines(t + "\n" for t in self.installed)

    def compare_manifest(self, listed):
        """A test that is built and never run, or listed and not built."""
        names = {t.name for t in listed}
        for name in sorted(set(self.installed) - names):
            if not self.words:
                self.failed("host", name, "built, but not in selftests/manifest: "
                            "no machine runs it")
        for test in [t for t in self.tests if t.name not in self.installed]:
            self.failed("host", test.name, "in selftests/manifest, but not built")
        self.tests = [t for t in self.tests if t.name in self.installed]

    def run_machine(self, group):
        kernel, machine = Kernel(group.kernel), Machine(group.machine)
        stack = self.attempt(group.kernel, "build:layers", lambda: prepare.stack(
            kernel, machine, self.modules[group.kernel], self.installed, self.diokctl))
        if stack:
            VmJob(kernel, machine, group.tests, self.logs(group.kernel), stack,
                  self.report.emit, group.part, self.volume).run()

    def run_group(self, group):
        if group.machine == manifest.HOST:
            for test in group.tests:
                hostjob.run(test, self.logs(group.kernel), self.report.emit)
        else:
            self.run_machine(group)

    def run(self):
        listed = self.select()
        with ThreadPoolExecutor(SLOTS) as pool:
            self.build_all(pool)
            self.compare_manifest(listed)
            self.install_runner()
            keys = [k for k in self.keys if self.modules[k] is not None]
            on_host = [t._replace(kernels=[manifest.HOST]) for t in self.tests
                       if t.machine == manifest.HOST]
            in_vm = [t for t in self.tests if t.machine != manifest.HOST]
            jobs = [pool.submit(self.run_group, g) for g in schedule.groups(
                in_vm + on_host + self.lint, keys + [manifest.HOST],
                self.report.timings, SLOTS)]
            for job in jobs:
                job.result()
        return self.report.close()


def setup(keys):
    # 6.12 is the kernel of some machines' guests, and of the static checks
    stock = sorted({"6.12", *keys} - {"debug"})
    commands = [[os.path.join(TOP, "scripts/setup/run"), *stock]]
    if "debug" in keys:
        commands.append([os.path.join(VM, "debug", "build")])
    for command in commands:
        if subprocess.run(command).returncode:
            raise RigError("set-up failed: " + os.path.relpath(command[0]))


def interrupted(number, _frame):
    """At once: QEMU dies with us, and no verdict of a broken run is given."""
    print("\ncheck: interrupted", flush=True)
    os._exit(128 + number)


def main():
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    keys = os.environ.get("KERNEL", "").split() or STOCK
    unknown = [k for k in keys if k not in KEYS]
    if unknown:
        raise RigError("unknown kernel '%s' (known: %s)" % (" ".join(unknown), " ".join(KEYS)))
    setup(keys)
    return Check(keys, os.environ.get("T", "").split()).run()
