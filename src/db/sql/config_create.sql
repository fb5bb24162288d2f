-- $1 cluster, $2… the body: the row, its version; no row: the runner set is bound.
-- A config without a cluster's name counts as this cluster's; the unique constraint, which does not
-- know that, decides between two creations at once.
-- writes
INSERT INTO github_workflow_configs AS c (:create_config_columns)
SELECT :create_config
RETURNING :config_columns, c.xmin
