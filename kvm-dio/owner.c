// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which livepatch has a function: asked of /sys/kernel/livepatch, which has a
 * folder PATCH/OBJECT/FUNCTION,POSITION for each, in the first process's view of
 * the files. For words to the administrator; nothing is decided by it but words.
 */
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/module.h>
#include <linux/sched/task.h>

#include "dio_kvm.h"

#define DIO_LIVEPATCHES	"sys/kernel/livepatch"

/* Looks for an entry of a folder that begins with a prefix; "": any. */
struct dio_dir_search {
	struct dir_context ctx;
	const char *prefix;
	unsigned int skip;		/* entries that were seen before */
	unsigned int seen;
	char found[MODULE_NAME_LEN];
};

static bool dio_dir_entry(struct dir_context *ctx, const char *name, int len, loff_t offset,
			  u64 ino, unsigned int type)
{
	struct dio_dir_search *s = container_of(ctx, struct dio_dir_search, ctx);
	size_t prefix = strlen(s->prefix);

	if (type != DT_DIR || *name == '.' || len < prefix || len >= sizeof(s->found) ||
	    strncmp(name, s->prefix, prefix) || s->seen++ < s->skip)
		return true;
	memcpy(s->found, name, len);
	s->found[len] = '\0';
	return false;
}

static struct file *dio_dir_open(const char *path)
{
	struct file *dir;
	struct path root;

	task_lock(&init_task);
	get_fs_root(init_task.fs, &root);
	task_unlock(&init_task);
	dir = file_open_root(&root, path, O_RDONLY | O_DIRECTORY, 0);
	path_put(&root);
	return dir;
}

static bool dio_dir_find(const char *path, struct dio_dir_search *s)
{
	struct file *dir = dio_dir_open(path);

	s->ctx.actor = dio_dir_entry;
	s->ctx.pos = 0;
	s->seen = 0;
	*s->found = '\0';
	if (IS_ERR(dir))
		return false;
	iterate_dir(dir, &s->ctx);
	fput(dir);
	return *s->found;
}

static bool dio_owner_is(const char *patch, const struct dio_hook *hook)
{
	char path[sizeof(DIO_LIVEPATCHES) + 2 * MODULE_NAME_LEN], func[64];
	struct dio_dir_search s = { .prefix = func };

	scnprintf(path, sizeof(path), DIO_LIVEPATCHES "/%s/%s", patch, hook->module);
	scnprintf(func, sizeof(func), "%s,", hook->symbol);
	return dio_dir_find(path, &s);
}

/* Does a livepatch have the function of @hook? Its name then. Sleeps. */
bool dio_owner_livepatch(const struct dio_hook *hook, char *name, size_t size)
{
	struct dio_dir_search s = { .prefix = "" };

	for (; dio_dir_find(DIO_LIVEPATCHES, &s); s.skip++) {
		if (!dio_owner_is(s.found, hook))
			continue;
		strscpy(name, s.found, size);
		return true;
	}
	return false;
}
