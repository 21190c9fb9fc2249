// SPDX-License-Identifier: GPL-2.0
/*
 * A process with COUNT virtual machines, until it is killed; its other arguments
 * are there to be seen: kvm_hold COUNT [-name NAME]
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int kvm = open("/dev/kvm", O_RDWR), i, n = argc > 1 ? atoi(argv[1]) : 1;

	for (i = 0; i < n; i++) {
		int vm = ioctl(kvm, KVM_CREATE_VM, 0);

		if (vm < 0)
			return 1;
		printf("open %d\n", vm);
	}
	fflush(stdout);
	for (;;)
		pause();
}
