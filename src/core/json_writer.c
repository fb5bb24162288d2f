/*
 * json_writer.c - commas, nesting and escapes of a JSON answer.
 *
 * A scope is a bit number: 0 the top level, n the n-th open object or array.
 */
#include "json_writer.h"
#include <assert.h>

static apr_uint64_t bit(unsigned scope)
{
    return (apr_uint64_t)1 << scope;
}

void wfm_json_init(wfm_json_t *j, wfm_out_t *out)
{
    memset(j, 0, sizeof(*j));
    j->out = out;
}

/** Everything that starts a value comes through here: the comma, and is a value allowed now? */
static void before_value(wfm_json_t *j)
{
    apr_uint64_t scope = bit(j->depth);

    if (j->after_key) {
        j->after_key = 0;
        return;
    }
    assert(!(j->in_object & scope) && "a value in an object needs a key");
    assert((j->depth || !(j->has_items & scope)) && "one top-level value");
    if (j->has_items & scope)
        wfm_out_char(j->out, ',');
    j->has_items |= scope;
}

static void open_scope(wfm_json_t *j, char c, int is_object)
{
    before_value(j);
    assert(j->depth < WFM_JSON_SCOPES && "nested too deeply");
    j->depth++;
    j->has_items &= ~bit(j->depth);
    if (is_object)
        j->in_object |= bit(j->depth);
    else
        j->in_object &= ~bit(j->depth);
    wfm_out_char(j->out, c);
}

static void close_scope(wfm_json_t *j, char c, int is_object)
{
    assert(j->depth > 0 && "an end without a begin");
    assert(!!(j->in_object & bit(j->depth)) == is_object && "the other kind of scope is open");
    assert(!j->after_key && "a key without a value");
    (void)is_object; /* for builds with NDEBUG */
    j->depth--;
    wfm_out_char(j->out, c);
}

void wfm_json_object(wfm_json_t *j)
{
    open_scope(j, '{', 1);
}

void wfm_json_object_end(wfm_json_t *j)
{
    close_scope(j, '}', 1);
}

void wfm_json_array(wfm_json_t *j)
{
    open_scope(j, '[', 0);
}

void wfm_json_array_end(wfm_json_t *j)
{
    close_scope(j, ']', 0);
}

/*
 * U+0085, U+2028 and U+2029 end a line to many readers of lines (Python's splitlines, for one),
 * while JSON leaves them as they are. Escaped, a line of newline-delimited JSON is one for
 * everybody.
 */
typedef struct line_end_t {
    const char *bytes, *escape;
} line_end_t;

static const line_end_t line_ends[] = {
    {"\xC2\x85", "\\u0085"}, {"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}};

#define LINE_END_STARTS [0xC2] = 1, [0xE2] = 1

/* The one that s begins with; NULL: none. */
static const line_end_t *find_line_end(const char *s, const char *end)
{
    for (apr_size_t i = 0; i < sizeof line_ends / sizeof *line_ends; i++) {
        apr_size_t len = strlen(line_ends[i].bytes);

        if ((apr_size_t)(end - s) >= len && !memcmp(s, line_ends[i].bytes, len))
            return &line_ends[i];
    }
    return NULL;
}

/* Bytes that a string's plain text ends at: what must be escaped, or may have to be. */
static const unsigned char escaped_bytes[256] = {
    [0 ... 0x1f] = 1, ['"'] = 1, ['\\'] = 1, LINE_END_STARTS};

/* The same in what is JSON already. */
static const unsigned char line_bytes[256] = {LINE_END_STARTS};

#define ONES ((apr_uint64_t)0x0101010101010101)
#define HIGH ((apr_uint64_t)0x8080808080808080)

/* Of eight bytes, is one the byte b? Is one below n? (Anderson's "Bit Twiddling Hacks") */
#define HAS_ZERO(w)     (((w)-ONES) & ~(w)&HIGH)
#define HAS_BYTE(w, b)  HAS_ZERO((w) ^ ONES * (b))
#define HAS_LESS(w, n)  (((w)-ONES * (n)) & ~(w)&HIGH)
#define HAS_LINE_END(w) HAS_BYTE((w) | ONES * 0x20, 0xE2) /* 0xC2 or 0xE2 */

/* How many plain bytes s begins with: eight at a time, then the table says which it is. */
static apr_size_t plain_bytes(const char *s, apr_size_t len)
{
    apr_size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        apr_uint64_t w;

        memcpy(&w, s + i, 8);
        if (HAS_LESS(w, 0x20) || HAS_BYTE(w, '"') || HAS_BYTE(w, '\\') || HAS_LINE_END(w))
            break;
    }
    while (i < len && !escaped_bytes[(unsigned char)s[i]])
        i++;
    return i;
}

static apr_size_t bytes_before_line_end(const char *s, apr_size_t len)
{
    apr_size_t i = 0;

    for (; i + 8 <= len; i += 8) {
        apr_uint64_t w;

        memcpy(&w, s + i, 8);
        if (HAS_LINE_END(w))
            break;
    }
    while (i < len && !line_bytes[(unsigned char)s[i]])
        i++;
    return i;
}

/* Write what may be a line's end, escaped if it is one. @return behind it */
static const char *write_line_end(wfm_out_t *o, const char *s, const char *end)
{
    const line_end_t *found = find_line_end(s, end);

    if (!found) {
        wfm_out_char(o, *s);
        return s + 1;
    }
    wfm_out_str(o, found->escape);
    return s + strlen(found->bytes);
}

/* Write the byte that a run of plain ones ended at. @return behind it */
static const char *write_escaped(wfm_out_t *o, const char *s, const char *end)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char)*s;

    if (c >= 0x80)
        return write_line_end(o, s, end);
    if (c >= 0x20) {
        const char escape[2] = {'\\', (char)c};

        wfm_out_mem(o, escape, sizeof(escape));
    } else {
        const char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

        wfm_out_mem(o, escape, sizeof(escape));
    }
    return s + 1;
}

/* Runs of plain bytes are copied at once. */
static void escape_text(wfm_out_t *o, const char *s, apr_size_t len)
{
    const char *end = s + len;

    for (;;) {
        apr_size_t plain = plain_bytes(s, (apr_size_t)(end - s));

        wfm_out_mem(o, s, plain);
        s += plain;
        if (s == end)
            break;
        s = write_escaped(o, s, end);
    }
}

void wfm_json_quote(wfm_out_t *o, const char *s, apr_size_t len)
{
    wfm_out_char(o, '"');
    escape_text(o, s, len);
    wfm_out_char(o, '"');
}

void wfm_json_splice(wfm_out_t *o, const char *text, apr_size_t len)
{
    const char *end = text + len;

    for (;;) {
        apr_size_t plain = bytes_before_line_end(text, (apr_size_t)(end - text));

        wfm_out_mem(o, text, plain);
        text += plain;
        if (text == end)
            return;
        text = write_line_end(o, text, end);
    }
}

static void before_key(wfm_json_t *j)
{
    apr_uint64_t scope = bit(j->depth);

    assert((j->in_object & scope) && "a key outside an object");
    assert(!j->after_key && "a key after a key");
    if (j->has_items & scope)
        wfm_out_char(j->out, ',');
    j->has_items |= scope;
    j->after_key = 1;
}

void wfm_json_key_n(wfm_json_t *j, const char *name, apr_size_t len)
{
    before_key(j);
    wfm_json_quote(j->out, name, len);
    wfm_out_char(j->out, ':');
}

void wfm_json_name(wfm_json_t *j, const char *name)
{
    before_key(j);
    wfm_out_char(j->out, '"');
    wfm_out_str(j->out, name);
    wfm_out_mem(j->out, "\":", 2);
}

void wfm_json_key(wfm_json_t *j, const char *name)
{
    wfm_json_key_n(j, name, strlen(name));
}

void wfm_json_string_n(wfm_json_t *j, const char *s, apr_size_t len)
{
    if (!s) {
        wfm_json_null(j);
        return;
    }
    before_value(j);
    wfm_json_quote(j->out, s, len);
}

void wfm_json_string(wfm_json_t *j, const char *s)
{
    wfm_json_string_n(j, s, s ? strlen(s) : 0);
}

void wfm_json_text(wfm_json_t *j)
{
    before_value(j);
    wfm_out_char(j->out, '"');
}

void wfm_json_text_add(wfm_json_t *j, const char *s, apr_size_t len)
{
    escape_text(j->out, s, len);
}

void wfm_json_text_end(wfm_json_t *j)
{
    wfm_out_char(j->out, '"');
}

void wfm_json_int64(wfm_json_t *j, apr_int64_t v)
{
    before_value(j);
    wfm_out_int64(j->out, v);
}

void wfm_json_raw(wfm_json_t *j, const char *text, apr_size_t len)
{
    before_value(j);
    if (text)
        wfm_out_mem(j->out, text, len);
    else
        wfm_out_mem(j->out, "null", 4);
}

void wfm_json_bool(wfm_json_t *j, int v)
{
    if (v)
        wfm_json_raw(j, "true", 4);
    else
        wfm_json_raw(j, "false", 5);
}

void wfm_json_null(wfm_json_t *j)
{
    wfm_json_raw(j, NULL, 0);
}

void wfm_json_foreign(wfm_json_t *j)
{
    before_value(j);
}
