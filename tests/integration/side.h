/*
 * side.h - a second httpd beside the fixture's, for configurations that a stranger would paste: the
 * documents' blocks and the files in conf/.
 */
#ifndef WFM_TEST_SIDE_H
#define WFM_TEST_SIDE_H

/** One cluster of database lens_a, whose name is the host's; printf arguments: name, sockets, name,
 * name. */
#define SIDE_CLUSTER                                                                               \
    "    ServerName %s\n    DBDriver pgsql\n"                                                      \
    "    DBDParams \"host=%s dbname=lens_a user=wfmetrics connect_timeout=2"                       \
    " application_name=%s\"\n    DBDMin 0\n    DBDKeep 1\n    DBDMax 3\n    WfmetricsCluster %s\n"

/** The block of docs/operating.md below the comment "recipe: NAME". */
const char *side_recipe(const char *name);

/** A file of the checkout. */
const char *side_file(const char *path);

/** text with every occurrence of from replaced; it is a failure if there is none. */
const char *side_replace(const char *text, const char *from, const char *to);

/** A free port for side_start. */
int side_free_port(void);

/** Start httpd in a directory DIR/side with modules for everything that the documents show, Listen
 * 127.0.0.1:port, and this text. 0: it runs. */
int side_start(int port, const char *text);
/** The same after a command of the shell's, such as ulimit. */
int side_start_limited(const char *limits, int port, const char *text);
void side_stop(void);

/** Where the servers write. */
const char *side_dir(void);
const char *side_log(void);

#endif
