/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("alias=pci:v000010DEd00001F*sv*sd*bc03sc00i*")
