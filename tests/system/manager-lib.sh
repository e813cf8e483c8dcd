# Functions for the tests of the D-Bus service: calls by busctl, errors by name.
# shellcheck shell=bash

# With CTR_MANAGER_KILL=1 the service is killed before every call, and its file replaced once: nothing may depend on it.
disturb() {
        local pid file=/usr/lib/ctrunit/ctr-managerd
        [ -n "${CTR_MANAGER_KILL:-}" ] || return 0
        pid=$(systemctl show -P MainPID ctr-managerd)
        [ "$pid" = 0 ] || kill -KILL "$pid" 2>/dev/null
        # Between two calls, not within one: the bus has to have noticed.
        eventually 5 has_no_owner
        if [ ! -e "$file.old" ]; then
                cp -p "$file" "$file.new" && ln "$file" "$file.old" && mv "$file.new" "$file"
        fi
        n_disturbed=$((${n_disturbed:-0} + 1))
}

has_no_owner() {
        [ "$(busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus NameHasOwner s org.ctrunit1)" = 'b false' ]
}

# Who waits asks again when the service was lost in between.
wait_patiently() { # ID
        until busctl call org.ctrunit1 "$(object_of "$1")" org.ctrunit1.Container Wait 2>/dev/null; do
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
        disturb
        output=$(busctl call -- org.ctrunit1 /org/ctrunit1 org.ctrunit1.Manager "$@" 2>&1)
        local rc=$?
        printf '%s\n' "$output"
        return $rc
}
container() {
        local id=$1
        shift
        disturb
        output=$(busctl call -- org.ctrunit1 "$(object_of "$id")" org.ctrunit1.Container "$@" 2>&1)
        local rc=$?
        printf '%s\n' "$output"
        return $rc
}
get() { disturb; busctl get-property org.ctrunit1 "$(object_of "$1")" org.ctrunit1.Container "$2"; }

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
        disturb
        output=$("$test_build/tests/client/ctr-call" "$object" "$interface" "$@" 2>&1) && output="no error: $output"
        ok "$name: $error" test_error "$error" "$output"
}
test_error() {
        case $2 in *".$1: "*) return 0 ;; esac
        echo "$2"
        return 1
}
unit_gone() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
no_jobs() { ! systemctl list-units --all --no-legend 'ctr-job-*' | grep .; }
in_journal() { journalctl --no-pager -o cat | grep -q "^$1$"; }

# A client that stays subscribed until release_subscriber.
subscriber() { # FIFO
        subscriber_fifo=$1
        CTR_CALL_HOLD=1 "$test_build/tests/client/ctr-call" /org/ctrunit1 org.ctrunit1.Manager Subscribe <"$1" >"$1.out" &
        subscriber_pid=$!
        exec 9>"$1"
        eventually 5 grep -qx held "$1.out"
}
release_subscriber() {
        exec 9>&-
        wait "$subscriber_pid"
}
