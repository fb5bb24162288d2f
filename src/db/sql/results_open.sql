-- $1 config, $2 workload uid, $3 source file (NULL: none): the file's rows are deleted. The active schema
-- and what it says, or NULL; the run or NULL; ids for a new run and a new schema, NULL where there is one; rows that
-- were deleted; those of them of the active schema; rows and files that the run has beside; and what
-- this generation of the tables has: does a run name its runner set, a schema count its rows, a run
-- tell how its collection stands; and do policies of rows apply? No row: no config.
-- writes
WITH :sent_run,
schema AS MATERIALIZED (
    SELECT id, :schema_said AS said
      FROM github_workflow_metric_schemas
     WHERE config_id = $1::bigint AND is_active
     ORDER BY version DESC LIMIT 1),
beside AS (
    SELECT count(*) AS n, count(DISTINCT source_file) AS files
      FROM github_workflow_metrics
     WHERE run_id = (SELECT id FROM run) AND source_file IS DISTINCT FROM $3::text),
gone AS (
    DELETE FROM github_workflow_metrics
     WHERE run_id = (SELECT id FROM run) AND source_file = $3::text
    RETURNING schema_id),
deleted AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE schema_id = (SELECT id FROM schema)) AS of_schema
      FROM gone)
SELECT schema.id, schema.said, run.id,
       CASE WHEN run.id IS NULL
            THEN nextval(pg_get_serial_sequence('github_workflow_runs', 'id')) END,
       CASE WHEN schema.id IS NULL
            THEN nextval(pg_get_serial_sequence('github_workflow_metric_schemas', 'id')) END,
       deleted.n, deleted.of_schema, beside.n, beside.files,
       :names_runner_set,
       EXISTS (
        SELECT
          FROM pg_attribute
         WHERE attrelid = 'github_workflow_metric_schemas'::regclass AND attname = 'record_count'
           AND NOT attisdropped),
       EXISTS (
        SELECT
          FROM pg_attribute
         WHERE attrelid = 'github_workflow_runs'::regclass AND attname = 'collection_status'
           AND NOT attisdropped),
       row_security_active('github_workflow_metrics')
  FROM c
 CROSS JOIN deleted
 CROSS JOIN beside
  LEFT JOIN run ON true
  LEFT JOIN schema ON true
