"""What the API does on purpose although a schema cannot say it: one list of exceptions, each with its sentence, and the three
checks of schemathesis' that must know of them. schemathesis loads this file (SCHEMATHESIS_HOOKS)."""

import re

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi import checks

# Refused although the schemas allow it: what the answer says, and why.
REFUSED = {
    r"must not be after": "two instants that are each valid may make no range",
    r"must not be given together with offset": "a cursor and an offset exclude each other",
    r"must be the next_cursor of an answer": "a cursor is a text that only the API can write",
    r"must be one of .*pending|must be one of .*realtime": "a run's status and source are declared ones, or stand in the database",
    r"is for format=": "a parameter that the chosen format has no place for",
    r"names a field that is neither|names what is neither": "which metrics and dimensions there are only the database knows",
    r"must be the name of a time zone": "which time zones there are only PostgreSQL knows",
    r"1000 bytes": "names are bounded in bytes, and schemas count characters",
    r"metric_fields must be a comma-separated list": "the empty name cannot be said between commas, only in a JSON array",
    r"(include|verdict) must be": "the same of no name at all",
    r"narrow the time range|choose other dimensions": "a chart is bounded by what it would answer",
    r"only failed runs can be retried": "whether a run has failed only the database knows",
    r"without NUL|invalid JSON at byte": "PostgreSQL stores no NUL, in a JSON text either",
    r"must be an RFC 3339 timestamp": "the coverage phase takes the empty text for a date-time",
    r"must be an array of non-blank strings|must not be blank": "more characters are blank than \\s has",
    r"must have at most|JSON of more than|nested deeper": "bodies and filters are bounded as a whole",
    r"If-Match is the current one|If-None-Match names": "a tag that is not the row's: 412 is the header's purpose",
    r"digits|out of range": "numbers are bounded by what PostgreSQL stores",
    r"must be chosen in one way|is for (base|head)_branch only|chooses more than": "a side of a comparison is chosen in one of several ways",
    r"must have one value, or null, for each dimension": "a series is said in a filter's form, of which it takes one value for each dimension",
    r"which the schema lacks|which is no (dimension|metric) of the active schema": "which fields a schema has only the database knows",
    r"is required where workload_uid is not|source_file is required": "one of two parameters is needed, and a run that failed needs no file",
    r"line \d+, |the file is empty|must say which of|must be one of csv|in UTF-8|no column of the file": "what a file holds no schema says",
    r"sample_files (?!must)": "what files hold, and which formats there are, no schema says",
    r"must not name a field twice": "that a list's items have different names no schema says",
    r"names no column|must not name what dimensions names": "which columns there are only the file knows",
    r"header Wfmetrics-Run|Wfmetrics-Run must be|is for status=failed": "a header's fields and the query's are one list",
    r"(dimensions|metrics) must be a comma-separated list": "the empty name cannot be said between commas, only in a JSON array",
    r"beyond the range of a double": "metrics are compared as doubles, and a schema's number has no bounds",
}

# Taken although the schemas forbid it: what was wrong, and why.
TAKEN = {
    r"limit: Value greater than maximum|(maximum|format)`.* at /properties/limit\b": "a limit above its maximum is lowered to it, however many digits",
}

# Not described: the status, and why.
STATUSES = {
    414: "httpd itself, of a request line beyond LimitRequestLine",
}


def excused(exceptions, text):
    return any(re.search(pattern, text) for pattern in exceptions)


def has_whole_float(body):
    """A schema takes 1.0 for an integer; here integers are written as such."""
    return isinstance(body, dict) and any(isinstance(value, float) and value.is_integer() for value in body.values())


@schemathesis.check
def refused_on_purpose(ctx, response, case):
    try:
        checks.positive_data_acceptance(ctx, response, case)
    except Failure:
        if not excused(REFUSED, response.text) and not has_whole_float(case.body):
            raise


@schemathesis.check
def taken_on_purpose(ctx, response, case):
    try:
        checks.negative_data_rejection(ctx, response, case)
    except Failure as failure:
        if response.status_code not in STATUSES and not excused(TAKEN, failure.message):
            raise


@schemathesis.check
def statuses(ctx, response, case):
    if response.status_code not in STATUSES:
        checks.status_code_conformance(ctx, response, case)


# Objects of the demo, among them some failed runs.
IDS = {"/configs": [1, 2, 3], "/schemas": [1, 3, 4, 5], "/runs": [1, 37, 63, 66]}


@schemathesis.hook
def map_headers(ctx, headers):
    """Few made-up tags: each stops a write."""
    if headers and len(headers.get("If-Match", "")) % 8:
        return {name: value for name, value in headers.items() if name != "If-Match"}
    return headers


@schemathesis.hook
def map_path_parameters(ctx, parameters):
    """Most ids are of objects that are there: else nearly every answer would be 404."""
    number = str((parameters or {}).get("id"))
    if not re.fullmatch("[1-9][0-9]{0,17}", number) or int(number) % 8 == 0: # longer ones are wrong on purpose
        return parameters
    known = next(ids for path, ids in IDS.items() if ctx.operation.path.startswith(path))
    return {**parameters, "id": known[int(number) % len(known)]}
