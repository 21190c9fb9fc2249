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


def output(how):
    return subprocess.run([os.path.join(HERE, "unit_json"), how], check=True,
                          stdout=subprocess.PIPE).stdout


def parsed(how):
    raw = output(how)
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
    assert b"d3     failed (function), 1 of 11 canaries survived, error -25" in raw, raw


TESTS = [("values in one line", lambda: values("json")),
         ("values in lines", lambda: values("pretty")),
         ("strings of any bytes", strings), ("one line a document", one_line),
         ("pretty changes no value", same_content), ("text", text)]


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
