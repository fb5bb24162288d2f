-- 001_tables.sql - the four tables of GitHub workflow metrics.
--
-- Creates what is missing and touches no row of what is there: the database of a Lens data plane
-- has these tables already. Run with psql as the tables' owner, as often as one likes.

SET client_min_messages = warning; -- no "already exists, skipping"

CREATE TABLE IF NOT EXISTS github_workflow_configs (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    runner_set_namespace VARCHAR(255) NOT NULL,
    runner_set_name VARCHAR(255) NOT NULL,
    runner_set_uid VARCHAR(255),
    github_owner VARCHAR(255) NOT NULL,
    github_repo VARCHAR(255) NOT NULL,
    workflow_filter VARCHAR(255),
    branch_filter VARCHAR(255),
    file_patterns JSONB NOT NULL DEFAULT '[]',
    metric_schema_id BIGINT,
    enabled BOOLEAN NOT NULL DEFAULT true,
    last_processed_workload_uid VARCHAR(255),
    last_checked_at TIMESTAMPTZ,
    cluster_name VARCHAR(255) NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (runner_set_namespace, runner_set_name, cluster_name)
);

-- status: pending, collecting, extracting, completed, failed, skipped.
-- trigger_source: realtime, backfill, manual.
CREATE TABLE IF NOT EXISTS github_workflow_runs (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    workload_uid VARCHAR(255) NOT NULL,
    workload_name VARCHAR(255),
    workload_namespace VARCHAR(255),
    github_run_id BIGINT,
    github_run_number INTEGER,
    github_job_id BIGINT,
    head_sha VARCHAR(64),
    head_branch VARCHAR(255),
    workflow_name VARCHAR(255),
    status VARCHAR(50) NOT NULL DEFAULT 'pending',
    trigger_source VARCHAR(50) NOT NULL DEFAULT 'realtime',
    files_found INTEGER NOT NULL DEFAULT 0,
    files_processed INTEGER NOT NULL DEFAULT 0,
    metrics_count INTEGER NOT NULL DEFAULT 0,
    workload_started_at TIMESTAMPTZ,
    workload_completed_at TIMESTAMPTZ,
    collection_started_at TIMESTAMPTZ,
    collection_completed_at TIMESTAMPTZ,
    error_message TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (config_id, workload_uid)
);

-- generated_by: ai, user, system.
CREATE TABLE IF NOT EXISTS github_workflow_metric_schemas (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    fields JSONB NOT NULL DEFAULT '[]',
    dimension_fields JSONB NOT NULL DEFAULT '[]',
    metric_fields JSONB NOT NULL DEFAULT '[]',
    is_active BOOLEAN NOT NULL DEFAULT true,
    generated_by VARCHAR(50),
    generation_sample_file TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (config_id, version)
);

CREATE TABLE IF NOT EXISTS github_workflow_metrics (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    schema_id BIGINT NOT NULL,
    "timestamp" TIMESTAMPTZ NOT NULL,
    source_file VARCHAR(1024),
    dimensions JSONB NOT NULL DEFAULT '{}',
    metrics JSONB NOT NULL DEFAULT '{}',
    raw_data JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

RESET client_min_messages;
