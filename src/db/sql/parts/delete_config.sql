-- Config $1 goes, if it has one of the versions $2 (NULL: any), with its schemas and runs. A
-- collector writes a run, then its config: whoever held the one and waited for the other might have
-- PostgreSQL end the collector. So all that is held is taken at once, or nothing is.
held_runs AS MATERIALIZED (
    SELECT id FROM github_workflow_runs WHERE config_id = $1::bigint FOR UPDATE NOWAIT),
held_schemas AS MATERIALIZED (
    SELECT id FROM github_workflow_metric_schemas WHERE config_id = $1::bigint FOR UPDATE NOWAIT),
held AS MATERIALIZED (
    SELECT id FROM github_workflow_configs WHERE id = $1::bigint FOR UPDATE NOWAIT),
config AS (
    DELETE FROM github_workflow_configs c
     WHERE id IN (SELECT id FROM held)
       AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
    RETURNING id),
schemas AS (
    DELETE FROM github_workflow_metric_schemas
     WHERE id IN (SELECT id FROM held_schemas) AND EXISTS (SELECT FROM config)),
runs AS (
    DELETE FROM github_workflow_runs
     WHERE id IN (SELECT id FROM held_runs) AND EXISTS (SELECT FROM config))
