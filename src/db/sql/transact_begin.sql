-- Of wfm_db_transact, as results_settings.
-- reads
BEGIN ISOLATION LEVEL READ COMMITTED
