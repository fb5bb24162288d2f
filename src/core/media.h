/*
 * media.h - what a request's headers say of forms: of its body's charset and content coding, and of
 * the media types that it wants.
 */
#ifndef WFM_CORE_MEDIA_H
#define WFM_CORE_MEDIA_H

/** Is this media type JSON ("application/json", "application/...+json"; any case, any parameters)?
 */
int wfm_media_is_json(const char *content_type);

/** Is it this media type (any case, any parameters)? */
int wfm_media_is(const char *content_type, const char *type);

/**
 * Can a body of this Content-Type be read as UTF-8? It can if it names no charset, "utf-8" or a
 * part of it, "us-ascii" (any case, in quotes or not).
 */
int wfm_media_is_utf8(const char *content_type);

/** What an Accept header thinks of a media type. */
typedef struct wfm_media_preference_t {
    int quality; /**< in thousandths; 0: it does not want it */
    int named;   /**< it says so of this very type, not of a range */
} wfm_media_preference_t;

/**
 * How much does a client want a type (RFC 9110, section 12.5.1)? What the header says most
 * exactly counts, and of that the best. What is malformed in it says nothing.
 * @param accept  value of Accept, NULL: none, which wants anything
 * @param type    "text/plain"
 * @param version of the type's parameter: an item with another one is not about it
 */
wfm_media_preference_t wfm_media_preference(const char *accept, const char *type,
                                            const char *version);

/** Does this Content-Encoding name no coding, or nothing but "identity"? */
int wfm_media_is_identity(const char *content_encoding);

/** Does it name gzip (or its old name), once, and nothing else but "identity"? */
int wfm_media_is_gzip(const char *content_encoding);

#endif
