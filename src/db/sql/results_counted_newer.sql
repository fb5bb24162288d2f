-- $1 schema, $2 by how many rows it has more: where a schema counts its rows. Its times are in UTC.
-- writes
UPDATE github_workflow_metric_schemas
   SET record_count = greatest(record_count + $2::bigint, 0),
       first_seen_at = coalesce(first_seen_at, now() AT TIME ZONE 'UTC'),
       last_seen_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1::bigint
RETURNING id
