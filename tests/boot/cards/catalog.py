# SPDX-License-Identifier: GPL-2.0-or-later
"""The cards by the names that a machine gives them (`card:NAME` in machines.toml)."""
from .gt710 import Gt710
from .hd_audio import Gt710Audio, PicassoAudio
from .quickassist import QuickAssist
from .ryzen_3400g import Picasso, PicassoBoardAudio, PicassoSecurity, PicassoUsb1, PicassoUsb2, Realtek8168

CARDS = {
    "gt710": Gt710,
    "gt710-audio": Gt710Audio,
    "picasso": Picasso,
    "picasso-audio": PicassoAudio,
    "picasso-psp": PicassoSecurity,
    "picasso-usb1": PicassoUsb1,
    "picasso-usb2": PicassoUsb2,
    "picasso-board-audio": PicassoBoardAudio,
    "quickassist": QuickAssist,
    "realtek": Realtek8168,
}
