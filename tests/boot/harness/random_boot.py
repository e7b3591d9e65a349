# SPDX-License-Identifier: GPL-2.0-or-later
"""A random machine with a random policy: one boot to learn what the kernel makes of it, one with the policy, judged by
the oracle. Everything follows from the seed."""
import random
import re

from . import random_machine, random_policy
from .boot import Session
from .errors import HarnessError
from .expect import check
from .oracle import Oracle, matches
from .scenario import Boot, Scenario

# One line a function: address, place in the tree of buses, modalias, the modules that the system would load.
ASK = r"""
for function in /sys/bus/pci/devices/*; do
    read -r modalias < "$function/modalias"
    echo "${function##*/} $(readlink -f "$function") $modalias" $(modprobe -qR "$modalias")
done
"""


def describe(facts, answer):
    """The functions of a machine as tables, of what the kernel shows and the answer to ASK."""
    functions = []
    for line in answer.splitlines():
        address, place, modalias, *modules = line.split(" ")
        hops = re.findall(r"/(\w{4}:\w\w:)(\w\w\.\w)(?=/|$)", place)
        path = "/".join(["".join(hops[0]), *(hop for _, hop in hops[1:])])
        functions.append({"address": address, "slot": address.rpartition(".")[0], "path": path, "modalias": modalias,
                          "modules": modules, **facts["pci"][address]})
    return functions


class RandomSession(Session):
    """Two boots of a machine made from `seed`."""

    def __init__(self, seed, options):
        self.chance = random.Random(seed)
        self.machine = random_machine.make(self.chance)
        common = {"machine": self.machine, "timeout": 180}
        first = {**common, "policy": "# nothing\n", "expect": {"agrees": "its policy comes when it has decided"}}
        super().__init__(Scenario(f"random-{seed}", {"boot": [first, common]}), options)
        self.common = common
        self.statements = []

    def _observe(self, name, boot, image, guest, cards):
        failures = super()._observe(name, boot, image, guest, cards)
        return failures + (self._judge() if len(self.facts) == 2 else [])

    def _step(self, step, running, image, outputs):
        raise HarnessError("a random boot has no steps")

    def _facts(self, agent, image, cards):
        facts = super()._facts(agent, image, cards)
        if not self.statements:
            self._learn(agent, facts)
        return facts

    def _learn(self, agent, facts):
        """Make the policy for this machine, and the image for the next boot, with what this one says of the machine."""
        self.functions = describe(facts, agent.run(ASK)[1])
        self.statements = random_policy.make(self.chance, self.functions, matches)
        self.policy = "".join(f"{statement.text()}\n" for statement in self.statements)
        second = Boot(self.scenario.name, {**self.common, "policy": self.policy})
        agent.run(f"cat > /etc/vfio-early.conf <<'END'\n{self.policy}END\n")
        self._take_facts(agent, self._image(second))
        second.initrd = "facts"
        self.scenario.boots[1] = second

    def summary(self):
        if not self.statements:
            return super().summary()
        oracle = Oracle(self.statements, self.functions)
        return f"{super().summary()}; {len(oracle.functions)} functions, {len(oracle.allowed)} may be bound, " \
               f"{len(oracle.bound)} must be, {len(oracle.refused)} must be refused for their group"

    def _judge(self):
        failures = judge(Oracle(self.statements, self.functions), self.facts[1])
        return [*failures, self.told()] if failures else []

    def told(self):
        """What a reader needs to see of the case."""
        rows = [f"{f['address']} {f['id']} class {f['class']} group '{f['group']}' {f['driver'] or '-'}  {f['path']}"
                for f in self.functions]
        seen = [record["text"] for record in self.facts[1]["kmsg"] if record["text"].startswith("vfio-early: ")]
        parts = {"machine, IOMMU " + self.machine["iommu"]: self.machine["devices"], "without the policy": rows,
                 "policy": self.policy.splitlines(), "log": seen}
        return "\n".join(["the case:", *(f"    {title}:\n" + "\n".join(f"      {line}" for line in lines)
                                         for title, lines in parts.items())])


def judge(oracle, facts):
    """What of the boot with the policy cannot be."""
    failures = check({"dmesg_has": ["^vfio-early: "], "dmesg_lacks": ["^vfio-early: .* failed: "]}, facts)
    for function in oracle.functions + oracle.bridges:
        address = function["address"]
        if address in random_policy.OF_THE_HARNESS:
            continue  # the disk is there only in the first boot
        failures += [f"{address}: {failure}" for failure in _of_one(oracle, function, facts["pci"].get(address), facts)]
    failures += check({"refused": {address: "group" for address in sorted(oracle.refused)}}, facts)
    return failures


def _of_one(oracle, before, now, facts):
    address = before["address"]
    if now is None:
        yield "is gone"
        return
    taken = now["override"] != "" or now["driver"] == "vfio-pci"
    word = f"vfio-early: {address} {before['id']} refused: "
    refused = any(record["text"].startswith(word) for record in facts["kmsg"])
    state = f"driver '{now['driver']}' override '{now['override']}'"
    if taken and address not in oracle.allowed:
        yield f"no statement names it, or a guard forbids it, but it has {state}"
    if taken and refused:
        yield f"was refused, but has {state}"
    if not taken and now["driver"] != before["driver"]:
        yield f"should have '{before['driver']}' as without the policy, has {state}"
    if address in oracle.bound and now["driver"] != "vfio-pci":
        yield f"a statement names it and nothing speaks against it, but it has {state}"
    if address in oracle.bound and facts["groups"].get(now["group"]) != "viable":
        yield f"its group {now['group']} is '{facts['groups'].get(now['group'], 'without a VFIO node')}'"
