# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw the accesses to a card's registers over the time of the boot as SVG, one lane for each method."""
import html
import math

from race_methods import NAMED, TWIN

LEFT, WIDTH, LANE, TOP, BOTTOM = 170, 700, 36, 34, 46
NATIVE, VFIO, INK, FAINT = "#c0392b", "#1e8449", "#222222", "#d5d5d5"


def _text(x, y, text, anchor="start", colour=INK):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{html.escape(text)}</text>'


def _bar(x, base, width, share):
    height = max(2.0, share * (LANE - 8))
    return f'<rect x="{x:.1f}" y="{base - height:.1f}" width="{max(1.2, width):.1f}" height="{height:.1f}" ' \
           f'fill="{NATIVE}"/>'


def _mark(x, base):
    return f'<path d="M{x:.1f} {base - LANE + 6} V{base}" stroke="{VFIO}" stroke-width="2.5"/>'


def _axis(seconds, scale, height):
    parts = []
    for second in range(0, seconds + 1, 2):
        x = LEFT + second * scale
        parts.append(f'<path d="M{x:.1f} {TOP} V{height - BOTTOM}" stroke="{FAINT}"/>')
        parts.append(_text(x, height - BOTTOM + 16, str(second), "middle"))
    parts.append(_text(LEFT + WIDTH / 2, height - 10, "seconds of the boot", "middle"))
    return parts


def draw(rows, piece):
    """The whole picture; `piece` is the length of a slice in seconds."""
    seconds = math.ceil(max(row["uptime"] for row in rows.values()))
    most = max((count for row in rows.values() for _, count in row["lane"]), default=1)
    scale = WIDTH / seconds
    height = TOP + LANE * len(rows) + BOTTOM
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
             _text(LEFT, 18, "accesses to registers of 01:00.0 by a native driver (height: logarithm)", colour=NATIVE),
             _text(LEFT + WIDTH, 18, "vfio-pci has it", "end", VFIO), *_axis(seconds, scale, height)]
    for number, (name, row) in enumerate(rows.items()):
        base = TOP + LANE * (number + 1)
        parts.append(f'<path d="M{LEFT} {base} H{LEFT + WIDTH}" stroke="{INK}" stroke-width="0.6"/>')
        parts.append(_text(LEFT - 8, base - 10, name, "end"))
        parts += [_bar(LEFT + place * piece * scale, base, piece * scale, math.log1p(count) / math.log1p(most))
                  for place, count in row["lane"]]
        parts += [_mark(LEFT + time * scale, base) for time, driver in row["bound"][NAMED[0]] if driver == "vfio-pci"]
        if row["drivers"][TWIN[0]] == "vfio-pci":
            parts.append(_text(LEFT + WIDTH, base - 10, "takes the twin, too", "end"))
    return "\n".join([*parts, "</svg>"]) + "\n"
