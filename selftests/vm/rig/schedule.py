# SPDX-License-Identifier: GPL-2.0
"""Group tests by kernel and machine, balance the groups over two VMs."""
from collections import OrderedDict, namedtuple

Group = namedtuple("Group", "kernel machine tests part seconds")
GUESS = 1 / 8           # of its limit: a test that never ran
SMALLEST_PART = 60.0    # a boot costs seconds: no group is cut below this


def seconds(timings, key, test):
    return timings.get("%s %s" % (key, test.name), test.timeout * GUESS)


def cut(kernel, machine, tests, timings, limit):
    """Parts of at most LIMIT seconds, in the order of the manifest."""
    parts, size = [[]], 0.0
    for test in tests:
        cost = seconds(timings, kernel, test)
        if parts[-1] and size + cost > limit:
            parts.append([])
            size = 0.0
        parts[-1].append(test)
        size += cost
    for number, part in enumerate(parts, 1):
        yield Group(kernel, machine, part, "-%d" % number if len(parts) > 1 else "",
                    sum(seconds(timings, kernel, t) for t in part))


def groups(tests, keys, timings, slots):
    """Longest first: the last to end decides the whole run's time."""
    by_place = OrderedDict()
    for key in keys:
        for test in tests:
            if key in test.kernels:
                by_place.setdefault((key, test.machine), []).append(test)
    total = sum(seconds(timings, k, t) for (k, _), ts in by_place.items() for t in ts)
    limit = max(SMALLEST_PART, total / (2 * slots))
    found = [g for (key, machine), ts in by_place.items()
             for g in cut(key, machine, ts, timings, limit)]
    return sorted(found, key=lambda g: -g.seconds)
