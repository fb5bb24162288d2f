-- $1 config: the deleted ones after it.
-- reads
SELECT config_id
  FROM wfm_deleted_configs
 WHERE config_id > $1::bigint
 ORDER BY 1
