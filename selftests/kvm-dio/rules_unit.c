// SPDX-License-Identifier: GPL-2.0
/*
 * What a page table entry has to say so that the guest gets the type it asked for,
 * by MTRR and PAT, for every combination: on Intel the EPT entry is the MTRR type,
 * on AMD the host's PAT type of the same name.  The tables here are typed from the
 * manuals a second time, as sentences.
 */
#include "kselftest_harness.h"
#include "memtype_rules.h"

/* Linux's IA32_PAT: WB WC UC- UC WB WP UC- WT. */
#define LINUX_PAT 0x0407050600070106ull
#define RESET_PAT 0x0007040600070406ull

static const __u8 mtrr_types[] = { 0, 1, 4, 5, 6 };
static const __u8 pat_types[] = { 0, 1, 4, 5, 6, 7 };

/* SDM: PAT WC is WC; UC is UC; UC- lets the MTRR say WC; WB is the MTRR's type. */
static unsigned int sdm(unsigned int mtrr, unsigned int pat)
{
	if (pat == DIO_MT_UC || pat == DIO_MT_WC)
		return pat;
	if (pat == DIO_MT_UCM)
		return mtrr == DIO_MT_WC || mtrr == DIO_MT_WP ? DIO_MT_WC : DIO_MT_UC;
	if (mtrr == DIO_MT_UC || (mtrr == DIO_MT_WC && pat != DIO_MT_WB))
		return DIO_MT_UC;
	return pat == DIO_MT_WB ? mtrr : pat;
}

TEST(intel)
{
	size_t m, p;

	for (m = 0; m < sizeof(mtrr_types); m++)
		for (p = 0; p < sizeof(pat_types); p++) {
			__u64 entry = (__u64)mtrr_types[m] << 3;

			EXPECT_EQ(sdm(mtrr_types[m], pat_types[p]),
				  dio_memtype_sdm(mtrr_types[m], pat_types[p]))
				TH_LOG("MTRR %u PAT %u", mtrr_types[m], pat_types[p]);
			EXPECT_EQ(sdm(mtrr_types[m], pat_types[p]),
				  dio_memtype_ept_effect(entry, pat_types[p]));
			EXPECT_EQ(mtrr_types[m],
				  dio_memtype_ept_effect(entry | 1 << 6, pat_types[p]));
		}
}

/* UC and CD, and WC and WC+, are one to the guest: they differ in probing caches. */
static unsigned int to_guest(unsigned int type)
{
	return type == DIO_MT_CD ? DIO_MT_UC : type == DIO_MT_WCP ? DIO_MT_WC : type;
}

/* APM: as Intel's, but that conflicts between WT, WP and UC- are uncached. */
static unsigned int amd(unsigned int mtrr, unsigned int pat)
{
	if (pat == DIO_MT_UC || pat == DIO_MT_WC)
		return pat;
	if (pat == DIO_MT_UCM)
		return mtrr == DIO_MT_WC ? DIO_MT_WC : DIO_MT_UC;
	if (pat == DIO_MT_WB || mtrr == pat)
		return mtrr;
	return mtrr == DIO_MT_WB ? pat : DIO_MT_UC;
}

static void every_cell(struct __test_metadata *_metadata, __u64 host_pat)
{
	size_t m, p;

	for (m = 0; m < sizeof(mtrr_types); m++) {
		struct dio_npt_code code = dio_memtype_npt_code(host_pat, mtrr_types[m]);
		__u64 huge = code.bits & DIO_NPT_PAT_4K ? code.bits ^ DIO_NPT_PAT_4K ^ 1 << 12 :
							  code.bits;

		ASSERT_TRUE(code.exact);
		EXPECT_EQ(code.huge, !(code.bits & DIO_NPT_PAT_4K));
		EXPECT_EQ(mtrr_types[m], dio_memtype_npt_type(code.bits, false, host_pat));
		EXPECT_EQ(mtrr_types[m], dio_memtype_npt_type(huge, true, host_pat));
		for (p = 0; p < sizeof(pat_types); p++) {
			unsigned int want = amd(mtrr_types[m], pat_types[p]);

			EXPECT_EQ(want, to_guest(dio_memtype_amd(mtrr_types[m], pat_types[p])));
			EXPECT_EQ(want, to_guest(dio_memtype_npt_effect(code.bits, false, host_pat,
									DIO_MT_WB, pat_types[p])))
				TH_LOG("MTRR %u PAT %u", mtrr_types[m], pat_types[p]);
		}
	}
}

TEST(amd_with_linux_pat)
{
	every_cell(_metadata, LINUX_PAT);
	EXPECT_EQ(0, dio_memtype_npt_code(LINUX_PAT, DIO_MT_WB).bits);
	EXPECT_EQ(DIO_NPT_PWT, dio_memtype_npt_code(LINUX_PAT, DIO_MT_WC).bits);
	EXPECT_EQ(DIO_NPT_PWT | DIO_NPT_PCD, dio_memtype_npt_code(LINUX_PAT, DIO_MT_UC).bits);
	EXPECT_EQ(DIO_NPT_PAT_4K | DIO_NPT_PWT, dio_memtype_npt_code(LINUX_PAT, DIO_MT_WP).bits);
	EXPECT_EQ(DIO_NPT_PAT_4K | DIO_NPT_PWT | DIO_NPT_PCD,
		  dio_memtype_npt_code(LINUX_PAT, DIO_MT_WT).bits);
}

/* Stock NPT entries leave all to the guest's PAT: what `off` and `pat` are on AMD. */
TEST(amd_without_bits_is_pat_alone)
{
	size_t p;

	for (p = 0; p < sizeof(pat_types); p++)
		EXPECT_EQ(amd(DIO_MT_WB, pat_types[p]),
			  to_guest(dio_memtype_npt_effect(0, false, LINUX_PAT, DIO_MT_WB,
							  pat_types[p])));
}

TEST(a_host_without_wc_and_wp_gets_uc)
{
	struct dio_npt_code code = dio_memtype_npt_code(RESET_PAT, DIO_MT_WC);

	EXPECT_FALSE(code.exact);
	EXPECT_EQ(DIO_MT_UC, dio_memtype_npt_type(code.bits, false, RESET_PAT));
	EXPECT_FALSE(dio_memtype_npt_code(RESET_PAT, DIO_MT_WP).exact);
	EXPECT_TRUE(dio_memtype_npt_code(RESET_PAT, DIO_MT_WT).exact);
}

/* The control: UC- for UC, which is PCD alone, would let a guest's UC- through. */
TEST(uc_minus_is_no_uc)
{
	EXPECT_EQ(DIO_MT_WC, dio_memtype_amd(DIO_MT_WC, dio_memtype_npt(DIO_MT_UCM, DIO_MT_UCM)));
	EXPECT_NE(DIO_MT_WC, dio_memtype_amd(DIO_MT_WC, dio_memtype_npt(DIO_MT_UCM, DIO_MT_UC)));
}

TEST_HARNESS_MAIN
