#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""The model of the mask of an MSI-X vector in the kernel, kvm-dio/mask.pml; see model.py."""
import sys

from model import main

sys.exit(main("kvm-dio/mask.pml", "mask.variants", sys.argv[1:]))
