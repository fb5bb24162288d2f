/*
 * fuzz.h - what the fuzz targets share. A target is one file with one fuzz_one.
 */
#ifndef WFM_FUZZ_H
#define WFM_FUZZ_H

#include "core/error.h"
#include "core/out.h"
#include <apr_pools.h>

/** Feed the parser with an input, and check what must hold, whatever it is. The pool is the
 * input's. */
void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len);

/** A promise: an input that breaks it ends the run, as one that crashes does. */
#define must(ok) ((ok) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #ok))

void fuzz_broken(const char *file, int line, const char *promise) __attribute__((noreturn));

/** A copy with a NUL behind it, in memory of its own: the sanitizer sees who reads on. */
char *fuzz_text(apr_pool_t *p, const char *data, apr_size_t len);

/** A byte sink that keeps what it gets. */
typedef struct fuzz_sink_t {
    wfm_out_t out;
    char buf[64]; /* small, so that everything crosses its end */
    apr_pool_t *pool;
    char *text; /**< NUL-terminated */
    apr_size_t len;
} fuzz_sink_t;

fuzz_sink_t *fuzz_sink(apr_pool_t *p);

/** Flush; what was written so far. */
const char *fuzz_written(fuzz_sink_t *sink);

/** Is it JSON as RFC 8259 has it, in UTF-8, without lone surrogates and \u0000, nested at most so
 * deep? Another algorithm than json_check's: no recursion, one character after the other. */
int fuzz_is_json(const char *text, apr_size_t len, int max_depth);

/** Is it UTF-8? Decodes code points, and looks at them. */
int fuzz_is_utf8(const char *text, apr_size_t len);

/** Does a validation error say something about this field? */
int fuzz_names_field(const wfm_error_t *err, const char *field);

/** What every validation error is: a 400 with fields, none without a message; bounded. */
void fuzz_check_error(const wfm_error_t *err);

#endif
