-- $1 id: the row, its version: the transaction that wrote it last, whoever that was. A lock alone
-- changes no version.
-- reads
SELECT :config_columns, c.xmin
  FROM github_workflow_configs c
 WHERE c.id = $1::bigint
