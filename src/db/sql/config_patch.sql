-- $1 id, $2 versions as in config_put, $3 name, $4 enabled, $5 description, $6 file_patterns: the
-- row, its version. NULL leaves a column as it is: COALESCE reads the row as it is when the lock is
-- got, so concurrent patches of different fields both survive.
-- writes
UPDATE github_workflow_configs c
   SET name = COALESCE($3::text, name), enabled = COALESCE($4::boolean, enabled),
       description = COALESCE($5::text, description),
       file_patterns = COALESCE($6::jsonb, file_patterns), updated_at = now()
 WHERE c.id = $1::bigint
   AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
RETURNING :config_columns, c.xmin
