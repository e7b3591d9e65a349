/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("license=GPL")
EXPORTS("fake_core_symbol")
