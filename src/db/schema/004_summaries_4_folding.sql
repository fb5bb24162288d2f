-- 004_summaries_4_folding.sql - what maintenance does: how a day is summed up, and when, and how doubt ends. And then
-- the triggers come, and what is there is folded. After 004_summaries_3_writing.sql.
--
-- ONE statement removes the day's marks that its snapshot shows,
-- and describes the rows that the same snapshot shows: a writer whose rows it did not see left a mark that it did
-- not see either, so the day is not clean after that writer's commit. All that was kept of the day before goes.
--
-- Only one transaction folds a config (or the runs) at a time: it takes an advisory lock if that is free, and
-- leaves the work to the next one if not (only wfm_fold_all() waits for it). It does so in READ COMMITTED
-- transactions alone, where rows that are gone since the snapshot raise no error.

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

-- The functions look nowhere else.
SELECT relnamespace::regnamespace AS wfm_schema FROM pg_class
WHERE oid = 'github_workflow_metrics'::regclass \gset

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
-- the rows; it is looked at again after all others, and not each time that some of them are folded. Returns how many
-- rows were read.
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
        GROUP BY c.day ORDER BY EXISTS (SELECT FROM wfm_metric_days d WHERE d.config_id = config AND d.day = c.day
            AND d.schema_id = 0 AND d.runs = '{}'), c.day DESC
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

-- Writers wait for a moment while the triggers come, as soon as they let it; what was written before is doubted.
DO $$
BEGIN
    FOR attempt IN 1..60 LOOP
        EXIT WHEN wfm_is_watching();
        BEGIN
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN SHARE ROW EXCLUSIVE MODE;
            PERFORM wfm_watch(w.relid, w.time_column) FROM wfm_watched() w;
            PERFORM wfm_raise_doubt();
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.2);
        END;
    END LOOP;
END
$$;

SET lock_timeout = '5min'; -- another one may fold a large day
SET default_transaction_isolation = 'read committed'; -- whatever this database's is
CALL wfm_fold_all();
RESET default_transaction_isolation;

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
