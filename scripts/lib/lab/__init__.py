# SPDX-License-Identifier: GPL-2.0
"""The laboratories: start a guest, run a program in it, judge what happened."""
