# SPDX-License-Identifier: GPL-2.0
"""One run of a virtual machine: two streams of lines and an end.

Channel 0 is the kernel's console, channel 1 the rig's own tty; they are not in
step. Whoever consumes the lines moves `deadline`; when it passes, QEMU is killed.
"""
import os
import selectors
import shutil
import subprocess
import tempfile
import time

from . import qemu
from .paths import BUILD

KERNEL, RIG = 0, 1


def sweep(runtime):
    """Remove what runs that were killed have left behind."""
    for name in os.listdir(runtime):
        pid = name.split("-")[1]
        if pid.isdigit() and not os.path.exists("/proc/" + pid):
            shutil.rmtree(os.path.join(runtime, name), ignore_errors=True)


class Stream:
    def __init__(self, channel, fd):
        self.channel, self.fd, self.rest = channel, fd, b""
        os.set_blocking(fd, False)

    def lines(self):
        """Complete lines read now; None at the end of the stream."""
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return []
        if not data:
            return None
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [self.text(l) for l in lines]

    @staticmethod
    def text(line):
        return line.decode("utf-8", "replace").rstrip("\r")


class Session:
    def __init__(self, machine, kernel, layers, boot_layer, log, append=""):
        self.machine, self.kernel, self.append = machine, kernel, append
        self.log = open(log, "a", encoding="utf-8")
        runtime = os.path.join(BUILD, "run")
        os.makedirs(runtime, exist_ok=True)
        sweep(runtime)
        self.dir = tempfile.mkdtemp(prefix="vm-%d-" % os.getpid(), dir=runtime)
        self.fifo = os.path.join(self.dir, "rig")
        self.initrd = os.path.join(self.dir, "initrd")
        with open(self.initrd, "wb") as out:
            for layer in layers:
                with open(layer, "rb") as f:
                    shutil.copyfileobj(f, out, 1 << 20)
            out.write(boot_layer)
        self.deadline = None
        self.timed_out = False
        self.process = None
        self.owed = lambda: False       # is more to come on the console after @@done?

    def start(self, seconds):
        os.mkfifo(self.fifo)
        # Open for writing too: it then never reads as ended before QEMU opens it.
        fd = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)
        command = qemu.command(self.machine, self.kernel, self.initrd, self.fifo,
                               self.append)
        self.begin = time.monotonic()
        self.deadline = self.begin + seconds
        self.note("qemu: " + " ".join(command))
        self.process = subprocess.Popen(command, env=qemu.environment(),
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.streams = [Stream(KERNEL, self.process.stdout.fileno()), Stream(RIG, fd)]

    def note(self, text, channel=None):
        begin = getattr(self, "begin", time.monotonic())
        self.log.write("%8.3f %s %s\n" % (time.monotonic() - begin,
                                          "-" if channel is None else "kr"[channel],
                                          text))

    def lines(self):
        """(channel, line) until QEMU ends or the deadline passes."""
        selector = selectors.DefaultSelector()
        for stream in self.streams:
            selector.register(stream.fd, selectors.EVENT_READ, stream)
        console_open, done = True, False
        while console_open:
            left = self.deadline - time.monotonic()
            if left <= 0:
                self.timed_out = True
                self.note("time limit reached: killed")
                return
            for key, _ in selector.select(min(left, 5)):
                stream = key.data
                lines = stream.lines()
                if lines is None:       # the console ends with QEMU
                    console_open = False
                    continue
                for text in lines:
                    self.note(text, stream.channel)
                    yield stream.channel, text
                    done |= stream.channel == RIG and text == "@@done"
                    if done and not self.owed():
                        return          # nothing is learned from a power-off
        yield from self.tail()

    def tail(self):
        for stream in self.streams:
            while True:
                lines = stream.lines()
                if not lines:
                    break
                for text in lines:
                    self.note(text, stream.channel)
                    yield stream.channel, text
            if stream.rest:
                self.note(stream.text(stream.rest), stream.channel)
                yield stream.channel, stream.text(stream.rest)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            os.close(self.streams[RIG].fd)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
