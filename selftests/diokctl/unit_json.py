#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""diokctl's JSON read back by two parsers; its text free of controls."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NASTY = b"q\"b\\n\nt\te\x1b[2J\x7f bad\xff\xc0\xaf\xed\xa0\x80 ok\xc3\xa9\xf0\x9f\x98\x80"
# What is not UTF-8 becomes U+FFFD byte by byte.
WANTED = "q\"b\\n\nt\te\x1b[2J\x7f bad" + "\ufffd" * 6 + " ok\u00e9\U0001f600"


def output(how, *what):
    return subprocess.run([os.path.join(HERE, "unit_json"), how, *what], check=True,
                          stdout=subprocess.PIPE).stdout


def parsed(how, *what):
    raw = output(how, *what)
    subprocess.run([os.path.join(HERE, "jsonck")], input=raw, check=True)
    return json.loads(raw.decode("utf-8"))


def values(how):
    dev, empty, none, number = parsed(how)
    reset = dev["ring"][0]
    assert (empty, none, number) == ({}, [], -2 ** 63), (empty, none, number)
    assert dev["methods"] == ["flr", "d3"], dev
    assert dev["available"] == ["d3", "bus"], dev
    assert dev["last_id"] == 2 ** 64 - 1, dev
    assert dev["last"]["result"] == "failed", dev
    assert (dev["intx"], dev["recheck"], dev["vectors"]) == ("msi", "toggle", "own"), dev
    assert reset["policy"] == "unknown", reset
    assert [s["method"] for s in reset["steps"]] == ["d3", "unknown"], reset
    assert reset["steps"][0]["error"] == -25, reset
    assert reset["residue"][0]["planted"] == "0xfedcba9876543210", reset
    assert (reset["residue"][1]["space"], "bar" in reset["residue"][1]) == ("config", False)


def strings():
    reset = parsed("json")[0]["ring"][0]
    for got in (reset["steps"][1]["reason"], reset["residue"][1]["name"]):
        assert got == WANTED, "%r is not %r" % (got, WANTED)


def one_line():
    assert output("json").count(b"\n") == 1


def same_content():
    for doc in (one := parsed("json")), (two := parsed("pretty")):
        doc[0]["ring"][0].pop("time")
    assert one == two


def text():
    raw = output("text")
    assert not {0x1b, 0x7f} & set(raw), raw
    assert b"methods d3, unavailable: flr, not used: bus" in raw, raw
    assert b"state clean policy strict level config (function at most)" in raw, raw
    assert b"\n    intx msi, recheck toggle, vectors own\n" in raw, raw
    assert b"d3     failed (function), 1 of 11 canaries survived, error -25" in raw, raw


COUNTERS = ("interrupts", "delivered", "while_masked", "pending", "rechecks", "spurious",
            "merged", "swaps", "storms", "kept", "raised")
COMMON = ("addr", "type", "vector", "via", "host_irq", "state", "enabled", "masked", "bypass")


def irq_values():
    intx, vector = parsed("json", "irq")
    assert (list(intx) == [*COMMON, "recheck", *COUNTERS] and
            list(vector) == [*COMMON, "holdoff_us", *COUNTERS]), (intx, vector)
    assert [intx[k] for k in COMMON] == ["0000:01:00.0", "intx", 0, "msi", 33, "masked",
                                         True, True, False], intx
    assert [vector[k] for k in COMMON] == ["0000:01:00.0", "msix", 2047, "msix", 1234,
                                           "posted", True, False, True], vector
    assert (intx["recheck"], vector["holdoff_us"]) == ("status", 30000), (intx, vector)
    # The attributes' numbers, times 1000, in the order of the specification.
    assert [intx[k] for k in COUNTERS] == [*range(12000, 20000, 1000), 2 ** 64 - 1, 0, 0], intx
    assert [vector[k] for k in COUNTERS] == [7, 5, 0, 0, 0, 0, 2, 0, 0, 0, 0], vector
    assert parsed("json", "irq-all") == [intx, vector]


def irq_text():
    head, intx, vector = output("text", "irq").decode().splitlines()
    assert head.split() == ["DEVICE", "TYPE", "VECTOR", "VIA", "IRQ", "STATE", "RECHECK",
                            "HOLDOFF", "INTERRUPTS", "DELIVERED"], head
    assert intx.split(None, 10)[:10] == ["0000:01:00.0", "intx", "0", "msi", "33", "masked",
                                         "status", "-", "12000", "13000"], intx
    assert intx.endswith("while masked 14000, pending 15000, rechecks 16000, spurious 17000, "
                         "merged 18000, swaps 19000, storms %d" % (2 ** 64 - 1)), intx
    assert vector.split() == ["0000:01:00.0", "msix", "2047", "msix", "1234", "posted", "-",
                              "30000", "us", "7", "5", "merged", "2"], vector
    assert head.index("DELIVERED") + 9 == vector.index(" merged"), (head, vector)
    all_of = output("text", "irq-all").decode().splitlines()
    assert len(all_of) == 5 and all_of[4] == ("    while masked 0, pending 0, rechecks 0, "
                                              "spurious 0, merged 2, swaps 0, storms 0, "
                                              "masks kept 0, raised by thread 0"), all_of


def irq_event():
    assert parsed("json", "irq-event") == {
        "addr": "0000:01:00.0", "type": "intx", "vector": 0, "irq_event": "fallback",
        "via": "line", "recheck": "unknown"}
    line = output("text", "irq-event").decode()
    assert line == "0000:01:00.0 intx 0: fallback, via line, recheck unknown\n", line


TESTS = [("values in one line", lambda: values("json")),
         ("values in lines", lambda: values("pretty")),
         ("strings of any bytes", strings), ("one line a document", one_line),
         ("pretty changes no value", same_content), ("text", text),
         ("interrupts", irq_values), ("interrupts as a table", irq_text),
         ("an event of an interrupt", irq_event)]


def main():
    bad = 0
    print("TAP version 13\n1..%d" % len(TESTS))
    for number, (name, test) in enumerate(TESTS, 1):
        try:
            test()
            print("ok %d %s" % (number, name))
        except (AssertionError, ValueError, KeyError, subprocess.CalledProcessError) as err:
            print("# %r" % err)
            print("not ok %d %s" % (number, name))
            bad = 1
    return bad


sys.exit(main())
