# SPDX-License-Identifier: GPL-2.0
# Drives what has its own makefile or script; builds nothing itself.
#
#   make                 modules for KERNELRELEASE (KERNELDIR, KDIR) and diokctl
#   make demo            the main job in a virtual host, set-up included
#   make check           all tests: T="reset dma" KERNEL="6.12 7.2" select
#   make bench           figures, stock beside ours: B="intx msix" KERNEL="6.12 7.2"
#   make shell           M=reset KERNEL=6.12 S=script: one script in one machine
#   make lint            the static checks alone
#   make clean           what was built, but for the debug kernel; distclean: all
#   make install         modules, diokctl and its pages on this host

KERNELRELEASE ?= $(shell uname -r)
KERNELDIR ?= /lib/modules/$(KERNELRELEASE)/build
KDIR ?= $(KERNELDIR)
M ?= reset

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

demo:
	@scripts/setup/run --no-tests 6.12
	@selftests/demo/run

check:
	@scripts/setup/run $(filter-out debug,$(KERNEL))
	@selftests/vm/check

bench:
	@scripts/setup/run $(or $(filter-out debug,$(KERNEL)),6.12)
	@selftests/bench/run

lint:
	@scripts/setup/run
	@scripts/lint/run

shell:
	@scripts/setup/run $(filter-out debug,$(KERNEL))
	@selftests/vm/shell -m $(M) $(KERNEL:%=-k %) $(S)

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	$(if $(INSTALL_MOD_PATH),,depmod $(KERNELRELEASE))
	$(MAKE) -C tools install

# What takes long to get stays: the downloads, and of build/debug the kernel
# that selftests/vm/debug/build made there. distclean removes them.
KEPT = build/cache build/debug $(addprefix build/debug/,linux root source source.id stamp log lock)

clean:
	$(RM) -r $(filter-out $(KEPT),$(wildcard build/* build/debug/*))
	@find . -path ./build -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name Module.symvers \
		-o -name modules.order \) -type f -exec $(RM) {} +
	$(if $(wildcard tools/Makefile),$(MAKE) -C tools clean)

distclean: clean
	$(RM) -r build bench

.PHONY: all modules tools demo check bench lint shell install clean distclean
