# Functions for the tests of the D-Bus service: calls by busctl, errors by name.
# shellcheck shell=bash

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
        CTR_CALL_HOLD=1 "$test_build/tests/client/ctr-call" /org/ctrunit1 org.ctrunit1.Manager Subscribe <"$1" &
        subscriber_pid=$!
        exec 9>"$1"
        sleep 0.2
}
release_subscriber() {
        exec 9>&-
        wait "$subscriber_pid"
}
