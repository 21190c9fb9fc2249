# SPDX-License-Identifier: GPL-2.0
"""One variant of a Promela model: made into a program by spin, run, and judged.

A search counts only if it was whole, which pan says, or does not say.
"""
import os
import re
import shutil
import subprocess

# tcc: to compile takes gcc longer (1 s, optimized 8 s) than the search takes (0.5 s or so).
# COLLAPSE and spin's partial order reduction lose nothing: the first packs states
# without loss; the second reorders what touches no global variable alone, and all
# that the properties look at is global.
CFLAGS = ["-w", "-DCOLLAPSE", "-DNOFAIR", "-DMEMLIM=900"]
# SAFETY finds assertions and invalid end states; ENDS any cycle, because no label
# of the model means progress; SHORTEST, breadth first, the shortest trail.
SAFETY, ENDS, SHORTEST = ["-DSAFETY"], ["-DNP"], ["-DSAFETY", "-DBFS"]
LIMITS = ["-m2000000", "-w22"]

RESULT = re.compile(r"^State-vector \d+ byte, depth reached (\d+), errors: (\d+)", re.M)
STORED = re.compile(r"^\s*(\d+) states, stored", re.M)
MEMORY = re.compile(r"^\s*([\d.]+)\s+total actual memory usage", re.M)
INCOMPLETE = ("not completed", "too small", "out of memory", "memory limit", "aborting")
NAMED = re.compile(r"violated: (\w+)")
UNNAMED = re.compile(r"^pan:\d+: (invalid end state|non-progress cycle)", re.M)
NAMES = {"invalid end state": "deadlock", "non-progress cycle": "endless"}

PROCESS = re.compile(r"^(?:proctype|unreached in proctype|STEP \d+) (\w+)")
STATE = re.compile(r"^\s+state\s+(\d+) -\(tr.*?\S+:(\d+) => (.*)")
UNREACHED = re.compile(r"^\s+\S+:(\d+), state (\d+), ")


class SpinError(Exception):
    pass


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


class Search:
    """What one search has found; BROKEN is the property that does not hold."""

    def __init__(self, text):
        found = RESULT.search(text)
        if not found:
            raise SpinError("pan gives no result:\n" + text)
        self.text, self.trail, self.broken = text, [], None
        self.depth, self.errors = int(found.group(1)), int(found.group(2))
        self.states = int(STORED.search(text).group(1))
        self.memory = float(MEMORY.search(text).group(1))

    @property
    def whole(self):
        return ("Full statespace search" in self.text and
                not any(w in self.text for w in INCOMPLETE))

    def replayed(self, text):
        self.trail = text.split("spin: trail ends")[0].splitlines()
        names = NAMED.findall(text) or [NAMES[w] for w in UNNAMED.findall(self.text)]
        self.broken = names[0] if names else "something that has no name"

    def __str__(self):
        return "%d states, depth %d, %.0f MB" % (self.states, self.depth, self.memory)


class Variant:
    """The model with WORDS defined, in a FOLDER of its own."""

    def __init__(self, model, words, folder):
        self.folder, name = folder, os.path.basename(model)
        shutil.copy(model, folder)
        # -o3: without merged statements pan knows of each whether it is reached
        code, text = run(["spin", "-a", "-o3", *("-D" + w for w in words), name], folder)
        if code or "rror:" in text:
            raise SpinError("spin: " + text)

    def search(self, kind):
        code, text = run(["tcc", *CFLAGS, *kind, "-o", "pan", "pan.c"], self.folder)
        if code:
            raise SpinError("tcc: " + text)
        found = Search(run(["./pan", *LIMITS] + ["-l"] * (kind is ENDS), self.folder)[1])
        if found.errors:
            found.replayed(run(["./pan", "-S"], self.folder)[1])
        return found

    def lines(self, found, monitors):
        """Lines of the model: {number: reached by the search that was run last}."""
        unreached, lines, process = set(), {}, None
        for line in found.text.splitlines():
            m = PROCESS.match(line)
            process = m.group(1) if m else process
            m = UNREACHED.match(line)
            if m:
                unreached.add((process, m.group(2)))
        for line in run(["./pan", "-d", "-d"], self.folder)[1].splitlines():
            m = PROCESS.match(line)
            process = m.group(1) if m else process
            m = STATE.match(line)
            if m and process not in monitors and m.group(3) not in (".(goto)", "-end-"):
                number = int(m.group(2))
                reached = (process, m.group(1)) not in unreached
                lines[number] = lines.get(number, False) or reached
        return lines
