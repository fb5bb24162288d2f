-- 004_summaries_2_reading.sql - what a reader of the summaries asks: can they be trusted, and of which days do the rows
-- answer. Unknown is slow, never wrong. After 004_summaries_1_tables.sql.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "already exists, skipping"
-- After another one that runs.
DO $$ BEGIN SET LOCAL lock_timeout = '5min'; PERFORM pg_advisory_lock(hashtextextended('wfm_migration', 0)); END $$;

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

-- The functions look nowhere else.
SELECT relnamespace::regnamespace AS wfm_schema FROM pg_class
WHERE oid = 'github_workflow_metrics'::regclass \gset

-- The start of the day that an instant is in. All that RFC 3339 cannot say is two days of its own:
-- before the year 1, and from the year 10000 on.
CREATE OR REPLACE FUNCTION wfm_day(at TIMESTAMPTZ) RETURNS TIMESTAMPTZ LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN at < '0001-01-01 00:00:00+00' THEN '-infinity'
        WHEN at >= '10000-01-01 00:00:00+00' THEN '10000-01-01 00:00:00+00'
        ELSE date_bin('1 day', at, '0001-01-01 00:00:00+00') END
$$;

-- The last instant of a day.
CREATE OR REPLACE FUNCTION wfm_day_end(day TIMESTAMPTZ) RETURNS TIMESTAMPTZ LANGUAGE sql STABLE AS $$
    SELECT CASE day WHEN '-infinity' THEN '0001-01-01 00:00:00+00'::timestamptz - interval '1 microsecond'
        WHEN '10000-01-01 00:00:00+00' THEN 'infinity'
        ELSE day + interval '24 hours' - interval '1 microsecond' END
$$;

CREATE OR REPLACE FUNCTION wfm_object(value JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END
$$;

-- The tables whose writers are noticed: runs, metrics, and its partitions.
CREATE OR REPLACE FUNCTION wfm_watched() RETURNS TABLE (relid OID, time_column TEXT)
LANGUAGE sql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT to_regclass('github_workflow_runs'), 'created_at'
    UNION ALL SELECT to_regclass('github_workflow_metrics'), 'timestamp'
    UNION ALL SELECT t.relid, 'timestamp' FROM pg_partition_tree('github_workflow_metrics') t WHERE t.level > 0
$$;

-- All that has to be as it was when the summaries were made: what texts are, how rows come and go, and where they are
-- stored, which TRUNCATE and a change of a column's type change, among others. Every request asks: so this is no
-- function of SQL, which would be planned anew each time, and sets nothing.
CREATE OR REPLACE FUNCTION wfm_ground(watched OID[]) RETURNS TEXT
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat_ws(' ', current_setting('server_encoding'), current_setting('server_version_num')::int / 10000,
        -- a column that comes where one went, or under its name, has a default for all rows, and writes none anew
        (SELECT concat(c.oid, ':', c.relnatts) FROM pg_class c WHERE c.oid = to_regclass('github_workflow_runs')),
        (SELECT concat(c.oid, ':', c.relnatts) FROM pg_class c WHERE c.oid = to_regclass('github_workflow_metrics')),
        ARRAY(SELECT pg_relation_filenode(w) FROM unnest(watched) w),
        -- who makes a trigger, or switches one, writes its row anew
        ARRAY(SELECT t.xmin FROM pg_trigger t WHERE t.tgrelid = ANY (watched) AND t.tgname LIKE 'wfm\_%'
            ORDER BY t.oid),
        ARRAY(SELECT concat(i.inhrelid, i.inhdetachpending) FROM pg_inherits i WHERE i.inhparent = ANY (watched)
            ORDER BY 1));
END
$$;

-- Do all watched tables have all triggers, are they on, and are all rows seen by whoever asks, and kept?
CREATE OR REPLACE FUNCTION wfm_is_watching() RETURNS BOOLEAN
LANGUAGE sql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT bool_and((SELECT count(*) = 6 FROM pg_trigger t WHERE t.tgrelid = w.relid AND t.tgname IN
        ('wfm_inserted', 'wfm_deleted', 'wfm_updated_old', 'wfm_updated_new', 'wfm_truncated', 'wfm_replicated')
        AND (t.tgenabled = 'A' OR t.tgname = 'wfm_replicated' AND t.tgenabled = 'R')))
        AND NOT bool_or(row_security_active(w.relid))
        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relpersistence <> 'p'
            AND c.oid IN (SELECT v.relid FROM wfm_watched() v))
        AND NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent AND c.relkind = 'r'
            WHERE i.inhparent IN (SELECT v.relid FROM wfm_watched() v))
        AND NOT EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid IN (SELECT v.relid FROM wfm_watched() v))
    FROM wfm_watched() w
$$;

CREATE OR REPLACE FUNCTION wfm_is_trusted() RETURNS BOOLEAN
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) = 1 AND coalesce(bool_and(s.trusted = d.last_value AND s.ground = wfm_ground(s.watched)),
        false) FROM wfm_state s, wfm_doubt d)
        AND (row_security_active(to_regclass('github_workflow_runs'))
            OR row_security_active(to_regclass('github_workflow_metrics'))) IS NOT TRUE; -- this role does not see all
END
$$;

-- The days of a config that are not clean. Where there is doubt, an error: the rows answer for everything.
CREATE OR REPLACE FUNCTION wfm_unclean(which "char", config BIGINT) RETURNS TABLE (config_id BIGINT, day TIMESTAMPTZ)
LANGUAGE plpgsql STABLE ROWS 5 SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
BEGIN
    IF NOT wfm_is_trusted() THEN
        RAISE 'the summaries are in doubt' USING ERRCODE = 'WFM01';
    END IF;
    RETURN QUERY SELECT DISTINCT m.config_id, m.day FROM wfm_marks m
        WHERE m.of = which AND (m.config_id = config OR config IS NULL);
END
$$;

-- For whoever watches: are they in use; how many days of configs are to be folded, and for how long the oldest has
-- been waiting. One that is too large, of which there is but a note (004_summaries_4_folding.sql), is not among them:
-- it is left to the rows.
CREATE OR REPLACE FUNCTION wfm_summaries_status() RETURNS TABLE (state TEXT, unclean BIGINT, oldest INTERVAL)
LANGUAGE sql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT CASE WHEN wfm_is_trusted() THEN 'in use' ELSE 'in doubt' END, count(*), clock_timestamp() - min(w.since)
    FROM (SELECT m.of, m.config_id, m.day, min(m.marked_at) AS since FROM wfm_marks m
        GROUP BY m.of, m.config_id, m.day) w
    WHERE w.of = 'r' OR NOT EXISTS (SELECT FROM wfm_metric_days d WHERE d.config_id = w.config_id AND d.day = w.day
        AND d.schema_id = 0 AND d.runs = '{}')
$$;

SELECT pg_advisory_unlock(hashtextextended('wfm_migration', 0)) AS wfm_unlocked \gset
RESET client_min_messages;
