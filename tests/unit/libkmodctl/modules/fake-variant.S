/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("alias=vfio_pci:v000010DEd00002342sv*sd*bc*sc*i*")
NEEDS(fake_core_symbol)
