"""kept.py - the answers where much of what was kept has gone, or is very much, and how much room it takes."""
import statistics

from clients import query_value, request_time
from table import REPEATS, compare, limit

READS = (("dimensions", "/configs/1/dimensions"), ("fields", "/configs/1/fields"),
         ("values", "/configs/1/dimensions/Op/values"), ("summary", "/configs/1/summary"))
FIRST_PAGE = 0.020


def deleted():
    """Rows were deleted, and the days are folded anew: bench.sh has done that."""
    for name, path in READS:
        compare(f"GET {name}, after 1 of 150 rows of each day was deleted (before)", request_time(path, host="worn"),
                request_time(path, host="whole"), "s", at_most=1.3)
    for name, path in READS:
        compare(f"GET {name}, after 99 of 100 rows were deleted (never had them)", request_time(path, host="thinned"),
                request_time(path, host="few"), "s", at_most=1.5)


def distinct():
    """200 000 distinct values of one dimension (see values.sql), and of another one twice as many, which is no list."""
    for name, path in (("dimensions", "/configs/1/dimensions"),
                       ("values of commit, first page", "/configs/1/dimensions/commit/values"),
                       ("values of commit, a page in the middle", "/configs/1/dimensions/commit/values?offset=100000"),
                       ("values of row, first page", "/configs/1/dimensions/row/values")):
        compare(f"GET {name}, 200 000 distinct values (the rows alone)", request_time(path, host="values"),
                request_time(path, host="rows"), "s", at_most=2)
    page = request_time("/configs/1/dimensions/commit/values", host="values")
    page()  # warms up
    limit("GET values of commit, first page, of 200 000", statistics.median(page() for _ in range(REPEATS)),
          FIRST_PAGE, "s", "≤ 20 ms")


def size(database):
    """Of the tables and indexes that the summaries are in, without what is free in them."""
    kept = ("FROM pg_class WHERE relkind = 'r' AND relname LIKE 'wfm\\_%' AND "
            "relname NOT IN ('wfm_deleted_configs', 'wfm_backfill_tasks', 'wfm_acknowledged_changes')")
    for table in query_value(f"SELECT oid::regclass {kept}", database).split():
        query_value(f"VACUUM FULL {table}", database)
    return int(query_value(f"SELECT sum(pg_total_relation_size(oid)) {kept}", database))


def space():
    compare("space of the summaries, 340 000 rows (the first edition's)", lambda: size("lens_whole"),
            lambda: size("lens_first"), "MB", at_most=1)
