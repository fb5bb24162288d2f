-- $1 id, $2 versions that it may have, or NULL, $3… the body, $14 cluster: the row, its version; no
-- row: see config_put_why. The version is compared in the statement that writes: of two at once,
-- the second one waits for the first, and finds another version.
-- writes
UPDATE github_workflow_configs c
   SET :put_config
RETURNING :config_columns, c.xmin
