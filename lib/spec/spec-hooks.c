/* hooks (config.md, "POSIX-platform Hooks"): programs that run at points of a container's life. */
#include "spec/spec-decode.h"

int spec_check_hook(Decoder *d, void *object)
{
        SpecHook *hook = object;

        hook->timeout_usec *= 1000000; /* the row read seconds, in a range that leaves room */
        if (hook->args.n > 0)
                return 0;
        hook->args.items = spec_arena_alloc(d->arena, 1, sizeof(char *));
        if (!hook->args.items)
                return decoder_oom(d);
        hook->args.items[0] = hook->path;
        hook->args.n = 1;
        return 0;
}

static const SpecText text_env = { .is_nonempty = true, .check = spec_check_env };
static const SpecNumber number_timeout = { NUMBER_U64, 1, UINT32_MAX, false };

static const SpecField hook_fields[] = {
        { "path", decode_string, offsetof(SpecHook, path), FIELD_REQUIRED, &spec_text_path },
        { "args", decode_strings, offsetof(SpecHook, args), 0, NULL },
        { "env", decode_strings, offsetof(SpecHook, env), 0, &text_env },
        { "timeout", decode_number, offsetof(SpecHook, timeout_usec), 0, &number_timeout },
};
static const SpecType type_hook = {
        .fields = hook_fields,
        .n_fields = ELEMENTSOF(hook_fields),
        .size = sizeof(SpecHook),
        .check = spec_check_hook,
};

static const SpecField fields[_SPEC_HOOK_MAX] = {
        [SPEC_HOOK_PRESTART] = { "prestart", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_PRESTART]), 0, &type_hook },
        [SPEC_HOOK_CREATE_RUNTIME] = { "createRuntime", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_CREATE_RUNTIME]), 0, &type_hook },
        [SPEC_HOOK_CREATE_CONTAINER] = { "createContainer", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_CREATE_CONTAINER]), 0, &type_hook },
        [SPEC_HOOK_START_CONTAINER] = { "startContainer", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_START_CONTAINER]), 0, &type_hook },
        [SPEC_HOOK_POSTSTART] = { "poststart", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_POSTSTART]), 0, &type_hook },
        [SPEC_HOOK_POSTSTOP] = { "poststop", decode_objects,
                offsetof(Spec, hooks[SPEC_HOOK_POSTSTOP]), 0, &type_hook },
};

/* Offsets from Spec. */
const SpecType spec_type_hooks = { .fields = fields, .n_fields = ELEMENTSOF(fields) };

const char *spec_hook_name(SpecHookKind kind)
{
        return kind >= 0 && kind < _SPEC_HOOK_MAX ? fields[kind].name : NULL;
}
