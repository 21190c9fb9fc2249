# SPDX-License-Identifier: GPL-2.0
"""Bars as SVG: one file for a bench and a metric, a group for each case."""
from html import escape

from .table import number, ordered

BAR, GAP, LEFT, WIDTH, RIGHT = 16, 18, 150, 460, 70
COLOURS = {"stock": "#8a8f98", "diok": "#1f6fb2"}
OTHERS = ["#c7cbd1", "#6fa8d6", "#a9cce8", "#b9a36a", "#d8c99b"]


def colours(variants):
    rest = iter(OTHERS * len(variants))
    return {v: COLOURS.get(v) or next(rest) for v in variants}


def text(x, y, words, more=""):
    return '<text x="%d" y="%d" %s>%s</text>' % (x, y, more, escape(words))


def bar(y, row, scale, colour):
    width = row["value"] * scale
    return [text(LEFT - 8, y + BAR - 4, row["variant"], 'text-anchor="end"'),
            '<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (
                LEFT, y, width, BAR - 2, colour),
            text(int(LEFT + width + 6), y + BAR - 4, number(row["value"]))]


def svg(title, rows):
    """ROWS of one metric; a case is one group, kernels apart."""
    scale = WIDTH / (max(r["value"] for r in rows) or 1)
    colour = colours(ordered(rows, "variant"))
    y, body = 48, []
    for place in dict.fromkeys((r["case"], r["kernel"]) for r in rows):
        body.append(text(LEFT, y - 4, "%s (kernel %s)" % place, 'font-weight="bold"'))
        for row in [r for r in rows if (r["case"], r["kernel"]) == place]:
            body += bar(y, row, scale, colour[row["variant"]])
            y += BAR
        y += GAP + 8
    head = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
            'font-family="sans-serif" font-size="12" fill="#24292f">' % (
                LEFT + WIDTH + RIGHT, y))
    return "\n".join([head, '<rect width="100%" height="100%" fill="#ffffff"/>',
                      text(12, 20, title, 'font-size="15"'), *body, "</svg>"]) + "\n"
