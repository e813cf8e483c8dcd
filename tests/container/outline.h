/* What the generator makes of a .container file's outline must be what it would make of the whole
 * config.json. */
#pragma once

#include "plan/plan.h"
#include "unitfile/recipe.h"

/* Where and for what the test plans. */
PlanContext outline_context(const Recipe *recipe);

/* Plans the unit of the config.json and of its outline. 0, and the config.json read; -EXDEV: they
 * differ, or only one can be planned; else the error of both. */
int outline_compare(const Recipe *recipe, Spec **ret, CtrError *err);
