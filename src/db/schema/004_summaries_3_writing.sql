-- 004_summaries_3_writing.sql - what a writer does, and how it is noticed. After 004_summaries_2_reading.sql.
--
-- A statement that changes runs or metric rows marks their days, each once in
-- a transaction. Whatever goes wrong with that raises doubt, and the statement goes on. Nobody reads a table:
-- so it does not matter how isolated the writer's transaction is.
--
-- The functions run as this migration's owner, whoever writes: where they look is fixed, and nobody else can use
-- them by a trigger of a table of his own. (Who writes needs no right to them.)

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

CREATE OR REPLACE FUNCTION wfm_raise_doubt() RETURNS VOID
LANGUAGE sql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4))
$$;

BEGIN;

-- A statement's rows are mostly of one config and day: that is found out first, without a sort or a hash. Which days
-- this transaction has marked is remembered in a setting: what of (m metric rows, r runs), the transaction's number, so
-- that nothing else is taken for it, the config and the day (its seconds: as a text two days may look alike, when
-- DateStyle or TimeZone are changed on the way). A rollback to a savepoint takes it back together with the marks. Who
-- has locked the table is not waited for. What could not be noted is doubted, without the help of another function.
CREATE OR REPLACE FUNCTION wfm_written() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    config BIGINT;
    last_config BIGINT;
    first_at TIMESTAMPTZ;
    last_at TIMESTAMPTZ;
    day TIMESTAMPTZ;
    me TEXT;
    known TEXT;
    added TEXT;
BEGIN
    IF TG_ARGV[0] = 'm' THEN
        SELECT min(r.config_id), max(r.config_id), min(r."timestamp"), max(r."timestamp")
        INTO config, last_config, first_at, last_at FROM wfm_rows r;
    ELSE -- a run may be without a config: that is config 0's
        SELECT min(coalesce(r.config_id, 0)), max(coalesce(r.config_id, 0)), min(r.created_at), max(r.created_at)
        INTO config, last_config, first_at, last_at FROM wfm_rows r;
    END IF;
    IF config IS NULL THEN
        RETURN NULL;
    END IF;
    me := TG_ARGV[0] || pg_current_xact_id() || ' ';
    known := coalesce(current_setting('wfm.marked', true), '');
    day := wfm_day(first_at);
    IF config = last_config AND day = wfm_day(last_at) THEN
        added := me || config || ' ' || extract(epoch FROM day) || ';';
        IF strpos(known, added) > 0 THEN
            RETURN NULL;
        END IF;
        LOCK TABLE wfm_marks IN ROW EXCLUSIVE MODE NOWAIT;
        INSERT INTO wfm_marks ("of", config_id, day) VALUES (TG_ARGV[0]::"char", config, day);
    ELSE
        LOCK TABLE wfm_marks IN ROW EXCLUSIVE MODE NOWAIT;
        EXECUTE format('WITH new AS (
                INSERT INTO wfm_marks ("of", config_id, day) SELECT $1, d.config, d.day
                FROM (SELECT DISTINCT coalesce(r.config_id, 0) AS config, wfm_day(r.%I) AS day FROM wfm_rows r
                    OFFSET 0) d -- not for each row
                WHERE strpos($3, $2 || d.config || '' '' || extract(epoch FROM d.day) || '';'') = 0
                RETURNING config_id, day)
            SELECT string_agg($2 || n.config_id || '' '' || extract(epoch FROM n.day) || '';'', '''') FROM new n',
            TG_ARGV[1]) INTO added USING TG_ARGV[0]::"char", me, known;
    END IF;
    known := set_config('wfm.marked', right(concat(known, added), 16000), true);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    BEGIN
        PERFORM setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4));
    EXCEPTION WHEN OTHERS THEN -- where there is no doubt any more, there are no summaries
        NULL;
    END;
    RETURN NULL;
END
$$;

-- Of what the triggers of statements do not see: TRUNCATE; and each row that a subscription's worker writes, who fires
-- none of them. (All others do who say that they replicate: their rows come here, too.) Whoever makes a partition makes
-- this one's trigger of it, which PostgreSQL lets nobody do who may not execute it: so all may, and another table's
-- rows mean nothing.
CREATE OR REPLACE FUNCTION wfm_missed() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    me TEXT := pg_current_xact_id()::text;
BEGIN
    IF TG_OP <> 'TRUNCATE' AND current_setting('wfm.replicated', true) = me THEN
        RETURN NULL;
    END IF;
    IF TG_RELID NOT IN (SELECT w.relid FROM wfm_watched() w) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'TRUNCATE' AND (SELECT set_config('wfm.replicated', me, true) = me
        AND a.backend_type = 'client backend' FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()) THEN
        RETURN NULL;
    END IF;
    PERFORM setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4));
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    BEGIN
        PERFORM setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4));
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION wfm_written() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wfm_missed() TO PUBLIC;
COMMIT;

-- Make the triggers of a table that it lacks, and switch them on where they are off. ENABLE ALWAYS: also in
-- sessions that say they replicate.
CREATE OR REPLACE FUNCTION wfm_watch(watched REGCLASS, time_column TEXT) RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    marks TEXT := format('FOR EACH STATEMENT EXECUTE FUNCTION wfm_written(%L, %L)',
        CASE watched WHEN to_regclass('github_workflow_runs') THEN 'r' ELSE 'm' END, time_column);
    t RECORD;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('wfm_inserted', 'INSERT', 'REFERENCING NEW TABLE AS wfm_rows ' || marks, 'ALWAYS'),
        ('wfm_deleted', 'DELETE', 'REFERENCING OLD TABLE AS wfm_rows ' || marks, 'ALWAYS'),
        -- an update: rows are gone, rows have come
        ('wfm_updated_old', 'UPDATE', 'REFERENCING OLD TABLE AS wfm_rows ' || marks, 'ALWAYS'),
        ('wfm_updated_new', 'UPDATE', 'REFERENCING NEW TABLE AS wfm_rows ' || marks, 'ALWAYS'),
        ('wfm_truncated', 'TRUNCATE', 'FOR EACH STATEMENT EXECUTE FUNCTION wfm_missed()', 'ALWAYS'),
        ('wfm_replicated', 'INSERT OR UPDATE OR DELETE', 'FOR EACH ROW EXECUTE FUNCTION wfm_missed()', 'REPLICA')
        ) t (name, events, does, enabled)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = watched AND g.tgname = t.name) THEN
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s', t.name, t.events, watched, t.does);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = watched AND g.tgname = t.name
            AND g.tgenabled = left(t.enabled, 1)::"char") THEN
            EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', watched, t.enabled, t.name);
        END IF;
    END LOOP;
END
$$;

-- Watch partitions that have come since, and switch on what pg_restore --disable-triggers has left as others are (who
-- switches one off himself means it). What cannot be watched, for it is a table of another owner, is said once, and
-- means doubt. Into a foreign table PostgreSQL inserts nothing through one that has such triggers: they go where one
-- has come. Returns whether there was anything to do: then writers wait for this transaction's end.
CREATE OR REPLACE FUNCTION wfm_watch_again() RETURNS BOOLEAN
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    changed BOOLEAN := false;
    failed TEXT;
    t RECORD;
BEGIN
    FOR t IN WITH w AS MATERIALIZED (
            SELECT w.relid, w.time_column, c.relkind, bool_or(c.relkind = 'f') OVER () AS abroad
            FROM wfm_watched() w JOIN pg_class c ON c.oid = w.relid
        )
        SELECT w.relid, w.time_column, g.tgname FROM w LEFT JOIN pg_trigger g ON g.tgrelid = w.relid AND w.abroad
            AND coalesce(g.tgoldtable, g.tgnewtable) IS NOT NULL
        WHERE CASE WHEN w.abroad THEN w.relkind = 'p' AND g.tgname IS NOT NULL
            ELSE EXISTS (SELECT FROM pg_trigger o WHERE o.tgrelid = w.relid AND o.tgname LIKE 'wfm\_%'
                    AND o.tgenabled = 'O')
                OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = w.relid) AND NOT EXISTS (
                    SELECT FROM pg_trigger i WHERE i.tgrelid = w.relid AND i.tgname = 'wfm_inserted') END
    LOOP
        BEGIN
            IF t.tgname IS NULL THEN
                PERFORM wfm_watch(t.relid, t.time_column);
            ELSE
                EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relid::regclass);
            END IF;
            changed := true;
        EXCEPTION WHEN lock_not_available THEN -- the next time
            NULL;
        WHEN OTHERS THEN
            failed := concat_ws('; ', failed, SQLERRM);
        END;
    END LOOP;
    UPDATE wfm_state s SET unwatched = failed WHERE s.unwatched IS DISTINCT FROM failed;
    IF FOUND AND failed IS NOT NULL THEN
        RAISE WARNING 'the summaries are in doubt, since their triggers cannot be made: %', failed;
    END IF;
    RETURN changed;
END
$$;

REVOKE EXECUTE ON FUNCTION wfm_watch(REGCLASS, TEXT), wfm_watch_again() FROM PUBLIC;

SELECT pg_advisory_unlock(hashtextextended('wfm_migration', 0)) AS wfm_unlocked \gset
RESET client_min_messages;
