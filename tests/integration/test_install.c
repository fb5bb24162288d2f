/*
 * test_install.c - make install, uninstall and purge, below a DESTDIR with blanks in its name.
 */
#include "../support/suite.h"
#include "expect.h"
#include "fixture.h"
#include <stdlib.h>
#include <string.h>

#define MODS  "/etc/apache2/mods-available"
#define SHARE WFM_SHAREDIR

static const char *root(void)
{
    return strf("%s/a root", fixture_dir());
}

/* The module is not built anew, whichever it is. */
static int make(const char *target, const char **output)
{
    const char *module = getenv("WFM_MODULE");

    if (!module || !*module)
        module = strf("%s/build/mod_wfmetrics.so", fixture_root());
    return fixture_shell(strf("make -s -C '%s' -o '%s' MODULE='%s' DESTDIR='%s' %s", fixture_root(),
                              module, module, root(), target),
                         output);
}

static void expect_makes(const char *target)
{
    const char *output;
    int status = make(target, &output);

    expect(status == 0, "make %s: %s", target, output);
}

static void shell(const char *command)
{
    const char *output;
    int status = fixture_shell(strf("cd '%s' && %s", root(), command), &output);

    expect(status == 0, "%s: %s", command, output);
}

/* All files below the root, one a line. */
static const char *files(void)
{
    const char *output;

    fixture_shell(strf("cd '%s' && find . -type f -o -type l | sort | sed 's/^\\.//'", root()),
                  &output);
    return output;
}

static void test_install(void)
{
    const char *all;

    expect_makes("install");
    all = files();
    expect_contains(all, "/mod_wfmetrics.so\n");
    expect_contains(all, MODS "/wfmetrics.conf\n" MODS "/wfmetrics.load\n");
    expect_contains(all, SHARE "/roles/api_role.sql\n" SHARE "/schema/001_tables.sql\n");
    expect_contains(all, SHARE "/undo/004_summaries.sql\n");
    expect_contains(all, SHARE "/vhosts/mi325-east.conf\n");
    expect_contains(all, SHARE "/prometheus/wfmetrics.rules.yml\n");
    expect_contains(all, SHARE "/access-log.conf\n" SHARE "/page.conf\n");
    expect_contains(all, SHARE "/web/views/overview.js\n");
    expect_contains(all, SHARE "/web/dygraphs\n"); /* a link to the package's */
    /* all of the page, and what page.conf speaks of */
    shell(strf("diff -r '%s/src/web' ." SHARE "/web --exclude=dygraphs", fixture_root()));
    shell("grep -q '<Directory \"" SHARE "/web\">' ." SHARE "/page.conf");
    /* what the .load names is there */
    shell("test -e \".$(sed -n 's/^LoadModule wfmetrics_module //p' ." MODS "/wfmetrics.load)\"");
    /* again, as an upgrade does: edits stay, a migration that is gone goes */
    shell("echo '# mine' >> ." MODS "/wfmetrics.conf && touch ." SHARE "/schema/000_gone.sql");
    expect_makes("install");
    shell("grep -q '# mine' ." MODS "/wfmetrics.conf");
    expect_str(files(), all);
}

static void expect_in_use(const char *file)
{
    const char *before = files(), *output;
    int status = make("uninstall", &output);

    expect(status != 0, "it was removed in spite of %s: %s", file, output);
    status = make("purge", NULL);
    expect(status != 0, "it was purged in spite of %s", file);
    expect_contains(output, strf("%s/etc/apache2/%s\n", root(), file));
    expect_contains(output, "a2dissite");
    expect_str(files(), before);
}

/* Each way to need the module, each place to say so; and what only looks like one. */
static void test_in_use(void)
{
    shell("cd etc/apache2 && mkdir -p sites-available sites-enabled conf-enabled mods-enabled &&"
          " ln -s ../mods-available/wfmetrics.load ../mods-available/wfmetrics.conf mods-enabled &&"
          " echo 'WfmetricsMaxThreads 9' >> mods-available/wfmetrics.conf &&"
          " printf '  wfmetricsCluster x\\n' > sites-available/a\\ site.conf &&"
          " ln -s ../sites-available/a\\ site.conf sites-enabled/");
    expect_in_use("sites-enabled/a site.conf");
    shell("rm etc/apache2/sites-enabled/*");
    shell("printf 'x\\n\\tSetHandler \"wfmetrics\"\\n' > etc/apache2/conf-enabled/api.conf");
    expect_in_use("conf-enabled/api.conf");
    shell("mv etc/apache2/conf-enabled/api.conf etc/apache2/apache2.conf");
    expect_in_use("apache2.conf");
    shell("echo 'LoadModule wfmetrics_module /x.so' > etc/apache2/mods-enabled/other.load");
    expect_in_use("mods-enabled/other.load");
    shell("rm etc/apache2/apache2.conf etc/apache2/mods-enabled/other.load &&"
          " echo '  include \"" SHARE "/access-log.conf\"' > etc/apache2/conf-enabled/log.conf");
    expect_in_use("conf-enabled/log.conf");
    shell("printf 'LogFormat \"{\\\\\"user\\\\\":%%{user}^WJ}\" mine\\n'"
          " > etc/apache2/conf-enabled/log.conf");
    expect_in_use("conf-enabled/log.conf");
    shell("rm etc/apache2/conf-enabled/log.conf &&"
          " printf '#WfmetricsCluster x\\nSetHandler wfmetrics-other\\n#SetHandler wfmetrics\\n'"
          " > etc/apache2/sites-enabled/plain.conf &&"
          " printf '# Include " SHARE "/access-log.conf\\n#%%{user}^WJ\\n"
          "IncludeOptional " SHARE "/access-log.conf\\nInclude /etc/other.conf\\n'"
          " >> etc/apache2/sites-enabled/plain.conf");
}

static void test_uninstall(void)
{
    const char *output;
    int status = make("uninstall", &output);

    expect(status == 0, "%s", output);
    expect_contains(output, "/mods-available/wfmetrics.conf\n"); /* edited */
    expect_contains(output, strf("    sudo -u postgres psql -q -d DATABASE -f \"%s" SHARE
                                 "/undo/004_summaries.sql\"\n",
                                 root()));
    shell("rm -r etc/apache2/sites-*");
    output = files();
    expect_lacks(output, "mod_wfmetrics.so");
    expect_lacks(output, "wfmetrics.load");
    expect_lacks(output, "/schema/");
    expect_lacks(output, "/roles/");
    expect_lacks(output, "/vhosts/");
    expect_lacks(output, "/prometheus/");
    expect_lacks(output, "access-log.conf");
    expect_lacks(output, "/web/");
    expect_lacks(output, "page.conf");
    expect_lacks(output, "mods-enabled");
    expect_contains(output, MODS "/wfmetrics.conf\n");
    expect_contains(output, SHARE "/undo/004_summaries.sql\n");
    expect_makes("uninstall"); /* nothing left to do */
    status = make("purge", &output);
    expect(status == 0, "%s", output);
    expect_lacks(output, "kept");
    expect_str(files(), "");

    expect_makes("install"); /* not edited: gone at once */
    expect_makes("uninstall");
    expect_lacks(files(), "wfmetrics.conf");
}

/* A file that httpd includes from elsewhere, as httpd itself lists it. */
static void test_included(void)
{
    const char *output, *dir = strf("%s/included", fixture_dir());
    int status;

    fixture_shell(
        strf("mkdir -p %s/etc && echo 'WfmetricsCluster x' > '%s/far away.conf' &&"
             " printf '#!/bin/sh\\nprintf \"Included configuration files:\\\\n  (*)"
             " %s/etc/httpd.conf\\\\n    (146) %s/far away.conf\\\\n\"\\n' > %s/apachectl &&"
             " chmod +x %s/apachectl",
             dir, dir, dir, dir, dir, dir),
        &output);
    status = fixture_shell(strf("'%s/conf/in-use.sh' %s/etc", fixture_root(), dir), &output);
    expect(status == 0, "%s", output);
    status = fixture_shell(
        strf("'%s/conf/in-use.sh' %s/etc %s/apachectl", fixture_root(), dir, dir), &output);
    expect(status != 0, "it is not seen");
    expect_contains(output, strf("    %s/far away.conf\n", dir));
}

SUITE(install) = {
    {"what install puts where, and again", test_install},
    {"uninstall refuses while the module is in use", test_in_use},
    {"a file that is included from elsewhere", test_included},
    {"uninstall, and purge", test_uninstall},
    CU_TEST_INFO_NULL,
};
