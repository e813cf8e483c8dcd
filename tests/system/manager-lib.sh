# Functions for the tests of the D-Bus service: calls by busctl, errors by name.
# shellcheck shell=bash

# With CTR_MANAGER_KILL=1 the service is killed before every call, and its file replaced once: nothing may depend on it.
# Who is subscribed is so again before it goes on. CTR_MANAGER_EVERY=N: before every Nth call only.
disturb() {
        local file=/usr/lib/ctrunit/ctr-managerd held lost
        [ -n "${CTR_MANAGER_KILL:-}" ] || return 0
        printf . >>"$test_dir/calls"
        [ $(($(stat -c %s "$test_dir/calls") % ${CTR_MANAGER_EVERY:-1})) = 0 ] || return 0
        held=$(n_held)
        lost=$("$test_build/tests/client/kill-service")
        [ -z "$lost" ] || echo "$lost" >>"$test_dir/disturbed"
        [ "$held" = 0 ] || [ -z "$lost" ] || eventually 10 is_held_again "$held"
        if [ ! -e "$test_dir/replaced" ]; then
                cp -p "$file" "$file.new" && mv "$file.new" "$file" && touch "$test_dir/replaced"
        fi
}
n_held() { cat "$test_dir/held" 2>/dev/null | wc -l; }
is_held_again() { [ "$(n_held)" -gt "$1" ]; }
n_disturbed() { sort -u "$test_dir/disturbed" 2>/dev/null | wc -l; }

# Every call goes through one of these.
busctl() {
        case " $* " in *' monitor '*) ;; *) disturb ;; esac
        command busctl "$@"
}
ctr_call() {
        disturb
        "$test_build/tests/client/ctr-call" "$@"
}
# Somebody without any right.
as_nobody() {
        disturb
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}
# What others do, without this service.
beside() {
        disturb
        "$@"
}
# same_service NAME PID: it is still this process; where it is killed it cannot be.
same_service() {
        [ -n "${CTR_MANAGER_KILL:-}" ] || is "$1" "$(command systemctl show -P MainPID ctr-managerd)" "$2"
}

# Who waits asks again when the service was lost in between.
wait_patiently() { # ID
        until command busctl call org.ctrunit1 "$(object_of "$1")" org.ctrunit1.Container Wait 2>/dev/null; do
                sleep 0.05
        done
}

unquoted() { sed 's/^s //' | jq -r .; }
# Object path of an id, whether it exists or not.
object_of() {
        local id=$1 out= c i
        for ((i = 0; i < ${#id}; i++)); do
                c=${id:i:1}
                if [[ $c == [a-zA-Z] || ($c == [0-9] && $i != 0) ]]; then
                        out+=$c
                else
                        out+=$(printf '_%02x' "'$c")
                fi
        done
        echo "/org/ctrunit1/container/$out"
}

# manager METHOD [SIGNATURE ARGUMENT...], container ID METHOD ...: the answer, also in $output.
manager() {
        output=$(busctl call -- org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager "$@" 2>&1)
        local rc=$?
        printf '%s\n' "$output"
        return $rc
}
container() {
        local id=$1
        shift
        output=$(busctl call -- org.ctrunit1 "$(object_of "$id")" org.ctrunit1.Container "$@" 2>&1)
        local rc=$?
        printf '%s\n' "$output"
        return $rc
}
get() { busctl get-property org.ctrunit1 "$(object_of "$1")" org.ctrunit1.Container "$2"; }

# works NAME manager|container ...: the call succeeds; its answer is in $output.
works() {
        local name=$1 rc
        shift
        "$@" >/dev/null
        rc=$?
        ok "$name" test_code "$rc" 0 "$output" "$*"
}

# fails NAME ERROR manager|container ...: the call ends with this error. Its text is in $output.
fails() {
        local name=$1 error=$2 object=/org/ctrunit1 interface=org.ctrunit1.Manager
        shift 2
        if [ "$1" = container ]; then
                object=$(object_of "$2")
                interface=org.ctrunit1.Container
                shift
        fi
        shift
        output=$(ctr_call "$object" "$interface" "$@" 2>&1) && output="no error: $output"
        ok "$name: $error" test_error "$error" "$output"
}
test_error() {
        case $2 in *".$1: "*) return 0 ;; esac
        echo "$2"
        return 1
}

# The same of pods.
pod_object() { object_of "$1" | sed 's,/container/,/pod/,'; }
# pod ID METHOD [SIGNATURE ARGUMENT...]: the answer, also in $output.
pod() {
        local id=$1
        shift
        output=$(busctl call -- org.ctrunit1 "$(pod_object "$id")" org.ctrunit1.Pod "$@" 2>&1)
        local rc=$?
        printf '%s\n' "$output"
        return $rc
}
pod_get() { busctl get-property org.ctrunit1 "$(pod_object "$1")" org.ctrunit1.Pod "$2"; }
pod_fails() { # NAME ERROR POD METHOD...
        local name=$1 error=$2 object
        object=$(pod_object "$3")
        shift 3
        output=$(ctr_call "$object" org.ctrunit1.Pod "$@" 2>&1) && output="no error: $output"
        ok "$name: $error" test_error "$error" "$output"
}

unit_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
no_jobs() { ! systemctl list-units --all --no-legend 'ctr-job-*' | grep .; }
in_journal() { journalctl --no-pager -o cat | grep -q "^$1$"; }

# A client that stays subscribed until release_subscriber.
subscriber() {
        mkfifo "$test_dir/hold"
        CTR_CALL_HOLD=$test_dir/held "$test_build/tests/client/ctr-call" /org/ctrunit1 org.ctrunit1.Manager Subscribe <"$test_dir/hold" &
        subscriber_pid=$!
        exec 9>"$test_dir/hold"
        eventually 10 test -e "$test_dir/held"
}
release_subscriber() {
        exec 9>&-
        wait "$subscriber_pid"
        rm "$test_dir/hold" "$test_dir/held"
}

# Signals of the service into a file, and those of the manager's interface as lines. [MATCH]
listen() {
        command busctl monitor --json=short --match "type='signal',sender='org.ctrunit1'${1:+,$1}" >"$test_dir/signals" 2>"$test_dir/monitor" &
        monitor=$!
        eventually 10 grep -q 'Monitoring bus message stream' "$test_dir/monitor"
}
signals() { jq -r 'select(.interface == "org.ctrunit1.Manager") | "\(.member) \(.payload.data | map(tostring) | join(" "))"' "$test_dir/signals"; }
saw() { signals | grep -qE "^$1$"; }
seen() { # NAME PATTERN
        ok "$1" eventually 20 saw "$2" || signals | tail -5 | sed 's/^/#   /'
}
