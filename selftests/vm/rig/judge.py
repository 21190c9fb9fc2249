# SPDX-License-Identifier: GPL-2.0
"""Which kernel messages fail a test. Only DMAR faults can be allowed.

A test may also be one that ends its machine: it says so first, with the message
that has to come, and everything after that message is part of the end.
"""
import os
import re

from .paths import VM

with open(os.path.join(VM, "l1", "suspicious"), encoding="utf-8") as f:
    PATTERN = f.read().strip()
SUSPICIOUS = re.compile(PATTERN)
DMAR = re.compile(r"DMAR:.*[Ff]ault")
ALLOW = "dio-allow: DMAR"
ENDS = "dio-ends: "


class Judge:
    """Reads one test's kernel messages in order, keeps those that fail it."""

    def __init__(self):
        self.dmar_allowed = False
        self.bad = []
        self.ends, self.seen = None, False      # message of the end, has it come

    def line(self, text):
        if ALLOW in text:
            self.dmar_allowed = True
        elif ENDS in text:
            self.ends = text.split(ENDS)[1].strip()
        elif self.seen or self.ends and self.ends in text:
            self.seen = True
        elif SUSPICIOUS.search(text):
            if not (self.dmar_allowed and DMAR.search(text)):
                self.bad.append(text)
