/*
 * pool.c - owns what is known of mod_dbd's pools: what configtest can say about a host's DBD
 * settings, which hosts share a pool, what a child does before one connects, and the source that a
 * host's requests take their connections from.
 */
#include "../core/clock.h"
#include "private.h"
#include <apr_env.h>
#include <apr_strings.h>
#include <http_config.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define CONNECT_TIMEOUT_SECONDS "2" /* libpq takes less for 2 */

/*
 * mod_dbd's per-server configuration. Private to mod_dbd, but its shape has not changed since 2.2;
 * the first member is a public type whose `server` member proves that the guess is right.
 */
typedef struct dbd_server_t {
    dbd_cfg_t *cfg;
    void *group;
} dbd_server_t;

static dbd_cfg_t *dbd_settings(server_rec *s)
{
    module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_server_t *conf = dbd ? ap_get_module_config(s->module_config, dbd) : NULL;

    return conf ? conf->cfg : NULL;
}

static const char *check_driver(apr_pool_t *p, const dbd_cfg_t *cfg)
{
    if (!strcmp(cfg->name, "pgsql"))
        return NULL;
    if (cfg->name[0] == '[') /* mod_dbd's "[DBDriver unset]" */
        return "it has no DBDriver: write 'DBDriver pgsql'";
    return apr_psprintf(p,
                        "its DBDriver is '%s', but mod_wfmetrics speaks to PostgreSQL only: "
                        "write 'DBDriver pgsql'",
                        cfg->name);
}

/* libpq's own complaint might quote a part of the password, so it is not repeated. */
static const char *check_params(const dbd_cfg_t *cfg)
{
    PQconninfoOption *options = PQconninfoParse(cfg->params, NULL);

    if (!options)
        return "libpq cannot read its DBDParams: write 'DBDParams \"host=... dbname=... "
               "user=...\"'";
    PQconninfoFree(options);
    return NULL;
}

static const char *check_numbers(apr_pool_t *p, const dbd_cfg_t *cfg)
{
    if (cfg->nmax < 1)
        return "its DBDMax is 0: write 'DBDMax 10', or another number from 1 on";
    if (cfg->nmin > cfg->nkeep || cfg->nkeep > cfg->nmax)
        return apr_psprintf(
            p,
            "its DBDMin %d, DBDKeep %d and DBDMax %d are not in ascending order, and "
            "mod_dbd would make no pool: write for example 'DBDMin 0', 'DBDKeep %d'",
            cfg->nmin, cfg->nkeep, cfg->nmax, cfg->nmax < 2 ? cfg->nmax : 2);
    return NULL;
}

const char *wfm_pgsql_check(apr_pool_t *p, server_rec *main_server, server_rec *s)
{
    const dbd_cfg_t *cfg = dbd_settings(s), *inherited = dbd_settings(main_server);
    const char *fault;

    if (!ap_find_linked_module("mod_dbd.c"))
        return "mod_dbd is not loaded: write 'LoadModule dbd_module modules/mod_dbd.so' "
               "(Debian: a2enmod dbd)";
    if (!cfg)
        return "it has no DBD settings: write 'DBDriver pgsql' and 'DBDParams \"host=... "
               "dbname=...\"'";
    if (!*cfg->params)
        return "it has no DBDParams: write 'DBDriver pgsql' and 'DBDParams \"host=... "
               "dbname=...\"'";
    if (s != main_server && (cfg->server != s || cfg->params == inherited->params))
        return "it has no DBDParams of its own, so it would read another host's database: write "
               "'DBDriver pgsql' and 'DBDParams \"host=... dbname=...\"' inside it";
    fault = check_driver(p, cfg);
    if (!fault)
        fault = check_params(cfg);
    return fault ? fault : check_numbers(p, cfg);
}

const char *wfm_pgsql_pool_key(apr_pool_t *p, server_rec *s)
{
    const dbd_cfg_t *cfg = dbd_settings(s);

    return apr_psprintf(p, "%d %d %d %d %s", cfg->nmin, cfg->nkeep, cfg->nmax, cfg->exptime,
                        cfg->params);
}

/* What mod_dbd runs on a new connection (DBDInitSQL). */
static int is_begun_alike(const dbd_cfg_t *a, const dbd_cfg_t *b)
{
    const apr_array_header_t *one = a->init_queries, *other = b->init_queries;

    if (one->nelts != other->nelts)
        return 0;
    for (int i = 0; i < one->nelts; i++)
        if (strcmp(APR_ARRAY_IDX(one, i, const char *), APR_ARRAY_IDX(other, i, const char *)) != 0)
            return 0;
    return 1;
}

const char *wfm_pgsql_difference(server_rec *one, server_rec *other)
{
    const dbd_cfg_t *a = dbd_settings(one), *b = dbd_settings(other);

    if (strcmp(a->params, b->params) != 0)
        return "DBDParams";
    if (a->nmin != b->nmin)
        return "DBDMin";
    if (a->nkeep != b->nkeep)
        return "DBDKeep";
    if (a->nmax != b->nmax)
        return "DBDMax";
    if (a->exptime != b->exptime)
        return "DBDExptime";
    if (!is_begun_alike(a, b))
        return "DBDInitSQL";
    return a->persist != b->persist ? "DBDPersist" : NULL;
}

/* Where a child is one thread it needs one connection, unless mod_dbd makes more in any case
 * (DBDMin); and one of them needs another one while it does maintenance. */
int wfm_pgsql_most(server_rec *s, int children, int threaded)
{
    const dbd_cfg_t *cfg = dbd_settings(s);

    if (threaded)
        return children * cfg->nmax;
    if (cfg->nmin > 1)
        return children * cfg->nmin;
    return children + wfm_admission_has_maintenance(cfg->nmax);
}

const char *wfm_pgsql_where(apr_pool_t *p, server_rec *s)
{
    static const char *const names[] = {"host", "hostaddr", "port"};
    PQconninfoOption *options = PQconninfoParse(dbd_settings(s)->params, NULL);
    const char *where = "";

    for (size_t i = 0; options && i < sizeof names / sizeof *names; i++)
        for (const PQconninfoOption *o = options; o->keyword; o++)
            if (!strcmp(o->keyword, names[i]))
                where = apr_pstrcat(p, where, o->val ? o->val : "", " ", NULL);
    PQconninfoFree(options);
    return where;
}

/*
 * libpq has a row's values from malloc. glibc takes the first large one from the system and gives
 * it back, but learns from that to keep later ones, some MB in each thread's heap. To name the
 * threshold that it begins with is to let it stay there: for the whole process, so not where the
 * operator has said something about it.
 */
static void keep_threshold(apr_pool_t *p)
{
#ifdef __GLIBC__
    char *set;

    if (apr_env_get(&set, "MALLOC_MMAP_THRESHOLD_", p) != APR_SUCCESS &&
        apr_env_get(&set, "GLIBC_TUNABLES", p) != APR_SUCCESS)
        mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#else
    (void)p;
#endif
}

void wfm_pgsql_child_init(apr_pool_t *pchild)
{
    char *set;

    /* mod_dbd connects under its pool's lock, and libpq waits for ever by default. A
     * connect_timeout in DBDParams, or an operator's own setting of the variable, is stronger than
     * this. */
    if (apr_env_get(&set, "PGCONNECT_TIMEOUT", pchild) != APR_SUCCESS)
        apr_env_set("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT_SECONDS, pchild);
    keep_threshold(pchild);
}

/* How long the first of several equal questions waits for one that is at the database already: much
 * longer than a small one takes, and not much of what a person notices. */
#define SHARE_AFTER apr_time_from_msec(10)

/* @param said by a directive; -1: half of all */
static int share(int said, int max)
{
    if (said > 0)
        return said;
    return max / 2 > 0 ? max / 2 : 1;
}

/* What the sources of one mod_dbd pool share. */
typedef struct dbd_pool_t {
    wfm_admission_t *admission;
    wfm_db_state_t state;
} dbd_pool_t;

apr_status_t wfm_pgsql_source(wfm_db_source_t **out, apr_pool_t *pchild, server_rec *s,
                              const wfm_db_settings_t *settings, const wfm_meter_t *meter,
                              const wfm_db_shared_t *shared)
{
    const dbd_cfg_t *cfg = dbd_settings(s);
    const char *key = wfm_pgsql_pool_key(pchild, s);
    dbd_pool_t *pool = apr_hash_get(shared->pools, key, APR_HASH_KEY_STRING);
    wfm_db_source_t *src = apr_pcalloc(pchild, sizeof *src);

    src->server = s;
    src->settings = *settings;
    src->meter = meter;
    src->open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    src->close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    src->slots = shared->slots;
    src->observer = shared->observer;
    src->maintained = shared->maintained && wfm_admission_has_maintenance(cfg->nmax);
    if (!pool) {
        apr_status_t rv;

        pool = apr_pcalloc(pchild, sizeof *pool);
        rv = wfm_admission_create(&pool->admission, pchild, shared->threads, cfg->nmax,
                                  share(settings->max_exports, cfg->nmax),
                                  share(settings->max_ingests, cfg->nmax));
        if (rv != APR_SUCCESS)
            return rv;
        apr_hash_set(shared->pools, key, APR_HASH_KEY_STRING, pool);
    }
    src->admission = pool->admission;
    src->state = &pool->state;
    *out = src;
    return src->slots ? APR_SUCCESS
                      : wfm_coalescer_create(&src->coalescer, pchild, src->admission, SHARE_AFTER);
}
