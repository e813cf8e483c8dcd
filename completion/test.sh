#!/bin/bash
# Completions at work: what bash offers for some lines, and that zsh and fish can read theirs. TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
number=0
failed=0

ok() { # NAME COMMAND...
        local name=$1
        shift
        number=$((number + 1))
        if "$@"; then
                echo "ok $number - completion: $name"
        else
                echo "not ok $number - completion: $name"
                failed=1
        fi
}

# What is offered after the words of a line; the last one is being typed.
offers() {
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMPREPLY=()
        _ctrctl 2>/dev/null
        printf '%s ' "${COMPREPLY[@]}"
}
# Ids come from the program: here it is one that knows two.
ctrctl() {
        case $* in
        "list -q") printf 'web\ndb\n' ;;
        "pod list -q") printf 'shop\n' ;;
        esac
}
compopt() { COMPREPLY=("compopt $*"); }
is() { [ "$1" = "$2" ] || { printf '# got "%s", expected "%s"\n' "$1" "$2"; false; }; }

# shellcheck source=/dev/null
. "$here/ctrctl.bash"
ok "verbs" is "$(offers ctrctl pa)" "pause "
ok "verbs after an option with a value" is "$(offers ctrctl --root start resu)" "resume "
ok "ids" is "$(offers ctrctl start '')" "web db "
ok "ids begin with what is typed" is "$(offers ctrctl delete -f w)" "web "
ok "only one id" is "$(offers ctrctl start web '')" " "
ok "an option's value is no argument" is "$(offers ctrctl exec --user 1 '')" "web db "
ok "commands of exec are files" is "$(offers ctrctl exec web l)" "compopt -o default "
ok "options of a verb" is "$(offers ctrctl delete --f)" "--force "
ok "values of an option" is "$(offers ctrctl list --format '')" "table json "
ok "directories" is "$(offers ctrctl run --bundle '')" "compopt -o dirnames "
ok "signals" is "$(offers ctrctl kill web SIGUSR1)" "SIGUSR1 "
ok "verbs of a verb" is "$(offers ctrctl pod res)" "resume "
ok "ids of pods" is "$(offers ctrctl pod stop '')" "shop "
ok "help of a verb" is "$(offers ctrctl help unit)" "unit-name "
for shell in zsh fish; do
        if ! command -v $shell >/dev/null; then
                number=$((number + 1))
                echo "ok $number - completion: $shell reads its file # SKIP $shell is not installed"
        else
                ok "$shell reads its file" $shell -n "$here/ctrctl.$shell"
        fi
done
echo "1..$number"
exit $failed
