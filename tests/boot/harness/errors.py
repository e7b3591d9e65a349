# SPDX-License-Identifier: GPL-2.0-or-later
"""The one error type of the harness: something that is not a failed expectation."""


class HarnessError(Exception):
    """The harness could not do its work (missing tool, broken scenario, failed command)."""
