# SPDX-License-Identifier: GPL-2.0-or-later
"""The program that serves a machine's cards (tests/boot/cards), for one boot, and what it has recorded."""
import pathlib
import select
import subprocess
import sys
import time

from cards import record

from .errors import HarnessError

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "cards/serve"
PATIENCE = 20  # seconds to start, or to write what it has counted


class CardServer:
    """A context manager: the cards of one boot at their sockets. `cards` is what machines.cards() says."""

    def __init__(self, cards, work, path):
        self.addresses = {address: name for address, (name, _) in cards.items()}
        self.sockets = {name: pathlib.Path(work) / f"{name}.sock" for name, _ in cards.values()}
        self.record = pathlib.Path(path)
        self._places = [f"{name}={card}={self.sockets[name]}" for name, card in cards.values()]
        self._errors = pathlib.Path(work) / "cards.stderr"

    def __enter__(self):
        for path in self.sockets.values():
            path.unlink(missing_ok=True)  # of an earlier boot
        with open(self._errors, "wb") as errors:
            self._process = subprocess.Popen([sys.executable, str(PROGRAM), str(self.record), *self._places],
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            self._expect("ready")
        except HarnessError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def alive(self):
        """True; raises HarnessError when the program has ended."""
        code = self._process.poll()
        if code is not None:
            raise HarnessError(f"the card server has ended (exit code {code}): {self._errors.read_text().strip()}")
        return True

    def _expect(self, word):
        """Wait for a line of the program."""
        end = time.monotonic() + PATIENCE
        while not select.select([self._process.stdout], [], [], 0.2)[0]:
            self.alive()
            if time.monotonic() > end:
                raise HarnessError(f"the card server did not say '{word}' in {PATIENCE} s")
        line = self._process.stdout.readline().strip()
        if line != word:
            self._process.wait(PATIENCE)
            self.alive()
            raise HarnessError(f"the card server said '{line}', not '{word}'")

    def seen(self):
        """{address: record.Seen} of everything up to now."""
        self.alive()
        try:
            self._process.stdin.write("total\n")
            self._process.stdin.flush()
        except OSError as error:
            raise HarnessError(f"the card server does not listen: {error.strerror}") from error
        self._expect("written")
        try:
            written = record.read(self.record)
        except record.RecordError as error:
            raise HarnessError(f"card server: {error}") from error
        return {address: written[name] for address, name in self.addresses.items()}

    def facts(self, uptime):
        """{address: what was done to the card} for expectations; times are seconds of the boot, `uptime` being now."""
        return {address: facts_of(seen, uptime) for address, seen in self.seen().items()}


def facts_of(seen, uptime):
    """What expectations know of a record.Seen that was taken at `uptime`."""
    start = seen.taken - uptime
    times = [second - start for second, *_ in seen.accesses]
    return {"registers": len(times), "pages": seen.pages,
            "first": min(times, default=None), "last": max(times, default=None),
            "sample": [f"{event} {place}" for _, event, place, _ in seen.accesses[:8]]}
