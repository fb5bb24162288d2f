-- 004_summaries_1_tables.sql - what the summaries are kept in, which keep the answers fast as the data grows. May be
-- left out, together with 004_summaries_2 to 4.
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
-- This file and the three that follow it are run in their order, on a live database, and may be run again at any time:
-- until the last of them is through, the rows answer. ../undo/004_summaries.sql takes it all away.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "already exists, skipping"
-- After another one that runs.
DO $$ BEGIN SET LOCAL lock_timeout = '5min'; PERFORM pg_advisory_lock(hashtextextended('wfm_migration', 0)); END $$;
-- Shorter than deadlock_timeout: who waits for whom in vain is this migration, and not a collector.
SET lock_timeout = '500ms';

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

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

-- Does a publication, or a slot that reads everything, send what is made here to others? They lack it, and would stop.
SELECT to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL AS wfm_by_schema, false AS wfm_sent \gset
\if :wfm_by_schema
    SELECT EXISTS (SELECT FROM pg_publication_namespace n
        WHERE n.pnnspid = to_regnamespace(quote_ident(current_schema()))) AS wfm_sent \gset
\endif
SELECT :'wfm_sent' OR EXISTS (SELECT FROM pg_publication p WHERE p.puballtables) OR EXISTS (SELECT
    FROM pg_replication_slots s WHERE s.database = current_database() AND s.plugin <> 'pgoutput') AS wfm_sent \gset

-- What a former edition made is taken away whole, and made anew by what follows. The tables are locked in the order
-- in which a collector writes, and before those that a reader needs besides; and as soon as those who write let it.
DO $$
DECLARE
    place OID := (SELECT t.relnamespace FROM pg_class t WHERE t.oid = 'github_workflow_metrics'::regclass);
BEGIN
    FOR attempt IN 1..60 LOOP
        EXIT WHEN to_regclass('wfm_run_changes') IS NULL AND to_regclass('wfm_metric_sums') IS NULL
            AND to_regproc('wfm_runs_written') IS NULL;
        BEGIN
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN ACCESS EXCLUSIVE MODE;
            EXECUTE concat(
                (SELECT string_agg(format('DROP ROUTINE %s %s;', p.oid::regprocedure,
                    CASE p.prorettype WHEN 'trigger'::regtype THEN 'CASCADE' END), ' ')
                FROM pg_proc p WHERE p.pronamespace = place AND p.proname LIKE 'wfm\_%'),
                (SELECT string_agg(format('DROP TABLE %s;', c.oid::regclass), ' ') FROM pg_class c
                WHERE c.relnamespace = place AND c.relname LIKE 'wfm\_%' AND c.relkind = 'r'
                    AND c.relname NOT IN ('wfm_deleted_configs', 'wfm_backfill_tasks',
                        'wfm_acknowledged_changes')));
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.2);
        END;
    END LOOP;
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

-- Nothing here is unique but the runs' counts: a fold's statement may insert a day's new rows before it deletes the old
-- ones, and no writer waits for another one's key.

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

-- What is UNLOGGED is sent to nobody. (A crash of PostgreSQL empties it: summaries are then doubted, and made anew.)
SET lock_timeout = '500ms';
SELECT format('ALTER TABLE %s SET %s', c.oid::regclass, CASE c.relpersistence WHEN 'p' THEN 'UNLOGGED' ELSE 'LOGGED' END)
FROM pg_class c JOIN pg_class m ON m.oid = to_regclass('github_workflow_metrics') AND m.relnamespace = c.relnamespace
WHERE c.relname LIKE 'wfm\_%' AND c.relkind = 'r' AND (c.relpersistence = 'p') = :'wfm_sent'::boolean
    AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid) -- who names it has it
ORDER BY c.relname
\gexec

INSERT INTO wfm_state SELECT WHERE NOT EXISTS (SELECT FROM wfm_state);

-- Raised by whatever the summaries may have missed, which is: set to a value that it never had. Not taken back when
-- that is rolled back; written to the log at once, as setval() does (nextval() writes 32 values in advance).
CREATE SEQUENCE IF NOT EXISTS wfm_doubt OWNED BY wfm_state.trusted;

-- Rows without a key are deleted and changed: a publication FOR ALL TABLES must not forbid that.
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass) FROM pg_class c
WHERE c.oid IN (to_regclass('wfm_marks'), to_regclass('wfm_metric_days'), to_regclass('wfm_metric_totals'),
    to_regclass('wfm_metric_names'), to_regclass('wfm_state')) AND c.relreplident <> 'f'
\gexec

SELECT pg_advisory_unlock(hashtextextended('wfm_migration', 0)) AS wfm_unlocked \gset
RESET lock_timeout;
RESET client_min_messages;
