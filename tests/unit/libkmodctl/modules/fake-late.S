/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module.h"
MODINFO("description=wanted softly, after")
