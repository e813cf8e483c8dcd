/* Annotations of other runtimes that say what a member of the specification says, or would if it
 * had one: they are read into that member here, once, so that nothing downstream looks for them.
 * Those that cannot be honoured are refused by plan (plan-engine-annotations.c). */
#include "spec/spec-decode.h"

#include <string.h>

enum { BPF_INSTRUCTION = 8, BPF_INSTRUCTIONS_MAX = 4096 }; /* struct sock_filter, BPF_MAXINSNS */

static const char receiver_key[] = "run.oci.seccomp.receiver";
static const char filter_key[] = "run.oci.seccomp_bpf_data";

static int fail(Decoder *d, const char *key, const char *value, const char *expected)
{
        decoder_enter(d, "annotations");
        return decoder_fail_at(d, key, "\"%.64s\" is not %s", value, expected);
}

/* NULL for absent, and for "", which asks for nothing. */
static const char *find(const Spec *spec, const char *key)
{
        const char *value = spec_find_annotation(spec, key);

        return value && *value ? value : NULL;
}

/* Switches: "1" is on, "0" off. */
static int read_switch(Decoder *d, const Spec *spec, const char *key, bool *ret)
{
        const char *value = find(spec, key);

        *ret = false;
        if (!value || strcmp(value, "0") == 0)
                return 0;
        if (strcmp(value, "1") != 0)
                return fail(d, key, value, "\"0\" or \"1\"");
        *ret = true;
        return 0;
}

static int base64_digit(char c)
{
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *found = c ? strchr(digits, c) : NULL;

        return found ? (int) (found - digits) : -1;
}

/* RFC 4648, section 4, with its padding. Returns the number of bytes, or -EINVAL. */
static int decode_base64(const char *text, size_t size, uint8_t *ret)
{
        size_t padding = size > 0 && text[size - 1] == '=' ? 1 : 0, n = 0;
        uint32_t bits = 0;

        if (padding && text[size - 2] == '=')
                padding = 2;
        if (size % 4 != 0)
                return -EINVAL;
        for (size_t i = 0; i < size - padding; i++) {
                int digit = base64_digit(text[i]);

                if (digit < 0)
                        return -EINVAL;
                bits = bits << 6 | (uint32_t) digit;
                if (i % 4 > 0)
                        ret[n++] = (uint8_t) (bits >> (6 - 2 * (i % 4)));
        }
        return (int) n;
}

/* A filter as the kernel takes it, in the place of linux.seccomp. The kernel checks what it says.
 */
static int read_filter(Decoder *d, Spec *spec)
{
        SpecSeccomp *s = &spec->linux_.seccomp;
        const char *value = find(spec, filter_key);
        size_t size = value ? strlen(value) : 0;
        uint8_t *bytes;
        int n;

        if (!value)
                return 0;
        if (size > (size_t) BPF_INSTRUCTION * BPF_INSTRUCTIONS_MAX * 2)
                return fail(d, filter_key, value, "a filter of at most 4096 instructions");
        bytes = spec_arena_alloc(d->arena, size, 1);
        if (!bytes)
                return decoder_oom(d);
        n = decode_base64(value, size, bytes);
        if (n <= 0 || n % BPF_INSTRUCTION != 0 || n / BPF_INSTRUCTION > BPF_INSTRUCTIONS_MAX)
                return fail(d, filter_key, value,
                        "base64 of a filter: 1 to 4096 instructions of 8 bytes");
        *s = (SpecSeccomp){ .is_set = true,
                .default_action = SPEC_SECCOMP_ALLOW,
                .raw_filter = bytes,
                .raw_filter_size = (size_t) n };
        return 0;
}

static int read_receiver(Decoder *d, Spec *spec)
{
        SpecSeccomp *s = &spec->linux_.seccomp;
        const char *value = find(spec, receiver_key);

        if (!value)
                return 0;
        if (value[0] != '/')
                return fail(d, receiver_key, value, "an absolute path");
        if (s->listener_path && strcmp(s->listener_path, value) != 0)
                return fail(d, receiver_key, value, "what linux.seccomp.listenerPath says");
        if (!s->listener_path)
                s->listener_path = spec_arena_strdup(d->arena, value);
        return s->listener_path ? 0 : decoder_oom(d);
}

int spec_read_engine_annotations(Decoder *d, Spec *spec)
{
        SpecSeccomp *s = &spec->linux_.seccomp;
        int r;

        r = read_switch(d, spec, "run.oci.keep_original_groups", &spec->process.user.keeps_groups);
        if (r >= 0)
                r = read_switch(
                        d, spec, "run.oci.seccomp_fail_unknown_syscall", &s->refuses_unknown_calls);
        if (r >= 0)
                r = read_receiver(d, spec);
        return r < 0 ? r : read_filter(d, spec);
}
