-- As config_put, and $15 display_settings: a column that older databases lack.
-- writes
UPDATE github_workflow_configs c
   SET display_settings = $15::jsonb, :put_config
RETURNING :config_columns, c.xmin
