# SPDX-License-Identifier: GPL-2.0-or-later
"""Talk to the agent in the guest (guest/agent.cpp), and turn its answers into facts.

Requests are a line, some followed by bytes; each answer is frames, `frame NAME LENGTH` and LENGTH
bytes and a newline, closed by `end CODE`."""
import json
import re


class Agent:
    def __init__(self, stream):
        self.stream = stream

    def wait_ready(self):
        while self.stream.line() != "ready":
            pass

    def request(self, line, payload=b""):
        """Send one request; return (code, {frame name: bytes})."""
        self.stream.send(line.encode() + b"\n" + payload)
        frames = {}
        while True:
            words = self.stream.line().split(" ")
            if words[0] == "end":
                return int(words[1]), frames
            if words[0] == "frame":
                frames[words[1]] = self.stream.exactly(int(words[2]))
                self.stream.exactly(1)

    def run(self, script):
        """Run a shell script in the guest; return (exit code, output of both streams)."""
        data = script.encode()
        code, frames = self.request(f"run {len(data)}", data)
        return code, frames.get("output", b"").decode(errors="replace")

    def facts(self):
        """Everything the guest knows that a scenario may expect something of."""
        return parse(self.request("facts")[1])

    def get(self, path):
        """The bytes of a file of the guest; empty if it is not there."""
        return self.request(f"get {path}")[1].get("content", b"")

    def sync(self):
        self.request("sync")


def parse_kmsg(data):
    """Records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg) as {level, time in seconds, text}."""
    records = []
    for raw in data.decode(errors="replace").split("\0"):
        line = raw.split("\n", 1)[0]
        head, separator, text = line.partition(";")
        fields = head.split(",")
        if not separator or len(fields) < 3:
            continue
        text = re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), text)
        records.append({"level": int(fields[0]) & 7, "time": int(fields[2]) / 1e6, "text": text})
    return records


def parse_pci(text):
    """Tab-separated lines of the agent: one function each."""
    names = ("address", "id", "class", "driver", "override", "group")
    functions = {}
    for line in text.splitlines():
        values = dict(zip(names, line.split("\t")))
        functions[values.pop("address")] = values
    return functions


def parse_report(text):
    """report.jsonl as one object: what the boot's first line says, and the last word on each function."""
    report, functions = None, {}
    for line in text.splitlines():
        entry = json.loads(line)
        if "schema" in entry:
            report = report or {**entry, "functions": [], "warnings": []}
        elif "warning" in entry:
            report["warnings"].append(entry["warning"])
        elif "outcome" in entry:
            key = entry.get("address", entry["subject"])
            # a release does not know which statement had taken the function
            functions[key] = {**{k: v for k, v in functions.get(key, {}).items() if k == "where"}, **entry}
    report["functions"] = list(functions.values())
    return report


def parse(frames):
    text = {name: data.decode(errors="replace") for name, data in frames.items()}
    report = text.get("report", "")
    facts = {
        "pci": parse_pci(text.get("pci", "")),
        "groups": dict(line.split("\t", 1) for line in text.get("groups", "").splitlines()),
        "modules": text.get("modules", "").split(),
        "cmdline": text.get("cmdline", "").strip(),
        "uptime": float((text.get("uptime") or "0").split()[0]),
        "report": None,
        "kmsg": parse_kmsg(frames.get("kmsg", b"")),
    }
    if report:
        try:
            facts["report"] = parse_report(report)
        except ValueError as error:
            facts["report"] = {"not json": str(error), "text": report}
    return facts
