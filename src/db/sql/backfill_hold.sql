-- $1 config, which is to be deleted: a portion that is being made of its runs (see backfill_lock) comes to its
-- end, and no other one is begun. Waited for with nothing else held, so as long as may be; what comes after it
-- sees those runs, and waits for nothing.
-- reads
SELECT pg_advisory_xact_lock(hashtextextended('wfm_backfill', $1::bigint)), :lock_timeout
