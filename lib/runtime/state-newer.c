/* A state that a newer ctrunit wrote, met by a program that has all verbs: nobody else here would
 * know better. */
#include "runtime/state.h"

void state_meets_newer(void)
{
}
