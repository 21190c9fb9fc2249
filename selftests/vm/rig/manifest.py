# SPDX-License-Identifier: GPL-2.0
"""selftests/manifest: which test runs on which machine, for how long at most."""
import os
from collections import namedtuple

from . import machine
from .paths import KEYS, RigError, SELFTESTS

PATH = os.path.join(SELFTESTS, "manifest")
HOST = "host"
# kernels: keys the test runs on. asked: only when it is asked for by name.
Test = namedtuple("Test", "name machine timeout kernels asked", defaults=(False,))


def parse_line(where, line):
    words = line.split()
    kernels = KEYS
    asked = words[-1] == "asked"
    if asked:
        words.pop()
    if len(words) == 4 and words[3].startswith("kernels="):
        kernels = words.pop()[len("kernels="):].split(",")
    if len(words) != 3 or ":" not in words[0] or not words[2].isdigit():
        raise RigError("%s: expected 'collection:test machine seconds "
                       "[kernels=...] [asked]', not '%s'" % (where, line))
    unknown = [k for k in kernels if k not in KEYS]
    if unknown or words[1] not in [HOST] + machine.names():
        raise RigError("%s: unknown machine or kernel in '%s'" % (where, line))
    return Test(words[0], words[1], int(words[2]), kernels, asked)


def read(path=PATH):
    tests = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                line = line.split("#")[0].strip()
                if line:
                    tests.append(parse_line("%s:%d" % (path, number), line))
    return tests


def on_host_only():
    """Names of the tests that no machine runs."""
    tests = read()
    return {t.name for t in tests} - {t.name for t in tests if t.machine != HOST}


def selected(tests, words):
    """Tests with one of WORDS in their name; all that need no asking without words."""
    if not words:
        return [t for t in tests if not t.asked]
    return [t for t in tests if any(w in t.name for w in words)]
