/* features: what the runtime takes, as the specification's document. */
#include "ctl/verb.h"

static int run_features(const Call *call, CtrError *err)
{
        runtime_print_features(stdout);
        return 0;
}

const Verb verb_features = {
        .name = "features",
        .arguments = "",
        .help = "show what configurations may ask for as JSON",
        .run = run_features,
};
