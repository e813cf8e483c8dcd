#!/usr/bin/env python3
"""A client of the Container Runtime Interface, for shell scripts: a server that passes calls on as JSON.

    cri.py ENGINE-SOCKET OUR-SOCKET
    curl --unix-socket OUR-SOCKET -d REQUEST http://cri/METHOD

METHOD is one of runtime.v1.RuntimeService; field names are those of the interface, bytes are base64. The answer is the
reply (status 200), or an error in one line (status 500). Runs until it is ended. Only the messages and fields that
the checks use are described here.
"""
import http.server
import socketserver
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

# Message: NUMBER NAME TYPE, ...; "*" repeated, "map" string to string, other words are messages of this table.
MESSAGES = """
Int64Value: 1 value int64
UInt64Value: 1 value uint64
KeyValue: 1 key string, 2 value string
PodSandboxMetadata: 1 name string, 2 uid string, 3 namespace string, 4 attempt uint32
NamespaceOption: 1 network int32, 2 pid int32, 3 ipc int32, 4 target_id string
SecurityProfile: 1 profile_type int32, 2 localhost_ref string
LinuxSandboxSecurityContext: 1 namespace_options NamespaceOption, 3 run_as_user Int64Value, 4 readonly_rootfs bool, 6 privileged bool, 9 seccomp SecurityProfile
LinuxPodSandboxConfig: 1 cgroup_parent string, 2 security_context LinuxSandboxSecurityContext, 3 sysctls map
PodSandboxConfig: 1 metadata PodSandboxMetadata, 2 hostname string, 3 log_directory string, 6 labels map, 7 annotations map, 8 linux LinuxPodSandboxConfig
RunPodSandboxRequest: 1 config PodSandboxConfig, 2 runtime_handler string
RunPodSandboxResponse: 1 pod_sandbox_id string
StopPodSandboxRequest: 1 pod_sandbox_id string
StopPodSandboxResponse:
RemovePodSandboxRequest: 1 pod_sandbox_id string
RemovePodSandboxResponse:
PodSandboxNetworkStatus: 1 ip string
PodSandboxStatus: 1 id string, 2 metadata PodSandboxMetadata, 3 state int32, 5 network PodSandboxNetworkStatus, 9 runtime_handler string
PodSandboxStatusRequest: 1 pod_sandbox_id string, 2 verbose bool
PodSandboxStatusResponse: 1 status PodSandboxStatus, 2 info map
PodSandbox: 1 id string, 2 metadata PodSandboxMetadata, 3 state int32, 7 runtime_handler string
ListPodSandboxRequest:
ListPodSandboxResponse: 1 items *PodSandbox
ContainerMetadata: 1 name string, 2 attempt uint32
ImageSpec: 1 image string
Mount: 1 container_path string, 2 host_path string, 3 readonly bool, 5 propagation int32
Device: 1 container_path string, 2 host_path string, 3 permissions string
Capability: 1 add_capabilities *string, 2 drop_capabilities *string
LinuxContainerSecurityContext: 1 capabilities Capability, 2 privileged bool, 3 namespace_options NamespaceOption, 5 run_as_user Int64Value, 7 readonly_rootfs bool, 8 supplemental_groups *int64, 11 no_new_privs bool, 12 run_as_group Int64Value, 13 masked_paths *string, 14 readonly_paths *string, 15 seccomp SecurityProfile
LinuxContainerResources: 1 cpu_period int64, 2 cpu_quota int64, 3 cpu_shares int64, 4 memory_limit_in_bytes int64, 5 oom_score_adj int64, 6 cpuset_cpus string
LinuxContainerConfig: 1 resources LinuxContainerResources, 2 security_context LinuxContainerSecurityContext
ContainerConfig: 1 metadata ContainerMetadata, 2 image ImageSpec, 3 command *string, 4 args *string, 5 working_dir string, 6 envs *KeyValue, 7 mounts *Mount, 8 devices *Device, 9 labels map, 11 log_path string, 14 tty bool, 15 linux LinuxContainerConfig
CreateContainerRequest: 1 pod_sandbox_id string, 2 config ContainerConfig, 3 sandbox_config PodSandboxConfig
CreateContainerResponse: 1 container_id string
StartContainerRequest: 1 container_id string
StartContainerResponse:
StopContainerRequest: 1 container_id string, 2 timeout int64
StopContainerResponse:
RemoveContainerRequest: 1 container_id string
RemoveContainerResponse:
ContainerStatus: 1 id string, 2 metadata ContainerMetadata, 3 state int32, 5 started_at int64, 6 finished_at int64, 7 exit_code int32, 10 reason string, 11 message string
ContainerStatusRequest: 1 container_id string, 2 verbose bool
ContainerStatusResponse: 1 status ContainerStatus, 2 info map
Container: 1 id string, 2 pod_sandbox_id string, 3 metadata ContainerMetadata, 6 state int32
ListContainersRequest:
ListContainersResponse: 1 containers *Container
ExecSyncRequest: 1 container_id string, 2 cmd *string, 3 timeout int64
ExecSyncResponse: 1 stdout bytes, 2 stderr bytes, 3 exit_code int32
UpdateContainerResourcesRequest: 1 container_id string, 2 linux LinuxContainerResources
UpdateContainerResourcesResponse:
CpuUsage: 1 timestamp int64, 2 usage_core_nano_seconds UInt64Value
MemoryUsage: 1 timestamp int64, 2 working_set_bytes UInt64Value
ContainerAttributes: 1 id string
ContainerStats: 1 attributes ContainerAttributes, 2 cpu CpuUsage, 3 memory MemoryUsage
ContainerStatsRequest: 1 container_id string
ContainerStatsResponse: 1 stats ContainerStats
VersionRequest: 1 version string
VersionResponse: 1 version string, 2 runtime_name string, 3 runtime_version string, 4 runtime_api_version string
RuntimeCondition: 1 type string, 2 status bool, 3 reason string, 4 message string
RuntimeStatus: 1 conditions *RuntimeCondition
StatusRequest: 1 verbose bool
StatusResponse: 1 status RuntimeStatus, 2 info map
"""
PACKAGE = "runtime.v1"
FIELD = descriptor_pb2.FieldDescriptorProto


def add_field(message, number, name, kind):
    """Adds one field. A map is a repeated message of key and value, as protobuf has it."""
    field = message.field.add(name=name, number=int(number), label=FIELD.LABEL_OPTIONAL)
    if kind.startswith("*") or kind == "map":
        field.label = FIELD.LABEL_REPEATED
    kind = kind.lstrip("*")
    if kind == "map":
        entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
        entry.options.map_entry = True
        add_field(entry, 1, "key", "string")
        add_field(entry, 2, "value", "string")
        field.type, field.type_name = FIELD.TYPE_MESSAGE, ".%s.%s.%s" % (PACKAGE, message.name, entry.name)
    elif kind[0].isupper():
        field.type, field.type_name = FIELD.TYPE_MESSAGE, ".%s.%s" % (PACKAGE, kind)
    else:
        field.type = getattr(FIELD, "TYPE_" + kind.upper())


def message_pool():
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package=PACKAGE, syntax="proto3")
    for line in MESSAGES.strip().splitlines():
        name, _, fields = line.partition(":")
        message = file.message_type.add(name=name)
        for field in filter(None, fields.strip().split(", ")):
            add_field(message, *field.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


class Handler(http.server.BaseHTTPRequestHandler):
    pool = message_pool()
    factory = message_factory.MessageFactory()
    engine = None

    def call(self, method, text):
        request, reply = (self.factory.GetPrototype(self.pool.FindMessageTypeByName("%s.%s%s" % (PACKAGE, method, end)))
                          for end in ("Request", "Response"))
        with grpc.insecure_channel("unix://" + self.engine) as channel:
            call = channel.unary_unary("/%s.RuntimeService/%s" % (PACKAGE, method), request.SerializeToString, reply.FromString)
            answer = call(json_format.Parse(text, request()), timeout=600)
        return json_format.MessageToJson(answer, preserving_proto_field_name=True, including_default_value_fields=True)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            status, answer = 200, self.call(self.path.lstrip("/"), text)
        except grpc.RpcError as error:
            status, answer = 500, "%s: %s" % (error.code().name, error.details())
        except (json_format.ParseError, KeyError) as error:
            status, answer = 500, "cri.py: %s" % error
        self.send_response(status)
        self.end_headers()
        self.wfile.write((answer + "\n").encode())

    def address_string(self):
        return "unix"

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Handler.engine = sys.argv[1]
    Server(sys.argv[2], Handler).serve_forever()


main()
