/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("vermagic=6.1.0-test SMP")
MODINFO("depends=fake-bus")
MODINFO("parm=modeset:Use KMS (int)")
MODINFO("softdep=pre: fake-helper post: fake-late")
MODINFO("alias=pci:v000010DEd*sv*sd*bc03sc*i*")
NEEDS(fake_bus_symbol)
