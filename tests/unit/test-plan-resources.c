/* linux.resources to properties, files and warnings. */
#include "unit/plan-case.h"

#include <limits.h>

/* Parses the object with ' for " as `update --resources` does. */
static Spec *parse(const char *text)
{
        _cleanup_free_ char *json = strdup(text);
        Spec *spec = NULL;
        CtrError err = { 0 };

        CHECK(json);
        for (char *p = json; *p; p++)
                if (*p == '\'')
                        *p = '"';
        if (spec_parse_resources(json, strlen(json), &spec, &err) < 0)
                test_fail(__FILE__, __LINE__, "%s: %s in %s", err.field, err.message, json);
        return spec;
}

/* Lines of the unit's main section, joined by blanks. */
static char *properties_of(const char *text)
{
        _cleanup_(spec_freep) Spec *spec = parse(text);
        PropertyList list = { 0 };
        CtrError err = { 0 };
        char *out = NULL, *body;
        size_t size;
        FILE *f = open_memstream(&out, &size);

        CHECK(f);
        CHECK_OK(plan_update(&spec->linux_.resources, true, &list, &err), err);
        CHECK_INT(property_list_to_unit_text(&list, UNIT_SERVICE, f), 0);
        property_list_done(&list);
        CHECK_INT(fclose(f), 0);
        body = strchr(out, '\n');
        if (!body)
                return out;
        memmove(out, body + 1, strlen(body));
        for (char *p = out; *p; p++)
                if (*p == '\n')
                        *p = p[1] ? ' ' : '\0';
        return out;
}

static void conversions(void)
{
        static const struct {
                const char *json, *text;
        } cases[] = {
                { "{}", "" },
                { "{'memory':{'limit':67108864}}", "MemoryMax=67108864" },
                { "{'memory':{'limit':-1}}", "MemoryMax=infinity MemorySwapMax=infinity" },
                { "{'memory':{'limit':0}}", "" },
                { "{'memory':{'reservation':8388608}}", "MemoryLow=8388608" },
                { "{'memory':{'limit':100,'swap':150}}", "MemoryMax=100 MemorySwapMax=50" },
                { "{'memory':{'limit':100,'swap':100}}", "MemoryMax=100 MemorySwapMax=0" },
                { "{'memory':{'limit':100,'swap':-1}}", "MemoryMax=100 MemorySwapMax=infinity" },
                { "{'memory':{'swap':-1}}", "MemorySwapMax=infinity" },
                { "{'memory':{'limit':-1,'swap':99}}", "MemoryMax=infinity MemorySwapMax=99" },
                { "{'cpu':{'shares':1024}}", "CPUWeight=100" },
                { "{'cpu':{'shares':512}}", "CPUWeight=59" },
                { "{'cpu':{'shares':2}}", "CPUWeight=1" },
                { "{'cpu':{'shares':262144}}", "CPUWeight=10000" },
                { "{'cpu':{'shares':9999999}}", "CPUWeight=10000" },
                { "{'cpu':{'shares':0}}", "" },
                { "{'cpu':{'idle':1,'shares':1024}}", "CPUWeight=idle" },
                { "{'cpu':{'quota':50000,'period':100000}}",
                        "CPUQuota=50% CPUQuotaPeriodSec=100ms" },
                { "{'cpu':{'quota':12500,'period':50000}}", "CPUQuota=25% CPUQuotaPeriodSec=50ms" },
                { "{'cpu':{'quota':33333,'period':100000}}",
                        "CPUQuota=34% CPUQuotaPeriodSec=100ms" },
                { "{'cpu':{'quota':1000,'period':1000000}}", "CPUQuota=1% CPUQuotaPeriodSec=1s" },
                { "{'cpu':{'quota':1000,'period':99999}}",
                        "CPUQuota=2% CPUQuotaPeriodSec=99999us" },
                { "{'cpu':{'quota':200000}}", "CPUQuota=200%" },
                { "{'cpu':{'quota':-1}}", "CPUQuota=" },
                { "{'cpu':{'quota':0,'period':0}}", "" },
                { "{'cpu':{'period':20000}}", "CPUQuotaPeriodSec=20ms" },
                { "{'cpu':{'cpus':'0-3,5','mems':'0'}}", "AllowedCPUs=0-3,5 AllowedMemoryNodes=0" },
                { "{'cpu':{'cpus':''}}", "" },
                { "{'pids':{'limit':20}}", "TasksMax=20" },
                { "{'pids':{'limit':-1}}", "TasksMax=infinity" },
                { "{'pids':{'limit':0}}", "TasksMax=1" },
                { "{'blockIO':{'weight':10}}", "IOWeight=1" },
                { "{'blockIO':{'weight':500}}", "IOWeight=4950" },
                { "{'blockIO':{'weight':1000}}", "IOWeight=10000" },
                { "{'blockIO':{'weightDevice':[{'major':8,'minor':16,'weight':100}]}}",
                        "IODeviceWeight=/dev/block/8:16 910" },
                { "{'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1048576}],"
                  "'throttleWriteBpsDevice':[{'major':8,'minor':0,'rate':0}],"
                  "'throttleReadIOPSDevice':[{'major':254,'minor':1,'rate':7}],"
                  "'throttleWriteIOPSDevice':[{'major':254,'minor':1,'rate':8}]}}",
                        "IOReadBandwidthMax=/dev/block/8:0 1048576 "
                        "IOWriteBandwidthMax=/dev/block/8:0 infinity "
                        "IOReadIOPSMax=/dev/block/254:1 7 IOWriteIOPSMax=/dev/block/254:1 8" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = properties_of(cases[i].json);

                CHECK_STR(text, cases[i].text);
        }
}

static void unified(void)
{
        static const struct {
                const char *json, *text;
        } cases[] = {
                { "{'memory.high':'50331648'}", "MemoryHigh=50331648" },
                { "{'memory.max':'max'}", "MemoryMax=infinity" },
                { "{'memory.max':'64M'}", "MemoryMax=67108864" },
                { "{'memory.min':'1k','memory.low':'2G'}", "MemoryMin=1024 MemoryLow=2147483648" },
                { "{'memory.swap.max':'0'}", "MemorySwapMax=0" },
                { "{'pids.max':'7'}", "TasksMax=7" },
                { "{'pids.max':'0'}", "TasksMax=1" },
                { "{'pids.max':'max'}", "TasksMax=infinity" },
                { "{'cpu.max':'max'}", "CPUQuota=" },
                { "{'cpu.max':'max 50000'}", "CPUQuota= CPUQuotaPeriodSec=50ms" },
                { "{'cpu.max':'25000 50000'}", "CPUQuota=50% CPUQuotaPeriodSec=50ms" },
                { "{'cpu.max':'30000'}", "CPUQuota=30%" },
                { "{'cpu.weight':'200'}", "CPUWeight=200" },
                { "{'cpu.idle':'1'}", "CPUWeight=idle" },
                { "{'cpuset.cpus':'1','cpuset.mems':'0-1'}",
                        "AllowedCPUs=1 AllowedMemoryNodes=0-1" },
                { "{'io.max':'8:0 rbps=1048576 wiops=max'}",
                        "IOReadBandwidthMax=/dev/block/8:0 1048576 "
                        "IOWriteIOPSMax=/dev/block/8:0 infinity" },
                { "{'io.max':'8:0 wbps=1\\n8:16 riops=2'}",
                        "IOWriteBandwidthMax=/dev/block/8:0 1 IOReadIOPSMax=/dev/block/8:16 2" },
                { "{'io.weight':'default 300'}", "IOWeight=300" },
                { "{'io.weight':'300\\n8:0 100'}",
                        "IOWeight=300 IODeviceWeight=/dev/block/8:0 100" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char json[256];
                _cleanup_free_ char *text = NULL;

                (void) snprintf(json, sizeof(json), "{'unified':%s}", cases[i].json);
                text = properties_of(json);
                CHECK_STR(text, cases[i].text);
        }
}

/* Later wins: unified is the newer way to say it. */
static void unified_wins(void)
{
        _cleanup_free_ char *text =
                properties_of("{'memory':{'limit':100},'unified':{'memory.max':'200'}}");

        CHECK_STR(text, "MemoryMax=200");
}

static void refused(void)
{
        static const struct {
                const char *json, *field;
                CtrErrorCode code;
        } cases[] = {
                { "{'memory':{'swap':100}}", "memory.swap", CTR_ERROR_CONFIG_INVALID },
                { "{'memory':{'limit':100,'swap':99}}", "memory.swap", CTR_ERROR_CONFIG_INVALID },
                { "{'memory':{'swappiness':60}}", "memory.swappiness", CTR_ERROR_UNSUPPORTED },
                { "{'cpu':{'period':999}}", "cpu", CTR_ERROR_CONFIG_INVALID },
                { "{'cpu':{'period':1000001}}", "cpu", CTR_ERROR_CONFIG_INVALID },
                { "{'cpu':{'quota':9000000000000000000}}", "cpu", CTR_ERROR_CONFIG_INVALID },
                { "{'cpu':{'realtimeRuntime':1}}", "cpu.realtimeRuntime", CTR_ERROR_UNSUPPORTED },
                { "{'network':{'classID':1}}", "network.classID", CTR_ERROR_UNSUPPORTED },
                { "{'network':{'priorities':[{'name':'eth0','priority':1}]}}", "network.priorities",
                        CTR_ERROR_UNSUPPORTED },
                { "{'unified':{'foo.bar':'1'}}", "unified[\"foo.bar\"]", CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'cgroup.procs':'1'}}", "unified[\"cgroup.procs\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'cgroup.kill':'1'}}", "unified[\"cgroup.kill\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'memory.max':'1X'}}", "unified[\"memory.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'memory.max':'5 '}}", "unified[\"memory.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'memory.max':'99999999T'}}", "unified[\"memory.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'cpu.max':'1 2 3'}}", "unified[\"cpu.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'cpu.weight':'0'}}", "unified[\"cpu.weight\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'cpu.weight.nice':'0'}}", "unified[\"cpu.weight.nice\"]",
                        CTR_ERROR_UNSUPPORTED },
                { "{'unified':{'io.max':'rbps=1'}}", "unified[\"io.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'io.max':'8:0 speed=1'}}", "unified[\"io.max\"]",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'io.max':'8:0'}}", "unified[\"io.max\"]", CTR_ERROR_CONFIG_INVALID },
                { "{'unified':{'memory.oom.group':'1'}}", "unified[\"memory.oom.group\"]",
                        CTR_ERROR_UNSUPPORTED },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = parse(cases[i].json);
                PropertyList list = { 0 };
                CtrError err = { 0 };
                char field[PATH_MAX];

                if (plan_update(&spec->linux_.resources, true, &list, &err) >= 0)
                        test_fail(__FILE__, __LINE__, "%s was accepted", cases[i].json);
                (void) snprintf(field, sizeof(field), "linux.resources.%s", cases[i].field);
                CHECK_STR(err.field, field);
                CHECK_INT(err.code, cases[i].code);
                CHECK_INT(list.n, 0);
        }
}

static void files(void)
{
        _cleanup_(spec_freep) Spec *spec = parse(
                "{'cpu':{'burst':5000},'pids':{'limit':0},'hugepageLimits':[{'pageSize':'2MB',"
                "'limit':9}],'rdma':{'mlx5_1':{'hcaHandles':3}},'unified':{'memory.zswap.max':'1'}}");
        static const char *const expected[][2] = {
                { "cpu.max.burst", "5000" },
                { "pids.max", "0" },
                { "hugetlb.2MB.max", "9" },
                { "hugetlb.2MB.rsvd.max", "9" },
                { "rdma.max", "mlx5_1 hca_handle=3 hca_object=max" },
                { "memory.zswap.max", "1" },
        };
        SpecKeyValues list = { 0 };
        CtrError err = { 0 };

        CHECK_OK(plan_cgroup_files(&spec->linux_.resources, &list, &err), err);
        CHECK_INT(list.n, ELEMENTSOF(expected));
        for (size_t i = 0; i < list.n; i++) {
                CHECK_STR(list.items[i].key, expected[i][0]);
                CHECK_STR(list.items[i].value, expected[i][1]);
        }
        plan_cgroup_files_done(&list);
}

static void warnings(void)
{
        _cleanup_(spec_freep) Spec *spec =
                parse("{'memory':{'kernel':1,'kernelTCP':2,'disableOOMKiller':true,"
                      "'useHierarchy':false}}");
        SpecStrv list = { 0 };

        CHECK_INT(plan_warnings(&spec->linux_.resources, &list), 0);
        CHECK_INT(list.n, 4);
        CHECK_CONTAINS(list.items[0], "linux.resources.memory.kernel: ignored");
        CHECK_CONTAINS(list.items[2], "disableOOMKiller");
        CHECK_CONTAINS(list.items[3], "useHierarchy");
        CHECK(!list.items[4]);
        plan_warnings_done(&list);
}

/* Limits of a new container: raised for the set-up, restored before the payload. */
static void limits_in_a_program(void)
{
        PlanCase c = { .linux_ = ",'resources':{'pids':{'limit':0},'cpu':{'burst':1}}" };
        _cleanup_free_ char *text = plan_case_program(&c);

        CHECK_LINE(text, "HOST  prepare raise-limits");
        CHECK_LINE(text, "HOST  prepare write-cgroup file=cpu.max.burst value=1");
        CHECK_LINE(text, "HOST  attend write-cgroup file=pids.max value=0");
        CHECK(strstr(text, "file=pids.max") > strstr(text, "restore-limits"));

        c.linux_ = ",'resources':{'pids':{'limit':-1},'memory':{'limit':-1}}";
        free(text);
        text = plan_case_program(&c);
        CHECK(!strstr(text, "limits"));

        /* The unit's first command raised them already, whatever they are. */
        c.origin = PLAN_GENERATED;
        free(text);
        text = plan_case_program(&c);
        CHECK_LINE(text, "HOST  attend restore-limits");
}

static const Test tests[] = {
        TEST(conversions),
        TEST(unified),
        TEST(unified_wins),
        TEST(refused),
        TEST(files),
        TEST(warnings),
        TEST(limits_in_a_program),
};
TEST_MAIN(tests)
