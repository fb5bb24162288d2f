-- $1 config: may there be more to do (bool)? It writes, but nothing that a client sees: it may be
-- sent twice, and be broken off.
-- reads
SELECT wfm_maintain($1::bigint)
