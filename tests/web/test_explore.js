/* test_explore.js - metrics over time: every control, the chart, the values, what a point is made of, the export. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {API, PAGE, looks, open, settled, sql} from './harness.js';

const ALL = '#/explore?config=1&metric=throughput&by=Op&range=all';
const params = page => new URLSearchParams(page.url().split('?')[1]);
const lines = page => page.locator('.legend li');

/** What the API answers to what the page asks while something is done. */
async function asked(page, path, act) {
    const request = page.waitForRequest(r => r.url().includes(path));
    await act();
    return (await request).postDataJSON();
}

/** Opens a popup and gives its panel. */
async function opened(page, id) {
    await page.locator(`#${id}-button`).click();
    return page.locator(`#${id} .panel`);
}

test('where nothing is chosen, the address says what is shown', async t => {
    const page = await open(t, '#/explore');
    await page.locator('.chart canvas').first().waitFor();
    assert.equal(params(page).get('metric'), 'throughput');
    assert.equal(params(page).get('by'), 'Op');
    assert.equal(await lines(page).count(), 4);
    await page.goBack().catch(() => {}); // it was no step
    assert.doesNotMatch(page.url(), /explore\?/);
});

test('a config alone is grouped, and “none” is a choice that the address keeps', async t => {
    const page = await open(t, '#/explore?config=1');
    await lines(page).nth(3).waitFor();
    assert.equal(params(page).get('by'), 'Op');
    const groups = await opened(page, 'by');
    await groups.getByLabel('Op').uncheck();
    await page.waitForFunction(() => document.querySelectorAll('.legend li').length === 1);
    assert.equal(params(page).get('group'), 'none');
    await page.reload();
    await settled(page);
    assert.equal(await lines(page).count(), 1);
    assert.equal(params(page).get('by'), null);
});

test('a single day stands in the middle, with its date, and is too little to tell', async t => {
    const ids = sql(`WITH c AS (INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name, github_owner, github_repo, cluster_name)
            VALUES ('single', 'single', 'single', 'a', 'b', 'mi325-east') RETURNING id),
          s AS (INSERT INTO github_workflow_metric_schemas (config_id, name, version, fields, dimension_fields, metric_fields, is_active)
            SELECT id, 'single', 1, '[]', '["Op"]', '["t"]', true FROM c RETURNING id, config_id),
          r AS (INSERT INTO github_workflow_runs (config_id, workload_uid, github_run_id, status, trigger_source)
            SELECT config_id, 'github-4711-2-', 4711, 'completed', 'manual' FROM s RETURNING id, config_id)
        INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", dimensions, metrics)
        SELECT r.config_id, r.id, s.id, now() - interval '2 days', '{"Op":"GEMM"}', '{"t":3}' FROM r, s RETURNING config_id, run_id`).split('\n')[0].split('|');
    const [config, run] = ids;
    t.after(() => sql(`DELETE FROM github_workflow_metrics WHERE config_id = ${config}; DELETE FROM github_workflow_runs WHERE config_id = ${config};
        DELETE FROM github_workflow_metric_schemas WHERE config_id = ${config}; DELETE FROM github_workflow_configs WHERE id = ${config}`));
    const page = await open(t, `#/explore?config=${config}`);
    const day = (await page.locator('.values tbody th').innerText()).slice(5);
    const middle = async selector => {
        const {x, width} = await page.locator(selector).first().boundingBox();
        return x + width / 2;
    };
    const label = page.locator('.dygraph-axis-label-x', {hasText: day}).first();
    await label.waitFor();
    const {x, width} = await label.boundingBox();
    assert.ok(Math.abs(x + width / 2 - await middle('.chart')) < 60, 'the day is in the middle');
    await page.getByText('Too few runs to tell').waitFor();
    await page.screenshot({path: 'pictures/single.png', fullPage: true});
    await page.goto('about:blank');
    await page.goto(`${PAGE}#/overview`);
    const card = page.getByRole('article').filter({hasText: 'single'});
    await card.getByText('No changes found').waitFor();
    assert.doesNotMatch(await card.locator('figcaption').innerText(), /%/);
    await page.goto(`${PAGE}#/run?id=${run}`);
    await page.getByRole('heading', {level: 1, name: 'GitHub run 4711, attempt 2', exact: true}).waitFor();
});

test('metrics and groups', async t => {
    const page = await open(t, ALL);
    const panel = await opened(page, 'metrics');
    const body = await asked(page, '/metrics/trends', () => panel.getByLabel('latency_ms').check());
    assert.deepEqual(body.metric_fields, ['throughput', 'latency_ms']);
    await settled(page);
    assert.equal(await page.locator('.plot').count(), 2);
    assert.equal(await lines(page).count(), 8);
    assert.ok(await page.locator('#metrics .panel').isVisible(), 'the list stays open');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#metrics .panel').isVisible(), false);
    const groups = await opened(page, 'by');
    await groups.getByLabel('Op').uncheck();
    await page.waitForFunction(() => document.querySelectorAll('.legend li').length === 2);
    await groups.getByLabel('Backend:Stage').check();
    await page.waitForFunction(() => document.querySelectorAll('.legend li').length === 12);
    await page.locator('h1').click();
    assert.equal(await groups.isVisible(), false);
    await page.reload();
    await settled(page);
    assert.equal(await lines(page).count(), 12);
});

test('another figure than the mean', async t => {
    const page = await open(t, ALL);
    for (const stat of ['p95', 'count', 'stddev']) {
        const body = await asked(page, '/metrics/aggregate', () => page.getByRole('combobox', {name: 'Figure'}).selectOption(stat));
        assert.equal(body.agg_func, stat);
        await settled(page);
        assert.equal(await lines(page).count(), 4);
    }
    const want = sql(`SELECT count(*) FROM github_workflow_metrics WHERE config_id = 1 AND dimensions ->> 'Op' = 'GEMM' AND jsonb_typeof(metrics -> 'throughput') = 'number'`);
    await page.getByRole('combobox', {name: 'Figure'}).selectOption('count');
    await page.getByRole('combobox', {name: 'By', exact: true}).selectOption('1M');
    await settled(page);
    const column = (await page.locator('.values thead th').allInnerTexts()).indexOf('GEMM');
    const cells = await page.locator('.values tbody tr').evaluateAll((rows, i) => rows.map(r => r.children[i].textContent), column);
    assert.equal(cells.reduce((sum, c) => sum + (Number(c.replaceAll(',', '')) || 0), 0), Number(want));
});

test('interval, range and days of one’s own', async t => {
    const page = await open(t, '#/explore?config=1&metric=throughput', {timezoneId: 'America/New_York'});
    const range = page.getByRole('combobox', {name: 'Range'});
    const week = await asked(page, '/metrics/trends', () => range.selectOption('7'));
    assert.match(week.start, /T00:00:00\.000Z$/);
    assert.equal(week.timezone, undefined);
    await settled(page);
    const weekly = await asked(page, '/metrics/trends', () => page.getByRole('combobox', {name: 'By', exact: true}).selectOption('1w'));
    assert.equal(weekly.interval, '1w');
    await settled(page);
    await range.selectOption('own');
    await page.locator('#from').waitFor();
    await page.locator('#from').fill('2026-11-01');
    await page.waitForURL(/from=2026-11-01/);
    await settled(page);
    await page.locator('#to').fill('2026-11-02');
    await page.waitForURL(/to=2026-11-02/);
    await settled(page);
    const body = await asked(page, '/metrics/trends', () => page.getByLabel('days of America/New_York').check());
    // the night in which the clocks go back
    assert.equal(body.timezone, 'America/New_York');
    assert.equal(body.start, '2026-11-01T04:00:00.000Z');
    assert.equal(body.end, '2026-11-03T04:59:59.999999Z');
});

test('filters, searched and turned round', async t => {
    const page = await open(t, ALL);
    const panel = await opened(page, 'filter-2'); // Model
    await panel.getByLabel('Search values of Model').fill('LLAMA');
    await page.waitForFunction(() => document.querySelectorAll('#filter-2-list label').length === 2);
    const body = await asked(page, '/metrics/trends', () => panel.getByLabel('Llama-3.1-8B, GQA').check());
    assert.deepEqual(body.dimensions, {Model: ['Llama-3.1-8B, GQA']});
    await settled(page);
    assert.equal(await panel.getByLabel('Search values of Model').inputValue(), 'LLAMA');
    const turned = await asked(page, '/metrics/trends', () => panel.getByLabel('all but these').check());
    assert.deepEqual(turned.dimensions, {Model: {not: ['Llama-3.1-8B, GQA']}});
    await settled(page);
    await panel.getByLabel('Search values of Model').fill('no such model');
    await panel.getByText('No such value.').waitFor();
    await page.keyboard.press('Escape');
    const lacks = await opened(page, 'filter-3');
    await lacks.getByLabel('32').check();
    await settled(page);
    await lacks.getByLabel('rows without it').check();
    await settled(page);
    assert.deepEqual(JSON.parse(params(page).get('where')).batch_size, ['32', null]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', {name: 'No filters'}).click();
    await page.waitForFunction(() => !location.hash.includes('where'));
});

test('nothing there says what to do', async t => {
    const page = await open(t, '#/explore?config=1&metric=throughput&where={"Op":["nope"]}');
    await page.getByText('No numbers here.').waitFor();
    await page.getByRole('link', {name: 'show all the time there is'}).click();
    await page.getByText('Take a filter away.').waitFor();
});

test('of very many series the first, and more where they are wanted', async t => {
    const page = await open(t), n = 450, timestamps = [1, 2, 3].map(day => `2026-11-0${day}T00:00:00Z`);
    await page.route(/\/metrics\/trends/, route => route.fulfill({json: {meta: {code: 2000}, data: {interval: '1d', timestamps,
        series: Array.from({length: n}, (_, s) => ({name: `throughput (n=${s})`, field: 'throughput', dimensions: {n: String(s)}, counts: [], values: [s, s + 1, s + 2]}))}}}));
    await page.evaluate(hash => {
        location.hash = hash;
    }, ALL);
    await page.getByText('100 of 450 series are shown.').waitFor();
    assert.equal(await lines(page).count(), 100);
    assert.equal(await page.locator('.values tbody td').count(), 300);
    // none, then one: the address names the fewer ones
    await page.getByRole('button', {name: 'None of the lines is drawn'}).click();
    assert.equal(await lines(page).getByRole('checkbox', {checked: true}).count(), 0);
    await lines(page).nth(7).getByRole('checkbox').check();
    assert.deepEqual(params(page).getAll('only'), ['throughput (n=7)']);
    await page.getByRole('link', {name: 'show 400'}).click();
    await lines(page).nth(399).waitFor();
    assert.deepEqual(await lines(page).evaluateAll(all => all.flatMap((li, i) => li.querySelector('input').checked ? [i] : [])), [7]);
    await page.getByRole('button', {name: 'All lines are drawn'}).click();
    assert.equal(params(page).get('only'), null);
    assert.equal(await lines(page).getByRole('checkbox', {checked: true}).count(), 400);
});

test('the legend shows and hides, and the address knows', async t => {
    const page = await open(t, ALL);
    await lines(page).filter({hasText: 'GEMM-FP8'}).getByRole('checkbox').uncheck();
    assert.equal(params(page).get('off'), 'throughput (Op=GEMM-FP8)');
    await page.reload();
    await settled(page);
    assert.equal(await lines(page).filter({hasText: 'GEMM-FP8'}).getByRole('checkbox').isChecked(), false);
    await lines(page).filter({hasText: 'GEMM-FP8'}).getByRole('checkbox').check();
    assert.equal(params(page).get('off'), null);
});

test('zoom, and back to the whole', async t => {
    const page = await open(t, ALL), chart = page.locator('.chart').first();
    await chart.locator('canvas').first().waitFor();
    const {x, y, width, height} = await chart.boundingBox();
    await page.mouse.move(x + width * 0.4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.7, y + height / 2, {steps: 5});
    await page.mouse.up();
    await page.waitForFunction(() => location.hash.includes('zoom='));
    await page.reload();
    await settled(page);
    await page.getByRole('button', {name: 'Whole range'}).click();
    await page.waitForFunction(() => !location.hash.includes('zoom='));
    assert.equal(await page.getByRole('button', {name: 'Whole range'}).isVisible(), false);
});

test('a click on the chart leads to the runs', async t => {
    const page = await open(t, ALL), chart = page.locator('.chart').first();
    await chart.locator('canvas').first().waitFor();
    const {x, y, width, height} = await chart.boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.locator('.readout strong').first().waitFor();
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.waitForFunction(() => location.hash.includes('point='));
    await page.locator('.point tbody tr').first().waitFor();
});

test('a value leads to its runs, their commits, and the difference to the run before', async t => {
    const page = await open(t, ALL);
    await page.locator('.values tbody tr').nth(1).getByRole('button').first().click();
    await page.locator('.point tbody tr').first().waitFor();
    const row = page.locator('.point tbody tr').first();
    const id = Number(new URL(await row.locator('th a').evaluate(a => a.href)).hash.match(/id=(\d+)/)[1]);
    const mean = run => Number(sql(`SELECT avg((metrics ->> 'throughput')::numeric) FROM github_workflow_metrics WHERE run_id = ${run}
        AND dimensions ->> 'Op' = 'Attention' AND jsonb_typeof(metrics -> 'throughput') = 'number'`));
    const before = sql(`SELECT run_id FROM github_workflow_metrics WHERE config_id = 1 AND run_id < ${id} AND dimensions ->> 'Op' = 'Attention' ORDER BY run_id DESC LIMIT 1`);
    const change = (mean(id) - mean(before)) * 100 / mean(before);
    const said = (await row.locator('td.n').last().innerText()).replace('−', '-').replace(' %', '');
    assert.ok(Math.abs(Number(said) - change) < 0.01, `${said} is ${change}`);
    assert.equal(await row.getByRole('link', {name: 'Compare'}).getAttribute('href'), `#/compare?config=1&base_run=${before}&head_run=${id}`);
    assert.match(await row.locator('a.away').last().getAttribute('href'), /commit\/[0-9a-f]{40}$/);
    await page.reload();
    await page.locator('.point tbody tr').first().waitFor();
    await page.locator('.point').getByRole('link', {name: 'Close'}).click();
    await page.waitForFunction(() => !location.hash.includes('point='));
    await page.evaluate(() => {
        location.hash += '&point=2001-01-01T00:00:00Z&series=x';
    });
    await page.getByText('This point is not shown any more.').waitFor();
});

test('the export is of what is shown', async t => {
    const page = await open(t, '#/explore?config=1&metric=latency_ms&by=Op&range=all&where={"Op":["GEMM"]}');
    const download = page.waitForEvent('download');
    await page.getByRole('link', {name: 'CSV'}).click();
    const file = await (await download).createReadStream();
    let text = '';
    for await (const piece of file)
        text += piece;
    const rows = text.trim().split('\n');
    assert.match(rows[0], /^Op,.*,latency_ms,collected_at,source_file,run_id,github_run_id,head_sha,head_branch$/);
    assert.equal(String(rows.length - 1), sql("SELECT count(*) FROM github_workflow_metrics WHERE config_id = 1 AND dimensions ->> 'Op' = 'GEMM'"));
    for (const format of ['JSON', 'NDJSON']) {
        const href = await page.getByRole('link', {name: format, exact: true}).getAttribute('href');
        assert.equal((await fetch(href)).status, 200);
        assert.ok(href.startsWith(API));
    }
});

test('units of the schema', async t => {
    const before = sql('SELECT fields FROM github_workflow_metric_schemas WHERE id = 3');
    t.after(() => sql(`UPDATE github_workflow_metric_schemas SET fields = $f$${before}$f$ WHERE id = 3`));
    sql(`UPDATE github_workflow_metric_schemas SET fields = '[{"name":"throughput","unit":"TFLOPS"}, 7, "x", null]' WHERE id = 3`);
    const page = await open(t, ALL);
    await page.getByText('mean of throughput in TFLOPS').waitFor();
    assert.match(await lines(page).first().innerText(), /\d TFLOPS/);
});

test('what the address has wrong, in the API’s words', async t => {
    const page = await open(t, '#/explore?config=1&metric=throughput&interval=2d', {refused: true});
    await page.getByText(/interval must be/).first().waitFor();
    await page.getByRole('combobox', {name: 'By', exact: true}).selectOption('1w');
    await lines(page).first().waitFor();
    for (const wrong of ['zone=No/Where', 'zone=No/Where&interval=run', 'zone=No/Where&range=own&from=2026-11-01', 'range=1e9', 'range=-1']) {
        await page.evaluate(wrong => {
            location.hash = `#/explore?config=1&metric=throughput&${wrong}`;
        }, wrong);
        await settled(page);
        assert.equal(await page.getByRole('alert').count(), 0, wrong);
    }
    await page.evaluate(() => {
        location.hash = '#/explore?config=99&metric=x';
    });
    await page.getByText('Error 404: config not found').waitFor();
    await page.getByRole('link', {name: 'Go to the overview'}).click();
    await page.getByRole('heading', {level: 1, name: 'Overview'}).waitFor();
});

test('without the chart’s library the values are there', async t => {
    const page = await open(t, '', {refused: true});
    await page.route(/dygraph\.min\.js/, route => route.fulfill({status: 404}));
    await page.evaluate(hash => {
        location.hash = hash;
    }, ALL);
    await page.getByText('libjs-dygraphs').waitFor();
    await page.locator('.values tbody tr').first().waitFor();
});

test('numbers have the digits that tell them apart', async t => {
    const page = await open(t);
    const shown = await page.evaluate(async () => {
        const {alike, among, number, percent} = await import('./format.js');
        const columns = [[532.7, 531.88, 529.7], [1103.011, 1103.04, 1103.0125], [1.5, 679.34, 675.97], [1, 2, 3], [42, 42], [0, 0.5, 1], [-1.5, -43.5], [1e-12, 2e-12, 0],
            [1e15, 1.1e15, 3], [1e15, 1e15 + 1e6], [0.1, 0.2, 0.30000000000000004], [null, 3.25], [1e300, -1e300], []];
        return [...columns.map(c => c.map(alike(c)).join(' ')), [among(1103.015, 0.028, 1), among(0.35, 1, 1), among(1.2e15, 5e14, 1)].join(' '),
            [0.00254, 0.049, -0.05, 9.99, -2800, 1e9, 0, 0.4118, null].map(percent).join(' '), [1e15, 1e-12, 1.23456e-7, 123456.7, 12345.67, 0].map(v => number(v)).join(' ')];
    });
    assert.deepEqual(shown.map(s => s.replaceAll(' %', '')), ['532.70 531.88 529.70', '1,103.0110 1,103.0400 1,103.0125', '1.5 679.3 676.0', '1 2 3', '42 42', '0 0.5 1.0', '-1.5 -43.5',
        '1e-12 2e-12 0', '1e+15 1.1e+15 3', '1e+15 1.000000001e+15', '0.1 0.2 0.3', '– 3.25', '1e+300 -1e+300', '',
        '1,103.015 0.3 1.2e+15', '+0.0025 +0.049 −0.05 +9.99 −2,800 +1e+9 0 +0.412 –', '1e+15 1e-12 1.235e-7 123,457 12,346 0']);
});

test('a tap is a click, and a finger scrolls past the chart', async t => {
    const page = await open(t, ALL, {viewport: {width: 375, height: 800}, hasTouch: true, isMobile: true}), canvas = page.locator('.chart canvas').last();
    await canvas.tap();
    await page.locator('.point tbody tr').first().waitFor();
    await settled(page);
    await page.evaluate(() => document.querySelector('.chart').scrollIntoView());
    const {x, y} = await canvas.boundingBox(), before = await page.evaluate(() => scrollY), client = await page.context().newCDPSession(page);
    const touch = (type, touchPoints) => client.send('Input.dispatchTouchEvent', {type, touchPoints});
    await touch('touchStart', [{x: x + 100, y: y + 300}]);
    for (const up of [50, 100, 150, 200])
        await touch('touchMove', [{x: x + 100, y: y + 300 - up}]);
    await touch('touchEnd', []);
    await page.waitForFunction(before => scrollY > before, before);
    assert.equal(params(page).get('zoom'), null);
});

test('fifty lines of a thousand points', async t => {
    const page = await open(t);
    await page.route(/\/metrics\/trends/, route => route.fulfill({json: {meta: {code: 2000}, data: {interval: '1h',
        timestamps: Array.from({length: 1000}, (_, i) => new Date(17e11 + i * 36e5).toISOString()),
        series: Array.from({length: 50}, (_, s) => ({name: `throughput (n=${s})`, field: 'throughput', dimensions: {n: String(s)}, counts: [],
            values: Array.from({length: 1000}, (_, i) => s * 10 + Math.sin(i / 20 + s) * 5)}))}}}));
    await page.evaluate(hash => {
        location.hash = hash;
    }, ALL);
    await page.locator('.chart canvas').first().waitFor();
    const ms = await page.evaluate(() => {
        const place = document.body.appendChild(document.createElement('div'));
        place.style.width = '1200px';
        place.style.height = '350px';
        const rows = Array.from({length: 1000}, (_, i) => [new Date(17e11 + i * 36e5), ...Array.from({length: 50}, (_, s) => s * 10 + Math.sin(i / 20 + s) * 5)]);
        const begin = performance.now(), graph = new window.Dygraph(place, rows, {labels: ['x', ...Array.from({length: 50}, (_, s) => `s${s}`)], legend: 'never'});
        const drawn = performance.now();
        graph.updateOptions({dateWindow: [17e11 + 2e8, 17e11 + 9e8]});
        const zoomed = performance.now();
        place.remove();
        return [drawn - begin, zoomed - drawn].map(Math.round);
    });
    t.diagnostic(`drawn in ${ms[0]} ms, zoomed in ${ms[1]} ms`);
});

test('the README’s picture', async t => {
    const page = await open(t, '#/explore?config=1&metric=latency_ms&by=Op&range=all', {viewport: {width: 1240, height: 670}});
    await page.locator('#change-points tbody tr').first().waitFor({state: 'attached'});
    await page.screenshot({path: 'pictures/readme.png'});
});

test('explore looks right', async t => {
    const page = await open(t, `${ALL}&metric=latency_ms`);
    await page.locator('.values tbody tr').first().getByRole('button').first().click();
    await page.locator('.point tbody tr').first().waitFor();
    await looks(page, 'explore');
    await opened(page, 'filter-1');
    await page.locator('#filter-1-list label').first().waitFor();
    await looks(page, 'filter', '#filter-1');
});

test('change points: in the chart, in a list, with their runs', async t => {
    const page = await open(t, `${ALL}&metric=latency_ms`);
    const rows = page.getByRole('region', {name: 'Change points'}).locator('tbody tr');
    await rows.first().waitFor();
    const {data} = await (await fetch(`${API}/configs/1/metrics/changes`, {method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({metric_fields: ['throughput', 'latency_ms'], group_by: ['Op'], min_change: 2})})).json();
    const all = data.series.flatMap(s => s.changes).length;
    assert.ok(all > 12);
    assert.equal(await rows.count(), 12);
    await page.getByRole('link', {name: `All ${all} change points`}).click();
    await page.waitForFunction(n => document.querySelectorAll('#change-points tbody tr').length === n, all);
    await rows.first().getByRole('link').first().click();
    await page.getByRole('heading', {level: 2, name: 'Metric rows'}).waitFor();
});

test('a point a run, of one branch', async t => {
    const page = await open(t, ALL);
    const body = await asked(page, '/metrics/changes', () => page.getByRole('combobox', {name: 'By', exact: true}).selectOption('run'));
    assert.equal(body.points, true);
    await settled(page);
    assert.ok(await page.getByRole('combobox', {name: 'Figure'}).isDisabled());
    const all = await page.locator('.values tbody tr').count();
    const branch = page.getByLabel('Branch');
    const narrowed = await asked(page, '/metrics/changes', async () => {
        await branch.fill('feature/fp8-gemm');
        await branch.press('Enter');
    });
    assert.equal(narrowed.head_branch, 'feature/fp8-gemm');
    await settled(page);
    assert.ok(await page.locator('.values tbody tr').count() < all);
    await page.locator('.values tbody tr').first().getByRole('button').first().click();
    await page.locator('.point tbody tr').first().waitFor();
    assert.equal(await page.locator('.point tbody tr').count(), 1);
    await page.getByRole('combobox', {name: 'By', exact: true}).selectOption('1d');
    await page.waitForFunction(() => !location.hash.includes('branch'));
});
