-- first_edition.sql - what databases in use have: the first edition of 004_summaries.sql, as it was. Tests begin with
-- it to show that the second edition follows; nothing in here is to be mended.
--
-- 004_summaries.sql - summaries that keep the answers fast as the data grows. May be left out.
--
-- Triggers on runs and metrics keep them exact, whoever writes: the API answers the same with and
-- without them. What they promise, and to whom:
--
-- * Writers never wait for each other because of them. A writing statement only appends: to
--   wfm_metric_changes, wfm_metric_names and wfm_run_changes, which have no unique constraint.
-- * A day (UTC) of a config is either clean or has rows in wfm_metric_changes. A clean day is
--   described by wfm_metric_days and wfm_metric_totals; of another one the API reads the metric rows.
--   Folding makes a day clean: ONE statement removes the changes that its snapshot shows and
--   describes the metric rows that the same snapshot shows. A writer whose rows it did not see left
--   a change that it did not see either, so the day is not clean after that writer's commit. Nor is
--   it when one statement does several things, and a trigger of the first folds what the second has
--   done: the second's trigger comes yet, and leaves its change.
-- * Runs are only counted: wfm_run_counts and the changes since, whatever their order.
-- * wfm_metric_names holds every name and value that a day has or had. Days that lost some are in
--   wfm_metric_inexact for good; there the API reads the metric rows.
-- * Only one transaction folds a config (or the runs) at a time: it takes an advisory lock if that
--   is free, and leaves the work to the next one if not (only wfm_fold_all() waits for it). It does so
--   in READ COMMITTED transactions alone, where rows that are gone since the snapshot raise no error.
--
-- Safe on a live database, and may be run again at any time: it folds what is left to fold. Do not
-- copy rows into these tables (a data-only restore), and do not write metrics or runs with these
-- triggers disabled: else remove the summaries with ../undo/004_summaries.sql and run this again.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "already exists, skipping"
-- Shorter than deadlock_timeout: who waits for whom in vain is this migration, and not a collector.
SET lock_timeout = '500ms';

-- The tables' schema, where the search path does not lead to it.
SELECT format('SET search_path = %s', string_agg(c.relnamespace::regnamespace::text, ', '))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND to_regclass('github_workflow_configs') IS NULL
HAVING count(*) = 1
\gexec

-- The triggers' functions run as this migration's owner, whoever writes: where they look is fixed.
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

-- ---- what a former version made ----

-- Taken away whole, and made anew by what follows.
DO $$
BEGIN
    IF to_regclass('wfm_metric_changes') IS NULL OR EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = to_regclass('wfm_metric_changes') AND attname = 'changed_at' AND NOT attisdropped) THEN
        RETURN;
    END IF;
    -- The tables in the order in which a collector writes, and before those that a reader needs besides.
    PERFORM pg_temp.wfm_when_free('
        LOCK TABLE github_workflow_runs, github_workflow_metrics IN ACCESS EXCLUSIVE MODE;
        DROP FUNCTION IF EXISTS wfm_metrics_inserted(), wfm_metrics_deleted(), wfm_metrics_truncated(),
            wfm_runs_changed(), wfm_runs_truncated() CASCADE; -- their triggers
        DROP FUNCTION IF EXISTS wfm_metrics_fold(BIGINT, BIGINT, BOOLEAN);
        DROP TABLE IF EXISTS wfm_metric_sums, wfm_metric_changes, wfm_metric_days, wfm_metric_totals,
            wfm_metric_names, wfm_metric_listed, wfm_metric_inexact, wfm_run_changes, wfm_run_counts;
    ');
END
$$;

-- ---- tables ----

-- Appended to by every statement that changes metric rows: which days are not clean, and how many
-- rows (n) make it worth while to fold them.
-- unlisted: wfm_metric_names may lack names of the day's older rows (this migration's first run).
-- changed_at: when the transaction began.
CREATE TABLE IF NOT EXISTS wfm_metric_changes (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    unlisted BOOLEAN NOT NULL DEFAULT false,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wfm_metric_changes_day ON wfm_metric_changes (config_id, day);

-- A folded day: rows, the runs they are of, the files they came from. A detailed one has also the
-- distinct dimensions of its rows (sets), and how many rows have each (set_rows).
CREATE TABLE IF NOT EXISTS wfm_metric_days (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    runs BIGINT[] NOT NULL,
    files TEXT[] NOT NULL,
    sets JSONB[],
    set_rows BIGINT[]
);
-- Not unique: a fold's statement may insert a day's new row before it deletes the old one.
CREATE INDEX IF NOT EXISTS wfm_metric_days_day ON wfm_metric_days (config_id, day);

-- A folded day: the numbers of a metric (field) in its rows. n of them are numbers; total, squares (sum
-- of squares), low and high are NULL where none is. The same of each set of a detailed day, in the order
-- of its sets. field_key is hashtext(field): a name may be too long for an index.
CREATE TABLE IF NOT EXISTS wfm_metric_totals (
    config_id BIGINT NOT NULL,
    field_key INTEGER NOT NULL,
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
CREATE INDEX IF NOT EXISTS wfm_metric_totals_field
    ON wfm_metric_totals (config_id, field_key, day);
CREATE INDEX IF NOT EXISTS wfm_metric_totals_day ON wfm_metric_totals (config_id, day);

-- kind: d a dimension's name, m a metric's name (value ''), v a dimension's name and value.
CREATE TABLE IF NOT EXISTS wfm_metric_names (
    config_id BIGINT NOT NULL,
    kind "char" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS wfm_metric_names_all
    ON wfm_metric_names (config_id, kind, key, value, day, schema_id);

-- Statements whose names wfm_metric_names has: a digest of their rows' dimensions, and their metrics'
-- names (fields). Most statements of a day are like the one before, and need not be unpacked.
-- Forgotten when the day is folded.
CREATE TABLE IF NOT EXISTS wfm_metric_listed (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    schema_id BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    fields TEXT[] NOT NULL
);
CREATE INDEX IF NOT EXISTS wfm_metric_listed_day ON wfm_metric_listed (config_id, day, digest);

-- Days of which wfm_metric_names may say too much (rows were deleted or changed) or, overlong, too
-- little (a name is too long for its index; such a day is never folded).
CREATE TABLE IF NOT EXISTS wfm_metric_inexact (
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    overlong BOOLEAN NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS wfm_metric_inexact_day ON wfm_metric_inexact (config_id, day);

-- Appended to by every change of runs; their ids lie between low_id and high_id. A run without a config, as newer
-- databases have them, counts as one of config 0, which is none either.
CREATE TABLE IF NOT EXISTS wfm_run_changes (
    id BIGSERIAL,
    config_id BIGINT NOT NULL,
    day TIMESTAMPTZ NOT NULL,
    status TEXT NOT NULL,
    trigger_source TEXT NOT NULL,
    n BIGINT NOT NULL,
    low_id BIGINT NOT NULL,
    high_id BIGINT NOT NULL
);

-- Numbers of runs without those changes. level 0: by config and day; 1: by day; 2: by config; 3: of
-- all; what a level does not tell apart is config 0 and day -infinity.
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

-- Rows without a key are deleted: a publication FOR ALL TABLES must not forbid that.
ALTER TABLE wfm_metric_changes REPLICA IDENTITY FULL;
ALTER TABLE wfm_metric_days REPLICA IDENTITY FULL;
ALTER TABLE wfm_metric_totals REPLICA IDENTITY FULL;
ALTER TABLE wfm_metric_names REPLICA IDENTITY FULL;
ALTER TABLE wfm_metric_listed REPLICA IDENTITY FULL;
ALTER TABLE wfm_metric_inexact REPLICA IDENTITY FULL;
ALTER TABLE wfm_run_changes REPLICA IDENTITY FULL;

-- ---- days ----

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

-- The names of a row's dimensions and their values.
CREATE OR REPLACE FUNCTION wfm_dimension_names(dimensions JSONB)
RETURNS TABLE (kind "char", key TEXT, value TEXT) LANGUAGE sql IMMUTABLE AS $$
    SELECT 'v'::"char", e.key, e.value FROM jsonb_each_text(wfm_object(dimensions)) e WHERE e.value IS NOT NULL
    UNION ALL SELECT 'd', k, '' FROM jsonb_object_keys(wfm_object(dimensions)) k
$$;

-- The names of a row: of its dimensions, their values, and its metrics.
CREATE OR REPLACE FUNCTION wfm_names(dimensions JSONB, metrics JSONB)
RETURNS TABLE (kind "char", key TEXT, value TEXT) LANGUAGE sql IMMUTABLE AS $$
    SELECT * FROM wfm_dimension_names(dimensions)
    UNION ALL SELECT 'm', k, '' FROM jsonb_object_keys(wfm_object(metrics)) k
$$;

-- A btree's entry has at most a third of a page.
CREATE OR REPLACE FUNCTION wfm_overlong(key TEXT, value TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE AS $$
    SELECT octet_length(key) + octet_length(value) > 1500
$$;

-- ---- folding ----

-- OFFSET 0 in what follows: one scan of the index a day, whatever the planner thinks of their number.

-- List the names of days that were there before the triggers.
CREATE OR REPLACE FUNCTION wfm_metrics_list(config BIGINT, days TIMESTAMPTZ[]) RETURNS VOID
LANGUAGE sql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
    WITH m AS MATERIALIZED (
        SELECT d.day, m.schema_id, m.dimensions::text AS dimensions, m.metrics
        FROM unnest(days) d (day) CROSS JOIN LATERAL (
            SELECT * FROM github_workflow_metrics m WHERE m.config_id = config
                AND m."timestamp" >= d.day AND m."timestamp" <= wfm_day_end(d.day) OFFSET 0) m
    ), names AS MATERIALIZED (
        SELECT k.kind, k.key, k.value, d.day, d.schema_id
        FROM (SELECT DISTINCT m.day, m.schema_id, m.dimensions FROM m) d
        CROSS JOIN LATERAL wfm_dimension_names(d.dimensions::jsonb) k
        UNION SELECT 'm', k, '', m.day, m.schema_id
        FROM m CROSS JOIN LATERAL jsonb_object_keys(wfm_object(m.metrics)) k
    ), overlong AS (
        INSERT INTO wfm_metric_inexact (config_id, day, overlong)
        SELECT DISTINCT config, n.day, true FROM names n WHERE wfm_overlong(n.key, n.value)
    )
    INSERT INTO wfm_metric_names (config_id, kind, key, value, day, schema_id)
    SELECT config, n.* FROM names n WHERE NOT wfm_overlong(n.key, n.value)
$$;

-- Describe days of a config from their metric rows. One statement, hence one snapshot. What it makes of
-- them has no statistics: a nested loop, the planner's choice for few rows, might be one over very many. With
-- 32 MB what a usual day is grouped by does not go to the disk (4 MB, PostgreSQL's default: half as long again).
CREATE OR REPLACE FUNCTION wfm_metrics_describe(config BIGINT, days TIMESTAMPTZ[]) RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET enable_nestloop = off
    SET work_mem = '32MB' AS $$
BEGIN
    WITH gone AS (
        DELETE FROM wfm_metric_changes c WHERE c.config_id = config AND c.day = ANY (days)
    ), old_days AS (
        DELETE FROM wfm_metric_days d WHERE d.config_id = config AND d.day = ANY (days)
    ), old_totals AS (
        DELETE FROM wfm_metric_totals t WHERE t.config_id = config AND t.day = ANY (days)
    ), listed AS (
        DELETE FROM wfm_metric_listed l WHERE l.config_id = config AND l.day = ANY (days)
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
    ), detailed AS MATERIALIZED ( -- half as many sets as rows, or fewer: worth their keeping
        SELECT a.day FROM alike a GROUP BY a.day HAVING sum(a.n) >= 2 * count(*) AND count(*) <= 20000
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
    ), fields AS MATERIALIZED ( -- asking each row for each name is cheaper than unpacking it
        SELECT DISTINCT n.key FROM wfm_metric_names n
        WHERE n.config_id = config AND n.kind = 'm' AND n.day = ANY (days)
    ), sums AS MATERIALIZED (
        -- OFFSET 0: a value is looked up once, not by each aggregate. unnest in place of a join: no loop.
        SELECT v.key, v.day, v.schema_id, v.dimensions, count(v.n) AS n, sum(v.n) AS total,
            sum(v.n * v.n) AS squares, min(v.n) AS low, max(v.n) AS high
        FROM (
            SELECT v.key, v.day, v.schema_id, v.dimensions,
                CASE jsonb_typeof(v.value) WHEN 'number'
                    THEN CASE WHEN abs(v.value::numeric) < 1e1000 THEN v.value::numeric END END AS n
            FROM (
                SELECT f.key, f.day, f.schema_id, f.dimensions, f.metrics -> f.key AS value
                FROM (SELECT unnest(ARRAY(SELECT fields.key FROM fields)) AS key, m.day, m.schema_id,
                    m.dimensions COLLATE "C" AS dimensions, m.metrics FROM m) f OFFSET 0
            ) v WHERE v.value IS NOT NULL OFFSET 0
        ) v
        GROUP BY v.key, v.day, v.schema_id, v.dimensions
    ), totals AS MATERIALIZED (
        SELECT s.key, s.day, s.schema_id, sum(s.n) AS n, sum(s.total) AS total, sum(s.squares) AS squares,
            min(s.low) AS low, max(s.high) AS high, row_number() OVER () AS id
        FROM sums s GROUP BY s.key, s.day, s.schema_id
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
    INSERT INTO wfm_metric_totals (config_id, field_key, day, schema_id, field, n, total, squares, low, high,
        set_n, set_total, set_squares, set_low, set_high)
    SELECT config, hashtext(t.key), t.day, t.schema_id, t.key, t.n, t.total, t.squares, t.low, t.high,
        b.n, b.total, b.squares, b.low, b.high
    FROM totals t LEFT JOIN by_set b ON b.id = t.id
    ORDER BY t.key, t.day; -- a chart reads them by field and day, and finds neighbours on a page
END
$$;

-- Rows of a day as it is folded.
CREATE OR REPLACE FUNCTION wfm_metrics_folded(config BIGINT, of_day TIMESTAMPTZ) RETURNS NUMERIC
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(sum(d.n), 0) FROM wfm_metric_days d WHERE d.config_id = config AND d.day = of_day);
END
$$;

-- Has a day a name that is too long for an index? It is never folded.
CREATE OR REPLACE FUNCTION wfm_metrics_overlong(config BIGINT, of_day TIMESTAMPTZ) RETURNS BOOLEAN
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM wfm_metric_inexact x WHERE x.config_id = config AND x.day = of_day AND x.overlong);
END
$$;

-- Let this transaction fold the config, and none else till its end. Whether it may: not while another one does.
CREATE OR REPLACE FUNCTION wfm_metrics_try_lock(config BIGINT) RETURNS BOOLEAN
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('transaction_isolation') = 'read committed'
        AND pg_try_advisory_xact_lock(hashtextextended('wfm_metrics_fold', config))
$$;

-- Fold these days of a config, which is this transaction's.
CREATE OR REPLACE FUNCTION wfm_metrics_fold_days(config BIGINT, days TIMESTAMPTZ[]) RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    unlisted TIMESTAMPTZ[];
BEGIN
    unlisted := ARRAY(SELECT DISTINCT c.day FROM wfm_metric_changes c
        WHERE c.config_id = config AND c.day = ANY (days) AND c.unlisted);
    IF unlisted <> '{}' THEN
        PERFORM wfm_metrics_list(config, unlisted);
    END IF;
    days := ARRAY(SELECT d FROM unnest(days) d WHERE NOT wfm_metrics_overlong(config, d)); -- the list may find some
    PERFORM wfm_metrics_describe(config, days);
END
$$;

-- Fold days of a config that are before `closed`, oldest first, of about `most` rows in all, at least one
-- day; none while fewer rows than `enough` have changed in those that may be folded. Which a day of up to
-- `largest` rows may be when at least half of what must be read for it is new, or nobody has written to it for
-- an hour: so the work done for it is bounded, however often it is written to. Returns how many rows that was.
CREATE OR REPLACE FUNCTION wfm_metrics_fold(config BIGINT, closed TIMESTAMPTZ, most BIGINT, enough BIGINT,
    largest BIGINT) RETURNS BIGINT LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
DECLARE
    chosen TIMESTAMPTZ[];
    pending BIGINT;
    work BIGINT;
BEGIN
    IF (SELECT coalesce(sum(abs(c.n)), 0) FROM wfm_metric_changes c
        WHERE c.config_id = config AND c.day < closed) < enough THEN
        RETURN 0; -- mostly so: no need to look closer
    END IF;
    IF NOT wfm_metrics_try_lock(config) THEN
        RETURN 0;
    END IF;
    -- Changes of days that are not folded here become one: they would be looked through each time.
    WITH gone AS (
        DELETE FROM wfm_metric_changes c WHERE c.config_id = config AND c.day IN (
            SELECT d.day FROM (SELECT c.day, sum(abs(c.n)) AS n FROM wfm_metric_changes c
                WHERE c.config_id = config AND c.day < closed GROUP BY c.day HAVING count(*) > 8) d
            WHERE d.n + wfm_metrics_folded(config, d.day) > largest OR wfm_metrics_overlong(config, d.day))
        RETURNING *
    )
    INSERT INTO wfm_metric_changes (config_id, day, schema_id, n, unlisted, changed_at)
    SELECT config, g.day, g.schema_id, sum(abs(g.n)), bool_or(g.unlisted), max(g.changed_at)
    FROM gone g GROUP BY g.day, g.schema_id;
    SELECT array_agg(f.day) FILTER (WHERE f.before < most), sum(f.changed),
        sum(f.changed + f.folded) FILTER (WHERE f.before < most)
    INTO chosen, pending, work
    FROM (
        SELECT c.day, c.changed, c.folded, coalesce(sum(c.changed + c.folded) OVER (ORDER BY c.day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM (
            SELECT c.day, sum(abs(c.n)) AS changed, max(c.changed_at) AS changed_at,
                wfm_metrics_folded(config, c.day) AS folded
            FROM wfm_metric_changes c WHERE c.config_id = config AND c.day < closed GROUP BY c.day
        ) c
        WHERE c.changed + c.folded <= largest AND NOT wfm_metrics_overlong(config, c.day)
            AND (c.changed >= c.folded OR c.changed_at < now() - interval '1 hour')
    ) f;
    IF chosen IS NULL OR pending < enough THEN
        RETURN 0;
    END IF;
    PERFORM wfm_metrics_fold_days(config, chosen);
    RETURN work;
END
$$;

-- For a statement that wrote n rows of a config: it folds only what nobody has folded for long, about twice
-- what such statements write. But a large one folds at once, also the newest day, if it has very much of that.
-- None folds a day that would hold it up for long.
CREATE OR REPLACE FUNCTION wfm_metrics_written(config BIGINT, n BIGINT) RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
DECLARE
    newest TIMESTAMPTZ := greatest((SELECT max(c.day) FROM wfm_metric_changes c WHERE c.config_id = config),
        (SELECT max(d.day) FROM wfm_metric_days d WHERE d.config_id = config));
    largest BIGINT := greatest(200000, 2 * n);
BEGIN
    IF n <= 1000 THEN
        PERFORM wfm_metrics_fold(config, least(newest, wfm_day(now())) - interval '24 hours',
            greatest(8000, 2 * n), 50000, largest);
    ELSE
        PERFORM wfm_metrics_fold(config, newest, 2 * n, 2000, largest);
        PERFORM wfm_metrics_fold(config, newest + interval '24 hours', 2 * n, 10000, largest);
    END IF;
END
$$;

-- What the module asks for now and then, so that those who write need not do it: fold days of a config that
-- are over, of about 20000 rows. Returns whether there may be more. Only who is let may ask: see
-- ../roles/api_role.sql. It comes again, so it waits for nobody who has locked a table.
BEGIN;
CREATE OR REPLACE FUNCTION wfm_metrics_maintain(config BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off SET lock_timeout = '100ms' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM github_workflow_configs c WHERE c.id = config) THEN
        -- Nobody asks for a config that is gone: what was kept of it goes with its last row.
        IF NOT EXISTS (SELECT FROM github_workflow_metrics m WHERE m.config_id = config)
            AND wfm_metrics_try_lock(config) THEN
            DELETE FROM wfm_metric_changes c WHERE c.config_id = config;
            DELETE FROM wfm_metric_days d WHERE d.config_id = config;
            DELETE FROM wfm_metric_totals t WHERE t.config_id = config;
            DELETE FROM wfm_metric_names n WHERE n.config_id = config;
            DELETE FROM wfm_metric_listed l WHERE l.config_id = config;
            DELETE FROM wfm_metric_inexact x WHERE x.config_id = config;
        END IF;
        RETURN false;
    END IF;
    RETURN wfm_metrics_fold(config, wfm_day(now()), 20000, 1, 5000000) >= 20000;
END
$$;
REVOKE EXECUTE ON FUNCTION wfm_metrics_maintain(BIGINT) FROM PUBLIC;
COMMIT;

CREATE OR REPLACE FUNCTION wfm_runs_fold() RETURNS VOID
LANGUAGE plpgsql SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
        OR NOT pg_try_advisory_xact_lock(hashtextextended('wfm_runs_fold', 0::bigint)) THEN
        RETURN;
    END IF;
    WITH gone AS (DELETE FROM wfm_run_changes RETURNING *)
    INSERT INTO wfm_run_counts AS c (level, config_id, day, status, trigger_source, n, low_id, high_id)
    SELECT level, CASE WHEN level IN (0, 2) THEN config_id ELSE 0 END AS config,
        CASE WHEN level IN (0, 1) THEN day ELSE '-infinity' END AS of_day, status, trigger_source,
        sum(n), min(low_id), max(high_id)
    FROM gone CROSS JOIN generate_series(0, 3) level
    GROUP BY level, config, of_day, status, trigger_source
    ON CONFLICT (level, config_id, day, status, trigger_source) DO UPDATE SET
        n = c.n + excluded.n, low_id = least(c.low_id, excluded.low_id),
        high_id = greatest(c.high_id, excluded.high_id);
END
$$;

-- Fold everything that has changed by now, in transactions of about 100 000 metric rows: CALL wfm_fold_all().
CREATE OR REPLACE PROCEDURE wfm_fold_all() LANGUAGE plpgsql AS $$
DECLARE
    config BIGINT;
    days TIMESTAMPTZ[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'wfm_fold_all() must be called in READ COMMITTED transactions';
    END IF;
    FOR config, days IN
        SELECT d.config_id, array_agg(d.day) FROM (
            SELECT c.config_id, c.day,
                floor(sum(sum(abs(c.n))) OVER (PARTITION BY c.config_id ORDER BY c.day) / 100000) AS part
            FROM wfm_metric_changes c GROUP BY c.config_id, c.day
        ) d
        GROUP BY d.config_id, d.part ORDER BY d.config_id, d.part
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('wfm_metrics_fold', config)); -- after another one
        PERFORM wfm_metrics_fold_days(config, days);
        COMMIT;
    END LOOP;
    PERFORM wfm_runs_fold();
END
$$;

-- ---- triggers ----

-- They run as this migration's owner, and what they are given, casts included, is of the table that they are
-- triggers of: nobody else may make them a trigger of a table of his own. (Who writes needs no right to them.)
BEGIN;
CREATE OR REPLACE FUNCTION wfm_metrics_inserted() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    new RECORD;
    known TEXT[];
    unlisted BOOLEAN := true;
    fresh BOOLEAN := false; -- nothing of this day is listed: its names are not looked for; some may stand twice
    -- Who is serializable must not read what others append to: that alone could make one of them fail. And an
    -- older snapshot shows names that a TRUNCATE has removed since.
    blind BOOLEAN := current_setting('transaction_isolation') <> 'read committed';
BEGIN
    SELECT count(*) AS n, min(m.config_id) AS config_id, wfm_day(min(m."timestamp")) AS day,
        min(m.schema_id) AS schema_id, min(m.config_id) = max(m.config_id) AND min(m.schema_id) = max(m.schema_id)
            AND wfm_day(min(m."timestamp")) = wfm_day(max(m."timestamp")) AS alike,
        -- one digest is cheaper than one of each row; of long ones, which might be too much together
        sha256(convert_to(string_agg(CASE WHEN octet_length(m.dimensions) <= 1000 THEN m.dimensions
            ELSE '#' || sha256(convert_to(m.dimensions, getdatabaseencoding()))::text END, E'\n'),
            getdatabaseencoding())) AS digest
    INTO new FROM (SELECT m.config_id, m."timestamp", m.schema_id, m.dimensions::text AS dimensions
        FROM wfm_new m LIMIT 1001) m;
    IF new.n = 0 THEN
        RETURN NULL;
    END IF;
    IF new.n <= 1000 AND new.alike AND NOT blind THEN
        INSERT INTO wfm_metric_changes (config_id, day, schema_id, n)
        VALUES (new.config_id, new.day, new.schema_id, new.n);
        SELECT l.fields INTO known FROM wfm_metric_listed l WHERE l.config_id = new.config_id
            AND l.day = new.day AND l.digest = new.digest AND l.schema_id = new.schema_id LIMIT 1;
        unlisted := known IS NULL
            OR EXISTS (SELECT FROM wfm_new m WHERE wfm_object(m.metrics) - known <> '{}');
        IF unlisted THEN
            fresh := known IS NULL AND NOT EXISTS (SELECT FROM wfm_metric_listed l
                WHERE l.config_id = new.config_id AND l.day = new.day);
            INSERT INTO wfm_metric_listed (config_id, day, schema_id, digest, fields)
            SELECT new.config_id, new.day, new.schema_id, new.digest, coalesce(array_agg(DISTINCT k), '{}')
            FROM wfm_new m CROSS JOIN LATERAL jsonb_object_keys(wfm_object(m.metrics)) k;
        END IF;
    ELSE
        INSERT INTO wfm_metric_changes (config_id, day, schema_id, n)
        SELECT m.config_id, wfm_day(m."timestamp"), m.schema_id, count(*) FROM wfm_new m GROUP BY 1, 2, 3;
    END IF;
    IF unlisted THEN
        WITH pairs AS MATERIALIZED (
            SELECT DISTINCT m.config_id, e.key, e.value, wfm_day(m."timestamp") AS day, m.schema_id
            FROM wfm_new m CROSS JOIN LATERAL jsonb_each_text(wfm_object(m.dimensions)) e
        ), names AS MATERIALIZED (
            SELECT p.config_id, 'v'::"char" AS kind, p.key, p.value, p.day, p.schema_id
            FROM pairs p WHERE p.value IS NOT NULL
            UNION ALL SELECT DISTINCT p.config_id, 'd'::"char", p.key, '', p.day, p.schema_id FROM pairs p
            UNION ALL SELECT DISTINCT m.config_id, 'm'::"char", k, '', wfm_day(m."timestamp"), m.schema_id
            FROM wfm_new m CROSS JOIN LATERAL jsonb_object_keys(wfm_object(m.metrics)) k
        ), overlong AS (
            INSERT INTO wfm_metric_inexact (config_id, day, overlong)
            SELECT DISTINCT n.config_id, n.day, true FROM names n WHERE wfm_overlong(n.key, n.value)
        )
        -- The subquery in place of NOT EXISTS: a probe of the index whatever the planner thinks.
        INSERT INTO wfm_metric_names (config_id, kind, key, value, day, schema_id)
        SELECT n.* FROM names n WHERE NOT wfm_overlong(n.key, n.value)
            AND (blind OR fresh OR (SELECT true FROM wfm_metric_names o WHERE o.config_id = n.config_id AND o.kind = n.kind
                AND o.key = n.key AND o.value = n.value AND o.day = n.day AND o.schema_id = n.schema_id
                LIMIT 1) IS NULL);
    END IF;
    IF NOT blind AND (new.n > 1000 OR random() < 0.125::float8) THEN -- now and then
        PERFORM wfm_metrics_written(c.config_id, c.n)
        FROM (SELECT m.config_id, count(*) AS n FROM wfm_new m GROUP BY 1) c;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION wfm_metrics_deleted() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
DECLARE
    blind BOOLEAN := current_setting('transaction_isolation') <> 'read committed'; -- as above
BEGIN
    INSERT INTO wfm_metric_inexact (config_id, day)
    SELECT d.* FROM (SELECT DISTINCT m.config_id, wfm_day(m."timestamp") AS day FROM wfm_old m) d
    WHERE blind OR (SELECT true FROM wfm_metric_inexact x WHERE x.config_id = d.config_id AND x.day = d.day LIMIT 1) IS NULL;
    INSERT INTO wfm_metric_changes (config_id, day, schema_id, n)
    SELECT m.config_id, wfm_day(m."timestamp"), m.schema_id, -count(*) FROM wfm_old m GROUP BY 1, 2, 3;
    IF TG_OP = 'DELETE' AND NOT blind THEN -- an update's new rows have had a trigger of their own
        PERFORM wfm_metrics_written(c.config_id, c.n)
        FROM (SELECT m.config_id, count(*) AS n FROM wfm_old m GROUP BY 1) c WHERE c.n > 1000;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION wfm_metrics_truncated() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'read committed' THEN
        -- No writer is open, so all is seen; and a reader who has locked these tables, and waits for
        -- the other one, is not waited for in turn.
        DELETE FROM wfm_metric_changes;
        DELETE FROM wfm_metric_days;
        DELETE FROM wfm_metric_totals;
        DELETE FROM wfm_metric_names;
        DELETE FROM wfm_metric_listed;
        DELETE FROM wfm_metric_inexact;
    ELSE
        TRUNCATE wfm_metric_changes, wfm_metric_days, wfm_metric_totals, wfm_metric_names, wfm_metric_listed,
            wfm_metric_inexact;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION wfm_runs_changed() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp SET jit = off AS $$
DECLARE
    first_id BIGINT;
    last_id BIGINT;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        -- No WHEN of the trigger: it would forbid to change the columns' types.
        IF (OLD.id, OLD.config_id, OLD.created_at, OLD.status, OLD.trigger_source)
            IS NOT DISTINCT FROM (NEW.id, NEW.config_id, NEW.created_at, NEW.status, NEW.trigger_source) THEN
            RETURN NULL;
        END IF;
        WITH added AS (
            INSERT INTO wfm_run_changes (config_id, day, status, trigger_source, n, low_id, high_id)
            VALUES (coalesce(OLD.config_id, 0), wfm_day(OLD.created_at), OLD.status, OLD.trigger_source, -1, OLD.id, OLD.id),
                (coalesce(NEW.config_id, 0), wfm_day(NEW.created_at), NEW.status, NEW.trigger_source, 1, NEW.id, NEW.id)
            RETURNING id)
        SELECT min(id), max(id) INTO first_id, last_id FROM added;
    ELSIF TG_OP = 'INSERT' THEN
        WITH added AS (
            INSERT INTO wfm_run_changes (config_id, day, status, trigger_source, n, low_id, high_id)
            SELECT coalesce(r.config_id, 0), wfm_day(r.created_at), r.status, r.trigger_source, count(*), min(r.id), max(r.id)
            FROM wfm_new r GROUP BY 1, 2, 3, 4 RETURNING id)
        SELECT min(id), max(id) INTO first_id, last_id FROM added;
    ELSE
        WITH added AS (
            INSERT INTO wfm_run_changes (config_id, day, status, trigger_source, n, low_id, high_id)
            SELECT coalesce(r.config_id, 0), wfm_day(r.created_at), r.status, r.trigger_source, -count(*), min(r.id), max(r.id)
            FROM wfm_old r GROUP BY 1, 2, 3, 4 RETURNING id)
        SELECT min(id), max(id) INTO first_id, last_id FROM added;
    END IF;
    IF first_id / 128 < (last_id + 1) / 128 THEN -- about every 128th row
        PERFORM wfm_runs_fold();
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION wfm_runs_truncated() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, :wfm_schema, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'read committed' THEN -- as above
        DELETE FROM wfm_run_changes;
        DELETE FROM wfm_run_counts;
    ELSE
        TRUNCATE wfm_run_changes, wfm_run_counts;
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION wfm_metrics_inserted(), wfm_metrics_deleted(), wfm_metrics_truncated(),
    wfm_runs_changed(), wfm_runs_truncated() FROM PUBLIC;
COMMIT;

-- The first time: writers wait while the triggers come and the rows that are there are counted (a
-- second or so for a million). ENABLE ALWAYS: also in sessions that say they replicate (a subscriber's
-- worker fires no statement triggers at all: the API does not trust the summaries there).
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'wfm_metrics_truncated'
        AND tgrelid = to_regclass('github_workflow_metrics')) THEN
        RETURN;
    END IF;
    PERFORM pg_temp.wfm_when_free(
        'LOCK TABLE github_workflow_runs, github_workflow_metrics IN SHARE ROW EXCLUSIVE MODE');
    TRUNCATE wfm_metric_changes, wfm_metric_days, wfm_metric_totals, wfm_metric_names,
        wfm_metric_listed, wfm_metric_inexact, wfm_run_changes, wfm_run_counts;

    CREATE TRIGGER wfm_metrics_inserted AFTER INSERT ON github_workflow_metrics
        REFERENCING NEW TABLE AS wfm_new FOR EACH STATEMENT EXECUTE FUNCTION wfm_metrics_inserted();
    CREATE TRIGGER wfm_metrics_deleted AFTER DELETE ON github_workflow_metrics
        REFERENCING OLD TABLE AS wfm_old FOR EACH STATEMENT EXECUTE FUNCTION wfm_metrics_deleted();
    -- An update: rows are gone, rows have come.
    CREATE TRIGGER wfm_metrics_updated_old AFTER UPDATE ON github_workflow_metrics
        REFERENCING OLD TABLE AS wfm_old FOR EACH STATEMENT EXECUTE FUNCTION wfm_metrics_deleted();
    CREATE TRIGGER wfm_metrics_updated_new AFTER UPDATE ON github_workflow_metrics
        REFERENCING NEW TABLE AS wfm_new FOR EACH STATEMENT EXECUTE FUNCTION wfm_metrics_inserted();
    CREATE TRIGGER wfm_metrics_truncated AFTER TRUNCATE ON github_workflow_metrics
        FOR EACH STATEMENT EXECUTE FUNCTION wfm_metrics_truncated();
    ALTER TABLE github_workflow_metrics ENABLE ALWAYS TRIGGER wfm_metrics_inserted,
        ENABLE ALWAYS TRIGGER wfm_metrics_deleted, ENABLE ALWAYS TRIGGER wfm_metrics_updated_old,
        ENABLE ALWAYS TRIGGER wfm_metrics_updated_new, ENABLE ALWAYS TRIGGER wfm_metrics_truncated;

    CREATE TRIGGER wfm_runs_inserted AFTER INSERT ON github_workflow_runs
        REFERENCING NEW TABLE AS wfm_new FOR EACH STATEMENT EXECUTE FUNCTION wfm_runs_changed();
    CREATE TRIGGER wfm_runs_updated AFTER UPDATE ON github_workflow_runs
        FOR EACH ROW EXECUTE FUNCTION wfm_runs_changed();
    CREATE TRIGGER wfm_runs_deleted AFTER DELETE ON github_workflow_runs
        REFERENCING OLD TABLE AS wfm_old FOR EACH STATEMENT EXECUTE FUNCTION wfm_runs_changed();
    CREATE TRIGGER wfm_runs_truncated AFTER TRUNCATE ON github_workflow_runs
        FOR EACH STATEMENT EXECUTE FUNCTION wfm_runs_truncated();
    ALTER TABLE github_workflow_runs ENABLE ALWAYS TRIGGER wfm_runs_inserted,
        ENABLE ALWAYS TRIGGER wfm_runs_updated, ENABLE ALWAYS TRIGGER wfm_runs_deleted,
        ENABLE ALWAYS TRIGGER wfm_runs_truncated;

    INSERT INTO wfm_metric_changes (config_id, day, schema_id, n, unlisted)
    SELECT m.config_id, wfm_day(m."timestamp"), m.schema_id, count(*), true
    FROM github_workflow_metrics m GROUP BY 1, 2, 3;
    INSERT INTO wfm_run_changes (config_id, day, status, trigger_source, n, low_id, high_id)
    SELECT coalesce(r.config_id, 0), wfm_day(r.created_at), r.status, r.trigger_source, count(*), min(r.id), max(r.id)
    FROM github_workflow_runs r GROUP BY 1, 2, 3, 4;
END
$$;

-- Of a former version; nothing calls them any more.
DROP FUNCTION IF EXISTS wfm_metrics_tend(), wfm_metrics_newest(BIGINT),
    wfm_metrics_fold(BIGINT, TIMESTAMPTZ, BIGINT, BIGINT);

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

RESET lock_timeout;
RESET client_min_messages;
