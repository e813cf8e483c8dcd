/* Errors of the library: copies of the internal value, and its codes under numbers that never
 * change. */
#include "api/api-internal.h"

#include <string.h>

static const struct {
        CtrErrorCode internal;
        CtrCode code;
} codes[] = {
        { CTR_ERROR_NONE, CTR_OK },
        { CTR_ERROR_ID_IN_USE, CTR_ID_IN_USE },
        { CTR_ERROR_INVALID_ID_FORMAT, CTR_INVALID_ID_FORMAT },
        { CTR_ERROR_CONTAINER_NOT_EXISTS, CTR_CONTAINER_NOT_EXISTS },
        { CTR_ERROR_CONTAINER_PAUSED, CTR_CONTAINER_PAUSED },
        { CTR_ERROR_CONTAINER_NOT_STOPPED, CTR_CONTAINER_NOT_STOPPED },
        { CTR_ERROR_CONTAINER_NOT_RUNNING, CTR_CONTAINER_NOT_RUNNING },
        { CTR_ERROR_PROCESS_NOT_EXECUTED, CTR_PROCESS_NOT_EXECUTED },
        { CTR_ERROR_CONFIG_INVALID, CTR_CONFIG_INVALID },
        { CTR_ERROR_SYSTEM, CTR_SYSTEM_ERROR },
        { CTR_ERROR_CONTAINER_NOT_PAUSED, CTR_CONTAINER_NOT_PAUSED },
        { CTR_ERROR_BAD_STATE, CTR_BAD_STATE },
        { CTR_ERROR_NEED_POD, CTR_NEED_POD },
        { CTR_ERROR_NEED_POD_ID, CTR_NEED_POD_ID },
        { CTR_ERROR_NEED_CONTAINER_ID, CTR_NEED_CONTAINER_ID },
        { CTR_ERROR_NEED_FILE, CTR_NEED_FILE },
        { CTR_ERROR_NEED_STATE, CTR_NEED_STATE },
        { CTR_ERROR_INVALID_RESOURCE, CTR_INVALID_RESOURCE },
        { CTR_ERROR_POD_NOT_EXISTS, CTR_POD_NOT_EXISTS },
        { CTR_ERROR_UNSUPPORTED, CTR_UNSUPPORTED },
        { CTR_ERROR_USAGE, CTR_USAGE },
};

_Static_assert(ELEMENTSOF(codes) == _CTR_ERROR_MAX, "every code has a public number");

/* For those who cannot even have an error. */
static const CtrError no_memory = {
        .code = CTR_ERROR_SYSTEM, .errno_value = ENOMEM, .message = "out of memory"
};

int api_result(int r, const CtrError *from, CtrError **error)
{
        CtrError *copy;

        if (r >= 0)
                return 0;
        if (!error)
                return r;
        copy = malloc(sizeof(*copy));
        if (copy) {
                *copy = *from;
                if (copy->code == CTR_ERROR_NONE)
                        (void) ctr_error_set(copy, CTR_ERROR_SYSTEM, r, "the call failed");
                ctr_error_place(copy, NULL);
        }
        *error = copy ? copy : (CtrError *) (uintptr_t) &no_memory;
        return r;
}

CtrCode ctr_error_get_code(const CtrError *error)
{
        for (size_t i = 0; error && i < ELEMENTSOF(codes); i++)
                if (codes[i].internal == error->code)
                        return codes[i].code;
        return error ? CTR_SYSTEM_ERROR : CTR_OK;
}

const char *ctr_error_get_message(const CtrError *error)
{
        return error ? error->message : "";
}

const char *ctr_error_get_field(const CtrError *error)
{
        return error ? error->field : "";
}

int ctr_error_get_errno(const CtrError *error)
{
        return error ? error->errno_value : 0;
}

const char *ctr_code_get_name(CtrCode code)
{
        for (size_t i = 0; i < ELEMENTSOF(codes); i++)
                if (codes[i].code == code)
                        return ctr_error_code_name(codes[i].internal);
        return ctr_error_code_name(CTR_ERROR_SYSTEM);
}

CtrError *ctr_error_free(CtrError *error)
{
        if (error != &no_memory)
                free(error);
        return NULL;
}
