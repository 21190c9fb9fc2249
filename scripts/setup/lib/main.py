# SPDX-License-Identifier: GPL-2.0
"""Fill build/cache. Releases are fetched side by side, items made two at a time."""
import fcntl
import os
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from apt import Apt
from emulator import Bochs, BochsStock
from items import KERNELS, SOURCES, Kernel, Qemu, Source
from sources import SetupError

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))))
CACHE = os.path.join(TOP, "build", "cache")
START = time.monotonic()
say_lock = threading.Lock()


def say(text):
    with say_lock:
        print("set-up: %4.0f s  %s" % (time.monotonic() - START, text), flush=True)


def wanted(keys, tests):
    """Items that are missing; the slow ones first. Only tests need sources
    and the emulator of an Intel processor."""
    items = []
    if tests:
        items = [Bochs(CACHE, say), BochsStock(CACHE)] + [Source(CACHE, k) for k in SOURCES]
    items += [Kernel(CACHE, k) for k in keys] + [Qemu(CACHE)]
    return [i for i in items if not i.ready()]


def make(item):
    begin = time.monotonic()
    item.make()
    say("%s ready (%.0f s)" % (item.name, time.monotonic() - begin))


def fill_release(release, items, pool):
    """Lists, one download for all items of the release, then the items."""
    apt = Apt(CACHE, release, say)
    apt.update(any(i.sources for i in items))
    for item in items:
        item.resolve(apt)
    apt.fetch([deb for item in items for deb in item.debs])
    for future in [pool.submit(make, item) for item in items]:
        future.result()
    shutil.rmtree(apt.archives)


def fill(items):
    releases = {}
    for item in items:
        releases.setdefault(item.release, []).append(item)
    with ThreadPoolExecutor(len(releases)) as lanes, ThreadPoolExecutor(2) as pool:
        lanes = [lanes.submit(fill_release, r, i, pool) for r, i in releases.items()]
        for lane in lanes:
            lane.result()


def main(keys):
    tests = "--no-tests" not in keys
    keys = [k for k in keys if k != "--no-tests"]
    unknown = [k for k in keys if k not in KERNELS]
    if unknown:
        raise SetupError("unknown kernel %s (known: %s)" % (
            " ".join(unknown), " ".join(KERNELS)))
    keys = keys or list(KERNELS)
    if not wanted(keys, tests):
        return
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        items = wanted(keys, tests)
        if items:
            fill(items)
            say("done")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as e:
        sys.exit("set-up: %s" % e)
