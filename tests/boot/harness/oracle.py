# SPDX-License-Identifier: GPL-2.0-or-later
"""What a policy may do to a machine, told from vfio-early.conf(5) alone: it shares nothing with the planner.

It says of each function whether it may be taken at all, and where the page leaves no doubt, that it must be bound, or
refused for its group. Functions are tables as random_boot makes them, of a boot that bound nothing."""
import fnmatch

from .random_policy import CLASSES

ROOT = "0000:00:10.0"  # the disk of /, which no statement allows


def is_bridge(function):
    return function["class"].startswith("06")


def matches(statement, function):
    """Whether a function is what every selector of the statement says."""
    def one(key, value):
        if key == "class":
            return function["class"].startswith(tuple(code for code, name in CLASSES.items() if name == value))
        if key == "native":
            return value in function["modules"]
        field = {"": "address"}.get(key, key)
        return any(fnmatch.fnmatchcase(function[field], pattern) for pattern in value.split(","))
    return all(one(key, value) for key, value in statement.selectors.items())


class Oracle:
    """The judgement of one policy on one machine: `allowed`, `bound` and `refused` are sets of addresses."""

    def __init__(self, statements, functions):
        self.functions = [function for function in functions if not is_bridge(function)]
        self.bridges = [function for function in functions if is_bridge(function)]
        self.protected = {function["address"] for function in self.functions for statement in statements
                          if statement.protect and matches(statement, function)}
        self.binds = [statement for statement in statements if not statement.protect]
        self.targets = [self._targets(statement) for statement in self.binds]
        # in no IOMMU group: no virtual machine could have it
        self.allowed = {address for targets in self.targets for address in targets
                        if self._of(address)["group"] and address not in self.protected and address != ROOT}
        self.bound, self.refused = set(), set()
        for number, statement in enumerate(self.binds):
            if self._is_clear(number, statement):
                self._judge(statement, self.targets[number])

    def _of(self, address):
        return next(function for function in self.functions if function["address"] == address)

    def _matched(self, statement):
        return [function for function in self.functions if matches(statement, function)]

    def _companions(self, statement, function):
        """What comes along with it. On the root bus a slot is no card, but who asks for it in words gets it."""
        wanted = statement.words.get("with")
        def comes(other):
            same_slot, same_group = other["slot"] == function["slot"], other["group"] == function["group"] != ""
            return {"function": False, "slot": same_slot, "group": same_group, None: same_slot and same_group}[wanted]
        return [other for other in self.functions if comes(other)]

    def _slots(self, functions):
        return {function["slot"] for function in functions}

    def _has_place(self, statement):
        return "" in statement.selectors or "path" in statement.selectors

    def _targets(self, statement):
        """Addresses of what a statement names and what comes along; none if it is ambiguous."""
        matched = self._matched(statement)
        if len(self._slots(matched)) > 1 and not statement.all and not self._has_place(statement):
            return set()
        return {other["address"] for function in matched
                for other in [function, *self._companions(statement, function)]}

    def _is_clear(self, number, statement):
        """Whether no reader of the page could doubt what becomes of its targets, their groups aside."""
        targets = [self._of(address) for address in self.targets[number]]
        matched = self._matched(statement)
        place = {key: value for key, value in statement.selectors.items() if key in ("", "path")}
        at_place = [function for function in self.functions
                    if all(fnmatch.fnmatchcase(function[key or "address"], value) for key, value in place.items())]
        doubts = (
            not targets,
            place and len(at_place) != len(matched),  # not wholly what the statement says
            any(matches(statement, bridge) for bridge in self.bridges),
            "native" in statement.selectors and any(len(function["modules"]) > 1 for function in matched),
            any(function["address"] in others for function in targets
                for other, others in enumerate(self.targets) if other != number),
            any(function["address"] not in self.allowed for function in targets),
            any(not function["path"].count("/") for function in targets),  # of the root bus: may be a part of the board
            any(self._would_be_last(function) for function in targets),
        )
        return not any(doubts)

    def _would_be_last(self, function):
        """Whether the policy as a whole could leave the host without a display or a network card that it had."""
        code = function["class"][:2]
        return code in ("02", "03") and not any(
            other["class"].startswith(code) and other["driver"] and other["address"] not in self.allowed
            for other in self.functions)

    def _judge(self, statement, targets):
        for address in targets:
            members = [other for other in self.functions if other["group"] == self._of(address)["group"]]
            others = [other for other in members if other["address"] not in targets]
            if "group" in statement.words.get("allow", ""):
                continue
            if any(other["driver"] and other["address"] not in self.allowed for other in others):
                if matches(statement, self._of(address)):
                    self.refused.add(address)
            elif not any(other["driver"] or other["address"] in self.allowed for other in others):
                self.bound.add(address)
