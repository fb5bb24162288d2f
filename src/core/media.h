/*
 * media.h - what a request's headers say of its body's form: charset, content coding.
 */
#ifndef WFM_CORE_MEDIA_H
#define WFM_CORE_MEDIA_H

/**
 * Can a body of this Content-Type be read as UTF-8? It can if it names no charset, "utf-8" or a
 * part of it, "us-ascii" (any case, in quotes or not).
 */
int wfm_media_is_utf8(const char *content_type);

/** Does this Content-Encoding name no coding, or nothing but "identity"? */
int wfm_media_is_identity(const char *content_encoding);

#endif
