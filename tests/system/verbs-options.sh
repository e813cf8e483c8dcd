#!/bin/bash
# The command line itself: global options, logs for engines, exit codes, help, spellings of options.
. "$(dirname "$0")/lib.sh"

log=$test_dir/log

# ---- --root ----

ok "--root: run there" ctrctl --root "$test_dir/root" run -d --bundle "$(bundle opt-root)" opt-root
is "--root: only its containers are listed" "$(ctrctl --root "$test_dir/root" list -q)" opt-root
exits "--root: elsewhere it is not known" 1 ctrctl state opt-root
is "--root: state directories are private" "$(stat -c %a "$test_dir/root/containers/opt-root")" 700
ok "--root: delete" ctrctl --root "$test_dir/root" delete -f opt-root
exits "--root / is refused" 1 ctrctl --root / list
exits "--root is taken from the working directory" 0 sh -c "cd '$test_dir' && ctrctl --root root list -q"

# ---- --log ----

exits "--log: fails as ever" 1 ctrctl --log "$log" state nope
like "--log: also on standard error" "$output" 'container does not exist'
is "--log: one line of text" "$(sed 's/time="[^"]*"/time=T/' "$log")" 'time=T level=error msg="container does not exist"'
is "--log: mode" "$(stat -c %a "$log")" 644
ctrctl --log "$log" state nope 2>/dev/null
is "--log: is appended to" "$(wc -l <"$log")" 2
rm "$log"
exits "--log-format json" 1 ctrctl --log "$log" --log-format json state nope
is "--log-format json: exactly one line" "$(wc -l <"$log")" 1
is "--log-format json: the whole file is one object" "$(jq -r '.level+" "+.msg' "$log")" "error container does not exist"
like "--log-format json: time of RFC 3339" "$(jq -r .time "$log")" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
rm "$log"
ctrctl --log "$log" --log-format json create --bundle "$(bundle opt-warn '.linux.resources.memory.kernel=1000000|.process.args=["/bin/true"]|.unknownName=1')" opt-warn 2>"$test_dir/stderr"
is "--log: nothing is written of a success" "$(cat "$log" 2>/dev/null)" ""
like "warnings are on standard error" "$(cat "$test_dir/stderr")" 'warning: .*unknownName'
ctrctl delete -f opt-warn
ctrctl --log-level error create --bundle "$test_dir/opt-warn" opt-warn 2>"$test_dir/stderr"
is "--log-level error: no warnings" "$(cat "$test_dir/stderr")" ""
ctrctl delete -f opt-warn
exits "file: is a file" 1 ctrctl --log "file:$log" state nope
ok "file: has the line" grep -q 'does not exist' "$log"
exits "journald:" 1 ctrctl --log=journald:opt-j$$ state nope
ok "journald: its identifier finds the line" eventually 5 sh -c "journalctl -t opt-j$$ -o cat | grep -q 'container does not exist'"
ok "journald: and its field" sh -c "journalctl CONTAINER_ID=opt-j$$ -o cat | grep -q 'container does not exist'"
is "journald: priority" "$(journalctl -t opt-j$$ -o json | jq -r .PRIORITY | sort -u)" 3
exits "syslog:" 1 ctrctl --log=syslog:opt-s$$ state nope
ok "syslog: its identifier finds the line" eventually 5 sh -c "journalctl -t opt-s$$ -o cat | grep -q 'container does not exist'"
exits "a log that cannot be written is said, and changes nothing" 1 ctrctl --log /nonexistent/log state nope
like "with its name" "$output" 'cannot write to log /nonexistent/log'
exits "journald: needs an identifier" 1 ctrctl --log journald: list
exits "--log-format of nothing known" 1 ctrctl --log-format xml list
exits "--log-level of nothing known" 1 ctrctl --log-level loud list

# ---- --debug ----

exits "--debug" 1 ctrctl --debug state nope
like "--debug: the kind of the error and the place in the source" "$output" '^ctrctl: debug: ContainerNotExists at lib/[a-z/-]+\.c:[0-9]+$'
exits "--log-level debug is the same" 1 ctrctl --log-level debug state nope
like "--log-level debug: the place" "$output" 'debug: ContainerNotExists at '
exits "without it" 1 ctrctl state nope
is "without it: one line" "$output" "ctrctl: container does not exist"

# ---- accepted for callers of other runtimes ----

for option in --systemd-cgroup --cgroup-manager=systemd --rootless=auto --rootless=false --criu=/usr/sbin/criu; do
        exits "$option is accepted" 0 ctrctl "$option" list
done
exits "--rootless of nothing known" 1 ctrctl --rootless=bogus list
exits "--cgroup-manager of nothing known" 1 ctrctl --cgroup-manager=bogus list

# ---- --version ----

output=$(ctrctl --version)
is "--version: three lines" "$(printf '%s\n' "$output" | wc -l)" 3
like "--version: the program" "$(printf '%s\n' "$output" | sed -n 1p)" '^ctrctl version [0-9]'
like "--version: the commit" "$(printf '%s\n' "$output" | sed -n 2p)" '^commit: .'
is "--version: the specification" "$(printf '%s\n' "$output" | sed -n 3p)" "spec: 1.3.0"
is "-v is --version" "$(ctrctl -v)" "$output"

# ---- help and usage ----

verbs=$(ctrctl --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
like "--help names the verbs" "$verbs" '^events$'
for verb in $verbs; do
        exits "$verb --help" 0 ctrctl "$verb" --help
        is "help $verb is the same" "$(ctrctl help "$verb")" "$output"
        is "$verb -h is the same" "$(ctrctl "$verb" -h)" "$output"
        # Every long option that the help shows is one that the verb takes: asking for help after it works.
        bad=
        while read -r option argument; do
                [ "$option" = --help ] && continue
                ctrctl "$verb" "$option" ${argument:+1} --help >/dev/null 2>&1 || bad="$bad $option"
                ctrctl "$verb" "${option#-}" ${argument:+1} --help >/dev/null 2>&1 || bad="$bad ${option#-}"
        done < <(printf '%s\n' "$output" | sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( [^ ]+)? .*/\2 \3/p')
        is "$verb takes the options of its help, also with a single dash" "$bad" ""
        case $verb in exec | attach) status=255 ;; *) status=1 ;; esac # else it is the program's
        exits "$verb refuses an unknown option" $status ctrctl "$verb" --no-such-option
done
exits "an unknown verb" 1 ctrctl bogus
like "an unknown verb: says so" "$output" 'unknown verb "bogus"'
like "an unknown verb: nothing comes near" "$output" '"bogus" \(see: ctrctl --help\)'
while IFS='|' read -r verb advice; do
        like "an unknown verb: $verb" "$(ctrctl "$verb" 2>&1)" "unknown verb \"$verb\": $advice \(see"
done <<'E'
inspct|did you mean "inspect"\?
strat|did you mean "start"\?
status|use systemctl status ctr@ID, or "state"
top|use systemd-cgtop ctr.slice, or "ps"
E
for verb in list "state none" "kill none"; do
        # shellcheck disable=SC2086
        like "without rights: $verb" "$(setpriv --reuid nobody --regid nogroup --clear-groups -- ctrctl $verb 2>&1)" \
                '[Pp]ermission denied \(only root can do this; others ask the service of org.ctrunit1\(5\)\)'
done
exits "help of an unknown verb" 1 ctrctl help bogus
is "help by --usage" "$(ctrctl --usage)" "$(ctrctl --help)"
exits "no verb" 1 ctrctl
for verb in create start run state kill delete pause resume ps update events inspect enable disable; do
        exits "$verb without an id" 1 ctrctl "$verb"
        like "$verb without an id: shows the usage" "$output" "usage: ctrctl $verb"
done
exits "exec without an id" 255 ctrctl exec
for verb in start state delete pause resume events inspect; do
        exits "$verb with two ids" 1 ctrctl "$verb" a b
done
exits "an option without its argument" 1 ctrctl create --bundle
like "an option without its argument: says so" "$output" 'requires an argument'

# ---- another name of config.json ----

dir=$(bundle opt-config)
mv "$dir/config.json" "$dir/other.json"
ok "create -f" ctrctl create --bundle "$dir" -f other.json opt-config
ok "delete" ctrctl delete opt-config
ok "create --config" ctrctl create --bundle "$dir" --config other.json opt-config
ok "delete" ctrctl delete opt-config
ok "create -config" ctrctl create -bundle "$dir" -config other.json opt-config
ok "delete" ctrctl delete opt-config
exits "create without that option" 1 ctrctl create --bundle "$dir" opt-config
ok "nothing is left" nothing_left opt-config
ok "run -no-subreaper" ctrctl run -no-subreaper --bundle "$(bundle opt-sub '.process.args=["/bin/true"]')" opt-sub

done_testing
