-- $1 milliseconds, $2 filtered (bool). A stream's rows are to come in an index's order, from the
-- first on and in constant memory. The planner does not know that a dimension's value is a large
-- share of the rows: it would rather read the whole table with several workers, sort, and then
-- begin. What it makes of a row's dimensions it should remember (from PostgreSQL 14 on it can).
--
-- Where most rows are visited only to be left out, a worker may take half of them, if the server
-- lets queries have any. Then costs are those of rows in memory: with pages, which it takes to come
-- from the disk one after the other, the planner sees nothing to share. Two were slower than one.
-- reads
SELECT set_config('statement_timeout', $1::text, true),
       set_config('enable_sort', 'off', true),
       CASE WHEN current_setting('server_version_num')::int >= 140000
            THEN set_config('enable_memoize', 'on', true) END,
       set_config('max_parallel_workers_per_gather', CASE WHEN $2::boolean
            THEN least(current_setting('max_parallel_workers_per_gather')::int, 1)
            ELSE 0 END::text, true),
       CASE WHEN $2::boolean
            THEN set_config('seq_page_cost', '0', true)
                 || set_config('random_page_cost', '0', true)
                 || set_config('parallel_tuple_cost', '0.002', true) END
