# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve cards at Unix sockets, a thread each, one client after the other."""
import array
import os
import select
import socket
import threading
import time

from . import protocol, record
from .function import is_register_access
from .protocol import ProtocolError

INVALID = 22  # EINVAL
QUIET = 2.0  # seconds within which a client that goes on sending must leave a gap


class Closed(Exception):
    """The client has gone."""


class Connection:
    """A client: whole messages, with the file descriptors beside them closed, for DMA is not made here."""

    def __init__(self, peer):
        self.peer = peer

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            room = socket.CMSG_SPACE(64 * array.array("i").itemsize)
            part, beside, _, _ = self.peer.recvmsg(count - len(data), room)
            for level, kind, raw in beside:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    descriptors = array.array("i")
                    descriptors.frombytes(raw[:len(raw) // descriptors.itemsize * descriptors.itemsize])
                    for descriptor in descriptors:
                        os.close(descriptor)
            if not part:
                if data:
                    raise ProtocolError(f"the client went after {len(data)} of {count} bytes")
                raise Closed
            data += part
        return data

    def take(self):
        """(header, body) of the next message."""
        header = protocol.parse_header(self._exactly(protocol.HEADER.size))
        return header, self._exactly(header.body_size) if header.body_size else b""

    def send(self, data, descriptors):
        """Send an answer with file descriptors beside it."""
        if descriptors:
            sent = socket.send_fds(self.peer, [data], descriptors)
            data = data[sent:]
        self.peer.sendall(data)


class Server(threading.Thread):
    """One function at one socket."""

    def __init__(self, function, path, recorder):
        super().__init__(daemon=True)
        self.function = function
        self._recorder = recorder
        self._accesses = 0
        self._lock = threading.Lock()
        self._peer = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)  # fails where something is there already: never take another's place
        self._listener.listen(1)

    def _say(self, event, text=""):
        self._recorder.write(self.function.name, event, text)

    def run(self):
        """Serve until the program ends."""
        while True:
            peer, _ = self._listener.accept()
            with self._lock:
                self._say("connected")
                self._peer = peer
            try:
                self._serve(Connection(peer))
            except (Closed, ConnectionError):
                self._say("disconnected")
            except ProtocolError as error:
                self._say(record.FAULT, f"malformed message: {error}")
            with self._lock:
                self._peer = None
                peer.close()

    def _serve(self, connection):
        while True:
            header, body = connection.take()
            with self._lock:
                self._accesses += is_register_access(header.command, body)
                try:
                    answer, descriptors = self.function.answer(header.command, body)
                    error = 0
                except ProtocolError as problem:
                    self._say(record.FAULT, f"malformed message: {problem}")
                    answer, descriptors, error = b"", [], INVALID
            if header.wants_reply:
                connection.send(protocol.reply(header, answer, error), [] if error else descriptors)

    def _idle(self):
        return self._peer is None or not select.select([self._peer], [], [], 0)[0]

    def write_total(self):
        """Close the record for now: what came off the socket so far, and which memory was touched."""
        end = time.monotonic() + QUIET
        while True:
            with self._lock:
                if self._idle() or time.monotonic() > end:
                    self._say(record.TOTAL, f"accesses={self._accesses} pages={self.function.card.touched_pages()}")
                    return
            time.sleep(0.005)
