// SPDX-License-Identifier: GPL-2.0
/*
 * Registers to plant, per device model.  Adding a device is adding a table.
 * Names and offsets are the data sheets'; the values only have to be legal,
 * different from the reset value, and harmless while nothing is enabled.
 */
#include "canary.h"

const struct canary_reg canary_e1000e[] = {
	{ "RDBAL", 0, 0x2800, 4, 0xdead0000 },
	{ "RDLEN", 0, 0x2808, 4, 0x1000 },
	{ "TDBAL", 0, 0x3800, 4, 0xdead1000 },
	{ "RAL0", 0, 0x5400, 4, 0x12345678 },
	{ "MTA0", 0, 0x5200, 4, 0xa5a5a5a5 },
	{ "ITR", 0, 0x00c4, 4, 0x1234 },
	{ }
};

const struct canary_reg canary_igb[] = {
	{ "RDBAL", 0, 0xc000, 4, 0xdead0000 },
	{ "RDLEN", 0, 0xc008, 4, 0x1000 },
	{ "TDBAL", 0, 0xe000, 4, 0xdead1000 },
	{ "EITR5", 0, 0x1694, 4, 0x7a0 },
	{ "RAL0", 0, 0x5400, 4, 0x12345678 },
	{ "RLPML", 0, 0x5004, 4, 0x1234 },
	{ "VMBMEM0", 0, 0x0800, 4, 0x5ec4e7a1 },
	{ }
};

const struct canary_reg canary_igbvf[] = {
	{ "RDBAL", 0, 0x2800, 4, 0xdead0000 },
	{ "RDLEN", 0, 0x2808, 4, 0x1000 },
	{ "TDBAL", 0, 0x3800, 4, 0xdead1000 },
	{ "EITR0", 0, 0x1680, 4, 0x7a0 },
	{ "EITR1", 0, 0x1684, 4, 0x7a0 },
	{ "VTIVAR", 0, 0x1700, 4, 0x8081 },
	{ "VMBMEM1", 0, 0x0804, 4, 0x5ec4e7a1 },
	{ }
};

const struct canary_reg canary_nvme[] = {
	{ "AQA", 0, 0x24, 4, 0x001f001f },
	{ "ASQ", 0, 0x28, 4, 0xdead0000 },
	{ "ACQ", 0, 0x30, 4, 0xdead1000 },
	{ "INTMS", 0, 0x0c, 4, 0x1 },
	{ }
};

/* 0x04 reads back inverted. */
const struct canary_reg canary_edu[] = {
	{ "liveness", 0, 0x04, 4, 0x12345678 },
	{ "dma-src", 0, 0x80, 8, 0x40000 },
	{ "dma-dst", 0, 0x88, 8, 0xdead0000 },
	{ "dma-cnt", 0, 0x90, 8, 0x123 },
	{ }
};

/* Common configuration of a modern virtio device, at the start of BAR 4. */
const struct canary_reg canary_virtio[] = {
	{ "driver_feature", 4, 0x0c, 4, 0x21 },
	{ "config_msix_vector", 4, 0x10, 2, 0x1 },
	{ "device_status", 4, 0x14, 1, 0x3 },
	{ "queue_size", 4, 0x18, 2, 0x40 },
	{ "queue_desc", 4, 0x20, 4, 0xdead0000 },
	{ }
};

const struct canary_reg canary_hda[] = {
	{ "CORBLBASE", 0, 0x40, 4, 0xabc00 },
	{ "DPLBASE", 0, 0x70, 4, 0xabd00 },
	{ }
};

const struct canary_reg canary_xhci[] = {
	{ "CONFIG", 0, 0x78, 4, 0x5 },
	{ "DCBAAP", 0, 0x70, 4, 0xabd00 },
	{ }
};
