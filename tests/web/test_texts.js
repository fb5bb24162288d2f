/* test_texts.js - texts of others: scripts do not run, long ones fit, none disturbs what stands beside it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fits, looks, open, settled, sql} from './harness.js';

const SCRIPT = '"><script>window.ran = 1</script><img src=x onerror="window.ran = 1"><svg onload="window.ran = 1">javascript:window.ran=1';
export const LONG = 'W'.repeat(255), RIGHT = 'مقياس الأداء ‏‮ עברית', EMOJI = '🚀👩‍👩‍👧‍👦🏳️‍🌈';
const TEXTS = [SCRIPT, LONG, `${RIGHT} ${EMOJI}`, '{{7*7}} ${7*7} &lt;b&gt;'];

/** A config, a schema, a run and a row each whose every text is this one. */
function store(text, i) {
    const t = `$text$${text.slice(0, 255)}$text$`;
    sql(`WITH c AS (INSERT INTO github_workflow_configs (name, description, runner_set_namespace, runner_set_name, runner_set_uid,
            github_owner, github_repo, workflow_filter, branch_filter, file_patterns, cluster_name)
        VALUES (${t}, ${t}, 'texts', ${t}, ${t}, ${t}, ${t}, ${t}, ${t}, jsonb_build_array(${t}), 'mi325-east') RETURNING id),
      s AS (INSERT INTO github_workflow_metric_schemas (config_id, name, version, fields, dimension_fields, metric_fields, generated_by, generation_sample_file)
        SELECT id, ${t}, 1, jsonb_build_array(jsonb_build_object('name', ${t}, 'type', ${t}, 'unit', ${t}, 'description', ${t})),
            jsonb_build_array(${t}), jsonb_build_array(${t}), left(${t}, 50), ${t} FROM c RETURNING id, config_id),
      r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_run_number,
            head_sha, head_branch, workflow_name, status, trigger_source, error_message, workload_started_at, workload_completed_at)
        SELECT id, ${t}, ${t}, ${t}, 9${i}, ${i}, left(${t}, 64), ${t}, ${t}, 'failed', left(${t}, 50), ${t} || E'\\n' || ${t}, now() - interval '1 hour', now() FROM c
        RETURNING id, config_id),
      two AS (INSERT INTO github_workflow_runs (config_id, workload_uid, head_sha, head_branch, status, trigger_source)
        SELECT id, 'text ' || n, left(${t}, 64), ${t}, 'completed', 'manual' FROM c, generate_series(1, 2) n RETURNING id, config_id)
      INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics)
        SELECT r.config_id, r.id, s.id, now() - interval '1 day' * n, ${t}, jsonb_build_object(${t}, ${t}), jsonb_build_object(${t}, 3 + n)
        FROM (TABLE r UNION ALL TABLE two) r, s, generate_series(1, 3) n`);
}

/** The ids of the configs and runs that were stored. */
export function stored(t) {
    TEXTS.forEach(store);
    t.after(() => sql(`
        DELETE FROM github_workflow_metrics WHERE config_id IN (SELECT id FROM github_workflow_configs WHERE runner_set_namespace = 'texts');
        DELETE FROM github_workflow_runs WHERE config_id IN (SELECT id FROM github_workflow_configs WHERE runner_set_namespace = 'texts');
        DELETE FROM github_workflow_metric_schemas WHERE config_id IN (SELECT id FROM github_workflow_configs WHERE runner_set_namespace = 'texts');
        DELETE FROM github_workflow_configs WHERE runner_set_namespace = 'texts'`));
    return sql(`SELECT c.id, r.id, s.id FROM github_workflow_configs c JOIN github_workflow_runs r ON r.config_id = c.id JOIN github_workflow_metric_schemas s ON s.config_id = c.id
                WHERE runner_set_namespace = 'texts' AND r.status = 'failed' ORDER BY c.id`).split('\n').map(line => line.split('|'));
}

async function harmless(page) {
    assert.equal(await page.evaluate(() => window.ran), undefined);
    assert.equal(await page.locator('main script, main iframe, main img').count(), 0);
    await fits(page);
}

const VIEWS = (config, run, text, schema) => [`schemas?config=${config}&edit=${schema}`, `backfill?config=${config}`, 'repositories',
    `repository?${new URLSearchParams({owner: text.slice(0, 255), repo: text.slice(0, 255)})}`, 'overview', `explore?config=${config}`, `runs?config=${config}`, `run?id=${run}`,
    `compare?${new URLSearchParams({config, base_run: Number(run) + 1, head_run: Number(run) + 2})}`, `compare?config=${config}`, `changes?config=${config}`];

test('in every view', async t => {
    const ids = stored(t);
    const page = await open(t);
    for (const [i, [config, run, schema]] of ids.entries()) {
        for (const view of VIEWS(config, run, TEXTS[i], schema)) {
            await page.evaluate(view => {
                document.getElementById('main').replaceChildren();
                location.hash = `#/${view}`;
            }, view);
            await settled(page);
            await harmless(page);
            await page.locator('main details').evaluateAll(all => all.forEach(d => {
                d.open = true;
            }));
            await page.evaluate(() => new Promise(done => setTimeout(done))); // what they open asks for
            await settled(page);
            await page.setViewportSize({width: 360, height: 800});
            await harmless(page);
            await page.setViewportSize({width: 1280, height: 900});
        }
    }
});

test('in the address', async t => {
    const page = await open(t, `#/runs?${new URLSearchParams({head_branch: SCRIPT, workload_name: RIGHT})}`);
    await page.getByText('No run is like that.').waitFor();
    assert.equal(await page.getByLabel('Branch').inputValue(), SCRIPT);
    await harmless(page);
    await page.evaluate(text => {
        location.hash = `#/${text}`;
    }, SCRIPT);
    await page.getByText('There is no such view.').waitFor();
    await harmless(page);
});

test('they look right', async t => {
    stored(t);
    const page = await open(t, '#/runs?status=failed');
    await looks(page, 'texts');
});
