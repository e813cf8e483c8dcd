#!/bin/bash
# Every method that introspection shows, whatever it is: not for somebody without a rule unless it only lists, and
# arguments of the wrong type are one error. A method that is new is in this test by itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pod.inc"
. "$(dirname "$0")/manager-lib.sh"

call=$test_build/tests/client/ctr-call
exec </dev/null
# What anybody may: to list, and to wait for what the list shows anyway.
free=' ListContainers GetContainer ListPods GetPod Features Subscribe Unsubscribe Wait WaitProcess '
# Arguments of each signature.
declare -A arguments=([-]='' [s]='x' [u]='2' [b]='true' [ib]='9 true' [sib]='c 9 true' ['a{sv}']='0' ['a{ss}']='0' [as]='0' [sas]='c 0'
        ['sa{sv}']='x 0' ['ssa{sv}']='x / 0' ['ssha{sv}']='x x 0 0')

systemctl start polkit
works "a container" manager CreateContainer 'ssa{sv}' m1 "$(bundle a)" 0
works "that runs" container m1 Start
works "a pod" manager CreatePodFromConfig s "$(pod_config p1)"
pid=$(systemctl show -P MainPID ctr-managerd)
# One of each kind: path and interface.
objects() {
        printf '%s org.ctrunit1.%s\n' /org/ctrunit1 Manager "$(object_of m1)" Container "$(pod_object p1)" Pod
}
n=0
while read -r -u 4 object interface; do
        while read -r -u 3 method signature; do
                n=$((n + 1))
                if ! ok "$interface$method: its arguments are known here" test -n "${arguments[$signature]+yes}"; then continue; fi
                read -ra words <<<"${arguments[$signature]}"
                [ "$signature" = - ] || words=("$signature" "${words[@]}")
                if [[ $free != *" ${method#.} "* ]]; then
                        output=$(as_nobody "$call" "$object" "$interface" "${method#.}" "${words[@]}" 2>&1)
                        like "$interface$method: not for everybody" "$output" '^org.freedesktop.DBus.Error.(AccessDenied|InteractiveAuthorizationRequired): '
                fi
                output=$(ctr_call "$object" "$interface" "${method#.}" d 1.5 2>&1)
                like "$interface$method: a number instead" "$output" '^org.freedesktop.DBus.Error.InvalidArgs: '
                case $signature in *'a{sv}')
                        output=$(ctr_call "$object" "$interface" "${method#.}" "$signature" "${words[@]:1:${#words[@]}-2}" 1 Nonsense i 5 2>&1)
                        like "$interface$method: a word that there is not" "$output" '^org.ctrunit1.Error.[A-Za-z]+: '
                        output=$(ctr_call "$object" "$interface" "${method#.}" "$signature" "${words[@]:1:${#words[@]}-2}" 1 ID 'a(dd)' 1 1 1 2>&1)
                        like "$interface$method: types that nothing has" "$output" '^org.freedesktop.DBus.Error.InvalidArgs: '
                        ;;
                esac
        done 3< <(command busctl introspect --no-legend org.ctrunit1 "$object" "$interface" | awk '$2 == "method" { print $1, $3 }')
done 4< <(objects)
ok "all of them were found ($n)" test $n -ge 50
[ -z "${CTR_MANAGER_KILL:-}" ] || ok "the service was killed meanwhile ($(n_disturbed) times)" test "$(n_disturbed)" -ge 20
is "the container runs" "$(get m1 State)" 's "running"'
is "the pod is as it was" "$(pod_get p1 State)" 's "ready"'
same_service "the same service" "$pid"

# Every property that introspection shows, of each kind of object: what the lists show anyway, else root's alone. None can be written.
shown=" $(echo Version Id State Pid Unit Bundle RootFS OCIVersion Owner Created Started Pod InvocationID ExitResult ExitCode ExitStatus \
        Health HealthFailures Slice Hypervisor Agent NetworkModel NetNSPath Containers) "
n=0
while read -r -u 4 object interface; do
        while read -r -u 3 property signature; do
                n=$((n + 1))
                get=("$object" org.freedesktop.DBus.Properties Get ss "$interface" "${property#.}")
                output=$(as_nobody "$call" "${get[@]}" 2>&1)
                rc=$?
                case $shown in
                *" ${property#.} "*) ok "$interface$property: for everybody" test_code $rc 0 "$output" "${get[*]}" ;;
                *) like "$interface$property: not for everybody" "$output" '^org.freedesktop.DBus.Error.AccessDenied: ' ;;
                esac
                case $signature in o) word=/ ;; *) word=0 ;; esac
                output=$(ctr_call "$object" org.freedesktop.DBus.Properties Set ssv "$interface" "${property#.}" "$signature" $word 2>&1)
                like "$interface$property: cannot be written" "$output" '^org.freedesktop.DBus.Error.PropertyReadOnly: '
        done 3< <(command busctl introspect --no-legend org.ctrunit1 "$object" "$interface" | awk '$2 == "property" { print $1, $3 }')
done 4< <(objects)
ok "all properties were found ($n)" test $n -ge 25

# What somebody without a rule sees of a pod.
works "a word for root" pod p1 SetAnnotations 'a{ss}' 1 secret word
like "its state" "$(as_nobody busctl get-property org.ctrunit1 "$(pod_object p1)" org.ctrunit1.Pod State 2>&1)" 'ready'
for property in Annotations Network; do
        like "not: $property" "$(as_nobody busctl get-property org.ctrunit1 "$(pod_object p1)" org.ctrunit1.Pod $property 2>&1)" 'Access denied'
done
is "nor among all" "$(as_nobody busctl call org.ctrunit1 /org/ctrunit1 org.freedesktop.DBus.ObjectManager GetManagedObjects 2>&1 | grep -c '"word"')" 0
like "root does" "$(pod_get p1 Annotations)" '"secret" "word"'
works "it ends" pod p1 Delete b true
works "and the container" container m1 Delete b true
ok "no job is left" eventually 10 no_jobs
done_testing
