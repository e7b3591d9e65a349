# SPDX-License-Identifier: GPL-2.0-or-later
"""The record of what was done to the cards, a line each: second, card, number of the line of that card, event, text.

The number is counted by the recorder, the total (event `total`) by the connection as it takes messages off the
socket. read() believes a record only where both agree: a lost line must not pass for a card that nobody touched."""
import dataclasses
import os
import re
import threading
import time

READ, WRITE, TOTAL, FAULT = "read", "write", "total", "fault"
TOTAL_TEXT = re.compile(r"accesses=(\d+) pages=(\d+)")


class RecordError(Exception):
    """A record that is not whole, or that tells of a fault of the server."""


class Recorder:
    """Writes the record; each line is on the disk's way before the next message is answered."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._lock = threading.Lock()
        self._numbers = {}
        self._started = time.monotonic()

    def write(self, card, event, text=""):
        """Append one line about a card."""
        with self._lock:
            number = self._numbers[card] = self._numbers.get(card, 0) + 1
            seconds = time.monotonic() - self._started
            os.write(self._file, f"{seconds:.6f} {card} {number} {event} {text}".rstrip().encode() + b"\n")


@dataclasses.dataclass
class Seen:
    """What was done to one card up to a total."""
    accesses: list  # (second, "read" or "write", such as "bar0+0x000000/4", value)
    pages: int  # of its memory windows that were read or written
    events: list  # (second, event, text) of everything else: configuration space, resets, connections
    taken: float  # second of the total


def read(path):
    """{card: Seen} of a record, of all up to the last total of each card."""
    cards, numbers = {}, {}
    with open(path, encoding="utf-8") as file:
        for place, line in enumerate(file, start=1):
            words = line.rstrip("\n").split(" ", 4)
            if not line.endswith("\n") or len(words) < 4:
                raise RecordError(f"{path}:{place}: not a line of a record: {line!r}")
            second, card, number, event = float(words[0]), words[1], int(words[2]), words[3]
            numbers[card] = numbers.get(card, 0) + 1
            if number != numbers[card]:
                raise RecordError(f"{path}:{place}: the record has a gap: line {number} of {card}, not {numbers[card]}")
            _add(cards.setdefault(card, Seen([], 0, [], -1.0)), f"{path}:{place}: {card}", second, event, words[4:])
    for card, seen in cards.items():
        if seen.taken < 0:
            raise RecordError(f"{path}: no total of {card}")
    return cards


def _add(seen, where, second, event, rest):
    text = rest[0] if rest else ""
    if event in (READ, WRITE):
        place, _, value = text.partition(" ")
        seen.accesses.append((second, event, place, value))
        return
    seen.events.append((second, event, text))
    if event == FAULT:
        raise RecordError(f"{where}: {text}")
    if event == TOTAL:
        match = TOTAL_TEXT.fullmatch(text)
        if not match:
            raise RecordError(f"{where}: not a total: {text!r}")
        if int(match[1]) != len(seen.accesses):
            raise RecordError(f"{where}: the server took {match[1]} accesses off the socket, "
                              f"the record has {len(seen.accesses)}")
        seen.pages, seen.taken = int(match[2]), second
