# SPDX-License-Identifier: GPL-2.0-or-later
"""Say on standard error what is being done and how long it takes: in place on a terminal."""
import sys
import threading
import time


class Progress:
    """A context manager around something that takes seconds."""

    def __init__(self, text):
        self.text = text
        self.done = threading.Event()
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def _write(self, text):
        sys.stderr.write(text)
        sys.stderr.flush()

    def _line(self):
        return f"{time.monotonic() - self.started:6.1f} s  {self.text}"

    def _tick(self):
        while not self.done.wait(0.5 if self.terminal else 20):
            self._write(f"\r\033[K{self._line()} …" if self.terminal else f"{self._line()} …\n")

    def __enter__(self):
        self.thread = threading.Thread(target=self._tick, daemon=True)
        self.thread.start()

    def __exit__(self, *unused):
        self.done.set()
        self.thread.join()
        self._write(("\r\033[K" if self.terminal else "") + self._line() + "\n")
