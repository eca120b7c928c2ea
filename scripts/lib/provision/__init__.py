# SPDX-License-Identifier: GPL-2.0
"""What scripts/overlay, scripts/kernel and scripts/doctor share."""
