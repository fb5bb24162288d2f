-- As config_delete, but its metric rows, which maintenance deletes.
-- writes
WITH :delete_config,
later AS (
    INSERT INTO wfm_deleted_configs (config_id)
    SELECT id FROM config
    ON CONFLICT (config_id) DO UPDATE SET deleted_at = now())
SELECT id FROM config
