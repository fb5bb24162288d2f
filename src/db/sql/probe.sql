-- Is it a standby (bool), by how many milliseconds behind or NULL. One that has replayed all it has
-- got is as new as it can know.
-- reads
SELECT pg_is_in_recovery(),
       CASE WHEN pg_is_in_recovery() THEN
            CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                 ELSE floor(extract(epoch FROM
                        clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint END END
