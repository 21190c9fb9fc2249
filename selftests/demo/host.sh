# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
# The part of the demo that runs in the host under test. It speaks to `run`:
#	@@step N	step N begins
#	@@$ COMMAND	what is typed, followed by what it prints
#	@@ok N TEXT	step N was checked: TEXT is what was found
#	@@bad TEXT	it was not as it should be; nothing follows
# shellcheck source=/dev/null
. /lib/dio/guest.sh

PACKETS=300
# RDBAL RDLEN TDBAL EITR0 EITR1 VMBMEM1 of a 82576 VF: ring addresses of a
# former owner, interrupt rates, a word in the mailbox.
PLANTED="0x2800:0xdead0000,0x2808:0x1000,0x3800:0xdead1000,0x1680:0x7a0,0x1684:0x7a0,0x804:0x5ec4e7a1"
PLANTED_COUNT=6
HOST=10.9.0.1
GUEST=10.9.0.2

bad()
{
	echo "@@bad $*"
	guests_end
	exit 1
}

show()
{
	echo "@@\$ $*"
	"$@"
}

load()
{
	echo "@@step 1"
	show modprobe dio_vfio_pci || bad "the module does not load"
	show diokctl version > /tmp/version || bad "diokctl does not reach the module"
	head -n 3 /tmp/version
	PF=$(device igb_host)
	vfs_make "$PF" 1 || bad "the network card $PF gives no virtual function"
	VF=$(vf_of "$PF" 0)
	NET=$(net_of "$PF")
	ip addr add $HOST/24 dev "$NET" || bad "$NET takes no address"
	ip link set "$NET" up || bad "$NET does not come up"
	echo "@@ok 1 the card $PF ($NET) has a virtual function, $VF"
}

take()
{
	echo "@@step 2"
	show diokctl dev bind "$VF" || bad "$VF is not bound"
	[ "$(driver_of "$VF")" = dio-vfio-pci ] || bad "$VF has driver '$(driver_of "$VF")'"
	diokctl -s monitor > /tmp/events &
	MONITOR=$!
	echo "@@ok 2 $VF belongs to dio-vfio-pci"
}

boot()
{
	echo "@@step 3"
	guest_start demo linux dio-vfio-pci "$VF" || bad "QEMU does not start"
	echo "@@\$ qemu-system-x86_64 -accel kvm -kernel vmlinux ... -device vfio-pci,host=$VF"
	guest_wait demo "@@ up" 60 || bad "the guest does not boot"
	guest_cmd demo 40 up $GUEST/24 || bad "the guest's network has no link"
	diokctl dev show "$VF" | grep -q "state in-use" || bad "$VF is not in use"
	echo "@@ok 3 the guest runs its own driver (igbvf) on $VF and has a link"
}

# 300 packets of the guest, and 300 answers of the host: both ends count them.
traffic()
{
	local sent

	echo "@@step 4"
	sent=$(guest_cmd demo 5 stats | sed -n 's/^stat tx_packets //p')
	echo "@@\$ ping -c $PACKETS $HOST      (in the guest)"
	guest_cmd demo 120 ping -A -q -c $PACKETS $HOST > /tmp/ping || bad "$(cat /tmp/ping)"
	sed -n '/packets/p' /tmp/ping
	grep -q "$PACKETS packets received" /tmp/ping || bad "packets were lost"
	sent=$(($(guest_cmd demo 5 stats | sed -n 's/^stat tx_packets //p') - sent))
	[ "$sent" -ge $PACKETS ] || bad "the guest's card counts $sent packets"
	irqs=$(irq_sum "vfio-msix.*($VF)")
	[ "$irqs" -gt 0 ] || bad "$VF raised no interrupt"
	! dmesg | grep "DMAR:.*[Ff]ault" || bad "the IOMMU reports a fault"
	echo "@@ok 4 $PACKETS packets each way, none lost; $irqs interrupts; no IOMMU fault"
}

give_back()
{
	echo "@@step 5"
	guest_stop demo 30 || bad "the guest does not power off cleanly"
	show diokctl dev show "$VF" > /tmp/dev
	cat /tmp/dev
	grep -q "state clean" /tmp/dev || bad "$VF is not clean"
	check_reset "$VF" close || bad "the reset after the guest is not verified"
	echo "@@ok 5 the guest is off; $VF was reset, and the reset was verified"
}

event()
{
	echo "@@step 6"
	until_true 5 grep -q "by close.*verified" /tmp/events || bad "no event of the reset came"
	kill $MONITOR
	echo "@@\$ diokctl -s monitor"
	sed -n '/by close/,/^[^ ]/p' /tmp/events | head -n 12
	echo "@@ok 6 the event names each method tried and everything that survived it"
}

# survivors DRIVER: one guest writes values into the VF, the next one looks.
survivors()
{
	guest_run plant "bare poke bar=0 regs=$PLANTED" "$1" 20 "$VF" > /tmp/planted ||
		bad "the first guest on $1 does not run: $(cat /tmp/planted)"
	guest_run look "bare peek bar=0 regs=$PLANTED" "$1" 20 "$VF" > /tmp/found ||
		bad "the next guest on $1 does not run: $(cat /tmp/found)"
	grep '^reg' /tmp/planted > /tmp/regs
	[ "$(wc -l < /tmp/regs)" = $PLANTED_COUNT ] || bad "planted only: $(cat /tmp/planted)"
	left=$(grep -c -x -F -f /tmp/regs /tmp/found)
}

contrast()
{
	echo "@@step 7"
	survivors dio-vfio-pci
	ours=$left
	bind "$VF" none && survivors vfio-pci
	echo "stock vfio-pci: the next guest finds $left of $PLANTED_COUNT values of the last one"
	echo "dio-vfio-pci:   the next guest finds $ours of $PLANTED_COUNT"
	[ "$left" -gt 0 ] || bad "the stock driver left nothing: the comparison proves nothing"
	[ "$ours" = 0 ] || bad "dio-vfio-pci left $ours values"
	bind "$VF" none
	rmmod dio_vfio_pci || bad "the module does not unload"
	echo "@@ok 7 proven by two guests, not by a driver's word"
}

load
take
boot
traffic
give_back
event
contrast
guests_end
