# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by ctl.sh: settings of interrupts, the interrupts of an owner, their
# hold-off and their events.

# hold BDF TYPE COUNT [RAISE]: an owner with vectors, until hold_end
hold()
{
	rm -f "$T/hold"
	"$HERE/irq_hold" "$@" > "$T/hold" 2> "$T/hold.err" & holder=$!
	until_true 100 grep -q open "$T/hold" || {
		kill "$holder"
		fail "irq_hold $*: $(cat "$T/hold.err")"
	}
}

hold_end()
{
	kill "$holder"
	wait "$holder" 2> /dev/null
}

# Without diokctl the driver serves interrupts as the kernel's own does.
t_irq_stock_until_set()
{
	echo dio-vfio-pci > "/sys/bus/pci/devices/$EDU2/driver_override"
	echo "$EDU2" > /sys/bus/pci/drivers_probe
	ctl -j dev show "$EDU2"
	want 0 && json .0.intx line && json .0.recheck auto && json .0.vectors stock || return 1
	ctl dev show "$EDU2"
	out_has '^    intx line, recheck auto, vectors stock$' || return 1
	ctl dev unbind "$EDU2"; want 0
}

t_irq_bind_sets()
{
	ctl dev bind "$EDU2"
	want 0 && out_has ", policy permissive, intx auto, vectors own, IOMMU group" || return 1
	ctl -j dev show "$EDU2"
	json .0.policy permissive && json .0.intx auto && json .0.recheck auto &&
		json .0.vectors own || return 1
	ctl dev unbind "$EDU2"; want 0 || return 1
	ctl -j dev bind "$EDU2" vectors stock recheck toggle policy observe
	want 0 && json .policy observe && json .intx auto && json .vectors stock || return 1
	ctl -j dev show "$EDU2"
	json .0.policy observe && json .0.intx auto && json .0.recheck toggle &&
		json .0.vectors stock || return 1
	ctl dev unbind "$EDU2"; want 0
}

t_irq_settings()
{
	for recheck in none status toggle mmio auto; do
		ctl dev set "$EDU" intx msi recheck $recheck vectors stock; want 0 || return 1
		ctl -j dev show "$EDU"
		json .0.intx msi && json .0.recheck $recheck && json .0.vectors stock || return 1
	done
	ctl dev set "$EDU" intx pin; want 2 'intx "pin": expected line, auto or msi' || return 1
	ctl dev set "$EDU" vectors 1; want 2 'expected stock or own' || return 1
	ctl dev set "$EDU" recheck mask
	want 2 'expected auto, none, status, pvm, toggle or mmio' || return 1
	ctl dev set "$EDU" intx auto vectors own; want 0
}

# NVMe has neither MSI nor a row in the table: what it can do is not set either.
t_irq_settings_refused()
{
	ctl dev bind "$NVME" vectors stock intx line; want 0 || return 1
	ctl -j dev show "$NVME"; before=$out
	ctl dev set "$NVME" vectors own policy strict intx msi
	want 1 "$NVME: intx msi: no MSI capability" || return 1
	ctl dev set "$NVME" vectors own policy strict recheck mmio
	want 1 "$NVME: recheck mmio: no cause register in the device table" || return 1
	ctl -j dev show "$NVME"
	[ "$out" = "$before" ] || fail "was $before, is $out" || return 1
	ctl dev unbind "$NVME"; want 0 || return 1
	ctl dev bind "$NVME" intx msi; want 1 "$NVME: intx msi: no MSI capability" || return 1
	[ -z "$(driver "$NVME")" ] || fail "left bound to $(driver "$NVME")" || return 1
	ctl dev set "$EDU" vectors stock recheck pvm
	want 1 "$EDU: recheck pvm: no per-vector masking" || return 1
	ctl -j dev show "$EDU"; json .0.vectors own
}

t_irq_usage()
{
	ctl irq help; want 0 && out_has '^Usage: diokctl irq' || return 1
	ctl irq unset; want 2 '"diokctl irq unset" is unknown' || return 1
	ctl irq show "$EDU" msi; want 2 'unexpected "msi"' || return 1
	ctl irq set; want 2 'PCI address is missing' || return 1
	ctl irq set "$EDU"; want 2 'interrupt type is missing' || return 1
	ctl irq set "$EDU" lsi holdoff 1; want 2 '"lsi" is not an interrupt type' || return 1
	ctl irq set "$EDU" msi; want 2 'holdoff is missing' || return 1
	ctl irq set "$EDU" msi holdoff; want 2 'holdoff: its value is missing' || return 1
	ctl irq set "$EDU" msi holdoff 1s; want 2 'holdoff "1s": expected' || return 1
	ctl irq set "$EDU" msi vector x holdoff 1; want 2 'vector "x": expected a number' || return 1
	ctl irq set "$EDU" msi holdoff 1 holdoff 1; want 2 'holdoff is given twice'
}

t_irq_nobody()
{
	ctl irq; want 0 && [ -z "$out" ] || fail "there are interrupts: $out" || return 1
	ctl -j irq show "$EDU"; want 0 && [ "$out" = "[]" ] || fail "not []: $out" || return 1
	ctl irq show 0000:77:00.0; want 1 "0000:77:00.0: no such PCI device" || return 1
	ctl irq "$NVME"; want 1 "$NVME: not bound to dio-vfio-pci (driver: none)" || return 1
	ctl irq set "$EDU" msi holdoff 1ms; want 1 "$EDU: not open" || return 1
	ctl irq set "$NVME" msix holdoff 1ms
	want 1 "$NVME: not bound to dio-vfio-pci (driver: none)"
}

# A device's interrupts are counted, and the table says what the JSON says.
t_irq_msi_counts()
{
	ctl dev set "$EDU" vectors own; want 0 || return 1
	hold "$EDU" msi 1 7 || return 1
	irq_msi_cases
	code=$?
	hold_end
	[ $code = 0 ] || return 1
	ctl -j irq show "$EDU"; want 0 || return 1
	[ "$out" = "[]" ] || fail "closed, and has $out"
}

irq_msi_cases()
{
	ctl -j irq show "$EDU"
	want 0 && json .0.type msi && json .0.vector 0 && json .0.via msi &&
		json .0.state enabled && json .0.enabled true && json .0.masked false &&
		json .0.holdoff_us 0 && json .0.interrupts 7 && json .0.delivered 7 &&
		json .0.spurious 0 && json .0.while_masked 0 || return 1
	[ "$(count '"addr"')" = 1 ] || fail "not one interrupt: $out" || return 1
	irq=$("$HERE/jsonck" .0.host_irq < "$T/out")
	grep -q "^ *$irq:.*$EDU" /proc/interrupts ||
		fail "no interrupt $irq of $EDU: $(cat /proc/interrupts)" || return 1
	ctl irq
	want 0 && out_has '^DEVICE  *TYPE VECTOR VIA' &&
		out_has "^$EDU msi  *0 msi  *$irq enabled - *off *7 *7$" || return 1
	ctl -s irq show
	out_has '^    while masked 0, pending 0, rechecks 0, spurious 0, merged 0, swaps 0, storms 0, masks kept 0, raised by thread 0$'
}

t_irq_holdoff()
{
	ctl dev set "$E1000E" vectors own; want 0 || return 1
	hold "$E1000E" msix 3 || return 1
	irq_holdoff_cases
	code=$?
	hold_end
	return $code
}

irq_holdoff_cases()
{
	ctl irq set "$E1000E" msix holdoff 1ms; want 0 || return 1
	ctl irq set "$E1000E" msix vector 1 holdoff 50; want 0 || return 1
	ctl irq set "$E1000E" msix v 2 h off; want 0 || return 1
	ctl -j irq show "$E1000E"
	want 0 && json .0.holdoff_us 1000 && json .1.holdoff_us 50 && json .2.holdoff_us 0 &&
		json .2.vector 2 && json .2.type msix && json .2.via msix || return 1
	ctl irq "$E1000E"
	out_has "^$E1000E msix *0 .* 1000 us " && out_has "^$E1000E msix *1 .* 50 us " &&
		out_has "^$E1000E msix *2 .* off " || return 1
	ctl -j irq show "$E1000E"; before=$out
	ctl irq set "$E1000E" msix holdoff 30001us
	want 1 "$E1000E: integer out of range (holdoff: 0 to 30000)" || return 1
	ctl irq set "$E1000E" msix vector 5 holdoff 1
	want 1 "$E1000E: vector 5: the device has 5" || return 1
	ctl irq set "$E1000E" intx holdoff 1
	want 1 "$E1000E: intx: hold-off is for MSI and MSI-X" || return 1
	ctl_as nobody irq set "$E1000E" msix holdoff 1; want 1 "not permitted" || return 1
	ctl_as nobody irq; want 1 "not permitted" || return 1
	ctl -j irq show "$E1000E"
	[ "$out" = "$before" ] || fail "was $before, is $out" || return 1
	ctl irq set "$E1000E" mask kernel; want 0 || return 1
	ctl -j irq show "$E1000E"; json .0.mask user && json .0.kept 0 || return 1
	ctl irq set "$E1000E" mask user; want 0 || return 1
	ctl irq set "$E1000E" mask both; want 2 'mask "both": expected user or kernel' || return 1
	ctl irq set "$E1000E" mask; want 2 "mask: its value is missing" || return 1
	ctl irq set "$EDU" mask kernel; want 1 "$EDU: mask: the device has no MSI-X" || return 1
	ctl irq set "$EDU" inject thread; want 0 || return 1
	ctl irq set "$EDU" inject work; want 0 || return 1
	ctl irq set "$EDU" inject both; want 2 'inject "both": expected work or thread' || return 1
	ctl irq set "$EDU" inject; want 2 "inject: its value is missing" || return 1
	ctl irq set "$E1000E" msix holdoff off; want 0 || return 1
	ctl -j irq show "$E1000E"
	json .0.holdoff_us 0 && json .1.holdoff_us 0 && json .2.holdoff_us 0
}

t_irq_vectors_stock()
{
	ctl dev set "$E1000E" vectors stock; want 0 || return 1
	hold "$E1000E" msix 3 || return 1
	ctl irq set "$E1000E" msix holdoff 1ms
	want 1 "$E1000E: vectors are served by vfio-pci-core (set vectors own)"
	code=$?
	ctl -j irq; want 0 && [ "$out" = "[]" ] || fail "stock, and there is $out" || code=1
	hold_end
	ctl dev set "$E1000E" vectors own
	return $code
}

# An INTx without its EOI: the first is delivered, then the guard closes. The
# owner before counts for nothing.
irq_storm()
{
	hold "$EDU" intx 1 1000 || return 1
	ctl -j irq show "$EDU"
	hold_end
	want 0 && json .0.type intx && json .0.via msi && json .0.state masked &&
		json .0.recheck mmio && json .0.delivered 1 && json .0.storms 1
}

t_irq_storm_event()
{
	ctl dev set "$EDU" intx msi recheck auto; want 0 || return 1
	monitor_start -j -t monitor || return 1
	irq_storm || return 1
	monitor_drain "\"dev-del\",\"addr\":\"$EDU2\"" || return 1
	monitor_stop INT || return 1
	"$HERE/jsonck" -l < "$T/events" || fail "not JSON: $(cat "$T/events")" || return 1
	grep '"event":"irq"' "$T/events" > "$T/irqs"
	[ "$(wc -l < "$T/irqs")" = 1 ] || fail "not one event: $(cat "$T/events")" || return 1
	cp "$T/irqs" "$T/out"
	judge "diokctl -j -t monitor" "$T/out" "$T/monitor.err"
	json .addr "$EDU" && json .type intx && json .vector 0 && json .irq_event storm &&
		json .via msi && json .recheck mmio
}

# The same as text; `monitor irq` says nothing of devices, `monitor dev` all else.
t_irq_monitor_objects()
{
	monitor_start monitor dev || return 1
	mv "$T/events" "$T/events.dev"	# it goes on writing there
	diokctl monitor irq > "$T/events.irq" 2> "$T/irq.err" & irq_monitor=$!
	code=0
	tries=20
	until [ -s "$T/events.irq" ] || [ $tries = 0 ]; do
		irq_storm || code=1
		[ $code = 0 ] || break
		tries=$((tries - 1))
	done
	cp "$T/events.dev" "$T/events"
	monitor_stop INT || code=1
	kill -INT "$irq_monitor"
	wait "$irq_monitor" || fail "monitor irq ends with $?: $(cat "$T/irq.err")" || return 1
	[ $code = 0 ] || return 1
	cp "$T/events.irq" "$T/out"
	judge "diokctl monitor irq" "$T/out" "$T/irq.err"
	out_has "^$EDU intx 0: storm, via msi, recheck mmio$" || return 1
	! grep -v "^$EDU intx 0: " "$T/events.irq" || fail "of other objects: $out" || return 1
	! grep "intx 0:" "$T/events.dev" || fail "monitor dev tells of interrupts" || return 1
	grep -q "^$EDU reset [0-9]* by close" "$T/events.dev" ||
		fail "monitor dev tells of no reset: $(cat "$T/events.dev")"
}
