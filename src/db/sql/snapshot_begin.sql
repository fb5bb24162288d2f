-- Of wfm_db_snapshot, as snapshot_settings.
-- reads
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
