# Completion of ctrctl for bash. Made by completion/generate.py.
_ctrctl() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i n=0
        local -A options=(
                [create]='-b --bundle -f --config --pid-file --console-socket --pidfd-socket --preserve-fds --property -p --publish --no-pivot --no-new-keyring -h --help'
                [start]='-h --help'
                [run]='-b --bundle -f --config --pid-file --console-socket --pidfd-socket --preserve-fds --property -p --publish --no-pivot --no-new-keyring -d --detach --keep -t --pty -P --pipe --wait --rm --no-subreaper -h --help'
                [mod-create]='--rootfs --name -v --volume --create-volumes -e --env --profile -u --user --cwd -p --publish --hostname -h --help'
                [mod-run]='--rootfs --name -v --volume --create-volumes -e --env --profile -u --user --cwd -p --publish --hostname -h --help'
                [import]='-f --config --plain --name -v --volume --create-volumes -e --env --profile -u --user --cwd -p --publish --hostname -h --help'
                [exec]='-p --process --cwd -e --env -u --user -g --additional-gids -c --cap --no-new-privs --apparmor --process-label -t --tty --console-socket --pidfd-socket -d --detach --pid-file --preserve-fds --cgroup --ignore-paused -h --help'
                [attach]='-e --env -u --user --cwd -h --help'
                [kill]='-a --all -r --regex -h --help'
                [delete]='-f --force -r --regex -h --help'
                [state]='-h --help'
                [list]='-f --format -q --quiet -h --help'
                [ps]='-f --format -h --help'
                [pause]='-h --help'
                [resume]='-h --help'
                [checkpoint]='--image-path --work-path --tcp-established --ext-unix-sk --shell-job --file-locks --link-remap --auto-dedup --manage-cgroups-mode --empty-ns --parent-path --leave-running --pre-dump --tcp-skip-in-flight --page-server -h --help'
                [restore]='--image-path --work-path --tcp-established --ext-unix-sk --shell-job --file-locks --link-remap --auto-dedup --manage-cgroups-mode --empty-ns -b --bundle -f --config -d --detach --keep --pid-file --no-pivot --no-subreaper --tcp-close --lsm-profile --lsm-mount-context -h --help'
                [update]='-r --resources --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime --cpuset-cpus --cpuset-mems --cpu-idle --memory --memory-reservation --memory-swap --kernel-memory --kernel-memory-tcp --pids-limit --l3-cache-schema --mem-bw-schema -h --help'
                [health]='-h --help'
                [pod]='-h --help'
                [events]='--stats --interval -h --help'
                [logs]='-f --follow -n --lines -p --priority --since --until -o --output -r --reverse -v --verbose -h --help'
                [inspect]='-h --help'
                [enable]='-h --help'
                [disable]='-h --help'
                [reload]='-h --help'
                [spec]='-b --bundle -f --config --rootless -h --help'
                [convert]='--rootfs -h --help'
                [nsinit]='-h --help'
                [features]='-h --help'
                [plan]='-b --bundle -f --config --create -h --help'
                [check]='-b --bundle -f --config -q --quiet -h --help'
                [doctor]='-f --format -h --help'
                [unit-name]='-h --help'
        )
        # Options whose value is the next word.
        local -A valued=(
                [-]=' --cgroup-manager --root --log --log-format --log-level --rootless --criu -H --host -M --machine '
                [create]=' -b --bundle -f --config --pid-file --console-socket --pidfd-socket --preserve-fds --property -p --publish '
                [run]=' -b --bundle -f --config --pid-file --console-socket --pidfd-socket --preserve-fds --property -p --publish '
                [mod-create]=' --rootfs --name -v --volume -e --env --profile -u --user --cwd -p --publish --hostname '
                [mod-run]=' --rootfs --name -v --volume -e --env --profile -u --user --cwd -p --publish --hostname '
                [import]=' -f --config --name -v --volume -e --env --profile -u --user --cwd -p --publish --hostname '
                [exec]=' -p --process --cwd -e --env -u --user -g --additional-gids -c --cap --apparmor --process-label --console-socket --pidfd-socket --pid-file --preserve-fds --cgroup '
                [attach]=' -e --env -u --user --cwd '
                [list]=' -f --format '
                [ps]=' -f --format '
                [checkpoint]=' --image-path --work-path --manage-cgroups-mode --empty-ns --parent-path --page-server '
                [restore]=' --image-path --work-path --manage-cgroups-mode --empty-ns -b --bundle -f --config --pid-file --lsm-profile --lsm-mount-context '
                [update]=' -r --resources --blkio-weight --cpu-period --cpu-quota --cpu-burst --cpu-share --cpu-rt-period --cpu-rt-runtime --cpuset-cpus --cpuset-mems --cpu-idle --memory --memory-reservation --memory-swap --kernel-memory --kernel-memory-tcp --pids-limit --l3-cache-schema --mem-bw-schema '
                [events]=' --interval '
                [logs]=' -n --lines -p --priority --since --until -o --output '
                [spec]=' -b --bundle -f --config '
                [convert]=' --rootfs '
                [plan]=' -b --bundle -f --config '
                [check]=' -b --bundle -f --config '
                [doctor]=' -f --format '
        )
        for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                -*) [[ ${valued[${verb:--}]-} != *" ${COMP_WORDS[i]} "* ]] || ((i++)) ;;
                *) if [ -z "$verb" ]; then verb=${COMP_WORDS[i]}; else ((++n)); fi ;;
                esac
        done
        COMPREPLY=()
        case $verb:$prev in
        :--cgroup-manager) ;;
        :--root) compopt -o dirnames ;;
        :--log) compopt -o default ;;
        :--log-format) COMPREPLY=($(compgen -W 'text json' -- "$cur")) ;;
        :--log-level) COMPREPLY=($(compgen -W 'debug info warning error' -- "$cur")) ;;
        :--rootless) ;;
        :--criu) compopt -o default ;;
        :--host|:-H) ;;
        :--machine|:-M) ;;
        create:--bundle|create:-b) compopt -o dirnames ;;
        create:--config|create:-f) compopt -o default ;;
        create:--pid-file) compopt -o default ;;
        create:--console-socket) compopt -o default ;;
        create:--pidfd-socket) compopt -o default ;;
        create:--preserve-fds) ;;
        create:--property) ;;
        create:--publish|create:-p) ;;
        run:--bundle|run:-b) compopt -o dirnames ;;
        run:--config|run:-f) compopt -o default ;;
        run:--pid-file) compopt -o default ;;
        run:--console-socket) compopt -o default ;;
        run:--pidfd-socket) compopt -o default ;;
        run:--preserve-fds) ;;
        run:--property) ;;
        run:--publish|run:-p) ;;
        mod-create:--rootfs) compopt -o default ;;
        mod-create:--name) ;;
        mod-create:--volume|mod-create:-v) ;;
        mod-create:--env|mod-create:-e) ;;
        mod-create:--profile) ;;
        mod-create:--user|mod-create:-u) ;;
        mod-create:--cwd) compopt -o dirnames ;;
        mod-create:--publish|mod-create:-p) ;;
        mod-create:--hostname) ;;
        mod-run:--rootfs) compopt -o default ;;
        mod-run:--name) ;;
        mod-run:--volume|mod-run:-v) ;;
        mod-run:--env|mod-run:-e) ;;
        mod-run:--profile) ;;
        mod-run:--user|mod-run:-u) ;;
        mod-run:--cwd) compopt -o dirnames ;;
        mod-run:--publish|mod-run:-p) ;;
        mod-run:--hostname) ;;
        import:--config|import:-f) compopt -o default ;;
        import:--name) ;;
        import:--volume|import:-v) ;;
        import:--env|import:-e) ;;
        import:--profile) ;;
        import:--user|import:-u) ;;
        import:--cwd) compopt -o dirnames ;;
        import:--publish|import:-p) ;;
        import:--hostname) ;;
        exec:--process|exec:-p) compopt -o default ;;
        exec:--cwd) compopt -o dirnames ;;
        exec:--env|exec:-e) ;;
        exec:--user|exec:-u) ;;
        exec:--additional-gids|exec:-g) ;;
        exec:--cap|exec:-c) ;;
        exec:--apparmor) ;;
        exec:--process-label) ;;
        exec:--console-socket) compopt -o default ;;
        exec:--pidfd-socket) compopt -o default ;;
        exec:--pid-file) compopt -o default ;;
        exec:--preserve-fds) ;;
        exec:--cgroup) compopt -o default ;;
        attach:--env|attach:-e) ;;
        attach:--user|attach:-u) ;;
        attach:--cwd) compopt -o dirnames ;;
        list:--format|list:-f) COMPREPLY=($(compgen -W 'table json' -- "$cur")) ;;
        ps:--format|ps:-f) COMPREPLY=($(compgen -W 'table json' -- "$cur")) ;;
        checkpoint:--image-path) compopt -o dirnames ;;
        checkpoint:--work-path) compopt -o dirnames ;;
        checkpoint:--manage-cgroups-mode) ;;
        checkpoint:--empty-ns) ;;
        checkpoint:--parent-path) compopt -o dirnames ;;
        checkpoint:--page-server) ;;
        restore:--image-path) compopt -o dirnames ;;
        restore:--work-path) compopt -o dirnames ;;
        restore:--manage-cgroups-mode) ;;
        restore:--empty-ns) ;;
        restore:--bundle|restore:-b) compopt -o dirnames ;;
        restore:--config|restore:-f) compopt -o default ;;
        restore:--pid-file) compopt -o default ;;
        restore:--lsm-profile) ;;
        restore:--lsm-mount-context) ;;
        update:--resources|update:-r) compopt -o default ;;
        update:--blkio-weight) ;;
        update:--cpu-period) ;;
        update:--cpu-quota) ;;
        update:--cpu-burst) ;;
        update:--cpu-share) ;;
        update:--cpu-rt-period) ;;
        update:--cpu-rt-runtime) ;;
        update:--cpuset-cpus) ;;
        update:--cpuset-mems) ;;
        update:--cpu-idle) COMPREPLY=($(compgen -W '0 1' -- "$cur")) ;;
        update:--memory) ;;
        update:--memory-reservation) ;;
        update:--memory-swap) ;;
        update:--kernel-memory) ;;
        update:--kernel-memory-tcp) ;;
        update:--pids-limit) ;;
        update:--l3-cache-schema) ;;
        update:--mem-bw-schema) ;;
        events:--interval) ;;
        logs:--lines|logs:-n) ;;
        logs:--priority|logs:-p) ;;
        logs:--since) ;;
        logs:--until) ;;
        logs:--output|logs:-o) ;;
        spec:--bundle|spec:-b) compopt -o dirnames ;;
        spec:--config|spec:-f) compopt -o default ;;
        convert:--rootfs) compopt -o dirnames ;;
        plan:--bundle|plan:-b) compopt -o dirnames ;;
        plan:--config|plan:-f) compopt -o default ;;
        check:--bundle|check:-b) compopt -o dirnames ;;
        check:--config|check:-f) compopt -o default ;;
        doctor:--format|doctor:-f) COMPREPLY=($(compgen -W 'table json' -- "$cur")) ;;
        *)
                if [ -z "$verb" ]; then
                        COMPREPLY=($(compgen -W 'create start run mod-create mod-run import exec attach kill delete state list ps pause resume checkpoint restore update health pod events logs inspect enable disable reload spec convert nsinit features plan check doctor unit-name help --systemd-cgroup --cgroup-manager --root --log --log-format --log-level --debug --rootless --criu -H --host -M --machine -v --version -h --help' -- "$cur"))
                elif [[ $cur == -* ]]; then
                        COMPREPLY=($(compgen -W "${options[$verb]-}" -- "$cur"))
                else
                        case $verb:$n in
                        help:0) COMPREPLY=($(compgen -W 'create start run mod-create mod-run import exec attach kill delete state list ps pause resume checkpoint restore update health pod events logs inspect enable disable reload spec convert nsinit features plan check doctor unit-name' -- "$cur")) ;;
                        exec:[1-9]*) compopt -o default ;;
                        pod:0) COMPREPLY=($(compgen -W 'create run start stop pause resume delete list status annotate up down add enter kill ps' -- "$cur")) ;;
                        pod:1) COMPREPLY=($(compgen -W "$(ctrctl pod list -q 2>/dev/null)" -- "$cur")) ;;
                        kill:1) COMPREPLY=($(compgen -A signal -- "$cur")) ;;
                        *)
                                case $verb in
                                start|exec|attach|kill|delete|state|ps|pause|resume|checkpoint|restore|update|health|events|logs|inspect|enable|disable|unit-name) [ $n -gt 0 ] || COMPREPLY=($(compgen -W "$(ctrctl list -q 2>/dev/null)" -- "$cur")) ;;
                                mod-create|mod-run|import|convert|nsinit|check) compopt -o default ;;
                                esac
                                ;;
                        esac
                fi
                ;;
        esac
}
complete -F _ctrctl ctrctl
