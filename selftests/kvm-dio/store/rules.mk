# SPDX-License-Identifier: GPL-2.0
# What the tests of the store fast path are made of: VMs of /dev/kvm, random code,
# and for the host the decoder with an oracle and its copies with a fault each.
STORE_SRC := $(wildcard store/*.c store/*.S)
STORE_HDR := $(wildcard store/*.h) $(TOP)/kvm-dio/store_decode.h
STORE_OBJ := $(patsubst store/%,$(OUTPUT)/store/%.o,$(basename $(filter-out %/store_oracle.c,$(STORE_SRC))))
DECODER := $(TOP)/kvm-dio/store_decode.c
FAULTS := $(OUTPUT)/faults
CFLAGS += -Istore -I$(TOP)
LIB_OBJ += $(STORE_OBJ) $(OUTPUT)/store/store_decode.o
EXTRA_CLEAN += $(OUTPUT)/store $(FAULTS)
LOCAL_HDRS += $(STORE_HDR)

$(OUTPUT)/store/store_decode.o: $(DECODER) $(STORE_HDR)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -O2 -c $< -o $@

$(OUTPUT)/store/%.o: store/%.c $(STORE_HDR) $(LIB_HDR)
	@mkdir -p $(@D)
	$(call msg,CC,,$@)
	$(Q)$(CC) $(CFLAGS) -O2 -c $< -o $@

$(OUTPUT)/store/%.o: store/%.S
	@mkdir -p $(@D)
	$(call msg,CC,,$@)
	$(Q)$(CC) -c $< -o $@

# With ASan and UBSan; static, because the runner's stdbuf preloads a library, and
# ASan must be the first.
HOST_CFLAGS = $(filter-out -static,$(CFLAGS)) -g -I$(TOP)/kvm-dio \
	      -fsanitize=address,undefined -fno-sanitize-recover=all

$(OUTPUT)/unit_store: unit_store.c store/store_oracle.c $(DECODER) store/faults.list \
		      store/faults.sh $(STORE_HDR)
	$(call msg,GEN,,$(FAULTS))
	$(Q)store/faults.sh $(DECODER) store/faults.list $(FAULTS)
	$(call msg,CC,,$@)
	$(Q)for f in $(DECODER) store/store_oracle.c $(FAULTS)/*.c; do \
		$(CC) $(HOST_CFLAGS) -O1 -c $$f -o $(FAULTS)/$$(basename $$f .c).o || exit 1; \
	done
	$(Q)$(CC) $(HOST_CFLAGS) -static-libasan -static-libubsan -o $@ $< $(FAULTS)/*.o -lcapstone
