# SPDX-License-Identifier: GPL-2.0-or-later
"""A policy made by chance for a machine that the kernel has shown: good statements, and some that ask for too much."""
import dataclasses

CLASSES = {"03": "display", "0403": "audio", "0c03": "usb", "0c0330": "xhci", "02": "network", "0200": "ethernet",
           "01": "storage", "010802": "nvme", "04": "multimedia"}
# The disk with the scenario's files and the agent's port, without which nobody would tell what was seen.
OF_THE_HARNESS = ("0000:00:11.0", "0000:00:12.0")


@dataclasses.dataclass
class Statement:
    """One line of a policy, in parts."""
    selectors: dict  # "" is the address
    words: dict = dataclasses.field(default_factory=dict)  # with, allow, …
    all: bool = False
    protect: bool = False

    def text(self):
        words = [f"{key}={value}" if key else value for key, value in {**self.selectors, **self.words}.items()]
        return " ".join(["protect" if self.protect else "bind", *words, *(["all"] if self.all else [])])


def _by_place(chance, function, slot):
    """By address or path, of one function or of the whole slot."""
    key, place = chance.choice([("", function["address"]), ("path", function["path"])])
    if chance.random() < 0.5:
        selectors = {key: place}
        members = [function]
    else:
        selectors = {key: place.rpartition(".")[0] + ".*"}
        members = slot
    if chance.random() < 0.6:
        selectors["id"] = ",".join(sorted({member["id"] for member in members}))
    return selectors


def _by_kind(chance, function):
    """By what it is; more than one may be."""
    choices = [{"id": function["id"]}, {"id": function["id"].split(":")[0] + ":*"}, {"modalias": function["modalias"]}]
    choices += [{"class": name} for code, name in CLASSES.items() if function["class"].startswith(code)]
    if function["modules"]:
        choices.append({"native": chance.choice(function["modules"])})
    return chance.choice(choices)


def _statement(chance, functions):
    function = chance.choice(functions)
    slot = [other for other in functions if other["slot"] == function["slot"]]
    kind = chance.random()
    if kind < 0.55:
        statement = Statement(_by_place(chance, function, slot))
    elif kind < 0.85:
        statement = Statement(_by_kind(chance, function), all=chance.random() < 0.6)
    elif kind < 0.92:
        statement = Statement({"": function["address"], "id": "8086:ffff"})  # something else is there
    else:
        return Statement({"": function["address"]}, {"because": '"it is to stay"'}, protect=True)
    companions = chance.choice([None] * 5 + ["function", "slot", "group", "group"])
    if companions:
        statement.words["with"] = companions
    if chance.random() < 0.1:
        statement.words["allow"] = "group"
    if chance.random() < 0.1:
        statement.words["on-failure"] = "hold"
    return statement


def make(chance, functions, matches):
    """Some statements. `matches(statement, function)`: none may speak of what the agent needs."""
    needed = [function for function in functions if function["address"] in OF_THE_HARNESS]
    candidates = [function for function in functions if not function["class"].startswith("06") and function not in needed]
    statements, wanted = [], chance.randint(1, 5)
    while len(statements) < wanted:
        statement = _statement(chance, candidates)
        same = [other for other in statements if other.text() == statement.text()]
        if not same and not any(matches(statement, function) for function in needed):
            statements.append(statement)
    return statements
