-- $1 config: of several acknowledgements one at a time goes on. A statement of its own, so that the next
-- one sees what the one before has stored.
-- reads
SELECT pg_advisory_xact_lock(hashtextextended('wfm_acknowledged', $1::bigint))
