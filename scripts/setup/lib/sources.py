# SPDX-License-Identifier: GPL-2.0
"""The machine's own apt sources, read to derive other suites from them.

Nothing under /etc/apt is written; only Debian's base and security archives
are of interest, and both file formats (one-line and deb822) are understood.
"""
import glob
import os
import re
from collections import namedtuple

Entry = namedtuple("Entry", "uris suites components signed_by")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class SetupError(Exception):
    """A condition the user must resolve; printed without a traceback."""


def host_release(path="/etc/os-release"):
    with open(path, encoding="utf-8") as f:
        fields = dict(l.rstrip().split("=", 1) for l in f if "=" in l)
    return fields.get("VERSION_CODENAME", "").strip('"')


def parse_deb822(text):
    entries = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields, last = {}, None
        for line in stanza.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0] in " \t" and last:
                fields[last] += "\n" + line
            elif ":" in line:
                last, value = line.split(":", 1)
                last = last.lower()
                fields[last] = value.strip()
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        entries.append(Entry(fields.get("uris", "").split(),
                             fields.get("suites", "").split(),
                             fields.get("components", "").split(),
                             fields.get("signed-by", "")))
    return entries


def parse_oneline(text):
    entries = []
    for line in text.splitlines():
        m = re.match(r"deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)", line.strip())
        if not m:
            continue
        signed = re.search(r"signed-by=(\S+)", m.group(1) or "")
        entries.append(Entry([m.group(2)], [m.group(3)],
                             m.group(4).split("#")[0].split(),
                             signed.group(1) if signed else ""))
    return entries


def machine_entries(etc="/etc/apt"):
    entries = []
    names = [os.path.join(etc, "sources.list")]
    names += sorted(glob.glob(os.path.join(etc, "sources.list.d", "*")))
    for name in names:
        if not os.path.isfile(name):
            continue
        with open(name, encoding="utf-8") as f:
            text = f.read()
        if name.endswith(".sources"):
            entries += parse_deb822(text)
        elif name.endswith(".list"):
            entries += parse_oneline(text)
    return entries


def pick(entries, suite):
    """The entry that serves SUITE/main by a scheme that can serve others."""
    for e in entries:
        suites = [s.rstrip("/") for s in e.suites]
        uris = [u for u in e.uris if not u.startswith("cdrom:")]
        if uris and "main" in e.components and suite in suites:
            return e._replace(uris=uris)
    return None


def security_of(base):
    """The security archive next to a base archive that the machine lacks."""
    uris = [re.sub(r"/debian/?$", "/debian-security", u) for u in base.uris]
    return base._replace(uris=uris)


def stanza(entry, suites, types):
    signed = entry.signed_by or (KEYRING if os.path.exists(KEYRING) else "")
    text = "Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n" % (
        types, " ".join(entry.uris), " ".join(suites))
    return text + ("Signed-By: %s\n" % signed if signed else "")


def derive(release, etc="/etc/apt", host=None, sources=False):
    """deb822 text for RELEASE's base, backports and security suites; with
    SOURCES its base suite has source packages too."""
    host = host or host_release()
    entries = machine_entries(etc)
    aliases = {"bookworm": "oldstable", "trixie": "stable"}
    base = pick(entries, host) or pick(entries, aliases.get(host, host))
    if not base:
        raise SetupError(
            "no source for Debian '%s' main in %s; Debian 12 or 13 is needed"
            % (host or "?", etc))
    security = (pick(entries, host + "-security")
                or pick(entries, aliases.get(host, host) + "-security")
                or security_of(base))
    text = (stanza(base, [release, release + "-backports"], "deb") + "\n"
            + stanza(security, [release + "-security"], "deb"))
    return text + ("\n" + stanza(base, [release], "deb-src") if sources else "")
