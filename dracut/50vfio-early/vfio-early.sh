#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# For images without systemd; in others vfio-early.service does it. Sourced by dracut's init: no exit here.

/usr/sbin/vfio-early bind
# initqueue/timeout would be the place, but it comes only after two thirds of rd.retry=, two minutes.
/usr/sbin/vfio-early recover --watch &
