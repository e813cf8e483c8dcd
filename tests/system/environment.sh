#!/bin/bash
# The environment of payloads and of exec: each variable once, the last one counts, and a HOME that says nothing is none.
. "$(dirname "$0")/lib.sh"

variables() { # ENV-AS-JSON: what the payload has, sorted
        output=$(ctrctl run --bundle "$(bundle env ".process.args=[\"/bin/env\"] | .process.env=$1")" env </dev/null 2>&1 | LC_ALL=C sort)
}
while IFS='|' read -r name env expected; do
        variables "$env"
        is "$name" "$(tr '\n' ' ' <<<"$output")" "$expected "
done <<'END'
no HOME|["PATH=/bin"]|HOME=/root PATH=/bin
a HOME of its own|["PATH=/bin","HOME=/mine"]|HOME=/mine PATH=/bin
an empty HOME|["HOME=","PATH=/bin"]|HOME=/root PATH=/bin
a HOME that is taken back|["HOME=/mine","PATH=/bin","HOME="]|HOME=/root PATH=/bin
a variable twice|["ONE=1","PATH=/bin","ONE=2"]|HOME=/root ONE=2 PATH=/bin
taken back|["ONE=1","ONE=","PATH=/bin"]|HOME=/root ONE= PATH=/bin
a name that begins like another|["ONE=1","ONES=2","PATH=/bin"]|HOME=/root ONE=1 ONES=2 PATH=/bin
PATH twice|["PATH=/nowhere","PATH=/bin"]|HOME=/root PATH=/bin
END
ok "a container" ctrctl run -d --bundle "$(bundle env '.process.env=["PATH=/bin","ONE=1"]')" env
is "exec --env replaces" "$(ctrctl exec --env ONE=2 --env ONE=3 env /bin/sh -c 'env | grep -c ^ONE=; echo $ONE' | tr '\n' ' ')" "1 3 "
is "exec --env HOME=" "$(ctrctl exec --env HOME= env /bin/sh -c 'echo $HOME')" /root
ok "delete" ctrctl delete -f env
ok "nothing is left" nothing_left env
done_testing
