# SPDX-License-Identifier: GPL-2.0
"""A private apt per Debian release under build/cache/apt/RELEASE.

It has its own sources, lists, preferences and an empty dpkg status, so that
a closure is complete whatever the host has installed. Only the machine's
Acquire settings (proxies) are taken over.
"""
import os
import re
import subprocess
import threading

from sources import SetupError, derive

HELPER = "/usr/lib/apt/apt-helper"


class Deb:
    """One package file: where it comes from and where it is kept."""

    def __init__(self, uri, name, size, digest, folder):
        self.uri, self.size, self.digest = uri, int(size), digest
        self.path = os.path.join(folder, name)

    def present(self):
        return os.path.exists(self.path) and os.path.getsize(self.path) == self.size


class Apt:
    def __init__(self, cache, release, say):
        self.release, self.say = release, say
        self.dir = os.path.join(cache, "apt", release)
        self.archives = os.path.join(self.dir, "archives")
        self.conf = os.path.join(self.dir, "apt.conf")
        self.env = dict(os.environ, APT_CONFIG=self.conf, LC_ALL="C")

    def configure(self, sources):
        for sub in ("lists/partial", "cache/archives/partial", "sources", "empty",
                    "archives"):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
        with open(os.path.join(self.dir, "status"), "w", encoding="utf-8"):
            pass
        with open(os.path.join(self.dir, "sources", "dio.sources"), "w",
                  encoding="utf-8") as f:
            f.write(derive(self.release, sources=sources))
        dump = subprocess.run(["apt-config", "dump"], stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        acquire = [l for l in dump.splitlines() if l.startswith("Acquire::")]
        own = {"Dir::Etc::Main": "/dev/null", "Dir::Etc::Parts": "empty",
               "Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": "sources",
               "Dir::Etc::Preferences": "/dev/null",
               "Dir::Etc::PreferencesParts": "empty",
               "Dir::State": "", "Dir::State::Lists": "lists",
               "Dir::State::status": "status", "Dir::Cache": "cache",
               "APT::Sandbox::User": "", "APT::Install-Recommends": "false",
               "APT::Architecture": "amd64", "Acquire::Retries": "3",
               "Acquire::Languages": "none"}
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write("\n".join(acquire) + "\n")
            for key, value in own.items():
                if key.startswith("Dir::") and not value.startswith("/"):
                    value = os.path.join(self.dir, value)
                f.write('%s "%s";\n' % (key, value))

    def run(self, *args):
        r = subprocess.run(args, env=self.env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
        if r.returncode:
            raise SetupError("%s for Debian %s failed (no network?):\n  %s" % (
                " ".join(args[:2]), self.release,
                "\n  ".join(r.stderr.strip().splitlines()[-4:])))
        return r.stdout

    def update(self, sources=False):
        """A suite that has left the mirror is no error: its packages are."""
        self.configure(sources)
        self.say("%s: package lists" % self.release)
        r = subprocess.run(["apt-get", "-qq", "update"], env=self.env,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not self.names("linux-headers-"):
            raise SetupError("no package lists of Debian %s (no network?):\n  %s" % (
                self.release, "\n  ".join(r.stdout.strip().splitlines()[-4:])))

    def names(self, prefix):
        return self.run("apt-cache", "pkgnames", prefix).split()

    def show(self, package, field):
        r = subprocess.run(["apt-cache", "show", package], env=self.env,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        m = re.search(r"^%s: (.*)$" % field, r.stdout, re.M)
        return m.group(1) if m else ""

    def debs(self, text):
        rows = re.findall(r"^'([^']+)' (\S+) (\d+) (\S*)", text, re.M)
        return [Deb(*row, self.archives) for row in rows]

    def closure(self, packages, suite=None):
        target = ["-t", suite] if suite else []
        return self.debs(self.run("apt-get", "-qq", "-y", "--print-uris",
                                  *target, "install", *packages))

    def single(self, packages):
        return self.debs(self.run("apt-get", "-qq", "--print-uris", "download",
                                  *packages))

    def source(self, package):
        """The upstream part of a source package; needs update(sources=True)."""
        files = self.debs(self.run("apt-get", "-qq", "--print-uris", "source", package))
        return [d for d in files if ".orig.tar" in d.path]

    def fetch(self, debs):
        want = {d.path: d for d in debs if not d.present()}.values()
        if not want:
            return
        total = sum(d.size for d in want)
        self.say("%s: downloading %d packages, %d MB"
                 % (self.release, len(want), total >> 20))
        done = threading.Event()
        threading.Thread(target=self.progress, args=(list(want), total, done),
                         daemon=True).start()
        args = []
        for d in want:
            args += [d.uri, d.path, d.digest]
        try:
            self.run(HELPER, "download-file", *args)
        finally:
            done.set()

    def progress(self, debs, total, done):
        while not done.wait(10):
            have = sum(os.path.getsize(d.path) for d in debs if os.path.exists(d.path))
            self.say("%s: %d of %d MB" % (self.release, have >> 20, total >> 20))
