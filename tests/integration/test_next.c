/*
 * test_next.c - clients whose next request comes at once, in pieces, in pairs, late or never: the
 * thread that waits for it (src/httpd/next.c) changes nothing of what they get.
 */
#include "expect.h"
#include "fixture.h"
#include "suites.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET(path) "GET " API_BASE path " HTTP/1.1\r\nHost: " HOST_A "\r\n\r\n"
#define ONE       GET("/configs?limit=1")
#define ANOTHER   GET("/runs/999999999")

#define LATE 5000 /* microseconds: longer than any thread waits */

static void say(int fd, const char *bytes)
{
    expect_int(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), (int)strlen(bytes));
}

/* Read as far as the header's end, then as much as it says there is; 0: the connection ended. */
static int hear(int fd, const char *status)
{
    char got[8192], *body, *length;
    size_t len = 0, want = 1;

    for (body = NULL; len < want; got[len] = '\0') {
        size_t room = sizeof got - 1 - len;
        ssize_t n = recv(fd, got + len, !body ? 1 : want - len < room ? want - len : room, 0);

        if (n <= 0)
            return 0;
        len += (size_t)n;
        got[len] = '\0';
        if (!body)
            want = len + 1;
        if (!body && (body = strstr(got, "\r\n\r\n"))) {
            length = strstr(got, "Content-Length: ");
            if (!expect(length != NULL, "no length in\n%s", got))
                return 0;
            want = len + strtoul(length + strlen("Content-Length: "), NULL, 10);
        }
    }
    expect(!strncmp(got, status, strlen(status)), "%s in place of %s", got, status);
    return 1;
}

#define GOOD "HTTP/1.1 200 OK\r\n"
#define BAD  "HTTP/1.1 404 Not Found\r\n"

static void test_at_once(void)
{
    int fd = http_raw_open(ONE, strlen(ONE));

    for (int i = 0; i < 60 && expect(hear(fd, GOOD), "no answer %d", i); i++)
        say(fd, ONE);
    close(fd);
}

#define MANY 49 /* more than three quarters of the threads in httpd.conf */

/* Does a thread wait for one of 50 requests at once, on as many connections as it takes, or on
 * `most`? */
static int waits(int most)
{
    apr_off_t mark = fixture_log_mark();
    int found = 0;

    for (int n = 0; !found && n < most; n++) {
        int fd = http_raw_open(ONE, strlen(ONE));

        for (int i = 0; i < 50 && expect(hear(fd, GOOD), "no answer %d", i); i++)
            say(fd, ONE);
        close(fd);
        found = strstr(fixture_log_since(mark), "waiting for the next request") != NULL;
    }
    return found;
}

/* One does where the MPM has a listener, and where there are not too many connections. */
static void test_who_waits(void)
{
    int fds[MANY], event = fixture_is_event();

    expect_int(waits(event ? 100 : 4), event);
    for (int i = 0; event && i < MANY; i++) {
        fds[i] = http_raw_open(ONE, strlen(ONE));
        expect(hear(fds[i], GOOD), "no answer to connection %d", i);
    }
    if (event)
        expect_int(waits(4), 0);
    for (int i = 0; event && i < MANY; i++)
        close(fds[i]);
}

static void test_in_pieces(void)
{
    int fd = http_raw_open(ONE, strlen(ONE));

    for (size_t i = 1; i < strlen(ONE) && expect(hear(fd, GOOD), "no answer"); i += 9) {
        say(fd, ONE);
        expect(hear(fd, GOOD), "no answer");
        say(fd, strf("%.*s", (int)i, ONE));
        usleep(LATE);
        say(fd, &ONE[i]);
    }
    close(fd);
}

/* Of several that come together none waits for what comes after the last. */
static void test_together(void)
{
    int fd = http_raw_open(ONE, strlen(ONE));

    for (int i = 0; i < 10 && expect(hear(fd, GOOD), "no answer"); i++) {
        say(fd, ANOTHER ONE ANOTHER ONE);
        expect(hear(fd, BAD) && hear(fd, GOOD) && hear(fd, BAD), "no answer");
    }
    close(fd);
}

static void test_late(void)
{
    int fd = http_raw_open(ONE, strlen(ONE));

    for (int i = 0; i < 20 && expect(hear(fd, GOOD), "no answer %d", i); i++) {
        usleep(i % 4 ? 0 : LATE);
        say(fd, ONE);
    }
    close(fd);
}

/* Who has come at once goes, or says what is no request: as after any other answer. */
static void test_no_more(void)
{
    for (int i = 0; i < 4; i++) {
        int fd = http_raw_open(ONE, strlen(ONE));
        const char *rest;

        expect(hear(fd, GOOD), "no answer");
        say(fd, ONE);
        expect(hear(fd, GOOD), "no answer");
        if (i % 2)
            say(fd, "nonsense\r\n\r\n");
        if (i / 2)
            usleep(LATE);
        shutdown(fd, SHUT_WR);
        rest = http_raw_rest(fd);
        if (i % 2)
            expect_contains(rest, "400 Bad Request");
        else
            expect_str(rest, "");
    }
    expect_success(http_get("/configs?limit=1"));
}

CU_TestInfo next_tests[] = {
    {"a request at once", test_at_once},
    {"who waits", test_who_waits},
    {"one in pieces", test_in_pieces},
    {"several together", test_together},
    {"one that is late", test_late},
    {"no more", test_no_more},
    CU_TEST_INFO_NULL,
};
