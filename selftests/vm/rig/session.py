# SPDX-License-Identifier: GPL-2.0
"""One run of a virtual machine: two streams of lines and an end.

Channel 0 is the kernel's console, channel 1 the rig's own tty; they are not in
step. Channel 2 is what an emulator says whose standard output is not the console;
it is only logged. Whoever consumes the lines moves `deadline`; when it passes,
the emulator is killed.
"""
import os
import selectors
import shutil
import subprocess
import tempfile
import time

from . import autopsy, bochs, qemu
from .paths import BUILD

KERNEL, RIG, EMULATOR = 0, 1, 2
PANIC = "---[ end Kernel panic"     # printed where the machine does not restart
EMULATORS = {"bochs": bochs, "qemu": qemu}


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

    def fifo(self, path):
        os.mkfifo(path)
        # Open for writing too: it then never reads as ended.
        return os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def start(self, seconds):
        command, environment, console = EMULATORS[self.machine.emulator].prepare(
            self.dir, self.machine, self.kernel, self.initrd, self.append)
        self.streams = [Stream(RIG, self.fifo(os.path.join(self.dir, "rig")))]
        if console:
            self.streams.append(Stream(KERNEL, self.fifo(console)))
        self.begin = time.monotonic()
        self.deadline = self.begin + seconds
        self.note("%s: %s" % (self.machine.emulator, " ".join(command)))
        self.process = subprocess.Popen(command, env=environment, cwd=self.dir,
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.output = Stream(EMULATOR if console else KERNEL, self.process.stdout.fileno())

    def note(self, text, channel=None):
        begin = getattr(self, "begin", time.monotonic())
        self.log.write("%8.3f %s %s\n" % (time.monotonic() - begin,
                                          "-" if channel is None else "kre"[channel],
                                          text))

    def lines(self):
        """(channel, line) until the emulator ends or the deadline passes."""
        selector = selectors.DefaultSelector()
        for stream in [*self.streams, self.output]:
            selector.register(stream.fd, selectors.EVENT_READ, stream)
        running, done = True, False
        while running:
            left = self.deadline - time.monotonic()
            if left <= 0:
                self.timed_out = True
                for text in autopsy.lines(self.dir):
                    self.note(text, EMULATOR)
                self.note("time limit reached: killed")
                return
            for key, _ in selector.select(min(left, 5)):
                stream = key.data
                lines = stream.lines()
                if lines is None:       # standard output ends with the emulator
                    running = False
                    continue
                for channel, text in self.noted(stream, lines):
                    yield channel, text
                    if channel == KERNEL and PANIC in text:
                        running = False
                    done |= channel == RIG and text == "@@done"
                    if done and not self.owed():
                        return          # nothing is learned from a power-off
        yield from self.tail()

    def noted(self, stream, lines):
        for text in lines:
            self.note(text, stream.channel)
            if stream.channel != EMULATOR:
                yield stream.channel, text

    def tail(self):
        for stream in [self.output, *self.streams]:
            while True:
                lines = stream.lines()
                if not lines:
                    break
                yield from self.noted(stream, lines)
            if stream.rest:
                yield from self.noted(stream, [stream.text(stream.rest)])

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            for stream in self.streams:
                os.close(stream.fd)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
