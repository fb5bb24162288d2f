/*
 * words.c - THE lists of names.
 *
 * A name is compared without what stands in brackets at its end, as lower-case letters and digits
 * alone: "Batch Size", "batch_size" and "batchSize" are one. Words end where a letter or digit is
 * followed by something else, and before a capital letter behind a small one.
 */
#include "words.h"
#include <string.h>

#define NAME_BYTES 64 /* no listed name is longer */

static const char parameters[] =
    " batch batchsize bs microbatchsize mbs globalbatchsize gbs localbatchsize"
    " seqlen seqlength sequencelength maxseqlen contextlength ctxlen inputlen inputlength outputlen"
    " outputlength isl osl promptlen promptlength maxtokens inputtokens outputtokens newtokens"
    " m n k b h d s numheads heads nheads kvheads numkvheads headdim hiddensize hiddendim"
    " intermediatesize layers numlayers nlayers experts numexperts topk vocabsize"
    " tp pp dp ep cp sp tpsize ppsize dpsize epsize cpsize"
    " threads numthreads nthreads threadcount processes nprocs numprocs procs workers numworkers"
    " cores numcores ncores gpus numgpus ngpus gpucount gpu gpuid device devices deviceid "
    "numdevices"
    " nodes numnodes nnodes nodecount rank ranks localrank globalrank worldsize"
    " concurrency maxconcurrency clients numclients connections numconnections users"
    " blocksize tilesize chunksize pagesize groupsize stages numstages warps numwarps splitk"
    " size messagesize msgsize bufsize buffersize iodepth queuedepth numjobs"
    " width height depth channels inchannels outchannels kernelsize stride padding dim dims"
    " bits nbits wbits seed port warmup repetitions repetition repeats repeat trial trials"
    " iteration iterations iter iters step steps epoch epochs round rounds loops"
    " run runid runnumber attempt index idx id no nr number row line year month day week ";

/* what a name is below that is a parameter, unless it says which way is better */
static const char settings[] =
    " config configs configuration cfg param params parameter parameters args arg arguments"
    " option options opts setting settings hparams hyperparameters ";

/* what a name is below that is a parameter if its last member is called as one */
static const char groups[] = " env environment setup"
                             " shape shapes problem problemsize dims input inputs workload case"
                             " testcase meta metadata context info extrainfo parallel parallelism ";

/* of the parameters, those that are sizes */
static const char sizes[] = " size messagesize msgsize bufsize buffersize blocksize tilesize"
                            " chunksize pagesize ";

/* the last word of a name */
static const char labels[] =
    " version versions id uuid name sha commit hash branch tag label model ";

static const char times[] =
    " timestamp ts timestampms timestampus timestampns timestamps epochtime epochms epochus"
    " epochns unixtime date"
    " datetime createdat updatedat startedat finishedat ";

/* any word of a name */
static const char higher[] =
    " throughput bandwidth bw busbw algbw tflops gflops flops qps rps tps fps"
    " speedup accuracy acc mfu hfu efficiency score f1 bleu rouge reward"
    " goodput ";
static const char lower[] =
    " latency time duration elapsed runtime walltime ttft tpot itl loss error"
    " errors perplexity ppl overhead stall misses miss failures allocs jitter"
    " regret delay ";

static const char *end_of_name(const char *name)
{
    const char *end = name + strlen(name);
    const char *open = NULL;

    if (end > name && (end[-1] == ')' || end[-1] == ']'))
        open = strrchr(name, end[-1] == ')' ? '(' : '[');
    return open && open > name ? open : end;
}

static int is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static int is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int is_letter(char c)
{
    return is_small(c) || is_capital(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The next word, in small letters with blanks around. @return where it ends; NULL: there is none */
static const char *next_word(const char *s, const char *end, char word[NAME_BYTES])
{
    int n = 0;

    while (s < end && !is_letter(*s))
        s++;
    if (s == end)
        return NULL;
    word[n++] = ' ';
    do {
        if (n < NAME_BYTES - 2)
            word[n++] = is_capital(*s) ? (char)(*s + 'a' - 'A') : *s;
        s++;
    } while (s < end && is_letter(*s) && !(is_capital(*s) && is_small(s[-1])));
    word[n++] = ' ';
    word[n] = '\0';
    return s;
}

/* All words of [s, end), as one. */
static int is_listed_whole(const char *list, const char *s, const char *end)
{
    char whole[NAME_BYTES] = " ", word[NAME_BYTES];
    apr_size_t n = 1;

    while ((s = next_word(s, end, word))) {
        apr_size_t len = strlen(word) - 2;

        if (n + len + 2 > sizeof whole)
            return 0;
        memcpy(whole + n, word + 1, len);
        n += len;
    }
    memcpy(whole + n, " ", 2);
    return n > 1 && strstr(list, whole) != NULL;
}

/* What stands behind the last dot, or colon (param:n), of [name, end): a name, too, that of a
 * member in an object. */
static const char *last_member(const char *name, const char *end)
{
    while (end > name && end[-1] != '.' && end[-1] != ':')
        end--;
    return end;
}

static int is_listed(const char *list, const char *name)
{
    const char *end = end_of_name(name), *s = last_member(name, end);

    return is_listed_whole(list, name, end) || (s > name && is_listed_whole(list, s, end));
}

/* Is it below one of these: "config.model.layers"? */
static int is_below(const char *list, const char *name)
{
    const char *end = end_of_name(name), *s = last_member(name, end);

    if (s == end)
        return 0;
    while (s > name) {
        end = s - 1;
        s = last_member(name, end);
        if (is_listed_whole(list, s, end))
            return 1;
    }
    return 0;
}

static int is_parameter(const char *list, const char *name)
{
    return is_listed_whole(list, name, end_of_name(name)) ||
           ((is_below(settings, name) || is_below(groups, name)) && is_listed(list, name));
}

/* (config.latency was measured in that configuration) */
int wfm_name_is_parameter(const char *name)
{
    int torn;

    return is_parameter(parameters, name) ||
           (is_below(settings, name) && wfm_name_direction(name, &torn) == WFM_DIRECTION_UNKNOWN &&
            !torn);
}

int wfm_name_is_size(const char *name)
{
    return is_parameter(sizes, name);
}

int wfm_name_is_time(const char *name)
{
    return is_listed(times, name);
}

int wfm_name_is_label(const char *name)
{
    char word[NAME_BYTES] = "  ";
    const char *end = end_of_name(name), *s = name;

    while ((s = next_word(s, end, word)))
        ;
    return word[1] != ' ' && strstr(labels, word) != NULL;
}

wfm_direction_e wfm_name_direction(const char *name, int *torn)
{
    char word[NAME_BYTES];
    const char *end = end_of_name(name), *s = name;
    int up = 0, down = 0;

    while ((s = next_word(s, end, word))) {
        up |= strstr(higher, word) != NULL;
        down |= strstr(lower, word) != NULL;
    }
    *torn = up && down;
    if (up == down)
        return WFM_DIRECTION_UNKNOWN;
    return up ? WFM_HIGHER_IS_BETTER : WFM_LOWER_IS_BETTER;
}
