#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""The model of an INTx on a host MSI, vfio-ext/intx.pml; see model.py."""
import sys

from model import main

sys.exit(main("vfio-ext/intx.pml", "intx.variants", sys.argv[1:]))
