-- values.sql - fills an empty database with one config whose dimensions have very many values: `commit`, 800 new ones
-- a day and 200 000 in all, each of two rows, and `row`, another one in each row, which is no name of anything.

\set ON_ERROR_STOP on
SET synchronous_commit = off;

INSERT INTO github_workflow_configs (name, description, runner_set_namespace, runner_set_name, github_owner,
    github_repo, workflow_filter, branch_filter, file_patterns, cluster_name, created_at, updated_at)
VALUES ('Many values', '', 'primus', 'turbo', 'AMD-AGI', 'Primus-Turbo', 'benchmark.yml', 'main', '[]', '',
    '2025-01-01Z', '2025-01-01Z');

INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", dimensions, metrics)
SELECT 1, i / 16, 1, '2025-01-01Z'::timestamptz + i * interval '54 seconds',
    jsonb_build_object('Op', 'GEMM ' || i % 5, 'commit', md5((i / 2)::text), 'row', md5('row ' || i)),
    jsonb_build_object('throughput', 700 + i % 90)
FROM generate_series(0, 399999) i;

SELECT to_regproc('wfm_fold_all') IS NOT NULL AS summed \gset
\if :summed
    CALL wfm_fold_all();
\endif

VACUUM (ANALYZE);
