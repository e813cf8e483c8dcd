/* A request on its way from a client to its worker. Even inputs are a message of any values, which
 * becomes JSON: what is not refused can be parsed, and counts its descriptors. Odd inputs are a
 * packet of the worker's socket: what is not refused is complete, and the readers of arguments say
 * yes or why not. */
#include "fuzz/fuzz.h"
#include "manager/message.h"
#include "manager/new-container.h"
#include "manager/protocol.h"
#include "runtime/simple-config.h"

#include "base/io.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define DEPTH_MAX 24
#define FDS_MAX   4
#define BYTES_MAX 20000

typedef struct Input {
        const uint8_t *data;
        size_t size;
} Input;

static unsigned take(Input *in)
{
        if (in->size == 0)
                return 0;
        in->size--;
        return *in->data++;
}

static void take_bytes(Input *in, void *to, size_t size)
{
        size_t n = size < in->size ? size : in->size;

        memset(to, 0, size);
        memcpy(to, in->data, n);
        in->data += n;
        in->size -= n;
}

/* ---- messages ---- */

static const char *take_string(Input *in, char buf[static 256])
{
        size_t n = take(in);

        take_bytes(in, buf, n);
        buf[n < 255 ? n : 255] = '\0';
        return buf;
}

static int append_value(sd_bus_message *m, Input *in, unsigned depth);

static int append_basic(sd_bus_message *m, Input *in, char type)
{
        const char contents[] = { type, '\0' };
        char text[256];
        uint64_t number = 0;
        int zero = 0, r;

        r = sd_bus_message_open_container(m, 'v', contents);
        take_bytes(in, &number, type == 's' || type == 'h' ? 0 : type == 'y' ? 1 : 8);
        if (r >= 0)
                r = sd_bus_message_append_basic(m, type,
                        type == 's'   ? (const void *) take_string(in, text)
                        : type == 'h' ? (const void *) &zero
                                      : (const void *) &number);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_dictionary(sd_bus_message *m, Input *in, unsigned depth)
{
        unsigned n = take(in) % 5;
        char key[256];
        int r;

        r = sd_bus_message_open_container(m, 'v', "a{sv}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        for (unsigned i = 0; i < n && r >= 0; i++) {
                r = sd_bus_message_open_container(m, 'e', "sv");
                if (r >= 0)
                        r = sd_bus_message_append_basic(m, 's', take_string(in, key));
                if (r >= 0)
                        r = append_value(m, in, depth + 1);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        for (int i = 0; i < 2 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_array(sd_bus_message *m, Input *in, unsigned depth)
{
        unsigned n = take(in) % 5;
        int r;

        r = sd_bus_message_open_container(m, 'v', "av");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "v");
        for (unsigned i = 0; i < n && r >= 0; i++)
                r = append_value(m, in, depth + 1);
        for (int i = 0; i < 2 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_value(sd_bus_message *m, Input *in, unsigned depth)
{
        static const char types[] = "sbynqiuxtdhg";
        unsigned kind = take(in) % 16;

        if (kind < sizeof(types) - 2 || depth >= DEPTH_MAX)
                return append_basic(m, in, types[kind % (sizeof(types) - 2)]);
        return kind % 2 ? append_array(m, in, depth) : append_dictionary(m, in, depth);
}

/* Never started for real: messages need one to be made. */
static sd_bus *get_bus(void)
{
        static sd_bus *bus;
        int pair[2];

        if (bus)
                return bus;
        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) >= 0);
        FUZZ_CHECK(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, pair[0], pair[0]) >= 0);
        FUZZ_CHECK(sd_bus_start(bus) >= 0);
        return bus;
}

static void check_message(sd_bus_message *m)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL;
        int fds[FDS_MAX];
        MessageFds list = { .fds = fds, .n_max = FDS_MAX };
        CtrError err = { 0 };
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        int r;

        FUZZ_CHECK(f);
        (void) fputc('{', f);
        r = message_read(m, "first\0second\0", BYTES_MAX, &list, f);
        (void) fputs("\"\":0}", f);
        (void) fclose(f);
        FUZZ_CHECK(list.n <= FDS_MAX);
        for (size_t i = 0; i < list.n; i++)
                (void) close(fds[i]);
        if (r < 0)
                return;
        /* A name twice is for the parser to refuse, and what it cannot represent. */
        r = json_document_parse(text, size, &doc, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                FUZZ_CHECK(json_value_length(json_document_root(doc)) == 3);
}

static void run_message(Input *in)
{
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_call(get_bus(), &m, "a.b", "/a", "a.b", "C");
        FUZZ_CHECK(r >= 0);
        for (int i = 0; i < 2 && r >= 0; i++)
                r = append_value(m, in, 0);
        if (r >= 0 && sd_bus_message_seal(m, 1, 0) >= 0)
                check_message(m);
        sd_bus_message_unref(m);
}

/* ---- packets ---- */

static int make_memfd(const uint8_t *data, size_t size, bool is_sealed)
{
        int fd = memfd_create("request", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        FUZZ_CHECK(fd >= 0 && ctr_write_all(fd, (const char *) data, size) >= 0);
        if (is_sealed)
                FUZZ_CHECK(fcntl(fd, F_ADD_SEALS,
                                   F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) >= 0);
        return fd;
}

static void send_packet(int socket_fd, const void *packet, size_t size, const int *fds, size_t n)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int) * FDS_MAX)];
        } control = { 0 };
        struct iovec iov = { .iov_base = (void *) (uintptr_t) packet, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (n > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n);
                control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_RIGHTS,
                        .cmsg_len = CMSG_LEN(sizeof(int) * n) };
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n);
        }
        FUZZ_CHECK(sendmsg(socket_fd, &message, 0) == (ssize_t) size);
}

static void read_arguments(const JobReceived *received)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *config = NULL;
        NewContainerOptions options;
        VerbCall call = { 0 };
        SimpleConfig simple;
        CtrError err = { 0 };
        uint64_t index;
        const char *id;
        int r;

        r = json_document_parse(received->text, received->text_size, &doc, &err);
        fuzz_check_error(r, &err);
        if (r < 0)
                return;
        call.arguments = json_document_root(doc);
        call.n_fds = received->n_fds < VERB_FDS_MAX ? received->n_fds : VERB_FDS_MAX;
        memcpy(call.fds, received->fds, call.n_fds * sizeof(*call.fds));
        r = new_container_options(&call, &options, &err);
        fuzz_check_error(r, &err);
        (void) json_value_member(call.arguments, "config", &config);
        r = simple_config_read(config, NULL, &simple, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                FUZZ_CHECK(simple.rootfs && simple.rootfs[0] == '/');
        r = verb_string(&call, "id", &id, &err);
        fuzz_check_error(r, &err);
        FUZZ_CHECK(verb_fd(&call, config) < 0 || json_value_u64(config, &index) >= 0);
}

static void run_packet(Input *in)
{
        unsigned flags = take(in);
        size_t n_fds = flags % 3, cut = flags & 4 ? take(in) : 0;
        int pair[2], fds[FDS_MAX] = { 0 };
        JobMessage message;
        JobReceived received;
        CtrError err = { 0 };
        int r;

        take_bytes(in, &message, 64);
        take_bytes(in, message.interface, sizeof(message.interface) / 2);
        take_bytes(in, message.member, sizeof(message.member) / 2);
        if (!(flags & 8))
                message.magic = JOB_MAGIC;
        if (!(flags & 16))
                message.kind = JOB_REQUEST;
        FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) >= 0);
        fds[0] = make_memfd(in->data, in->size, !(flags & 32));
        send_packet(pair[0], &message, sizeof(message) - cut, fds, n_fds);
        (void) close(fds[0]);
        r = job_receive(pair[1], &received, &err);
        fuzz_check_error(r, &err);
        if (r > 0) {
                FUZZ_CHECK(cut == 0 && received.message.magic == JOB_MAGIC);
                FUZZ_CHECK(memchr(received.message.member, '\0', sizeof(message.member)));
                (void) verb_find(received.message.interface, received.message.member);
                if (received.text)
                        read_arguments(&received);
                job_received_done(&received);
        }
        (void) close(pair[0]);
        (void) close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Input in = { .data = data, .size = size };

        if (take(&in) % 2)
                run_packet(&in);
        else
                run_message(&in);
        return 0;
}
