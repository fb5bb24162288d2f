-- Of wfm_db_commit.
-- writes
COMMIT
