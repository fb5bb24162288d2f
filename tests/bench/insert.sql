-- insert.sql - prints a pgbench script: one run's 68 metric rows in one INSERT, as the collector
-- writes them, from 2000 on (days that are over), each on a line of its own. pgbench is told the number n of the
-- last run before and the runs per day, and puts numbers in place of :run and :at, also inside a string.

\ir shape.sql
\pset format unaligned
\pset tuples_only on

SELECT E'\\set n :n + 1\n\\set run 1000000000 + :n\n\\set at 946684800 + :n * 86400 / :per_day\n'
    || 'INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file,'
    || E' dimensions, metrics, raw_data) VALUES\n'
    || string_agg(format('(1,:run,1,to_timestamp(:at),%L,%L,%L,%L)',
        'turbo-bench-:run/' || file || '/summary.csv', dimensions::text,
        jsonb_build_object('throughput', round(throughput, 2), 'latency_ms', 1.5)::text,
        (dimensions || jsonb_build_object('throughput', round(throughput, 2)::text))::text),
        E',\n' ORDER BY n) || ';'
FROM (SELECT *, jsonb_build_object('Op', op, 'Backend:Stage', backend_stage, 'Model', model,
        'batch_size', batch_size, 'seq_len', seq_len) AS dimensions FROM shape) s;
