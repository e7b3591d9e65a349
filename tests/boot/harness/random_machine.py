# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine made by chance: root ports, switches and bridges, slots of several functions, groups of several slots."""

# Twins come by themselves, as there are few kinds. pci-testdev and edu have no driver in any Debian kernel.
EXPRESS = ("bochs-display", "e1000e,romfile=", "nvme,serial={count}", "qemu-xhci", "edu", "ich9-intel-hda")
CONVENTIONAL = ("bochs-display", "e1000,romfile=", "rtl8139,romfile=", "pci-testdev", "edu", "intel-hda")
MOST_FUNCTIONS = 10
MOST_SOUND = 2  # a codec takes the emulated processor seconds
FIRST_PORT, FIRST_INTEGRATED = 0x2, 0x14  # slots of the root bus; the harness has 10 to 13


class _Board:
    def __init__(self, chance, express):
        self.chance = chance
        self.express = express
        self.devices = []
        self.functions = 0
        self.sound = 0
        self.names = 0
        self.port = FIRST_PORT
        self.integrated = FIRST_INTEGRATED

    def _name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def _kind(self, kinds):
        kind = self.chance.choice(kinds)
        if "hda" in kind:
            self.sound += 1
            if self.sound > MOST_SOUND:
                return "edu"
        return kind.format(count=self.functions)

    def slot(self, bus, device, kinds, most):
        """A slot with one or more functions."""
        count = self.chance.randint(1, max(1, min(most, MOST_FUNCTIONS - self.functions)))
        for function in range(count):
            multifunction = ",multifunction=on" if function == 0 and count > 1 else ""
            self.devices.append(f"{self._kind(kinds)},bus={bus},addr={device:x}.{function}{multifunction}")
            self.functions += 1

    def root_port(self):
        name = self._name("port")
        self.devices.append(f"pcie-root-port,id={name},bus=pcie.0,addr={self.port:x}.0,"
                            f"chassis={self.names},slot={self.names}")
        self.port += 1
        return name

    def card(self):
        self.slot(self.root_port(), 0, self.express, 3)

    def empty(self):
        self.root_port()

    def switch(self):
        """Its ports tell no transfers apart, so that all below is one group."""
        upstream = self._name("up")
        self.devices.append(f"x3130-upstream,id={upstream},bus={self.root_port()}")
        for number in range(self.chance.randint(1, 3)):
            downstream = self._name("down")
            self.devices.append(f"xio3130-downstream,id={downstream},bus={upstream},addr={number:x}.0,"
                                f"chassis={self.names},slot={self.names}")
            self.slot(downstream, 0, self.express, 2)

    def bridge(self):
        name = self._name("bridge")
        self.devices.append(f"pcie-pci-bridge,id={name},bus={self.root_port()}")
        for number in range(1, self.chance.randint(2, 4)):
            self.slot(name, number, CONVENTIONAL, 2)

    def on_the_root_bus(self):
        self.slot("pcie.0", self.integrated, CONVENTIONAL, 2)
        self.integrated += 1


def make(chance):
    """A table as a scenario's `machine` has it; `chance` is a random.Random."""
    iommu = chance.choice(["intel"] * 5 + ["amd"] * 4 + ["none"])
    # Behind QEMU's AMD IOMMU the interrupt of an NVMe drive may get lost, and its driver gives up after a minute.
    board = _Board(chance, [kind for kind in EXPRESS if iommu != "amd" or not kind.startswith("nvme")])
    parts = [board.card] * 5 + [board.switch] * 2 + [board.bridge] * 3 + [board.on_the_root_bus] + [board.empty]
    for _ in range(chance.randint(3, 6)):
        if board.functions < MOST_FUNCTIONS:
            chance.choice(parts)()
    return {"iommu": iommu, "devices": board.devices}
