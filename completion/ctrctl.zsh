#compdef ctrctl
# Completion of ctrctl for zsh. Made by completion/generate.py.
_ctrctl_ids() {
        local -a ids
        ids=(${(f)"$(ctrctl list -q 2>/dev/null)"})
        compadd -a ids
}
_ctrctl_verbs() {
        local -a verbs
        verbs=(
                'create:make a container that waits for start'
                'start:let a created container run'
                'run:create, start, wait and delete; exits as the payload does'
                'mod-create:make a container of a root file system and a few words; prints its id'
                'mod-run:the same, and start it'
                'import:make a container of a tar archive; prints its id'
                'exec:run another process in a container'
                'attach:a session in a container\: a shell at a terminal'
                'kill:send a signal (default TERM)'
                'delete:remove a stopped or only created container'
                'state:show a container as JSON'
                'list:show all containers'
                'ps:show the processes of a container'
                'pause:freeze all processes'
                'resume:let them run again'
                'checkpoint:write a running container into images, and end it'
                'restore:run a container from images of a checkpoint'
                'update:change limits of a running container'
                'health:check the health of a container now'
                'pod:make and manage pods\: ctrctl-pod(1)'
                'events:show use of resources and out-of-memory kills as JSON'
                'logs:show what a container wrote to its standard output and error'
                'inspect:show state and configuration as JSON'
                'enable:start a configured container at boot'
                'disable:no longer start it at boot'
                'reload:read the configuration of all containers again'
                'spec:write a config.json to start from'
                'convert:translate libcontainer'\''s container.json into config.json'
                'nsinit:as libcontainer'\''s nsinit, in a directory with container.json'
                'features:show what configurations may ask for as JSON'
                'plan:show the unit and the program a bundle becomes'
                'check:look for mistakes in a configuration'
                'doctor:show what this host lacks for containers, and what to do'
                'unit-name:show the name of a container'\''s unit'
                'help:show help'
        )
        _describe verb verbs
}
_ctrctl() {
        local curcontext=$curcontext state line
        _arguments -C \
                '--systemd-cgroup[accepted\: containers are units always]' \
                '--cgroup-manager[accepted\: containers are units always]:systemd: ' \
                '--root[where the state of containers is kept (default /run/ctrunit)]:DIR:_files -/' \
                '--log[append errors there too; also journald\:ID and syslog\:ID]:FILE:_files' \
                '--log-format[form of the lines in it (default text)]:value:(text json)' \
                '--log-level[what to show (default warning)]:value:(debug info warning error)' \
                '--debug[the same as --log-level debug]' \
                '--rootless[accepted\: true is not supported]:auto: ' \
                '--criu[the program for checkpoints (default criu)]:PATH:_files' \
                '(-H --host)'{-H,--host}'[the containers of another host, by ssh]:USERHOST: ' \
                '(-M --machine)'{-M,--machine}'[the containers of a machine of machinectl]:NAME: ' \
                '(-v --version)'{-v,--version}'[show the versions]' \
                '(-h --help)'{-h,--help}'[show this text]' \
                '1:verb:_ctrctl_verbs' \
                '*::argument:->arguments'
        [[ $state == arguments ]] || return
        case $words[1] in
        create)
                _arguments \
                        '(-b --bundle)'{-b,--bundle}'[directory with config.json (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '--pid-file[write the payload'\''s pid there]:FILE:_files' \
                        '--console-socket[receives the terminal]:SOCKET:_files' \
                        '--pidfd-socket[receives a pidfd of the payload]:SOCKET:_files' \
                        '--preserve-fds[give it file descriptors 3 to 2+N]:N: ' \
                        '--property[a property of the unit]:NAMEVALUE: ' \
                        '(-p --publish)'{-p,--publish}'[lead a port of the host to its own]:IPHOSTPORTudp: ' \
                        '--no-pivot[move the root file system instead of pivot_root]' \
                        '--no-new-keyring[keep the session keyring]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:name: '
                ;;
        start)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        run)
                _arguments \
                        '(-b --bundle)'{-b,--bundle}'[directory with config.json (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '--pid-file[write the payload'\''s pid there]:FILE:_files' \
                        '--console-socket[receives the terminal]:SOCKET:_files' \
                        '--pidfd-socket[receives a pidfd of the payload]:SOCKET:_files' \
                        '--preserve-fds[give it file descriptors 3 to 2+N]:N: ' \
                        '--property[a property of the unit]:NAMEVALUE: ' \
                        '(-p --publish)'{-p,--publish}'[lead a port of the host to its own]:IPHOSTPORTudp: ' \
                        '--no-pivot[move the root file system instead of pivot_root]' \
                        '--no-new-keyring[keep the session keyring]' \
                        '(-d --detach)'{-d,--detach}'[return once the payload runs]' \
                        '--keep[leave state and unit after the end]' \
                        '(-t --pty)'{-t,--pty}'[a terminal, whatever config.json says]' \
                        '(-P --pipe)'{-P,--pipe}'[our input and output, whatever config.json says]' \
                        '--wait[stay until the end\: the default]' \
                        '--rm[remove it at the end\: the default]' \
                        '--no-subreaper[accepted\: PID 1 reaps]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:name: '
                ;;
        mod-create)
                _arguments \
                        '--rootfs[directory, squashfs or ext4 that is its root file system]:PATH:_files' \
                        '--name[id of the container (default\: one of its own)]:ID: ' \
                        '(-v --volume)'{-v,--volume}'[show a directory of the host inside]:DIRPATH: ' \
                        '--create-volumes[make directories of volumes that do not exist]' \
                        '(-e --env)'{-e,--env}'[a variable of the environment]:NAMEVALUE: ' \
                        '--profile[of /etc/ctrunit/profiles (default\: default, if there)]:NAME: ' \
                        '(-u --user)'{-u,--user}'[names of the image, or numbers]:USERGROUP: ' \
                        '--cwd[working directory inside]:DIR:_files -/' \
                        '(-p --publish)'{-p,--publish}'[lead a port of the host to its own]:IPHOSTPORTudp: ' \
                        '--hostname[host name (default\: the id)]:NAME: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        mod-run)
                _arguments \
                        '--rootfs[directory, squashfs or ext4 that is its root file system]:PATH:_files' \
                        '--name[id of the container (default\: one of its own)]:ID: ' \
                        '(-v --volume)'{-v,--volume}'[show a directory of the host inside]:DIRPATH: ' \
                        '--create-volumes[make directories of volumes that do not exist]' \
                        '(-e --env)'{-e,--env}'[a variable of the environment]:NAMEVALUE: ' \
                        '--profile[of /etc/ctrunit/profiles (default\: default, if there)]:NAME: ' \
                        '(-u --user)'{-u,--user}'[names of the image, or numbers]:USERGROUP: ' \
                        '--cwd[working directory inside]:DIR:_files -/' \
                        '(-p --publish)'{-p,--publish}'[lead a port of the host to its own]:IPHOSTPORTudp: ' \
                        '--hostname[host name (default\: the id)]:NAME: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        import)
                _arguments \
                        '(-f --config)'{-f,--config}'[config.json for an archive that is the root file system]:FILE:_files' \
                        '--plain[the archive is the root file system itself]' \
                        '--name[id of the container (default\: one of its own)]:ID: ' \
                        '(-v --volume)'{-v,--volume}'[show a directory of the host inside]:DIRPATH: ' \
                        '--create-volumes[make directories of volumes that do not exist]' \
                        '(-e --env)'{-e,--env}'[a variable of the environment]:NAMEVALUE: ' \
                        '--profile[of /etc/ctrunit/profiles (default\: default, if there)]:NAME: ' \
                        '(-u --user)'{-u,--user}'[names of the image, or numbers]:USERGROUP: ' \
                        '--cwd[working directory inside]:DIR:_files -/' \
                        '(-p --publish)'{-p,--publish}'[lead a port of the host to its own]:IPHOSTPORTudp: ' \
                        '--hostname[host name (default\: the id)]:NAME: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        exec)
                _arguments \
                        '(-p --process)'{-p,--process}'[process object instead of a command]:FILE:_files' \
                        '--cwd[working directory]:DIR:_files -/' \
                        ''*{-e,--env}'[set an environment variable (repeatable)]:NAMEVALUE: ' \
                        '(-u --user)'{-u,--user}'[user and group, as numbers]:UIDGID: ' \
                        ''*{-g,--additional-gids}'[supplementary group (repeatable)]:GID: ' \
                        ''*{-c,--cap}'[add a capability (repeatable)]:CAP: ' \
                        '--no-new-privs[set no_new_privs]' \
                        '--apparmor[AppArmor profile]:PROFILE: ' \
                        '--process-label[SELinux label]:LABEL: ' \
                        '(-t --tty)'{-t,--tty}'[give it a terminal]' \
                        '--console-socket[receives the terminal]:SOCKET:_files' \
                        '--pidfd-socket[receives a pidfd of the process]:SOCKET:_files' \
                        '(-d --detach)'{-d,--detach}'[return once it runs]' \
                        '--pid-file[write its pid there]:FILE:_files' \
                        '--preserve-fds[give it file descriptors 3 to 2+N]:N: ' \
                        '--cgroup[part of the container'\''s cgroup to run in; / is all of it]:PATH:_files' \
                        '--ignore-paused[also in a paused container\: it waits for resume]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        attach)
                _arguments \
                        ''*{-e,--env}'[set an environment variable (repeatable)]:NAMEVALUE: ' \
                        '(-u --user)'{-u,--user}'[user and group, as numbers]:UIDGID: ' \
                        '--cwd[working directory]:DIR:_files -/' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        kill)
                _arguments \
                        '(-a --all)'{-a,--all}'[all processes, not only the first]' \
                        '(-r --regex)'{-r,--regex}'[ID is a regular expression for any number of ids]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids' \
                        '2:signal:_signals'
                ;;
        delete)
                _arguments \
                        '(-f --force)'{-f,--force}'[in any state, and whatever is left of it]' \
                        '(-r --regex)'{-r,--regex}'[ID is a regular expression for any number of ids]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        state)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        list)
                _arguments \
                        '(-f --format)'{-f,--format}'[form of the output (default table)]:value:(table json)' \
                        '(-q --quiet)'{-q,--quiet}'[only ids]' \
                        '(-h --help)'{-h,--help}'[show this text]'
                ;;
        ps)
                _arguments \
                        '(-f --format)'{-f,--format}'[form of the output (default table)]:value:(table json)' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        pause)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        resume)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        checkpoint)
                _arguments \
                        '--image-path[the images (default\: checkpoint)]:DIR:_files -/' \
                        '--work-path[logs and statistics (default\: with the images)]:DIR:_files -/' \
                        '--tcp-established[allow open TCP connections]' \
                        '--ext-unix-sk[allow Unix sockets to the outside]' \
                        '--shell-job[allow a session of the outside]' \
                        '--file-locks[allow file locks]' \
                        '--link-remap[allow open files without a name]' \
                        '--auto-dedup[free what newer images have]' \
                        '--manage-cgroups-mode[ignore\: the cgroup is the unit'\''s]:MODE: ' \
                        '--empty-ns[leave the network namespace empty]:network: ' \
                        '--parent-path[images of a pre-dump, from the images'\'' own place]:DIR:_files -/' \
                        '--leave-running[the container goes on]' \
                        '--pre-dump[only the memory, and the container goes on]' \
                        '--tcp-skip-in-flight[leave out connections that are not open yet]' \
                        '--page-server[send the memory to criu page-server]:ADDRESSPORT: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        restore)
                _arguments \
                        '--image-path[the images (default\: checkpoint)]:DIR:_files -/' \
                        '--work-path[logs and statistics (default\: with the images)]:DIR:_files -/' \
                        '--tcp-established[allow open TCP connections]' \
                        '--ext-unix-sk[allow Unix sockets to the outside]' \
                        '--shell-job[allow a session of the outside]' \
                        '--file-locks[allow file locks]' \
                        '--link-remap[allow open files without a name]' \
                        '--auto-dedup[free what newer images have]' \
                        '--manage-cgroups-mode[ignore\: the cgroup is the unit'\''s]:MODE: ' \
                        '--empty-ns[leave the network namespace empty]:network: ' \
                        '(-b --bundle)'{-b,--bundle}'[directory with config.json (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '(-d --detach)'{-d,--detach}'[return once the payload runs]' \
                        '--keep[leave state and unit after the end]' \
                        '--pid-file[write the payload'\''s pid there]:FILE:_files' \
                        '--no-pivot[accepted\: criu changes the root]' \
                        '--no-subreaper[accepted\: PID 1 reaps]' \
                        '--tcp-close[close TCP connections that were open]' \
                        '--lsm-profile[another profile than in the images]:TYPENAME: ' \
                        '--lsm-mount-context[another mount context than in the images]:CONTEXT: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        update)
                _arguments \
                        '(-r --resources)'{-r,--resources}'[linux.resources object instead of options; -\: standard input]:FILE:_files' \
                        '--blkio-weight[share of disk time, 10 to 1000]:N: ' \
                        '--cpu-period[period of the CPU quota]:USEC: ' \
                        '--cpu-quota[CPU time in a period; -1\: unlimited]:USEC: ' \
                        '--cpu-burst[unused quota that may be saved up]:USEC: ' \
                        '--cpu-share[share of CPU time, 2 to 262144]:N: ' \
                        '--cpu-rt-period[period of real-time scheduling]:USEC: ' \
                        '--cpu-rt-runtime[real-time CPU time in a period]:USEC: ' \
                        '--cpuset-cpus[CPUs to run on\: 0-2,7]:LIST: ' \
                        '--cpuset-mems[memory nodes to use\: 0-1]:LIST: ' \
                        '--cpu-idle[run only when the CPU is idle]:value:(0 1)' \
                        '--memory[memory limit\: 512k, 64m, 1g, -1\: unlimited]:SIZE: ' \
                        '--memory-reservation[memory that is not reclaimed]:SIZE: ' \
                        '--memory-swap[limit of memory and swap together]:SIZE: ' \
                        '--kernel-memory[accepted and ignored]:SIZE: ' \
                        '--kernel-memory-tcp[accepted and ignored]:SIZE: ' \
                        '--pids-limit[number of processes and threads; -1\: unlimited]:N: ' \
                        '--l3-cache-schema[cache of its class of service\: L3\:0=f;1=f]:LINES: ' \
                        '--mem-bw-schema[memory bandwidth of its class of service\: MB\:0=50]:LINE: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        health)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        pod)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:verb:(create run start stop pause resume delete list status annotate up down add enter kill ps)' \
                        '2:pod:($(ctrctl pod list -q 2>/dev/null))'
                ;;
        events)
                _arguments \
                        '--stats[print the numbers once and end]' \
                        '--interval[time between the numbers (default 5s)]:TIME: ' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        logs)
                _arguments \
                        '(-f --follow)'{-f,--follow}'[go on showing new lines]' \
                        '(-n --lines)'{-n,--lines}'[only the last N lines]:N: ' \
                        '(-p --priority)'{-p,--priority}'[only this priority and more important ones]:LEVEL: ' \
                        '--since[only lines after this time]:TIME: ' \
                        '--until[only lines before this time]:TIME: ' \
                        '(-o --output)'{-o,--output}'[journalctl'\''s output forms\: short, cat, json, ...]:FORM: ' \
                        '(-r --reverse)'{-r,--reverse}'[newest lines first]' \
                        '(-v --verbose)'{-v,--verbose}'[print the journalctl command first]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        inspect)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        enable)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        disable)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        reload)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]'
                ;;
        spec)
                _arguments \
                        '(-b --bundle)'{-b,--bundle}'[write it there (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '--rootless[for a container of the caller, who is root in it]' \
                        '(-h --help)'{-h,--help}'[show this text]'
                ;;
        convert)
                _arguments \
                        '--rootfs[root file system, for a configuration that names none]:DIR:_files -/' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        nsinit)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        features)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]'
                ;;
        plan)
                _arguments \
                        '(-b --bundle)'{-b,--bundle}'[directory with config.json (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '--create[as for create\: waits for start]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:name: '
                ;;
        check)
                _arguments \
                        '(-b --bundle)'{-b,--bundle}'[directory with config.json (default\: here)]:DIR:_files -/' \
                        '(-f --config)'{-f,--config}'[another name for config.json]:FILE:_files' \
                        '(-q --quiet)'{-q,--quiet}'[print nothing when all is well]' \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:bundle:_files'
                ;;
        doctor)
                _arguments \
                        '(-f --format)'{-f,--format}'[how to show it]:value:(table json)' \
                        '(-h --help)'{-h,--help}'[show this text]'
                ;;
        unit-name)
                _arguments \
                        '(-h --help)'{-h,--help}'[show this text]' \
                        '1:container:_ctrctl_ids'
                ;;
        help) _ctrctl_verbs ;;
        esac
}
_ctrctl "$@"
