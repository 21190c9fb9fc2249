# SPDX-License-Identifier: GPL-2.0
"""Where a machine that hangs is: what QEMU's monitor says of its processors."""
import os
import re
import socket
import time

from .qemu import MONITOR

QUESTIONS = ["info status", "info registers -a", "info lapic 0", "info lapic 1", "info pic"]
NOISE = ("(qemu)", "QEMU ", "XMM", "FPR")
SECONDS = 5
CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\r\x08]")


def connect(folder):
    """By way of a descriptor: a socket's path has 107 characters at most."""
    fd = os.open(folder, os.O_PATH)
    try:
        monitor = socket.socket(socket.AF_UNIX)
        monitor.connect("/proc/self/fd/%d/%s" % (fd, MONITOR))
        return monitor
    finally:
        os.close(fd)


def said(monitor, seconds):
    """All that comes until the answer to `help quit`, which nothing else has."""
    text, end = b"", time.monotonic() + seconds
    while b"quit the emulator" not in text and time.monotonic() < end:
        monitor.settimeout(max(0.1, end - time.monotonic()))
        try:
            more = monitor.recv(1 << 16)
        except OSError:
            break
        if not more:
            break
        text += more
    return CONTROL.sub("", text.decode("utf-8", "replace"))


def lines(folder):
    """What there is to note; at most SECONDS. Machines without a monitor have nothing."""
    if not os.path.exists(os.path.join(folder, MONITOR)):
        return []
    try:
        with connect(folder) as monitor:
            monitor.sendall("\n".join([*QUESTIONS, "help quit", ""]).encode())
            text = said(monitor, SECONDS)
    except OSError as e:
        return ["the monitor: %s" % e]
    answers = [l for l in text.split("\n") if l.strip() and not l.startswith(NOISE)]
    return answers or ["the monitor does not answer: the emulator itself hangs"]
