-- As config_create, and $13 display_settings: a column that older databases lack.
-- writes
INSERT INTO github_workflow_configs AS c (display_settings, :create_config_columns)
SELECT $13::jsonb, :create_config
RETURNING :config_columns, c.xmin
