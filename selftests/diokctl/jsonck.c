// SPDX-License-Identifier: GPL-2.0
/*
 * jsonck: read standard input as JSON, strictly (RFC 8259).
 *   jsonck         0 if it is one JSON value
 *   jsonck PATH    and print what is there (.0.name: member name of the first
 *                  element), strings without quotes; 2 if there is nothing
 *   jsonck -l ...  each line is a document of its own
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH	32

static const char *begin, *at;
static bool found;

static void broken(const char *what)
{
	fprintf(stderr, "jsonck: byte %td: %s, at \"%.20s\"\n", at - begin, what, at);
	exit(1);
}

static void blanks(void)
{
	at += strspn(at, " \t\r\n");
}

static void expect(char c)
{
	if (*at != c)
		broken("another character is expected");
	at++;
}

static void escape(void)
{
	int i;

	at++;
	if (*at == 'u') {
		for (i = 1; i <= 4; i++)
			if (!isxdigit((unsigned char)at[i]))
				broken("\\u needs four hexadecimal digits");
		at += 5;
	} else if (*at && strchr("\"\\/bfnrt", *at)) {
		at++;
	} else {
		broken("no such escape");
	}
}

static void string(void)
{
	expect('"');
	while (*at != '"') {
		if ((unsigned char)*at < 0x20)
			broken("a control character in a string");
		if (*at == '\\')
			escape();
		else
			at++;
	}
	at++;
}

static void digits(void)
{
	if (!isdigit((unsigned char)*at))
		broken("a digit is expected");
	at += strspn(at, "0123456789");
}

static void number(void)
{
	at += *at == '-';
	if (*at == '0')
		at++;
	else
		digits();
	if (*at == '.') {
		at++;
		digits();
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '+' || *at == '-';
		digits();
	}
}

static void word(const char *name)
{
	if (strncmp(at, name, strlen(name)))
		broken("no value");
	at += strlen(name);
}

/* What remains of PATH below the member NAME, NULL if that is another. */
static const char *below(const char *path, const char *name, size_t len)
{
	if (!path || *path != '.' || strncmp(path + 1, name, len))
		return NULL;
	path += 1 + len;
	return *path && *path != '.' ? NULL : path;
}

static void value(const char *path, int depth);

static void object(const char *path, int depth)
{
	const char *name;

	expect('{');
	blanks();
	while (*at != '}') {
		name = at + 1;
		string();
		blanks();
		expect(':');
		value(below(path, name, (size_t)(strchr(name, '"') - name)), depth);
		if (*at == '}')
			break;
		expect(',');
		blanks();
		if (*at != '"')
			broken("a name is expected");
	}
	at++;
}

static void array(const char *path, int depth)
{
	char index[12];
	int i = 0;

	expect('[');
	blanks();
	while (*at != ']') {
		snprintf(index, sizeof(index), "%d", i++);
		value(below(path, index, strlen(index)), depth);
		if (*at == ']')
			break;
		expect(',');
		blanks();
		if (*at == ']')
			broken("a value is expected");
	}
	at++;
}

static void scalar(void)
{
	switch (*at) {
	case '"':
		string();
		break;
	case 't':
		word("true");
		break;
	case 'f':
		word("false");
		break;
	case 'n':
		word("null");
		break;
	default:
		number();
	}
}

static void value(const char *path, int depth)
{
	const char *start;
	bool text;

	if (depth > DEPTH)
		broken("nested too deep");
	blanks();
	start = at;
	text = *at == '"';
	if (*at == '{')
		object(path, depth + 1);
	else if (*at == '[')
		array(path, depth + 1);
	else
		scalar();
	if (path && !*path) {
		found = true;
		printf("%.*s\n", (int)(at - start) - 2 * text, start + text);
	}
	blanks();
}

static void document(const char *path)
{
	value(path, 0);
	if (*at)
		broken("text behind the value");
}

static char *read_all(void)
{
	size_t len = 0, size = 1 << 20, n;
	char *text = malloc(size);

	while (text && (n = fread(text + len, 1, size - len - 1, stdin))) {
		len += n;
		if (len + 1 == size)
			text = realloc(text, size *= 2);
	}
	if (!text || memchr(text, '\0', len)) {
		fputs("jsonck: no memory, or a NUL in the text\n", stderr);
		exit(1);
	}
	text[len] = '\0';
	return text;
}

int main(int argc, char **argv)
{
	bool lines = argc > 1 && !strcmp(argv[1], "-l");
	const char *path = argv[1 + lines];
	char *text = read_all(), *line;

	if (!lines) {
		begin = text;
		at = text;
		document(path);
		return path && !found ? 2 : 0;
	}
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		begin = line;
		at = line;
		document(path);
	}
	return path && !found ? 2 : 0;
}
