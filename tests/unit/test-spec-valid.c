/* Valid configs: every field of the samples and of the rarer sections arrives in its place. */
#include "base/io.h"
#include "spec/spec.h"
#include "unit/config-text.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/resource.h>

#define CAP_BIT(name) (UINT64_C(1) << CAP_##name)

static Spec *parse_file(const char *path)
{
        _cleanup_free_ char *text = NULL;
        Spec *spec = NULL;
        CtrError err;
        size_t size;

        CHECK_OK(ctr_read_file(AT_FDCWD, path, 1 << 20, &text, &size, &err), err);
        CHECK_OK(spec_parse(text, size, &spec, &err), err);
        CHECK_INT(spec->warnings.n, 0);
        return spec; /* nothing of the text is needed any more */
}

static Spec *parse_fragment(ConfigPlace place, const char *fragment)
{
        _cleanup_free_ char *text = config_text(place, fragment);
        Spec *spec = NULL;
        CtrError err = { 0 };

        CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
        return spec;
}

static void check_strv(const SpecStrv *strv, size_t n, const char *const *items)
{
        CHECK_INT(strv->n, n);
        for (size_t i = 0; i < n; i++)
                CHECK_STR(strv->items[i], items[i]);
        CHECK(n == 0 || !strv->items[n]);
}

#define CHECK_STRV(strv, ...)                                                                      \
        check_strv(strv, ELEMENTSOF(((const char *const[]){ __VA_ARGS__ })),                       \
                (const char *const[]){ __VA_ARGS__ })

static void minimal(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/minimal.json");

        CHECK_STR(spec->oci_version, "1.2.0");
        CHECK_STR(spec->root.path, "rootfs");
        CHECK(!spec->root.is_readonly && spec->process.is_set && !spec->process.has_terminal);
        CHECK_STRV(&spec->process.args, "true");
        CHECK_STR(spec->process.cwd, "/");
        CHECK_INT(spec->n_mounts, 1);
        CHECK_INT(spec->mounts[0].options.n, 0);
        CHECK_INT(spec->linux_.n_namespaces, 2);
        CHECK(!spec->hostname && !spec->linux_.seccomp.is_set &&
                !spec->process.capabilities.is_set);
        CHECK(!spec->process.oom_score_adj.is_set && !spec->process.user.umask.is_set);
        CHECK(!spec->process.scheduler.is_set && !spec->linux_.personality.is_set);
        CHECK(!spec->linux_.resources.pids_limit.is_set &&
                !spec->linux_.resources.memory.limit.is_set);
        CHECK(spec_find_namespace(spec, SPEC_NS_PID) &&
                !spec_find_namespace(spec, SPEC_NS_NETWORK));
        CHECK(!spec_find_annotation(spec, "x"));
}

static void service(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/nginx.json");
        const SpecSeccomp *seccomp = &spec->linux_.seccomp;

        CHECK_STRV(&spec->process.args, "/usr/sbin/nginx", "-g", "daemon off;");
        CHECK_STR(spec->hostname, "web");
        CHECK(spec->process.no_new_privileges);
        CHECK_INT(spec->linux_.n_namespaces, 6);
        CHECK(seccomp->is_set && seccomp->default_errno_ret.is_set);
        CHECK_INT(seccomp->default_action, SPEC_SECCOMP_ERRNO);
        CHECK_INT(seccomp->default_errno_ret.value, 1);
        CHECK_STRV(&seccomp->architectures, "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
        CHECK(seccomp->n_rules > 5 && seccomp->rules[0].names.n > 200);
        CHECK_STR(spec_find_annotation(spec, "org.opencontainers.image.title"), "nginx");
}

static void rich_top(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/rich.json");
        const SpecMount *mount;

        CHECK_STR(spec->oci_version, "1.3.0");
        CHECK(spec->root.is_readonly);
        CHECK_STR(spec->hostname, "rich-host");
        CHECK_STR(spec->domainname, "rich.example");
        CHECK_INT(spec->annotations.n, 3);
        CHECK_STR(spec->annotations.items[0].key,
                "org.opencontainers.image.title"); /* document order */
        CHECK_STR(spec_find_annotation(spec, "com.example.note"),
                "any text: \xc3\xbc, \"quoted\", 100%");
        CHECK_STR(spec_find_annotation(spec, "com.example.empty"), "");
        CHECK_INT(spec->n_mounts, 11);
        mount = &spec->mounts[2];
        CHECK_STR(mount->destination, "/dev/pts");
        CHECK_STR(mount->type, "devpts");
        CHECK_STR(mount->source, "devpts");
        CHECK_STRV(&mount->options, "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
                "gid=5");
        mount = &spec->mounts[9];
        CHECK_STR(mount->destination, "/etc/rich.conf");
        CHECK(!mount->type);
        CHECK_STR(mount->source, "rich.conf");
}

static void rich_process(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/rich.json");
        const SpecProcess *p = &spec->process;

        CHECK_INT(p->user.uid, 1000);
        CHECK_INT(p->user.gid, 1001);
        CHECK(p->user.umask.is_set && p->user.umask.value == 022);
        CHECK_INT(p->user.n_additional_gids, 3);
        CHECK_INT(p->user.additional_gids[1], 27);
        CHECK_INT(p->args.n, 3);
        CHECK_STR(p->args.items[2], "printf '%s\\n' \"$GREETING\"; exec sleep infinity");
        CHECK_INT(p->env.n, 4);
        CHECK_STR(p->env.items[2], "GREETING=gr\xc3\xbc\xc3\x9f \"Gott\"\t$HOME");
        CHECK_STR(p->cwd, "/tmp");
        CHECK(p->capabilities.is_set);
        CHECK_INT(p->capabilities.bounding,
                CAP_BIT(CHOWN) | CAP_BIT(KILL) | CAP_BIT(NET_BIND_SERVICE) | CAP_BIT(SETUID));
        CHECK_INT(p->capabilities.effective, CAP_BIT(KILL) | CAP_BIT(NET_BIND_SERVICE));
        CHECK_INT(p->capabilities.inheritable, CAP_BIT(NET_BIND_SERVICE));
        CHECK_INT(p->capabilities.permitted, CAP_BIT(KILL) | CAP_BIT(NET_BIND_SERVICE));
        CHECK_INT(p->capabilities.ambient, CAP_BIT(NET_BIND_SERVICE));
        CHECK_INT(p->n_rlimits, 3);
        CHECK_INT(p->rlimits[0].resource, RLIMIT_NOFILE);
        CHECK_INT(p->rlimits[0].soft, 512);
        CHECK_INT(p->rlimits[0].hard, 1024);
        CHECK_INT(p->rlimits[2].resource, RLIMIT_STACK);
        CHECK(p->rlimits[2].hard == UINT64_MAX);
        CHECK(p->no_new_privileges);
        CHECK(p->oom_score_adj.is_set && p->oom_score_adj.value == 200);
        CHECK(p->scheduler.is_set && p->scheduler.policy == SCHED_BATCH && p->scheduler.nice == 5);
        CHECK(p->io_priority.is_set && p->io_priority.class == 2 && p->io_priority.priority == 6);
}

static void rich_hooks(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/rich.json");
        const SpecHook *hook;

        CHECK_INT(spec->hooks[SPEC_HOOK_CREATE_RUNTIME].n, 2);
        hook = &spec->hooks[SPEC_HOOK_CREATE_RUNTIME].items[0];
        CHECK_STR(hook->path, "/usr/bin/test");
        CHECK_STRV(&hook->args, "test", "-d", "/");
        CHECK_INT(hook->env.n, 1);
        CHECK_INT(hook->timeout_usec, 10000000);
        hook = &spec->hooks[SPEC_HOOK_CREATE_RUNTIME].items[1];
        CHECK_STRV(&hook->args, "/bin/true"); /* no args: argv[0] is the path */
        CHECK_INT(hook->timeout_usec, 0);
        for (int i = 0; i < _SPEC_HOOK_MAX; i++)
                CHECK(spec->hooks[i].n >= 1);
}

static void rich_linux(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/rich.json");
        const SpecLinux *l = &spec->linux_;

        CHECK_INT(l->n_namespaces, _SPEC_NS_MAX);
        CHECK_INT(l->namespaces[0].type, SPEC_NS_USER);
        CHECK_INT(l->uid_mappings.n, 1);
        CHECK_INT(l->gid_mappings.n, 2);
        CHECK_INT(l->gid_mappings.items[1].container_id, 1000);
        CHECK_INT(l->gid_mappings.items[1].host_id, 201000);
        CHECK_INT(l->gid_mappings.items[1].size, 64536);
        CHECK(l->time_offset_monotonic.is_set && l->time_offset_boottime.is_set);
        CHECK_INT(l->time_offset_monotonic.secs, 86400);
        CHECK_INT(l->time_offset_monotonic.nanosecs, 500000000);
        CHECK_INT(l->time_offset_boottime.secs, -60);
        CHECK_INT(l->n_devices, 3);
        CHECK_STR(l->devices[1].path, "/dev/net/tun");
        CHECK(l->devices[1].type == 'c' && l->devices[1].major == 10 && l->devices[1].minor == 200);
        CHECK(l->devices[1].file_mode.is_set && l->devices[1].file_mode.value == 0660);
        CHECK(l->devices[1].gid.is_set && l->devices[1].gid.value == 5);
        CHECK(l->devices[2].type == 'p' && l->devices[2].major == 0 && !l->devices[2].uid.is_set);
        CHECK_STR(l->cgroups_path, "ctr.slice:ctr:rich");
        CHECK_INT(l->sysctl.n, 4);
        CHECK_STR(l->sysctl.items[0].key, "net.core.somaxconn");
        CHECK_STR(l->sysctl.items[0].value, "256");
        CHECK(l->rootfs_propagation == SPEC_PROPAGATION_SLAVE &&
                l->is_rootfs_propagation_recursive);
        CHECK_INT(l->masked_paths.n, 11);
        CHECK_STRV(&l->readonly_paths, "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                "/proc/sysrq-trigger");
        CHECK(l->personality.is_set && l->personality.domain == 0);
        CHECK(!l->intel_rdt.is_set && !l->mount_label && !l->memory_policy.is_set &&
                l->net_devices.n == 0);
        CHECK_INT(l->seccomp.default_action, SPEC_SECCOMP_ALLOW);
        CHECK_INT(l->seccomp.flags, SECCOMP_FILTER_FLAG_LOG);
        CHECK_INT(l->seccomp.n_rules, 3);
        CHECK_INT(l->seccomp.rules[1].errno_ret.value, 13);
        CHECK_INT(l->seccomp.rules[1].n_args, 1);
        CHECK_INT(l->seccomp.rules[1].args[0].index, 2);
        CHECK_INT(l->seccomp.rules[1].args[0].value, 511);
        CHECK_INT(l->seccomp.rules[1].args[0].op, 4);
        CHECK_INT(l->seccomp.rules[2].action, SPEC_SECCOMP_KILL_PROCESS);
}

static void rich_resources(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_file(TEST_DATA "/config/rich.json");
        const SpecResources *r = &spec->linux_.resources;

        CHECK_INT(r->n_devices, 5);
        CHECK(!r->devices[0].is_allow && r->devices[0].type == 'a' && r->devices[0].can_mknod);
        CHECK(r->devices[1].is_allow && r->devices[1].type == 'c' &&
                r->devices[1].minor.value == 229);
        CHECK(r->devices[1].can_read && r->devices[1].can_write && !r->devices[1].can_mknod);
        CHECK(r->devices[3].major.is_set && !r->devices[3].minor.is_set); /* -1 is any */
        CHECK(!r->devices[4].major.is_set && r->devices[4].can_mknod && !r->devices[4].can_read);
        CHECK(r->memory.limit.is_set && r->memory.limit.value == 134217728);
        CHECK_INT(r->memory.reservation.value, 67108864);
        CHECK_INT(r->memory.swap.value, 268435456);
        CHECK(r->memory.check_before_update.is_set && r->memory.check_before_update.value);
        CHECK(!r->memory.swappiness.is_set && !r->memory.disable_oom_killer.is_set);
        CHECK_INT(r->cpu.shares.value, 512);
        CHECK_INT(r->cpu.quota.value, 75000);
        CHECK_INT(r->cpu.period.value, 100000);
        CHECK_INT(r->cpu.burst.value, 10000);
        CHECK_STR(r->cpu.cpus, "0-1");
        CHECK_STR(r->cpu.mems, "0");
        CHECK(!r->cpu.idle.is_set && !r->cpu.realtime_runtime.is_set);
        CHECK(r->pids_limit.is_set && r->pids_limit.value == 64);
        CHECK(r->block_io.weight.is_set && r->block_io.weight.value == 500);
        CHECK_INT(r->block_io.weight_device.n, 1);
        CHECK_INT(r->block_io.weight_device.items[0].value, 300);
        CHECK_INT(r->block_io.throttle_read_bps.items[0].value, 10485760);
        CHECK_INT(r->block_io.throttle_write_bps.items[0].value, 5242880);
        CHECK_INT(r->block_io.throttle_read_iops.items[0].value, 1000);
        CHECK_INT(r->block_io.throttle_write_iops.items[0].value, 500);
        CHECK_INT(r->block_io.throttle_write_iops.items[0].major, 8);
        CHECK_INT(r->n_hugepage_limits, 1);
        CHECK_STR(r->hugepage_limits[0].page_size, "2MB");
        CHECK_INT(r->hugepage_limits[0].limit_bytes, 4194304);
        CHECK_INT(r->unified.n, 2);
        CHECK_STR(r->unified.items[0].key, "memory.high");
        CHECK_STR(r->unified.items[0].value, "100663296");
}

/* What engines send for "not set". */
static void zero_is_unset(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_RESOURCES,
                "'memory':{'limit':0,'swap':0,'reservation':0,'kernel':0},'cpu':{'shares':0,'quota':0,'period':0,"
                "'cpus':'','mems':'','burst':0,'idle':0},'blockIO':{'weight':0},'pids':{'limit':0},'devices':[],"
                "'hugepageLimits':[],'network':{},'rdma':{},'unified':{}");
        const SpecResources *r = &spec->linux_.resources;

        CHECK_INT(spec->warnings.n, 0);
        CHECK(!r->memory.limit.is_set && !r->memory.swap.is_set && !r->memory.reservation.is_set);
        CHECK(!r->cpu.shares.is_set && !r->cpu.quota.is_set && !r->cpu.period.is_set &&
                !r->cpu.cpus);
        CHECK(!r->block_io.weight.is_set && !r->cpu.mems);
        CHECK(r->pids_limit.is_set && r->pids_limit.value == 0); /* here 0 is a value */
        CHECK(r->cpu.burst.is_set && r->cpu.idle.is_set);
}

static void rare_resources(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_RESOURCES,
                "'memory':{'limit':-1,'swap':-1,'kernel':1,'kernelTCP':2,'swappiness':0,'disableOOMKiller':false,"
                "'useHierarchy':true},'cpu':{'quota':-1,'realtimeRuntime':3,'realtimePeriod':4,'idle':1,"
                "'cpus':'0,2-3,65535'},'pids':{'limit':-1},'network':{'classID':1048577,'priorities':[{'name':'eth0',"
                "'priority':5},{'name':'eth1','priority':6}]},'rdma':{'mlx5_1':{'hcaHandles':3},'mlx4_0':{'hcaObjects':0}},"
                "'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':0}]},"
                "'devices':[{'allow':false},{'allow':true,'access':'rw','major':-1}]");
        const SpecResources *r = &spec->linux_.resources;

        CHECK(r->memory.limit.is_set && r->memory.limit.value == -1 && r->memory.swap.value == -1);
        CHECK(r->memory.kernel.value == 1 && r->memory.kernel_tcp.value == 2);
        CHECK(r->memory.swappiness.is_set && r->memory.swappiness.value == 0);
        CHECK(r->memory.disable_oom_killer.is_set && !r->memory.disable_oom_killer.value);
        CHECK(r->memory.use_hierarchy.is_set && r->memory.use_hierarchy.value);
        CHECK(r->cpu.quota.value == -1 && r->cpu.realtime_runtime.value == 3 &&
                r->cpu.realtime_period.value == 4);
        CHECK_INT(r->cpu.idle.value, 1);
        CHECK_STR(r->cpu.cpus, "0,2-3,65535");
        CHECK_INT(r->pids_limit.value, -1);
        CHECK(r->network_class_id.is_set && r->network_class_id.value == 1048577);
        CHECK_INT(r->n_network_priorities, 2);
        CHECK_INT(r->n_rdma, 2);
        CHECK_STR(r->rdma[0].device, "mlx5_1");
        CHECK(r->rdma[0].hca_handles.value == 3 && !r->rdma[0].hca_objects.is_set &&
                r->rdma[1].hca_objects.is_set);
        CHECK_INT(r->block_io.weight_device.items[0].value, 0);
        CHECK(r->devices[0].can_read && r->devices[0].can_write && r->devices[0].can_mknod);
        CHECK(!r->devices[1].major.is_set && !r->devices[1].can_mknod);
}

static void rare_process(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_PROCESS,
                "'terminal':true,'consoleSize':{'height':24,'width':80},'apparmorProfile':'p','selinuxLabel':'l',"
                "'oomScoreAdj':-1000,'scheduler':{'policy':'SCHED_DEADLINE','flags':['SCHED_FLAG_RESET_ON_FORK',"
                "'SCHED_FLAG_RECLAIM'],'runtime':1000000,'deadline':2000000,'period':3000000},"
                "'ioPriority':{'class':'IOPRIO_CLASS_IDLE'},'execCPUAffinity':{'initial':'0','final':'0-3,7'}");
        const SpecProcess *p = &spec->process;

        CHECK(p->has_terminal);
        CHECK(p->console_height.value == 24 && p->console_width.value == 80 &&
                p->console_width.is_set);
        CHECK_STR(p->apparmor_profile, "p");
        CHECK_STR(p->selinux_label, "l");
        CHECK(p->oom_score_adj.is_set && p->oom_score_adj.value == -1000);
        CHECK_INT(p->scheduler.policy, SCHED_DEADLINE);
        CHECK_INT(p->scheduler.flags, SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM);
        CHECK_INT(p->scheduler.runtime_nsec, 1000000);
        CHECK_INT(p->scheduler.deadline_nsec, 2000000);
        CHECK_INT(p->scheduler.period_nsec, 3000000);
        CHECK(p->io_priority.class == 3 && p->io_priority.priority == 0);
        CHECK_STR(p->exec_cpu_affinity_initial, "0");
        CHECK_STR(p->exec_cpu_affinity_final, "0-3,7");
}

static void net_devices(void)
{
        static const char text[] =
                "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"namespaces\":["
                "{\"type\":\"mount\"},{\"type\":\"network\"}],"
                "\"netDevices\":{\"eth0\":{},\"eth1\":{\"name\":\"net7\"}}}}";
        _cleanup_(spec_freep) Spec *spec = NULL;
        const SpecNetDevices *devices;
        CtrError err = { 0 };

        CHECK_INT(spec_parse(text, strlen(text), &spec, &err), 0);
        devices = &spec->linux_.net_devices;
        CHECK_INT(devices->n, 2);
        CHECK_STR(devices->items[0].host_name, "eth0");
        CHECK_STR(devices->items[0].name, "eth0");
        CHECK_STR(devices->items[1].host_name, "eth1");
        CHECK_STR(devices->items[1].name, "net7");
}

static void rare_linux(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_USERNS,
                "'mountLabel':'m','intelRdt':{'closID':'a','enableMonitoring':true},'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0-1,3','flags':['MPOL_F_STATIC_NODES']},"
                "'rootfsPropagation':'','personality':{'domain':'LINUX32','flags':[]},"
                "'timeOffsets':{},'devices':[{'path':'/dev/a','type':'c','major':1,'minor':3,'fileMode':8630},"
                "{'path':'/dev/b','type':'b','major':8,'minor':1048575,'fileMode':4095}],"
                "'sysctl':{'net/ipv4/conf/eth0.1/forwarding':'1'}");
        const SpecLinux *l = &spec->linux_;

        CHECK_STR(l->mount_label, "m");
        CHECK(l->intel_rdt.is_set && l->intel_rdt.has_monitoring);
        CHECK_STR(l->intel_rdt.class, "a");
        CHECK(l->memory_policy.is_set && l->memory_policy.mode == 2);
        CHECK_STR(l->memory_policy.nodes, "0-1,3");
        CHECK_INT(l->memory_policy.flags, 1 << 15);
        CHECK_INT(l->rootfs_propagation, SPEC_PROPAGATION_UNSET);
        CHECK_INT(l->personality.domain, 8);
        CHECK(!l->time_offset_boottime.is_set);
        CHECK_INT(l->devices[0].file_mode.value, 0666); /* 8630 is S_IFCHR | 0666 */
        CHECK_INT(l->devices[1].file_mode.value, 07777);
        CHECK_STR(l->sysctl.items[0].key, "net/ipv4/conf/eth0.1/forwarding");
}

static void rare_seccomp(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_KILL','flags':['SECCOMP_FILTER_FLAG_TSYNC','SECCOMP_FILTER_FLAG_SPEC_ALLOW',"
                "'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],'listenerPath':'/run/agent','listenerMetadata':'meta',"
                "'architectures':[],'syscalls':[{'names':['a','b'],'action':'SCMP_ACT_NOTIFY'},{'names':['c'],"
                "'action':'SCMP_ACT_TRACE','errnoRet':0,'args':[{'index':5,'value':18446744073709551615,'valueTwo':7,"
                "'op':'SCMP_CMP_MASKED_EQ'}]}]");
        const SpecSeccomp *s = &spec->linux_.seccomp;

        CHECK_INT(s->default_action, SPEC_SECCOMP_KILL_THREAD);
        CHECK(!s->default_errno_ret.is_set);
        CHECK_INT(s->flags, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
                                    1 << 5 /* WAIT_KILLABLE_RECV */);
        CHECK_STR(s->listener_path, "/run/agent");
        CHECK_STR(s->listener_metadata, "meta");
        CHECK_INT(s->n_rules, 2);
        CHECK_STRV(&s->rules[0].names, "a", "b");
        CHECK_INT(s->rules[0].action, SPEC_SECCOMP_NOTIFY);
        CHECK(s->rules[1].errno_ret.is_set && s->rules[1].errno_ret.value == 0);
        CHECK(s->rules[1].args[0].value == UINT64_MAX && s->rules[1].args[0].value_two == 7);
        CHECK_INT(s->rules[1].args[0].op, 7);
}

static void rare_mounts(void)
{
        _cleanup_(spec_freep) Spec *spec = parse_fragment(CONFIG_TOP,
                "'mounts':[{'destination':'rel/dir','type':'tmpfs','source':''},{'destination':'/b','source':'s',"
                "'options':['bind','idmap'],'uidMappings':[{'containerID':0,'hostID':5,'size':1}],"
                "'gidMappings':[{'containerID':0,'hostID':6,'size':4294967289}]}],'annotations':null");

        CHECK_INT(spec->n_mounts, 2);
        CHECK_STR(spec->mounts[0].destination, "/rel/dir");
        CHECK(!spec->mounts[0].source);
        CHECK_INT(spec->mounts[1].uid_mappings.items[0].host_id, 5);
        CHECK_INT(spec->mounts[1].gid_mappings.items[0].size, 4294967289);
        CHECK(!spec->process.is_set); /* create needs none */
}

static void parts(void)
{
        static const char process[] =
                "{\"args\":[\"ls\"],\"cwd\":\"/\",\"user\":{\"uid\":5,\"gid\":6}}";
        static const char resources[] = "{\"memory\":{\"limit\":1000000},\"pids\":{\"limit\":7}}";
        static const char bad[] = "{\"args\":[\"ls\"],\"cwd\":\"tmp\"}";
        Spec *spec = NULL;
        CtrError err;

        CHECK_OK(spec_parse_process(process, strlen(process), &spec, &err), err);
        CHECK(spec->process.is_set && spec->process.user.gid == 6);
        CHECK_STRV(&spec->process.args, "ls");
        spec = spec_free(spec);
        CHECK_OK(spec_parse_resources(resources, strlen(resources), &spec, &err), err);
        CHECK_INT(spec->linux_.resources.memory.limit.value, 1000000);
        CHECK_INT(spec->linux_.resources.pids_limit.value, 7);
        spec = spec_free(spec);
        CHECK(spec_parse_process(bad, strlen(bad), &spec, &err) < 0 && !spec);
        CHECK_STR(err.field, "cwd");
        CHECK(spec_parse_resources("[]", 2, &spec, &err) < 0 && !spec);
        CHECK(!spec_free(NULL));
}

/* What is added lives and goes with the rest. */
static void annotations_are_set(void)
{
        static const char text[] = "{ \"ociVersion\": \"1.0.2\", \"root\": { \"path\": \"r\" },"
                                   "  \"linux\": { \"namespaces\": [ { \"type\": \"mount\" } ] },"
                                   "  \"annotations\": { \"a\": \"one\", \"b\": \"two\" } }";
        _cleanup_(spec_freep) Spec *spec = NULL;
        CtrError err = { 0 };
        char key[16];

        CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
        CHECK_INT(spec_set_annotation(spec, "a", "another"), 0);
        for (int i = 0; i < 20; i++) {
                (void) snprintf(key, sizeof(key), "new-%d", i);
                CHECK_INT(spec_set_annotation(spec, key, key), 0);
        }
        CHECK_INT(spec->annotations.n, 22);
        CHECK_STR(spec_find_annotation(spec, "a"), "another");
        CHECK_STR(spec_find_annotation(spec, "b"), "two");
        CHECK_STR(spec_find_annotation(spec, "new-0"), "new-0");
        CHECK_STR(spec_find_annotation(spec, "new-19"), "new-19");
}

static const Test tests[] = { TEST(minimal), TEST(service), TEST(rich_top), TEST(rich_process),
        TEST(rich_hooks), TEST(rich_linux), TEST(rich_resources), TEST(zero_is_unset),
        TEST(rare_resources), TEST(rare_process), TEST(rare_linux), TEST(net_devices),
        TEST(rare_seccomp), TEST(rare_mounts), TEST(parts), TEST(annotations_are_set) };
TEST_MAIN(tests)
