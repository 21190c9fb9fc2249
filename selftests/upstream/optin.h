/* SPDX-License-Identifier: GPL-2.0 */
/* ioctl() of the kvm selftests, which the linker leads through optin.c. */
#ifndef DIO_UPSTREAM_OPTIN_H
#define DIO_UPSTREAM_OPTIN_H

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

#endif
