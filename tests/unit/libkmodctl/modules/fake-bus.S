/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("depends=fake-core")
NEEDS(fake_core_symbol)
EXPORTS("fake_bus_symbol")
