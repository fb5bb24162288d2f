-- Columns that are missing, that may not be read: names or NULL. What the API reads of each table is
-- what 001_tables.sql makes. A table that is there, but in a schema that the role may not enter, is
-- not missing.
-- reads
WITH wanted AS (
    SELECT t, to_regclass(t) AS oid, unnest(names) AS name
      FROM (VALUES
        ('github_workflow_configs',
            '{id, name, description, runner_set_namespace, runner_set_name, runner_set_uid,
            github_owner, github_repo, workflow_filter, branch_filter, file_patterns,
            metric_schema_id, enabled, last_processed_workload_uid, last_checked_at, cluster_name,
            created_at, updated_at}'::text[]),
        ('github_workflow_runs',
            '{id, config_id, workload_uid, workload_name, workload_namespace, github_run_id,
            github_run_number, github_job_id, head_sha, head_branch, workflow_name, status,
            trigger_source, files_found, files_processed, metrics_count, workload_started_at,
            workload_completed_at, collection_started_at, collection_completed_at, error_message,
            retry_count, created_at, updated_at}'),
        ('github_workflow_metric_schemas',
            '{id, config_id, name, version, fields, dimension_fields, metric_fields, is_active,
            generated_by, generation_sample_file, created_at, updated_at}'),
        ('github_workflow_metrics',
            '{id, config_id, run_id, schema_id, timestamp, source_file, dimensions, metrics,
            raw_data, created_at}')) w (t, names)),
states AS (
    SELECT t || '.' || name AS name,
           CASE WHEN oid IS NULL THEN EXISTS (
                SELECT FROM pg_class
                 WHERE relname = t AND NOT has_schema_privilege(relnamespace, 'USAGE'))
                ELSE a.attnum IS NOT NULL END AS here,
           coalesce(has_column_privilege(oid, a.attnum, 'SELECT'), false) AS readable
      FROM wanted
      LEFT JOIN pg_attribute a ON a.attrelid = oid AND a.attname = name AND NOT a.attisdropped)
SELECT string_agg(name, ', ' ORDER BY name) FILTER (WHERE NOT here),
       string_agg(name, ', ' ORDER BY name) FILTER (WHERE here AND NOT readable)
  FROM states
