/*
 * recorded.c - reads what other programs said.
 */
#include "recorded.h"
#include "unit.h"
#include <apr_file_io.h>

char *recorded(const char *path)
{
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    CU_ASSERT_FATAL(apr_file_open(&file, path, APR_FOPEN_READ, 0, unit_pool()) == APR_SUCCESS);
    apr_file_info_get(&info, APR_FINFO_SIZE, file);
    text = apr_palloc(unit_pool(), (apr_size_t)info.size + 1);
    apr_file_read_full(file, text, (apr_size_t)info.size, NULL);
    text[info.size] = '\0';
    apr_file_close(file);
    return text;
}
