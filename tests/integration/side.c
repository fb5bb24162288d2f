/*
 * side.c - the second httpd, and what it reads out of the checkout.
 */
#include "side.h"
#include "expect.h"
#include "fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const modules[] = {
    "authz_core", "authz_host", "authz_user",    "authn_core", "authn_file", "auth_basic",
    "dbd",        "headers",    "filter",        "deflate",    "mime",       "setenvif",
    "status",     "alias",      "socache_shmcb", "ssl",
};

const char *side_file(const char *path)
{
    const char *text;
    int status = fixture_shell(strf("cat '%s/%s'", fixture_root(), path), &text);

    expect(status == 0, "%s: %s", path, text);
    return text;
}

const char *side_recipe(const char *name)
{
    const char *document = side_file("docs/operating.md");
    const char *mark = strf("<!-- recipe: %s -->\n```apache\n", name);
    const char *start = strstr(document, mark), *end;

    if (!expect(start != NULL, "docs/operating.md has no recipe %s", name))
        return "";
    start += strlen(mark);
    end = strstr(start, "\n```\n");
    return apr_pstrmemdup(fixture_pool(), start, (end ? end : start) + 1 - start);
}

const char *side_replace(const char *text, const char *from, const char *to)
{
    const char *out = "", *at;

    expect(strstr(text, from) != NULL, "there is no '%s' in: %s", from, text);
    for (; (at = strstr(text, from)); text = at + strlen(from))
        out = strf("%s%.*s%s", out, (int)(at - text), text, to);
    return strf("%s%s", out, text);
}

const char *side_dir(void)
{
    return strf("%s/side", fixture_dir());
}

const char *side_log(void)
{
    const char *text;

    fixture_shell(strf("cat %s/error.log", side_dir()), &text);
    return text;
}

int side_free_port(void)
{
    const char *port;

    fixture_shell(strf("%s free-port", fixture_servers_sh()), &port);
    return atoi(port);
}

int side_start(int port, const char *text)
{
    return side_start_limited("true", port, text);
}

int side_start_limited(const char *limits, int port, const char *text)
{
    const char *load = "", *output, *path;
    int status;

    for (size_t i = 0; i < countof(modules); i++)
        load = strf("%sLoadModule %s_module ${MODULES}/mod_%s.so\n", load, modules[i], modules[i]);
    mkdir(side_dir(), 0755);
    unlink(strf("%s/error.log", side_dir()));
    path = fixture_write_conf(
        "side.conf",
        strf("ServerName localhost\nDefaultRuntimeDir %s\n"
             "LoadModule mpm_${MPM}_module ${MODULES}/mod_mpm_${MPM}.so\n%s"
             "<IfModule !mpm_prefork_module>\nLoadModule http2_module ${MODULES}/mod_http2.so\n"
             "</IfModule>\nLoadModule wfmetrics_module ${MODULE}\n"
             "<IfModule !unixd_module>\nLoadModule unixd_module ${MODULES}/mod_unixd.so\n"
             "</IfModule>\n<IfModule !watchdog_module>\n"
             "LoadModule watchdog_module ${MODULES}/mod_watchdog.so\n</IfModule>\n"
             "User www-data\nGroup www-data\nTypesConfig /dev/null\n"
             "<IfModule !mpm_prefork_module>\nServerLimit 1\nStartServers 1\n"
             "ThreadsPerChild 16\nMaxRequestWorkers 16\nMinSpareThreads 1\n</IfModule>\nListen "
             "127.0.0.1:%d\n%s",
             side_dir(), load, port, text));
    /* Debian's envvars unset HOME; root's would lead libpq to files that a child may not read. */
    status = fixture_shell(strf("%s && %s httpd-start %s %s HOME=/nonexistent", limits,
                                fixture_servers_sh(), side_dir(), path),
                           &output);
    expect(status == 0, "httpd did not start: %s\n%s", output, text);
    return status;
}

void side_stop(void)
{
    fixture_shell(strf("%s httpd-stop %s", fixture_servers_sh(), side_dir()), NULL);
}
