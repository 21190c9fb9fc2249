// SPDX-License-Identifier: GPL-2.0
/* A VM that is opted in, so that hooks stay armed from one program to the next. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR);

	if (kvm < 0 || ioctl(kvm, KVM_CREATE_VM, 0) < 0)
		return 1;
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}
