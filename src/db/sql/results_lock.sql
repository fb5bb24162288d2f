-- $1 config, $2 workload uid: of several sendings of one run one at a time goes on, of all httpds. A
-- statement of its own, so that the next one sees what the one before has stored. It is waited for
-- with nothing else held, so as long as may be; what comes after it is not.
-- reads
SELECT held.lock, :lock_timeout
  FROM (SELECT pg_advisory_xact_lock(
                   hashtextextended('wfm_results ' || $2::text, $1::bigint))::text AS lock
        OFFSET 0) held
