/* What spec_parse() refuses: the JSON path and the reason of every kind of wrong config, cut off,
 * too large, too deep; and what it lets pass with a warning. */
#include "base/io.h"
#include "spec/spec.h"
#include "unit/config-text.h"

#include <fcntl.h>
#include <time.h>

enum { CONFIG_SIZE = 1 << 20 };

typedef struct Case {
        ConfigPlace place;
        const char *fragment;
        const char *path;
        const char *message;
} Case;

static int try_parse(const char *text, size_t size, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;

        *err = (CtrError){ 0 };
        return spec_parse(text, size, &spec, err);
}

static void check_cases(const Case *cases, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *text = config_text(cases[i].place, cases[i].fragment);
                CtrError err;

                printf("# %s\n", cases[i].fragment);
                CHECK(try_parse(text, strlen(text), &err) < 0);
                CHECK_STR(err.field, cases[i].path);
                CHECK_CONTAINS(err.message, cases[i].message);
                CHECK(err.line == 1 && err.column >= 1 && err.column <= strlen(text) + 1);
                CHECK(!strchr(err.message, '\n'));
                CHECK(spec_parse(text, strlen(text), &(Spec *){ NULL }, NULL) < 0);
        }
}

static const Case top_cases[] = {
        { CONFIG_RAW, "", "", "the document is empty" },
        { CONFIG_RAW, "null", "", "expected an object, found null" },
        { CONFIG_RAW, "[]", "", "expected an object, found an array" },
        { CONFIG_RAW, "'x'", "", "expected an object, found a string" },
        { CONFIG_RAW, "{}", "ociVersion", "required property is missing" },
        { CONFIG_RAW, "{'root':{'path':'r'}}", "ociVersion", "required property is missing" },
        { CONFIG_RAW, "{'ociVersion':1}", "ociVersion", "expected a string, found an integer" },
        { CONFIG_RAW, "{'ociVersion':null}", "ociVersion", "expected a string, found null" },
        { CONFIG_RAW, "{'ociVersion':''}", "ociVersion", "must not be empty" },
        /* What means nothing here has its type all the same. */
        { CONFIG_TOP, "'solaris':7", "solaris", "expected an object, found an integer" },
        { CONFIG_TOP, "'freebsd':null", "freebsd", "expected an object, found null" },
        { CONFIG_TOP, "'zos':[]", "zos", "expected an object, found an array" },
        { CONFIG_PROCESS, "'commandLine':7", "process.commandLine",
                "expected a string, found an integer" },
        { CONFIG_TOP, "'process':{'args':['x'],'cwd':'/','user':{'uid':0,'gid':0,'username':true}}",
                "process.user.username", "expected a string, found a boolean" },
        { CONFIG_LINUX, "'resources':{'blockIO':{'leafWeight':'x'}}",
                "linux.resources.blockIO.leafWeight", "expected an integer, found a string" },
        { CONFIG_LINUX,
                "'resources':{'blockIO':{'weightDevice':[{'major':8,'minor':0,'leafWeight':-1}]}}",
                "linux.resources.blockIO.weightDevice[0].leafWeight", "must be from 10 to 1000" },
        { CONFIG_RAW, "{'ociVersion':'2.0.0'}", "ociVersion", "\"2.0.0\" is not supported" },
        { CONFIG_RAW, "{'ociVersion':'1.4.0'}", "ociVersion", "must be from 1.0.0 to 1.3" },
        { CONFIG_RAW, "{'ociVersion':'0.9.0'}", "ociVersion", "is not supported" },
        { CONFIG_RAW, "{'ociVersion':'x.y'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'1.0'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0.0'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'01.0.0'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0-'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0-a..b'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':' 1.0.0'}", "ociVersion", "is not a version like" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0'}", "root", "required property is missing" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':'/r'}", "root",
                "expected an object, found a string" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{}}", "root.path",
                "required property is missing" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':''}}", "root.path",
                "must not be empty" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':7}}", "root.path",
                "expected a string" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':'r','readonly':1}}", "root.readonly",
                "expected true or false, found an integer" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':'r','readonly':'true'}}",
                "root.readonly", "expected true or false, found a string" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':'r'}}", "linux.namespaces",
                "without a mount namespace is not supported" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':'r'},'linux':null}", "linux",
                "expected an object, found null" },
        { CONFIG_RAW, "{'a':1,'a':2}", "a", "duplicate key" },
        { CONFIG_TOP, "'hostname':5", "hostname", "expected a string, found an integer" },
        { CONFIG_TOP,
                "'hostname':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
                "hostname", "has 65 bytes, more than the limit of 64" },
        { CONFIG_RAW, CONFIG_HEAD "'hostname':'a','linux':{'namespaces':[{'type':'mount'}]}}",
                "hostname", "needs a UTS namespace" },
        { CONFIG_RAW, CONFIG_HEAD "'domainname':'a','linux':{'namespaces':[{'type':'mount'}]}}",
                "domainname", "needs a UTS namespace" },
        { CONFIG_TOP, "'annotations':{'a':1}", "annotations.a",
                "expected a string, found an integer" },
        { CONFIG_TOP, "'annotations':{'a.b':null}", "annotations[\"a.b\"]",
                "expected a string, found null" },
        { CONFIG_TOP, "'annotations':{'':'x'}", "annotations[\"\"]", "an annotation needs a name" },
        { CONFIG_TOP, "'annotations':['x']", "annotations", "expected an object of strings" },
        { CONFIG_TOP, "'vm':{}", "vm", "not supported" },
        { CONFIG_TOP, "'windows':{}", "windows", "not supported" },
};

static const Case process_cases[] = {
        { CONFIG_TOP, "'process':[]", "process", "expected an object, found an array" },
        { CONFIG_TOP, "'process':{'cwd':'/'}", "process.args", "required property is missing" },
        { CONFIG_TOP, "'process':{'args':['a']}", "process.cwd", "required property is missing" },
        { CONFIG_TOP, "'process':{'args':[],'cwd':'/'}", "process.args", "must not be empty" },
        { CONFIG_TOP, "'process':{'args':[''],'cwd':'/'}", "process.args[0]",
                "it is the program to run" },
        { CONFIG_TOP, "'process':{'args':'sh','cwd':'/'}", "process.args",
                "expected an array of strings, found a string" },
        { CONFIG_TOP, "'process':{'args':['a',1],'cwd':'/'}", "process.args[1]",
                "expected a string, found an integer" },
        { CONFIG_TOP, "'process':{'args':['a'],'cwd':'tmp'}", "process.cwd",
                "is not an absolute path" },
        { CONFIG_TOP, "'process':{'args':['a'],'cwd':''}", "process.cwd", "must not be empty" },
        { CONFIG_TOP, "'process':{'args':['a'],'cwd':5}", "process.cwd",
                "expected a string, found an integer" },
        { CONFIG_PROCESS, "'terminal':'no'", "process.terminal", "expected true or false" },
        { CONFIG_PROCESS, "'consoleSize':{'height':1}", "process.consoleSize.width",
                "required property is missing" },
        { CONFIG_PROCESS, "'consoleSize':{'height':-1,'width':1}", "process.consoleSize.height",
                "must be from 0 to 4294967295" },
        { CONFIG_PROCESS, "'env':['A']", "process.env[0]", "is not of the form NAME=VALUE" },
        { CONFIG_PROCESS, "'env':['A=1','=x']", "process.env[1]", "has no name before" },
        { CONFIG_PROCESS, "'env':['']", "process.env[0]", "must not be empty" },
        { CONFIG_PROCESS, "'env':['A=\\u0000']", "process.env[0]", "\\u0000 in a string" },
        { CONFIG_PROCESS, "'env':{'A':'b'}", "process.env",
                "expected an array of strings, found an object" },
        { CONFIG_PROCESS, "'user':{'gid':0}", "process.user.uid", "required property is missing" },
        { CONFIG_PROCESS, "'user':{'uid':0}", "process.user.gid", "required property is missing" },
        { CONFIG_PROCESS, "'user':{'uid':-1,'gid':0}", "process.user.uid",
                "must be from 0 to 4294967294" },
        { CONFIG_PROCESS, "'user':{'uid':4294967295,'gid':0}", "process.user.uid",
                "must be from 0 to 4294967294" },
        { CONFIG_PROCESS, "'user':{'uid':4294967296,'gid':0}", "process.user.uid",
                "must be from 0 to 4294967294" },
        { CONFIG_PROCESS, "'user':{'uid':1.0,'gid':0}", "process.user.uid",
                "expected an integer, found a number with" },
        { CONFIG_PROCESS, "'user':{'uid':1e3,'gid':0}", "process.user.uid",
                "expected an integer, found a number with" },
        { CONFIG_PROCESS, "'user':{'uid':'0','gid':0}", "process.user.uid",
                "expected an integer, found a string" },
        { CONFIG_PROCESS, "'user':{'uid':99999999999999999999,'gid':0}", "process.user.uid",
                "number out of range" },
        { CONFIG_PROCESS, "'user':{'uid':0,'gid':0,'umask':512}", "process.user.umask",
                "must be from 0 to 511" },
        { CONFIG_PROCESS, "'user':{'uid':0,'gid':0,'additionalGids':5}",
                "process.user.additionalGids", "expected an array of group ids" },
        { CONFIG_PROCESS, "'user':{'uid':0,'gid':0,'additionalGids':[1,-1]}",
                "process.user.additionalGids[1]", "integer out of range" },
        { CONFIG_PROCESS, "'user':'root'", "process.user", "expected an object" },
        { CONFIG_PROCESS, "'capabilities':['CAP_KILL']", "process.capabilities",
                "expected an object, found an array" },
        { CONFIG_PROCESS, "'capabilities':{'bounding':'CAP_KILL'}", "process.capabilities.bounding",
                "expected an array of capability names" },
        { CONFIG_PROCESS, "'capabilities':{'effective':[5]}", "process.capabilities.effective[0]",
                "expected a string" },
        { CONFIG_PROCESS, "'capabilities':{'bounding':['KILL']}",
                "process.capabilities.bounding[0]", "is not the name of a capability" },
        { CONFIG_PROCESS, "'capabilities':{'ambient':['cap_kill']}",
                "process.capabilities.ambient[0]", "is not the name of a capability" },
        { CONFIG_PROCESS, "'rlimits':[{'type':'RLIMIT_FOO','soft':1,'hard':1}]",
                "process.rlimits[0].type", "unknown resource limit \"RLIMIT_FOO\"" },
        { CONFIG_PROCESS, "'rlimits':[{'type':'NOFILE','soft':1,'hard':1}]",
                "process.rlimits[0].type", "the nearest known one is \"RLIMIT_NOFILE\"" },
        { CONFIG_PROCESS, "'rlimits':[{'type':'RLIMIT_CORE','soft':1}]", "process.rlimits[0].hard",
                "is missing" },
        { CONFIG_PROCESS, "'rlimits':[{'type':'RLIMIT_CORE','soft':2,'hard':1}]",
                "process.rlimits[0].soft", "the soft limit 2 is above the hard limit 1" },
        { CONFIG_PROCESS, "'rlimits':[{'type':'RLIMIT_CORE','soft':-1,'hard':1}]",
                "process.rlimits[0].soft", "integer out of range" },
        { CONFIG_PROCESS,
                "'rlimits':[{'type':'RLIMIT_CORE','soft':1,'hard':1},{'type':'RLIMIT_CORE','soft':1,'hard':1}]",
                "process.rlimits[1]", "given twice" },
        { CONFIG_PROCESS, "'rlimits':{}", "process.rlimits",
                "expected an array of objects, found an object" },
        { CONFIG_PROCESS, "'noNewPrivileges':'true'", "process.noNewPrivileges",
                "expected true or false, found a string" },
        { CONFIG_PROCESS, "'noNewPrivileges':null", "process.noNewPrivileges",
                "expected true or false, found null" },
        { CONFIG_PROCESS, "'apparmorProfile':true", "process.apparmorProfile",
                "expected a string" },
        { CONFIG_PROCESS, "'oomScoreAdj':1001", "process.oomScoreAdj",
                "must be from -1000 to 1000" },
        { CONFIG_PROCESS, "'oomScoreAdj':-1001", "process.oomScoreAdj",
                "must be from -1000 to 1000" },
        { CONFIG_PROCESS, "'scheduler':{}", "process.scheduler.policy", "is missing" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_ISO'}", "process.scheduler.policy",
                "must be one of SCHED_OTHER, SCHED_FIFO" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_FIFO'}", "process.scheduler.priority",
                "from 1 to 99" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_BATCH','priority':1}",
                "process.scheduler.priority", "only SCHED_FIFO and SCHED_RR" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','nice':20}",
                "process.scheduler.nice", "from -20 to 19" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','runtime':1}", "process.scheduler",
                "SCHED_DEADLINE only" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_DEADLINE','runtime':2,'deadline':1}",
                "process.scheduler", "runtime <= deadline" },
        { CONFIG_PROCESS, "'scheduler':{'policy':'SCHED_OTHER','flags':['X']}",
                "process.scheduler.flags[0]", "unknown scheduler flag" },
        { CONFIG_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_NONE','priority':1}",
                "process.ioPriority.class", "must be one of" },
        { CONFIG_PROCESS, "'ioPriority':{'class':'IOPRIO_CLASS_RT','priority':8}",
                "process.ioPriority.priority", "from 0 to 7" },
        { CONFIG_PROCESS, "'execCPUAffinity':{'initial':'0-'}", "process.execCPUAffinity.initial",
                "is not a list" },
};

static const Case mount_cases[] = {
        { CONFIG_TOP, "'mounts':{}", "mounts", "expected an array of objects" },
        { CONFIG_TOP, "'mounts':[{'type':'proc'}]", "mounts[0].destination", "is missing" },
        { CONFIG_TOP, "'mounts':[{'destination':'/a'},{'destination':5}]", "mounts[1].destination",
                "expected a string" },
        { CONFIG_TOP, "'mounts':[{'destination':'/a','options':'ro'}]", "mounts[0].options",
                "an array of strings" },
        { CONFIG_TOP, "'mounts':[{'destination':'/a','options':[null]}]", "mounts[0].options[0]",
                "found null" },
        { CONFIG_TOP, "'mounts':[{'destination':'/a','options':['bind']}]", "mounts[0].source",
                "needs a source" },
        { CONFIG_TOP, "'mounts':[{'destination':'/a','type':'bind','source':''}]",
                "mounts[0].source", "needs a source" },
        { CONFIG_TOP,
                "'mounts':[{'destination':'/a','uidMappings':[{'containerID':0,'hostID':0,'size':1}]}]",
                "mounts[0]", "must be given together" },
        { CONFIG_TOP, "'hooks':[]", "hooks", "expected an object" },
        { CONFIG_TOP, "'hooks':{'prestart':{}}", "hooks.prestart", "expected an array of objects" },
        { CONFIG_TOP, "'hooks':{'poststop':[{'args':[]}]}", "hooks.poststop[0].path",
                "is missing" },
        { CONFIG_TOP, "'hooks':{'createRuntime':[{'path':'bin/true'}]}",
                "hooks.createRuntime[0].path", "not an absolute" },
        { CONFIG_TOP, "'hooks':{'poststart':[{'path':'/a','timeout':0}]}",
                "hooks.poststart[0].timeout", "must be from 1" },
        { CONFIG_TOP, "'hooks':{'poststart':[{'path':'/a','timeout':-1}]}",
                "hooks.poststart[0].timeout", "must be from 1" },
        { CONFIG_TOP, "'hooks':{'poststart':[{'path':'/a','timeout':1.5}]}",
                "hooks.poststart[0].timeout", "an integer" },
        { CONFIG_TOP, "'hooks':{'startContainer':[{'path':'/a','env':['X']}]}",
                "hooks.startContainer[0].env[0]", "NAME=VALUE" },
};

static const Case linux_cases[] = {
        { CONFIG_TOP, "'linux2':1,'hooks':5", "hooks", "expected an object" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'path':'/x'}]}}",
                "linux.namespaces[0].type", "is missing" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'type':'net'}]}}",
                "linux.namespaces[0].type", "must be one of pid, network, mount" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'type':'pid'},{'type':'pid'}]}}",
                "linux.namespaces[1]", "a second pid namespace" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'type':'pid','path':'ns/pid'}]}}",
                "linux.namespaces[0].path", "not an absolute path" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'type':'pid','path':''}]}}",
                "linux.namespaces[0].path", "must not be empty" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':['pid']}}", "linux.namespaces[0]",
                "expected an object" },
        { CONFIG_LINUX, "'uidMappings':[{'containerID':0,'hostID':1000,'size':1}]",
                "linux.uidMappings", "needs a user namespace" },
        { CONFIG_LINUX, "'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]",
                "linux.gidMappings", "needs a user namespace" },
        { CONFIG_RAW, CONFIG_HEAD "'linux':{'namespaces':[{'type':'mount'},{'type':'user'}]}}",
                "linux.uidMappings", "needs its id mappings" },
        { CONFIG_RAW,
                CONFIG_HEAD "'linux':{'namespaces':[{'type':'mount'},{'type':'user'}],"
                            "'uidMappings':[{'containerID':0,'hostID':1,'size':1}]}}",
                "linux.gidMappings", "needs its id mappings" },
        { CONFIG_LINUX, "'uidMappings':[{'containerID':0,'hostID':1,'size':0}]",
                "linux.uidMappings[0].size", "from 1 to" },
        { CONFIG_LINUX, "'uidMappings':[{'containerID':0,'size':1}]", "linux.uidMappings[0].hostID",
                "is missing" },
        { CONFIG_LINUX, "'uidMappings':[{'containerID':1,'hostID':1,'size':4294967295}]",
                "linux.uidMappings[0]", "beyond the last id" },
        { CONFIG_LINUX,
                "'uidMappings':[{'containerID':0,'hostID':1000,'size':10},{'containerID':9,'hostID':5000,'size':1}]",
                "linux.uidMappings[1]", "overlaps with item 0" },
        { CONFIG_LINUX,
                "'gidMappings':[{'containerID':0,'hostID':1000,'size':10},{'containerID':10,'hostID':1009,'size':1}]",
                "linux.gidMappings[1]", "overlaps with item 0" },
        { CONFIG_LINUX, "'timeOffsets':{'boottime':{'secs':1}}", "linux.timeOffsets",
                "needs a new time namespace" },
        { CONFIG_USERNS, "'timeOffsets':{'monotonic':{'secs':1,'nanosecs':1000000000}}",
                "linux.timeOffsets.monotonic.nanosecs", "from 0 to 999999999" },
        { CONFIG_LINUX, "'devices':[{'path':'dev/x','type':'c','major':1,'minor':1}]",
                "linux.devices[0].path", "not an absolute path" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':'q'}]", "linux.devices[0].type",
                "one letter of \"cbup\"" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':'cc'}]", "linux.devices[0].type",
                "one letter of \"cbup\"" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':''}]", "linux.devices[0].type",
                "one letter of \"cbup\"" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':'c','minor':1}]",
                "linux.devices[0].major", "major number" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':'b','major':1}]",
                "linux.devices[0].minor", "minor number" },
        { CONFIG_LINUX, "'devices':[{'path':'/dev/x','type':'c','major':4096,'minor':1}]",
                "linux.devices[0].major", "from 0 to 4095" },
        { CONFIG_LINUX,
                "'devices':[{'path':'/dev/x','type':'c','major':1,'minor':1,'fileMode':4096}]",
                "linux.devices[0].fileMode", "is not a file mode" },
        { CONFIG_LINUX,
                "'devices':[{'path':'/dev/x','type':'c','major':1,'minor':1,'fileMode':25008}]",
                "linux.devices[0].fileMode",
                "is not a file mode" }, /* S_IFBLK on a character device */
        { CONFIG_LINUX,
                "'devices':[{'path':'/dev/x','type':'c','major':1,'minor':1,'fileMode':0666}]",
                "linux.devices[0].fileMode", "modes are decimal" },
        { CONFIG_LINUX, "'netDevices':{'eth0':{'name':'net%d%d'}}", "linux.netDevices.eth0.name",
                "more than one" },
        { CONFIG_LINUX, "'netDevices':{'eth0':{'name':'net%s'}}", "linux.netDevices.eth0.name",
                "%d" },
        { CONFIG_LINUX, "'netDevices':{'eth%d':{}}", "linux.netDevices[\"eth%d\"]",
                "is a pattern" },
        { CONFIG_LINUX, "'netDevices':{'eth0':{'name':'a/b'}}", "linux.netDevices.eth0.name",
                "not the name of a network device" },
        { CONFIG_LINUX, "'netDevices':{'0123456789abcdef':{}}",
                "linux.netDevices[\"0123456789abcdef\"]", "not the name of a network device" },
        { CONFIG_LINUX, "'netDevices':{'eth0':{'name':'x'},'eth1':{'name':'x'}}",
                "linux.netDevices.eth1", "second device" },
        { CONFIG_LINUX, "'netDevices':{'eth0':{}}", "linux.netDevices",
                "needs a network namespace" },
        { CONFIG_LINUX, "'memoryPolicy':{'mode':'MPOL_SOME'}", "linux.memoryPolicy.mode",
                "memory policy" },
        { CONFIG_LINUX, "'memoryPolicy':{'mode':'MPOL_BIND'}", "linux.memoryPolicy.nodes",
                "required" },
        { CONFIG_LINUX, "'memoryPolicy':{'mode':'MPOL_LOCAL','nodes':'0'}",
                "linux.memoryPolicy.nodes", "no nodes" },
        { CONFIG_LINUX, "'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0-'}",
                "linux.memoryPolicy.nodes", "not a list" },
        { CONFIG_LINUX,
                "'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0','flags':['MPOL_F_STATIC_NODES',"
                "'MPOL_F_RELATIVE_NODES']}",
                "linux.memoryPolicy.flags", "exclude each other" },
        { CONFIG_LINUX, "'netDevices':[]", "linux.netDevices", "expected an object" },
        { CONFIG_LINUX, "'memoryPolicy':'bind'", "linux.memoryPolicy", "expected an object" },
        { CONFIG_LINUX, "'intelRdt':1", "linux.intelRdt", "expected an object" },
        { CONFIG_LINUX, "'cgroupsPath':1", "linux.cgroupsPath", "expected a string" },
        { CONFIG_LINUX, "'sysctl':{'a.b':1}", "linux.sysctl[\"a.b\"]", "expected a string" },
        { CONFIG_LINUX, "'sysctl':{'net/../kernel/core_pattern':'x'}",
                "linux.sysctl[\"net/../kernel/core_pattern\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'sysctl':{'/etc/x':'x'}", "linux.sysctl[\"/etc/x\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'sysctl':{'.x':'x'}", "linux.sysctl[\".x\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'sysctl':{'net/./x':'x'}", "linux.sysctl[\"net/./x\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'sysctl':{'':'x'}", "linux.sysctl[\"\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'sysctl':{'a b':'x'}", "linux.sysctl[\"a b\"]",
                "not the name of a kernel parameter" },
        { CONFIG_LINUX, "'rootfsPropagation':'share'", "linux.rootfsPropagation",
                "must be one of shared" },
        { CONFIG_LINUX, "'maskedPaths':'/proc/kcore'", "linux.maskedPaths",
                "expected an array of strings" },
        { CONFIG_LINUX, "'maskedPaths':['/a','b']", "linux.maskedPaths[1]",
                "not an absolute path" },
        { CONFIG_LINUX, "'readonlyPaths':[1]", "linux.readonlyPaths[0]", "expected a string" },
        { CONFIG_LINUX, "'readonlyPaths':['']", "linux.readonlyPaths[0]", "must not be empty" },
        { CONFIG_LINUX, "'personality':{}", "linux.personality.domain", "is missing" },
        { CONFIG_LINUX, "'personality':{'domain':'linux'}", "linux.personality.domain",
                "one of LINUX, LINUX32" },
        { CONFIG_LINUX, "'personality':{'domain':'LINUX','flags':['X']}", "linux.personality.flags",
                "must be empty" },
};

static const Case resource_cases[] = {
        { CONFIG_LINUX, "'resources':[]", "linux.resources", "expected an object" },
        { CONFIG_RESOURCES, "'memory':{'limit':'64M'}", "linux.resources.memory.limit",
                "expected an integer" },
        { CONFIG_RESOURCES, "'memory':{'limit':-2}", "linux.resources.memory.limit",
                "must be from -1" },
        { CONFIG_RESOURCES, "'memory':{'limit':9223372036854775808}",
                "linux.resources.memory.limit", "out of range" },
        { CONFIG_RESOURCES, "'memory':{'limit':1.0}", "linux.resources.memory.limit",
                "expected an integer" },
        { CONFIG_RESOURCES, "'memory':{'swappiness':101}", "linux.resources.memory.swappiness",
                "from 0 to 100" },
        { CONFIG_RESOURCES, "'memory':{'disableOOMKiller':0}",
                "linux.resources.memory.disableOOMKiller", "true or false" },
        { CONFIG_RESOURCES, "'cpu':{'quota':-2}", "linux.resources.cpu.quota", "must be from -1" },
        { CONFIG_RESOURCES, "'cpu':{'shares':-1}", "linux.resources.cpu.shares", "out of range" },
        { CONFIG_RESOURCES, "'cpu':{'idle':2}", "linux.resources.cpu.idle", "from 0 to 1" },
        { CONFIG_RESOURCES, "'cpu':{'cpus':'0-'}", "linux.resources.cpu.cpus",
                "is not a list of numbers" },
        { CONFIG_RESOURCES, "'cpu':{'cpus':'3-1'}", "linux.resources.cpu.cpus",
                "is not a list of numbers" },
        { CONFIG_RESOURCES, "'cpu':{'cpus':'0,,1'}", "linux.resources.cpu.cpus",
                "is not a list of numbers" },
        { CONFIG_RESOURCES, "'cpu':{'cpus':'0\\n'}", "linux.resources.cpu.cpus",
                "is not a list of numbers" },
        { CONFIG_RESOURCES, "'cpu':{'mems':'100000'}", "linux.resources.cpu.mems",
                "is not a list of numbers" },
        { CONFIG_RESOURCES, "'pids':{'limit':-2}", "linux.resources.pids.limit",
                "must be from -1" },
        { CONFIG_RESOURCES, "'pids':{'limit':null}", "linux.resources.pids.limit", "found null" },
        { CONFIG_RESOURCES, "'blockIO':{'weight':9}", "linux.resources.blockIO.weight",
                "from 10 to 1000" },
        { CONFIG_RESOURCES, "'blockIO':{'weight':1001}", "linux.resources.blockIO.weight",
                "from 10 to 1000" },
        { CONFIG_RESOURCES, "'blockIO':{'weightDevice':[{'major':8,'weight':10}]}",
                "linux.resources.blockIO.weightDevice[0].minor", "is missing" },
        { CONFIG_RESOURCES, "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0}]}",
                "linux.resources.blockIO.throttleReadBpsDevice[0].rate", "is missing" },
        { CONFIG_RESOURCES,
                "'blockIO':{'throttleWriteIOPSDevice':[{'major':-1,'minor':0,'rate':1}]}",
                "linux.resources.blockIO.throttleWriteIOPSDevice[0].major", "out of range" },
        { CONFIG_RESOURCES, "'hugepageLimits':[{'pageSize':'2M','limit':1}]",
                "linux.resources.hugepageLimits[0].pageSize", "is not a page size" },
        { CONFIG_RESOURCES,
                "'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'2MB','limit':1}]",
                "linux.resources.hugepageLimits[1]", "given twice" },
        { CONFIG_RESOURCES, "'rdma':{'mlx5_1':{'hcaHandles':-1}}",
                "linux.resources.rdma.mlx5_1.hcaHandles", "out of range" },
        { CONFIG_RESOURCES, "'rdma':{'mlx5_1':5}", "linux.resources.rdma.mlx5_1",
                "expected an object" },
        { CONFIG_RESOURCES, "'network':{'classID':4294967296}", "linux.resources.network.classID",
                "out of range" },
        { CONFIG_RESOURCES, "'network':{'priorities':[{'name':'eth0'}]}",
                "linux.resources.network.priorities[0].priority", "is missing" },
        { CONFIG_RESOURCES, "'unified':{'../memory.max':'1'}",
                "linux.resources.unified[\"../memory.max\"]", "not the name of a cgroup file" },
        { CONFIG_RESOURCES, "'unified':{'memory':'1'}", "linux.resources.unified.memory",
                "not the name of a cgroup file" },
        { CONFIG_RESOURCES, "'unified':{'memory.max':1}", "linux.resources.unified[\"memory.max\"]",
                "expected a string" },
        { CONFIG_RESOURCES, "'devices':[{'access':'rwm'}]", "linux.resources.devices[0].allow",
                "is missing" },
        { CONFIG_RESOURCES, "'devices':[{'allow':1}]", "linux.resources.devices[0].allow",
                "true or false" },
        { CONFIG_RESOURCES, "'devices':[{'allow':true}]", "linux.resources.devices[0].access",
                "must say what is allowed" },
        { CONFIG_RESOURCES, "'devices':[{'allow':true,'access':'x'}]",
                "linux.resources.devices[0].access", "the letters r, w and m" },
        { CONFIG_RESOURCES, "'devices':[{'allow':true,'type':'p','access':'r'}]",
                "linux.resources.devices[0].type", "one letter of \"acb\"" },
        { CONFIG_RESOURCES, "'devices':[{'allow':true,'major':-2,'access':'r'}]",
                "linux.resources.devices[0].major", "must be from -1" },
};

static const Case seccomp_cases[] = {
        { CONFIG_LINUX, "'seccomp':{}", "linux.seccomp.defaultAction", "is missing" },
        { CONFIG_LINUX, "'seccomp':'unconfined'", "linux.seccomp", "expected an object" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_MAYBE'", "linux.seccomp.defaultAction",
                "unknown seccomp action" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_NOTIFY','listenerPath':'/x'",
                "linux.seccomp.defaultAction", "named calls only" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','defaultErrnoRet':1",
                "linux.seccomp.defaultErrnoRet", "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096",
                "linux.seccomp.defaultErrnoRet", "from 0 to 4095" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','architectures':['X86']",
                "linux.seccomp.architectures[0]", "the nearest known one is" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','flags':['TSYNC']",
                "linux.seccomp.flags[0]", "must be one of SECCOMP_FILTER_FLAG_TSYNC" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','listenerMetadata':'x'",
                "linux.seccomp.listenerMetadata", "without listenerPath" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['a'],'action':'SCMP_ACT_NOTIFY'}]",
                "linux.seccomp.listenerPath", "needs the socket of its agent" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':[],'action':'SCMP_ACT_ERRNO'}]",
                "linux.seccomp.syscalls[0].names", "at least one system call" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['a']}]",
                "linux.seccomp.syscalls[0].action", "is missing" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['a'],'action':'SCMP_ACT_ALLOW','errnoRet':1}]",
                "linux.seccomp.syscalls[0].errnoRet", "remove it" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['a'],'action':'SCMP_ACT_ALLOW',"
                "'args':[{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]}]",
                "linux.seccomp.syscalls[0].args[0].index", "from 0 to 5" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['a'],'action':'SCMP_ACT_ALLOW',"
                "'args':[{'index':0,'value':1,'op':'EQ'}]}]",
                "linux.seccomp.syscalls[0].args[0].op", "must be one of SCMP_CMP_NE" },
        { CONFIG_SECCOMP,
                "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['a'],'action':'SCMP_ACT_ALLOW',"
                "'args':[{'index':0,'value':-1,'op':'SCMP_CMP_EQ'}]}]",
                "linux.seccomp.syscalls[0].args[0].value", "out of range" },
};

/* A mistyped or misplaced restriction would be a lost one. */
static const Case near_misses[] = {
        { CONFIG_PROCESS, "'noNewPriviledges':true", "process.noNewPriviledges",
                "security setting process.noNewPrivileges" },
        { CONFIG_PROCESS, "'nonewprivileges':true", "process.nonewprivileges",
                "process.noNewPrivileges" },
        { CONFIG_PROCESS, "'capabilites':{}", "process.capabilites", "process.capabilities" },
        { CONFIG_PROCESS, "'rlimit':[]", "process.rlimit", "process.rlimits" },
        { CONFIG_PROCESS, "'appArmorProfile':'x'", "process.appArmorProfile",
                "process.apparmorProfile" },
        { CONFIG_PROCESS, "'seLinuxLabel':'x'", "process.seLinuxLabel", "process.selinuxLabel" },
        { CONFIG_PROCESS, "'users':{}", "process.users", "user" },
        { CONFIG_PROCESS, "'user':{'uid':0,'gid':0,'Uid':5}", "process.user.Uid", "uid" },
        { CONFIG_PROCESS, "'capabilities':{'boundign':[]}", "process.capabilities.boundign",
                "bounding" },
        { CONFIG_LINUX, "'noNewPrivilege':true", "linux.noNewPrivilege",
                "process.noNewPrivileges" },
        { CONFIG_PROCESS, "'maskedPaths':[]", "process.maskedPaths", "linux.maskedPaths" },
        { CONFIG_LINUX, "'Seccomp':{}", "linux.Seccomp", "linux.seccomp" },
        { CONFIG_LINUX, "'secomp':{}", "linux.secomp", "linux.seccomp" },
        { CONFIG_LINUX, "'maskedPath':[]", "linux.maskedPath", "linux.maskedPaths" },
        { CONFIG_LINUX, "'readOnlyPaths':[]", "linux.readOnlyPaths", "linux.readonlyPaths" },
        { CONFIG_LINUX, "'namespace':[]", "linux.namespace", "linux.namespaces" },
        { CONFIG_LINUX, "'uidMapping':[]", "linux.uidMapping", "linux.uidMappings" },
        { CONFIG_TOP, "'seccomp':{}", "seccomp", "linux.seccomp" },
        { CONFIG_TOP, "'capabilities':{}", "capabilities", "process.capabilities" },
        { CONFIG_RAW, "{'ociVersion':'1.0.0','root':{'path':'r','readOnly':true}}", "root.readOnly",
                "readonly" },
        { CONFIG_SECCOMP, "'defaultAction':'SCMP_ACT_ALLOW','syscals':[]", "linux.seccomp.syscals",
                "syscalls" },
};

static void top(void)
{
        check_cases(top_cases, ELEMENTSOF(top_cases));
}

static void process(void)
{
        check_cases(process_cases, ELEMENTSOF(process_cases));
}

static void mounts_and_hooks(void)
{
        check_cases(mount_cases, ELEMENTSOF(mount_cases));
}

static void linux_(void)
{
        check_cases(linux_cases, ELEMENTSOF(linux_cases));
}

static void resources(void)
{
        check_cases(resource_cases, ELEMENTSOF(resource_cases));
}

static void seccomp(void)
{
        check_cases(seccomp_cases, ELEMENTSOF(seccomp_cases));
}

static void mistyped_security(void)
{
        check_cases(near_misses, ELEMENTSOF(near_misses));
}

static void unsupported_sections(void)
{
        static const char *const fragments[] = { "'vm':{}", "'windows':{}" };

        for (size_t i = 0; i < ELEMENTSOF(fragments); i++) {
                _cleanup_free_ char *text = config_text(CONFIG_TOP, fragments[i]);
                CtrError err;

                CHECK_INT(try_parse(text, strlen(text), &err), -EINVAL);
                CHECK_INT(err.code, CTR_ERROR_UNSUPPORTED);
        }
}

/* Every prefix of a valid config is refused with a place inside it, none is read beyond its end. */
static void cut_off(void)
{
        _cleanup_free_ char *text = NULL;
        size_t size, text_end;
        CtrError err;

        CHECK_OK(ctr_read_file(AT_FDCWD, TEST_DATA "/config/minimal.json", CONFIG_SIZE, &text,
                         &size, &err),
                err);
        CHECK_OK(try_parse(text, size, &err), err);
        for (text_end = size; text[text_end - 1] != '}';)
                text_end--;
        for (size_t cut = 0; cut < text_end; cut++) {
                char *copy = malloc(cut > 0 ? cut : 1);

                CHECK(copy);
                memcpy(copy, text, cut);
                CHECK_INT(try_parse(copy, cut, &err), -EINVAL);
                CHECK(err.line >= 1 && err.column >= 1 && err.message[0] != '\0');
                free(copy);
        }
}

/* Every byte of a valid config changed: refused or accepted, but never worse (the sanitizers
 * watch). */
static void changed_bytes(void)
{
        static const char bytes[] = "\"{}[]:,0x\\\xff";
        _cleanup_free_ char *text = NULL;
        size_t size, n_refused = 0;
        CtrError err;

        CHECK_OK(ctr_read_file(
                         AT_FDCWD, TEST_DATA "/config/rich.json", CONFIG_SIZE, &text, &size, &err),
                err);
        for (size_t i = 0; i < size; i += 3) {
                char old = text[i];

                text[i] = bytes[i / 3 % (sizeof(bytes) - 1)];
                if (try_parse(text, size, &err) < 0) {
                        CHECK(err.message[0] != '\0' && err.line >= 1);
                        n_refused++;
                }
                text[i] = old;
        }
        CHECK(n_refused > size / 10);
        CHECK_OK(try_parse(text, size, &err), err);
}

static double seconds(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
        return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}

/* A document of 10 MB: `count` items between head and tail, then one error. */
static void check_large(const char *head, const char *item_format, size_t count, const char *tail,
        const char *path, const char *message)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        double start;
        CtrError err;

        CHECK(f);
        (void) fputs(head, f);
        for (size_t i = 0; i < count; i++) {
                (void) fputs(i > 0 ? "," : "", f);
                (void) fprintf(f, item_format, i);
        }
        (void) fputs(tail, f);
        (void) fclose(f);
        CHECK(size > 10000000);
        start = seconds();
        CHECK_INT(try_parse(text, size, &err), -EINVAL);
        printf("# %zu bytes in %.3f s\n", size, seconds() - start);
        CHECK(seconds() - start < 5.0); /* far below a second without sanitizers */
        CHECK_STR(err.field, path);
        CHECK_CONTAINS(err.message, message);
}

static void large(void)
{
        check_large("{\"process\":{\"env\":[", "\"VARIABLE=a-value-of-some-length-%zu\"", 270000,
                "],\"args\":5}}", "process.args", "expected an array of strings");
        check_large("{\"annotations\":{", "\"org.example.an-annotation.%zu\":\"x\"", 290000,
                "},\"root\":1}", "root", "expected an object");
        check_large("{", "\"an-unknown-property-of-some-length-%zu\":null", 230000, ",\"root\":1}",
                "root", "expected an object");
        check_large("{\"linux\":{\"maskedPaths\":[", "\"/proc/some/path/that/is/not/there/%zu\"",
                250000, "],\"readonlyPaths\":[\"x\"]}}", "linux.readonlyPaths[0]",
                "not an absolute path");
}

static void deep(void)
{
        enum { DEPTH = 100000 };
        _cleanup_free_ char *text = malloc(DEPTH);
        CtrError err;

        CHECK(text);
        memset(text, '[', DEPTH);
        CHECK_INT(try_parse(text, DEPTH, &err), -EINVAL);
        CHECK_CONTAINS(err.message, "nested deeper than 64 levels");
        CHECK_INT(err.column, 65);
}

static void line_and_column(void)
{
        static const char text[] = "{\n"
                                   "  \"ociVersion\": \"1.2.0\",\n"
                                   "  \"root\": { \"path\": \"rootfs\" },\n"
                                   "  \"process\": {\n"
                                   "    \"cwd\": \"/\", \"args\": [ \"\xc3\xa4\", 7 ]\n"
                                   "  }\n"
                                   "}\n";
        static const char missing[] = "{\n \"ociVersion\": \"1.2.0\",\n  \"root\": {}}";
        char buf[1400];
        CtrError err;

        CHECK(try_parse(text, strlen(text), &err) < 0);
        CHECK_STR(err.field, "process.args[1]");
        CHECK_INT(err.line, 5);
        CHECK_INT(err.column, 32);
        CHECK_STR(ctr_error_format(&err, "config.json", buf, sizeof(buf)),
                "config.json:5:32: process.args[1]: expected a string, found an integer");
        CHECK(try_parse(missing, strlen(missing), &err) < 0);
        CHECK_STR(err.field, "root.path");
        CHECK_INT(err.line, 3); /* the object that lacks it */
        CHECK_INT(err.column, 11);
}

static const Test tests[] = { TEST(top), TEST(process), TEST(mounts_and_hooks), TEST(linux_),
        TEST(resources), TEST(seccomp), TEST(mistyped_security), TEST(unsupported_sections),
        TEST(cut_off), TEST(changed_bytes), TEST(large), TEST(deep), TEST(line_and_column) };
TEST_MAIN(tests)
