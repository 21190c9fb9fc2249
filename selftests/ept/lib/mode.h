/* SPDX-License-Identifier: GPL-2.0 */
/* diokctl vm set, for the VM of this process, and what of the host it needs. */
#ifndef DIO_EPT_MODE_H
#define DIO_EPT_MODE_H

#define KMOD_KVM "dio_kvm"

/* memtype off, pat or full; diokctl's exit status, or a negative errno. */
int mode_set(const char *memtype);

/* Have at least @pages huge pages of 2 MiB; 0 or a negative errno. */
int mode_huge_pages(int pages);

#endif
