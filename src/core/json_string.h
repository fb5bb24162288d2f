/*
 * json_string.h - what a JSON string says.
 */
#ifndef WFM_CORE_JSON_STRING_H
#define WFM_CORE_JSON_STRING_H

/**
 * Write what stands between a string's quotes, escapes decoded; it is never longer than it was.
 * @param s of JSON that has been checked (json_check.h)
 * @return behind what was written
 */
char *wfm_json_unescape(char *to, const char *s, const char *end);

/** Write a code point in UTF-8, at most four bytes. @return behind it */
char *wfm_json_put(char *to, unsigned long code_point);

#endif
