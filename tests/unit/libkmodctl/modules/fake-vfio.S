/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("alias=vfio_pci:v*d*sv*sd*bc*sc*i*")
