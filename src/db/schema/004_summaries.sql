-- 004_summaries.sql - summaries that keep the answers fast as the data grows. May be left out.
--
-- The API answers the same with and without them, whoever writes. What they promise, and to whom:
--
-- * No writer fails, waits or is aborted because of them. A writing transaction marks the days (UTC) of the configs
--   that it touches, once, and nothing else.
-- * What is kept of a day is made from its rows when it is folded, which the module's maintenance does, and replaced
--   as a whole when it is folded again.
-- * A day that is marked is read from its rows.
-- * What the summaries may have missed (a trigger that was off, an error, TRUNCATE, a subscription's rows, partitions
--   that came or went, a restore into another encoding) makes them doubted as a whole: then all is read from the
--   rows, until maintenance has marked every day.
--
-- Safe on a live database, and may be run again at any time: it folds what is left to fold. ../undo/004_summaries.sql takes it all away.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "already exists, skipping"
DO $$ BEGIN PERFORM pg_advisory_lock(hashtextextended('wfm_migration', 0)); END $$; -- after another one
-- Shorter than deadlock_timeout: who waits for whom in vain is this migration, and not a collector.
SET lock_timeout = '500ms';

-- The tables' schema, where the search path does not lead to it.
SELECT format('SET search_path = %s', string_agg(c.relnamespace::regnamespace::text, ', '))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND to_regclass('github_workflow_configs') IS NULL
HAVING count(*) = 1
\gexec

-- The functions look nowhere else.
SELECT relnamespace::regnamespace AS wfm_schema FROM pg_class
WHERE oid = 'github_workflow_metrics'::regclass \gset

-- Whoever may put functions or operators there could have the triggers run them, as their owner.
SELECT has_schema_privilege('public', relnamespace, 'CREATE') AS wfm_open, relowner::regrole AS wfm_owner
FROM pg_class WHERE oid = 'github_workflow_metrics'::regclass \gset
\if :wfm_open
    \warn 'No summaries: everybody may create objects in schema' :wfm_schema
    \warn 'Write: GRANT CREATE ON SCHEMA' :wfm_schema 'TO' :wfm_owner';'
    \warn '       REVOKE CREATE ON SCHEMA' :wfm_schema 'FROM PUBLIC;'
    \warn 'and run this migration again. (Without the first line the owner could make no tables there any more.)'
    DO $$ BEGIN RAISE EXCEPTION 'everybody may create objects in the schema of github_workflow_metrics'; END $$;
\endif

SELECT EXISTS (SELECT FROM pg_partition_tree('github_workflow_metrics') p JOIN pg_class c ON c.oid = p.relid
    WHERE c.relkind = 'f') AS wfm_abroad \gset
\if :wfm_abroad
    \warn 'No summaries: a partition of github_workflow_metrics is a foreign table, into which PostgreSQL inserts'
    \warn 'nothing through a table that has triggers as the summaries need. Leave this migration out.'
    DO $$ BEGIN RAISE EXCEPTION 'a partition of github_workflow_metrics is a foreign table'; END $$;
\endif

-- Run statements that lock tables of those who write and read, as soon as they let it. The locks are held until
-- the transaction's end.
CREATE OR REPLACE FUNCTION pg_temp.wfm_when_free(statements TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..60 LOOP
        BEGIN
            EXECUTE statements;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.2);
        END;
    END LOOP;
END
$$;

-- What a former edition made is taken away whole, and made anew by what follows. The tables are locked in the order
-- in which a collector writes, and before those that a reader needs besides.
DO $$
BEGIN
    IF to_regclass('wfm_run_changes') IS NOT NULL OR to_regclass('wfm_metric_sums') IS NOT NULL
        OR to_regproc('wfm_runs_written') IS NOT NULL THEN
        PERFORM pg_temp.wfm_when_free('
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN ACCESS EXCLUSIVE MODE;
            ' || (SELECT string_agg(format('DROP ROUTINE IF EXISTS %s %s;', p.oid::regprocedure,
                    CASE p.prorettype WHEN 'trigger'::regtype THEN 'CASCADE' END), ' ')
                FROM pg_proc p WHERE p.pronamespace = t.relnamespace AND p.proname LIKE 'wfm\_%')
            || (SELECT string_agg(format('DROP TABLE IF EXISTS %s;', c.oid::regclass), ' ') FROM pg_class c
                WHERE c.relnamespace = t.relnamespace AND c.relname LIKE 'wfm\_%' AND c.relkind = 'r'
                    AND c.relname <> 'wfm_deleted_configs'))
        FROM pg_class t WHERE t.oid = 'github_workflow_metrics'::regclass;
    END IF;
END
$$;

-- Where one of the tables that follow was lost, and what it said with it, the others are not to be trusted.
DO $$
BEGIN
    IF to_regclass('wfm_doubt') IS NOT NULL AND EXISTS (SELECT FROM unnest('{wfm_state,wfm_marks,wfm_metric_days,
        wfm_metric_totals,wfm_metric_names,wfm_run_counts}'::text[]) t WHERE to_regclass(t) IS NULL) THEN
        PERFORM setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4));
    END IF;
END
$$;

-- ---- tables ----

-- What the summaries are kept in. Nothing here is unique: a fold's statement may insert a
-- day's new rows before it deletes the old ones, and no writer waits for another one's key.

-- Appended to by those who write, once a transaction for each day of a config that it touches: what is
-- kept of that day may be out of date. of: m metric rows, r runs (which may be without a config: 0).
CREATE TABLE IF NOT EXISTS wfm_marks (
    "of" "char" NOT NULL,
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    marked_at TIMESTAMPTZ NOT NULL DEFAULT now() -- when the transaction began
) WITH (vacuum_truncate = off); -- who gives pages back keeps writers out for a moment
-- CREATE INDEX IF NOT EXISTS waits for those who write even where there is one.
SELECT 'CREATE INDEX wfm_marks_day ON wfm_marks ("of", config_id, day)' WHERE to_regclass('wfm_marks_day') IS NULL
\gexec

-- A folded day: its rows, the runs they are of, the files they came from. A detailed one has also the
-- distinct dimensions of its rows (sets), and how many rows have each (set_rows).
CREATE TABLE IF NOT EXISTS wfm_metric_days (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    runs BIGINT[] NOT NULL,
    files TEXT[] NOT NULL,
    sets JSONB[],
    set_rows BIGINT[],
    folded_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wfm_metric_days_day ON wfm_metric_days (config_id, day);

-- A folded day: the numbers of a metric (field) in its rows. n of them are numbers; total, squares (sum
-- of squares), low and high are NULL where none is. The same of each set of a detailed day, in the order
-- of its sets.
CREATE TABLE IF NOT EXISTS wfm_metric_totals (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    n BIGINT NOT NULL,
    total NUMERIC,
    squares NUMERIC,
    low NUMERIC,
    high NUMERIC,
    set_n BIGINT[],
    set_total NUMERIC[],
    set_squares NUMERIC[],
    set_low NUMERIC[],
    set_high NUMERIC[]
);
-- The beginning of a name that may be too long for an index; a hash would depend on the encoding.
CREATE INDEX IF NOT EXISTS wfm_metric_totals_field
    ON wfm_metric_totals (config_id, left(field, 200), day);
CREATE INDEX IF NOT EXISTS wfm_metric_totals_day ON wfm_metric_totals (config_id, day);

-- A folded day's names of up to 1000 bytes, which are all that the API says. kind: m a metric's name, n a
-- dimension's (value ''), v a dimension's name and value; x a dimension that has no v of this day, since its values
-- are too many or too long: they are in the rows.
CREATE TABLE IF NOT EXISTS wfm_metric_names (
    config_id BIGINT NOT NULL,
    kind "char" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS wfm_metric_names_all ON wfm_metric_names (config_id, kind, key, value, day);
CREATE INDEX IF NOT EXISTS wfm_metric_names_day ON wfm_metric_names (config_id, day);

-- Folded days' numbers of runs, and between which ids they are, or were. level 0: by config and day; 1: by
-- day; 2: by config; 3: of all; what a level does not tell apart is config 0 and day -infinity.
CREATE TABLE IF NOT EXISTS wfm_run_counts (
    level SMALLINT NOT NULL,
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    status TEXT NOT NULL,
    trigger_source TEXT NOT NULL,
    n BIGINT NOT NULL,
    low_id BIGINT NOT NULL,
    high_id BIGINT NOT NULL,
    PRIMARY KEY (level, config_id, day, status, trigger_source)
);

-- One row: the value of wfm_doubt at which all is known, the tables whose writers are noticed, and what else was so
-- then (ground: wfm_ground()); and a value that is to be trusted, once all transactions before the fence have ended.
-- unwatched: why some writers cannot be noticed.
CREATE TABLE IF NOT EXISTS wfm_state (
    trusted BIGINT,
    watched OID[],
    ground TEXT,
    seen BIGINT,
    fence XID8,
    unwatched TEXT
);
INSERT INTO wfm_state SELECT WHERE NOT EXISTS (SELECT FROM wfm_state);

-- Raised by whatever the summaries may have missed, which is: set to a value that it never had. Not taken back when
-- that is rolled back; written to the log at once, as setval() does (nextval() writes 32 values in advance).
CREATE SEQUENCE IF NOT EXISTS wfm_doubt OWNED BY wfm_state.trusted;

-- Rows without a key are deleted and changed: a publication FOR ALL TABLES must not forbid that.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass) FROM pg_class c
WHERE c.oid IN (to_regclass('wfm_marks'), to_regclass('wfm_metric_days'), to_regclass('wfm_metric_totals'),
    to_regclass('wfm_metric_names'), to_regclass('wfm_state')) AND c.relreplident <> 'f'
\gexec

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

-- ---- trust ----

-- Whether the summaries can be trusted. What happened without them is doubt: then the rows
-- answer, until maintenance has looked at every day again.

CREATE OR REPLACE FUNCTION wfm_raise_doubt() RETURNS VOID
LANGUAGE sql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT setval('wfm_doubt', 1 + abs(uuid_hash_extended(gen_random_uuid(), 0) / 4))
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
        to_regclass('github_workflow_runs')::oid, to_regclass('github_workflow_metrics')::oid,
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

-- Every day that has rows, or of which something is kept, is marked: one probe of an index for each. (What is
-- appended twice is folded once.) Like a fold, it fails where a policy would hide rows from it: row_security = off.
CREATE OR REPLACE FUNCTION wfm_mark_all() RETURNS VOID
LANGUAGE sql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET row_security = off AS $$
    WITH RECURSIVE metrics (config_id, day) AS ( -- in the index's order: each config's newest day first
        (SELECT m.config_id, wfm_day(m."timestamp") FROM github_workflow_metrics m
        ORDER BY m.config_id, m."timestamp" DESC LIMIT 1)
        UNION ALL SELECT next.* FROM metrics d CROSS JOIN LATERAL (
            (SELECT m.config_id, wfm_day(m."timestamp") FROM github_workflow_metrics m
            WHERE m.config_id = d.config_id AND m."timestamp" < d.day
            ORDER BY m.config_id, m."timestamp" DESC LIMIT 1)
            UNION ALL (SELECT m.config_id, wfm_day(m."timestamp") FROM github_workflow_metrics m
            WHERE m.config_id > d.config_id ORDER BY m.config_id, m."timestamp" DESC LIMIT 1)
            LIMIT 1) next
    )
    INSERT INTO wfm_marks ("of", config_id, day)
    SELECT 'm'::"char", d.config_id, d.day FROM (SELECT * FROM metrics
        UNION SELECT w.config_id, w.day FROM wfm_metric_days w) d
    UNION ALL SELECT 'r'::"char", r.config_id, r.day FROM (
        SELECT coalesce(r.config_id, 0) AS config_id, wfm_day(r.created_at) AS day FROM github_workflow_runs r
        UNION SELECT c.config_id, c.day FROM wfm_run_counts c WHERE c.level = 0) r
$$;

-- Trust again what was doubted: all is marked by a snapshot that sees the end of everybody who wrote when
-- the doubt was raised. Until then the doubt stays, and this comes again.
CREATE OR REPLACE FUNCTION wfm_restore_trust() RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    raised BIGINT := (SELECT d.last_value FROM wfm_doubt d);
    now_watched OID[];
    now_ground TEXT;
    until XID8;
BEGIN
    IF wfm_is_trusted() OR current_setting('transaction_isolation') <> 'read committed'
        OR NOT pg_try_advisory_xact_lock(hashtextextended('wfm_restore_trust', 0)) THEN
        RETURN;
    END IF;
    -- Before all that follows: what changes from here on is found out.
    SELECT w.relids, wfm_ground(w.relids) INTO now_watched, now_ground
    FROM (SELECT array_agg(w.relid) AS relids FROM wfm_watched() w) w;
    IF NOT wfm_is_watching() THEN
        RETURN;
    END IF;
    -- A fence that lies ahead was restored from another server's dump.
    SELECT s.fence INTO until FROM wfm_state s
    WHERE s.seen = raised AND s.fence <= pg_current_xact_id() AND (SELECT count(*) = 1 FROM wfm_state);
    IF until IS NULL THEN
        -- All who had raised it by then have a lower number than this transaction has; a snapshot's xmax may be
        -- lower than theirs.
        until := pg_current_xact_id();
        DELETE FROM wfm_state;
        INSERT INTO wfm_state (seen, fence) VALUES (raised, until);
    END IF;
    IF pg_snapshot_xmin(pg_current_snapshot()) < until THEN
        RETURN;
    END IF;
    PERFORM wfm_mark_all();
    UPDATE wfm_state SET trusted = raised, watched = now_watched, ground = now_ground;
END
$$;

-- ---- writing ----

-- What a writer does: a statement that changes runs or metric rows marks their days, each once in
-- a transaction. Whatever goes wrong with that raises doubt, and the statement goes on. Nobody reads a table:
-- so it does not matter how isolated the writer's transaction is.
--
-- The functions run as this migration's owner, whoever writes: where they look is fixed, and nobody else may
-- make them a trigger of a table of his own. (Who writes needs no right to them.)

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
                FROM (SELECT DISTINCT coalesce(r.config_id, 0) AS config, wfm_day(r.%I) AS day FROM wfm_rows r) d
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
-- none of them. (All others do who say that they replicate: their rows come here, too.)
CREATE OR REPLACE FUNCTION wfm_missed() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    me TEXT := pg_current_xact_id()::text;
BEGIN
    IF TG_OP <> 'TRUNCATE' AND (current_setting('wfm.replicated', true) = me OR (SELECT
            set_config('wfm.replicated', me, true) = me AND a.backend_type = 'client backend'
            FROM pg_stat_activity a WHERE a.pid = pg_backend_pid())) THEN
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

REVOKE EXECUTE ON FUNCTION wfm_written(), wfm_missed() FROM PUBLIC;
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
-- means doubt. Into a foreign table PostgreSQL inserts nothing through one that has such triggers: they go where one has
-- come. Returns whether there was anything to do: then writers wait for this transaction's end.
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

-- ---- folding ----

-- How a day is summed up, and when. ONE statement removes the day's marks that its snapshot shows,
-- and describes the rows that the same snapshot shows: a writer whose rows it did not see left a mark that it did
-- not see either, so the day is not clean after that writer's commit. All that was kept of the day before goes.
--
-- Only one transaction folds a config (or the runs) at a time: it takes an advisory lock if that is free, and
-- leaves the work to the next one if not (only wfm_fold_all() waits for it). It does so in READ COMMITTED
-- transactions alone, where rows that are gone since the snapshot raise no error.

-- Let this transaction fold what is called so, and none else till its end. Whether it may: not while another one
-- does. What it has marked itself it no longer has.
CREATE OR REPLACE FUNCTION wfm_try_fold(what TEXT, number BIGINT) RETURNS BOOLEAN
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(hashtextextended(what, number))
        AND set_config('wfm.marked', '', true) = ''
$$;

-- Describe days of a config from their metric rows. One statement, hence one snapshot. What it makes of
-- them has no statistics: a nested loop, the planner's choice for few rows, might be one over very many. With
-- 32 MB what a usual day is grouped by does not go to the disk (4 MB, PostgreSQL's default: half as long again).
-- OFFSET 0: one scan of the index a day, whatever the planner thinks of their number.
CREATE OR REPLACE FUNCTION wfm_metrics_describe(config BIGINT, days TIMESTAMPTZ[]) RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET enable_nestloop = off
    SET work_mem = '32MB' SET row_security = off AS $$
BEGIN
    WITH gone AS (
        DELETE FROM wfm_marks c WHERE c.of = 'm' AND c.config_id = config AND c.day = ANY (days)
    ), old_days AS (
        DELETE FROM wfm_metric_days d WHERE d.config_id = config AND d.day = ANY (days)
    ), old_totals AS (
        DELETE FROM wfm_metric_totals t WHERE t.config_id = config AND t.day = ANY (days)
    ), old_names AS (
        DELETE FROM wfm_metric_names n WHERE n.config_id = config AND n.day = ANY (days)
    ), m AS MATERIALIZED (
        -- Equal numbers may have different digits (1.5, 1.50), and a filter may be by the digits:
        -- so rows are told apart by the text of their dimensions.
        SELECT d.day, m.schema_id, m.run_id, m.source_file, wfm_object(m.dimensions)::text AS dimensions,
            wfm_object(m.metrics) AS metrics
        FROM unnest(days) d (day) CROSS JOIN LATERAL (
            SELECT * FROM github_workflow_metrics m WHERE m.config_id = config
                AND m."timestamp" >= d.day AND m."timestamp" <= wfm_day_end(d.day) OFFSET 0) m
    ), alike AS MATERIALIZED (
        SELECT m.day, m.schema_id, m.dimensions COLLATE "C" AS dimensions, count(*) AS n, row_number() OVER () AS place
        FROM m GROUP BY m.day, m.schema_id, m.dimensions
    ), sums AS MATERIALIZED (
        SELECT v.key, v.day, v.schema_id, v.dimensions, count(v.n) AS n, sum(v.n) AS total,
            sum(v.n * v.n) AS squares, min(v.n) AS low, max(v.n) AS high
        FROM (
            -- OFFSET 0: a value is made a number once, not by each aggregate
            SELECT e.key COLLATE "C" AS key, m.day, m.schema_id, m.dimensions COLLATE "C" AS dimensions,
                CASE jsonb_typeof(e.value) WHEN 'number'
                    THEN CASE WHEN abs(e.value::numeric) < 1e1000 THEN e.value::numeric END END AS n
            FROM m CROSS JOIN LATERAL jsonb_each(m.metrics) e OFFSET 0
        ) v
        GROUP BY v.key, v.day, v.schema_id, v.dimensions
    ), totals AS MATERIALIZED (
        SELECT s.key, s.day, s.schema_id, sum(s.n) AS n, sum(s.total) AS total, sum(s.squares) AS squares,
            min(s.low) AS low, max(s.high) AS high, row_number() OVER () AS id
        FROM sums s GROUP BY s.key, s.day, s.schema_id
    ), fields AS (
        SELECT t.day, count(DISTINCT t.key) AS n FROM totals t GROUP BY t.day
    ), detailed AS MATERIALIZED ( -- half as many sets as rows, or fewer: worth their keeping
        SELECT a.day FROM alike a LEFT JOIN fields f ON f.day = a.day
        GROUP BY a.day, f.n HAVING sum(a.n) >= 2 * count(*) AND count(*) <= 20000
            AND count(*) * coalesce(f.n, 0) <= 1000000 -- each has each
            AND sum(octet_length(a.dimensions)) <= 20000000 -- an array has its limits
    ), sets AS MATERIALIZED (
        SELECT * FROM alike a WHERE a.day IN (SELECT detailed.day FROM detailed)
    ), new_days AS (
        INSERT INTO wfm_metric_days (config_id, day, schema_id, n, runs, files, sets, set_rows)
        SELECT config, d.day, d.schema_id, d.n, d.runs, d.files, s.sets, s.set_rows
        FROM (
            SELECT f.day, f.schema_id, sum(f.n) AS n, array_agg(DISTINCT f.run_id) AS runs,
                coalesce(array_agg(DISTINCT f.source_file) FILTER (WHERE f.source_file IS NOT NULL), '{}') AS files
            FROM (SELECT m.day, m.schema_id, m.run_id, m.source_file COLLATE "C" AS source_file, count(*) AS n
                FROM m GROUP BY m.day, m.schema_id, m.run_id, m.source_file COLLATE "C") f
            GROUP BY f.day, f.schema_id
        ) d LEFT JOIN (
            SELECT s.day, s.schema_id, array_agg(s.dimensions::jsonb) AS sets, array_agg(s.n) AS set_rows
            FROM (SELECT * FROM sets ORDER BY sets.day, sets.schema_id, sets.place) s
            GROUP BY s.day, s.schema_id
        ) s ON s.day = d.day AND s.schema_id = d.schema_id
    ), pairs AS MATERIALIZED (
        SELECT a.day, a.schema_id, e.key COLLATE "C" AS key, e.value COLLATE "C" AS value, sum(a.n) AS n
        FROM alike a CROSS JOIN LATERAL jsonb_each_text(a.dimensions::jsonb) e
        WHERE octet_length(e.key) <= 1000
        GROUP BY a.day, a.schema_id, e.key COLLATE "C", e.value COLLATE "C"
    ), keys AS MATERIALIZED ( -- a btree's entry has at most a third of a page; and what every other row has is no name
        SELECT p.day, p.key, coalesce(max(octet_length(p.value)), 0) > 1000
            OR count(p.value) > greatest(1000, sum(p.n) / 2) AS unlisted
        FROM pairs p GROUP BY p.day, p.key
    ), new_names AS (
        INSERT INTO wfm_metric_names (config_id, kind, key, value, day, schema_id)
        SELECT config, n.* FROM (
            SELECT 'v'::"char", p.key, p.value, p.day, p.schema_id FROM pairs p
            JOIN keys k ON k.day = p.day AND k.key = p.key WHERE p.value IS NOT NULL AND NOT k.unlisted
            UNION ALL SELECT DISTINCT 'n'::"char", p.key, '', p.day, p.schema_id FROM pairs p
            UNION ALL SELECT 'x', k.key, '', k.day, 0 FROM keys k WHERE k.unlisted
            UNION ALL SELECT 'm', t.key, '', t.day, t.schema_id FROM totals t WHERE octet_length(t.key) <= 1000
        ) n
    ), by_set AS ( -- what comes sorted is aggregated in that order
        SELECT c.id, array_agg(c.n) AS n, array_agg(c.total) AS total, array_agg(c.squares) AS squares,
            array_agg(c.low) AS low, array_agg(c.high) AS high
        FROM (
            SELECT t.id, coalesce(s.n, 0) AS n, s.total, s.squares, s.low, s.high
            FROM totals t JOIN sets d ON d.day = t.day AND d.schema_id = t.schema_id
            LEFT JOIN sums s ON s.key = t.key AND s.day = d.day AND s.schema_id = d.schema_id
                AND s.dimensions = d.dimensions
            ORDER BY t.id, d.place
        ) c
        GROUP BY c.id
    )
    INSERT INTO wfm_metric_totals (config_id, day, schema_id, field, n, total, squares, low, high,
        set_n, set_total, set_squares, set_low, set_high)
    SELECT config, t.day, t.schema_id, t.key, t.n, t.total, t.squares, t.low, t.high,
        b.n, b.total, b.squares, b.low, b.high
    FROM totals t LEFT JOIN by_set b ON b.id = t.id
    ORDER BY t.key, t.day; -- a chart reads them by field and day, and finds neighbours on a page
END
$$;

-- Fold days of a config, newest first, of about `most` rows in all, at least one day. A day that was folded before
-- waits for twenty times as long as folding takes (8 microseconds a row of a large day, 20 of a small one): so
-- whatever is written to it, that is a twentieth of a processor's time. One of more than 5 million rows is left to
-- the rows. Returns how many rows were read.
CREATE OR REPLACE FUNCTION wfm_metrics_fold(config BIGINT, most BIGINT, hurry BOOLEAN) RETURNS BIGINT
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
DECLARE
    chosen TIMESTAMPTZ[] := '{}';
    marked TIMESTAMPTZ;
    rows BIGINT;
    work BIGINT := 0;
BEGIN
    FOR marked IN
        SELECT c.day FROM wfm_marks c WHERE c.of = 'm' AND c.config_id = config
        GROUP BY c.day ORDER BY c.day DESC
    LOOP
        IF NOT hurry AND EXISTS (SELECT FROM wfm_metric_days d WHERE d.config_id = config AND d.day = marked
            AND now() BETWEEN d.folded_at AND d.folded_at + d.n * interval '400 microseconds') THEN
            CONTINUE;
        END IF;
        rows := (SELECT count(*) FROM (SELECT FROM github_workflow_metrics m WHERE m.config_id = config
            AND m."timestamp" >= marked AND m."timestamp" <= wfm_day_end(marked) LIMIT 5000001) m);
        IF rows <= 5000000 THEN
            chosen := chosen || marked;
            work := work + rows;
        ELSE -- a note, so that it is not counted anew each time: a marked day is read from its rows, whatever this says
            DELETE FROM wfm_metric_days d WHERE d.config_id = config AND d.day = marked;
            INSERT INTO wfm_metric_days (config_id, day, schema_id, n, runs, files)
            VALUES (config, marked, 0, rows, '{}', '{}');
        END IF;
        EXIT WHEN work >= most;
    END LOOP;
    IF chosen <> '{}' THEN
        PERFORM wfm_metrics_describe(config, chosen);
    END IF;
    RETURN work;
END
$$;

-- Count the runs of about a month's marked days anew, and what comes of it at each level: a day's new numbers, less
-- its old ones. Returns whether there may be more.
CREATE OR REPLACE FUNCTION wfm_runs_fold() RETURNS BOOLEAN
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET enable_nestloop = on
    SET row_security = off AS $$
DECLARE
    chosen TIMESTAMPTZ[] := ARRAY(SELECT c.day FROM wfm_marks c WHERE c.of = 'r'
        GROUP BY c.day ORDER BY c.day DESC LIMIT 31);
BEGIN
    WITH gone AS MATERIALIZED (
        DELETE FROM wfm_marks c WHERE c.of = 'r' AND c.day = ANY (chosen) RETURNING c.config_id, c.day
    ), marked AS MATERIALIZED (
        SELECT DISTINCT g.config_id, g.day FROM gone g
    ), changes AS MATERIALIZED (
        SELECT c.config_id, c.day, c.status, c.trigger_source, sum(c.n)::bigint AS n, min(c.low_id) AS low_id,
            max(c.high_id) AS high_id
        FROM (
            SELECT c.config_id, c.day, c.status, c.trigger_source, -c.n AS n, c.low_id, c.high_id
            FROM marked d JOIN wfm_run_counts c ON c.level = 0 AND c.config_id = d.config_id AND c.day = d.day
            UNION ALL SELECT d.config_id, d.day, r.status, r.trigger_source, count(*), min(r.id), max(r.id)
            FROM (SELECT DISTINCT m.day FROM marked m) days CROSS JOIN LATERAL (
                SELECT coalesce(r.config_id, 0) AS config_id, r.status, r.trigger_source, r.id
                FROM github_workflow_runs r
                WHERE r.created_at >= days.day AND r.created_at <= wfm_day_end(days.day) OFFSET 0) r
            JOIN marked d ON d.day = days.day AND d.config_id = r.config_id
            GROUP BY d.config_id, d.day, r.status, r.trigger_source
        ) c
        GROUP BY c.config_id, c.day, c.status, c.trigger_source
        HAVING sum(c.n) <> 0 OR min(c.low_id) < min(c.low_id) FILTER (WHERE c.n < 0)
            OR max(c.high_id) > max(c.high_id) FILTER (WHERE c.n < 0) -- as many, but others
    )
    INSERT INTO wfm_run_counts AS c (level, config_id, day, status, trigger_source, n, low_id, high_id)
    SELECT level, CASE WHEN level IN (0, 2) THEN d.config_id ELSE 0 END AS config,
        CASE WHEN level IN (0, 1) THEN d.day ELSE '-infinity' END AS of_day, d.status, d.trigger_source,
        sum(d.n), min(d.low_id), max(d.high_id)
    FROM changes d CROSS JOIN generate_series(0, 3) level
    GROUP BY level, config, of_day, d.status, d.trigger_source
    ON CONFLICT (level, config_id, day, status, trigger_source) DO UPDATE SET
        n = c.n + excluded.n, low_id = least(c.low_id, excluded.low_id),
        high_id = greatest(c.high_id, excluded.high_id);
    DELETE FROM wfm_run_counts c WHERE c.n = 0;
    RETURN array_length(chosen, 1) = 31;
END
$$;

-- What the module asks for now and then. Only who is let may ask: see ../roles/api_role.sql. It comes again, so
-- it waits for nobody who has locked a table.
BEGIN;

-- First of all: trust, and runs. Returns whether there may be more to do.
CREATE OR REPLACE FUNCTION wfm_maintain() RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET lock_timeout = '100ms' AS $$
BEGIN
    IF wfm_watch_again() THEN
        RETURN true;
    END IF;
    PERFORM wfm_restore_trust();
    RETURN EXISTS (SELECT FROM wfm_marks m WHERE m.of = 'r') AND wfm_try_fold('wfm_runs_fold', 0)
        AND wfm_runs_fold();
END
$$;

-- Then days of a config, of about 20000 rows. Returns whether there may be more.
CREATE OR REPLACE FUNCTION wfm_maintain(config BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET lock_timeout = '100ms' AS $$
BEGIN
    RETURN wfm_try_fold('wfm_metrics_fold', config) AND wfm_metrics_fold(config, 20000, false) >= 20000;
END
$$;
REVOKE EXECUTE ON FUNCTION wfm_maintain(), wfm_maintain(BIGINT) FROM PUBLIC;
COMMIT;

-- Fold everything that is marked by now, in transactions of about 100 000 metric rows: CALL wfm_fold_all().
CREATE OR REPLACE PROCEDURE wfm_fold_all() LANGUAGE plpgsql AS $$
DECLARE
    config BIGINT;
    more BOOLEAN := true;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'wfm_fold_all() must be called in READ COMMITTED transactions';
    END IF;
    PERFORM wfm_restore_trust();
    COMMIT;
    WHILE more LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('wfm_runs_fold', 0)); -- after another one
        more := wfm_try_fold('wfm_runs_fold', 0) AND wfm_runs_fold();
        COMMIT;
    END LOOP;
    FOR config IN SELECT DISTINCT c.config_id FROM wfm_marks c WHERE c.of = 'm' ORDER BY 1 LOOP
        more := true;
        WHILE more LOOP
            PERFORM pg_advisory_xact_lock(hashtextextended('wfm_metrics_fold', config));
            more := wfm_try_fold('wfm_metrics_fold', config) AND wfm_metrics_fold(config, 100000, true) >= 100000;
            COMMIT;
        END LOOP;
    END LOOP;
END
$$;

-- ---- reading ----

-- What a reader asks. Unknown is slow, never wrong: of what these functions return the rows answer.

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

-- For whoever watches: are they in use; how many days of configs are not clean, and for how long the oldest has
-- not been.
CREATE OR REPLACE FUNCTION wfm_summaries_status() RETURNS TABLE (state TEXT, unclean BIGINT, oldest INTERVAL)
LANGUAGE sql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
    SELECT CASE WHEN wfm_is_trusted() THEN 'in use' ELSE 'in doubt' END,
        (SELECT count(*) FROM (SELECT DISTINCT m.of, m.config_id, m.day FROM wfm_marks m) m),
        (SELECT clock_timestamp() - min(m.marked_at) FROM wfm_marks m)
$$;

-- Writers wait for a moment while the triggers come; what was written before is doubted.
DO $$
BEGIN
    IF NOT wfm_is_watching() THEN
        PERFORM pg_temp.wfm_when_free('
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN SHARE ROW EXCLUSIVE MODE;
            SELECT wfm_watch(w.relid, w.time_column) FROM wfm_watched() w;
            SELECT wfm_raise_doubt();
        ');
    END IF;
END
$$;

SET lock_timeout = '5min'; -- another one may fold a large day
CALL wfm_fold_all();
-- Hand over: what belongs to whoever ran a migration, or to a superuser, goes to the tables' owner,
-- whose pg_dump must be able to read it. One statement and so one lock at a time; where one is not free
-- soon, this fails (run it again) rather than hold up those who write.
SET lock_timeout = '500ms';
SELECT format('ALTER %s %s OWNER TO %s', o.kind, o.name, m.relowner::regrole)
FROM pg_class m CROSS JOIN LATERAL (
    SELECT 'TABLE' AS kind, c.oid::regclass::text AS name, c.relowner AS owner FROM pg_class c
    WHERE c.relnamespace = m.relnamespace AND c.relkind IN ('r', 'p') AND (c.relname LIKE 'wfm\_%'
        OR c.relname IN ('github_workflow_configs', 'github_workflow_runs', 'github_workflow_metric_schemas'))
    UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner FROM pg_proc p
    WHERE p.pronamespace = m.relnamespace AND p.proname LIKE 'wfm\_%') o
WHERE m.oid = to_regclass('github_workflow_metrics') AND o.owner <> m.relowner
    AND EXISTS (SELECT FROM pg_roles r WHERE r.oid = o.owner AND (r.rolsuper OR r.rolname = current_user))
    AND pg_has_role(o.owner, 'MEMBER')
ORDER BY o.kind DESC, o.name
\gexec

-- Whoever may read all rows may read what is kept of them, or he could not pg_dump the database any more.
SELECT format('GRANT SELECT ON %s TO %s', c.oid::regclass,
    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
FROM (SELECT a.grantee, min(t.relnamespace) AS schema FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
    WHERE t.oid IN ('github_workflow_runs'::regclass, 'github_workflow_metrics'::regclass)
        AND a.privilege_type = 'SELECT'
    GROUP BY a.grantee HAVING count(DISTINCT t.oid) = 2 AND NOT bool_or(t.relrowsecurity)) g
JOIN pg_class c ON c.relnamespace = g.schema AND c.relname LIKE 'wfm\_%' AND c.relkind IN ('r', 'S')
    AND c.relowner <> g.grantee
WHERE NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = g.grantee AND a.privilege_type = 'SELECT')
\gexec

SELECT pg_advisory_unlock(hashtextextended('wfm_migration', 0)) AS wfm_unlocked \gset
RESET lock_timeout;
RESET client_min_messages;
