/* test_compare.js - two sets of runs beside each other: how each is chosen, what became worse, as Markdown. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {API, looks, open, settled, sql} from './harness.js';

const BRANCHES = '#/compare?config=1&base_branch=main&head_branch=feature/fp8-gemm';
const params = page => new URLSearchParams(page.url().split('?')[1]);
const rows = page => page.getByRole('region', {name: 'Comparison'}).locator('tbody tr');
/** Two completed runs of config 1 that have rows, the newest first. */
const RUNS = 'SELECT id FROM github_workflow_runs r WHERE config_id = 1 AND status = $$completed$$ AND EXISTS (SELECT FROM github_workflow_metrics m WHERE m.run_id = r.id) ORDER BY id DESC LIMIT 2';

async function asked(query) {
    return (await (await fetch(`${API}/configs/1/compare?${query}`)).json()).data;
}

test('two branches: the worst first, by verdict, in pages', async t => {
    const page = await open(t, BRANCHES);
    const all = await asked('base_branch=main&head_branch=feature/fp8-gemm&limit=1000'), {summary} = all;
    assert.ok(summary.regression > 0 && all.series.length > 100, JSON.stringify(summary));
    await page.locator('.verdict .badge', {hasText: all.verdict}).waitFor();
    assert.equal(await rows(page).count(), 100);
    const drawn = await rows(page).evaluateAll(trs => trs.map(tr => tr.cells[1].querySelector('.badge').textContent));
    assert.deepEqual(drawn, all.series.slice(0, 100).map(s => s.verdict));
    const widths = await page.locator('.change span').evaluateAll(spans => spans.slice(0, 5).map(s => s.getBoundingClientRect().width));
    assert.deepEqual(widths, widths.toSorted((a, b) => b - a)); // drawn as large as they are
    await page.getByRole('link', {name: 'More →'}).click();
    await page.getByRole('link', {name: '← Worst'}).waitFor();
    assert.equal(await rows(page).count(), all.series.length - 100);
    await page.getByRole('navigation', {name: 'Verdicts'}).getByRole('link', {name: `regression ${summary.regression}`}).click();
    await settled(page);
    assert.equal(await rows(page).count(), summary.regression);
    assert.equal(params(page).get('cursor'), null);
    await page.reload();
    await settled(page);
    assert.equal(await rows(page).count(), summary.regression);
    await page.goBack();
    await page.getByRole('link', {name: '← Worst'}).waitFor();
    await page.goBack();
    await page.waitForFunction(() => !document.querySelector('.pages')?.textContent.includes('Worst'));
});

test('compare looks right', async t => {
    await looks(await open(t, `${BRANCHES}&verdict=regression`), 'compare');
});

test('a series leads to where Explore shows it', async t => {
    const page = await open(t, `${BRANCHES}&verdict=regression`);
    const name = await rows(page).first().getByRole('link').innerText();
    await rows(page).first().getByRole('link').click();
    await page.locator('.legend li').first().waitFor();
    await settled(page);
    assert.equal(await page.locator('.legend li').count(), 1);
    assert.equal(await page.locator('.legend bdi').first().innerText(), name);
});

test('runs that are chosen, and a comparison that is begun with', async t => {
    const [head, base] = sql(RUNS).split('\n');
    const page = await open(t, '#/compare?config=1');
    await page.getByText('Choose both sides above').waitFor();
    await page.getByRole('button', {name: ', the run before'}).first().click();
    await rows(page).first().waitFor();
    assert.equal(params(page).get('head_run'), head);
    assert.equal(params(page).get('base_run'), base);
    await page.getByText('Base: 1 run, its rows compared').waitFor();
    await page.locator('#base_run-button').click();
    await page.locator(`#base-run-${head}`).check();
    await page.waitForFunction(both => location.hash.includes(both), `base_run=${base}%2C${head}`);
    await settled(page);
    assert.equal(await page.locator(`#base-run-${head}`).isChecked(), true);
    await page.getByText('Base: 2 runs, their means compared').waitFor();
    await page.locator(`#base-run-${base}`).uncheck();
    await settled(page);
    await page.keyboard.press('Escape');
    assert.equal(params(page).get('base_run'), head);
    const sha = sql(`SELECT head_sha FROM github_workflow_runs WHERE id = ${head}`).slice(0, 8);
    const link = page.locator('.facts').getByRole('link', {name: sha}).first();
    assert.match(await link.getAttribute('href'), /^https:\/\/github\.com\/AMD-AGI\/Primus-Turbo\/commit\/[0-9a-f]{40}$/);
});

test('a commit, a time, a branch with how many; sides that are swapped', async t => {
    const [head] = sql(RUNS).split('\n'), sha = sql(`SELECT head_sha FROM github_workflow_runs WHERE id = ${head}`);
    const page = await open(t, '#/compare?config=1'), base = page.getByRole('group', {name: 'Base: before'}), after = page.getByRole('group', {name: 'Head: after'});
    await after.getByLabel('By').selectOption('sha');
    await after.getByRole('textbox', {name: 'Commit'}).fill(sha);
    await after.getByRole('textbox', {name: 'Commit'}).press('Enter');
    await page.waitForURL(/head_sha=/);
    await base.getByLabel('By').selectOption('branch');
    await base.getByRole('textbox', {name: 'Branch'}).fill('main');
    await base.getByRole('textbox', {name: 'Branch'}).press('Enter');
    await base.getByRole('spinbutton', {name: 'Newest'}).fill('3');
    await base.getByRole('spinbutton', {name: 'Newest'}).press('Enter');
    await page.getByText('Base: 3 runs').waitFor();
    await page.getByText('Head: 1 run').waitFor();
    await page.getByRole('link', {name: 'Swap sides'}).click();
    await page.getByText('Head: 3 runs').waitFor();
    assert.equal(params(page).get('base_sha'), sha);
    await after.getByLabel('By').selectOption('start');
    await page.waitForURL(/head_by=start/);
    assert.equal(params(page).get('head_branch'), null);
    const day = sql(`SELECT (min("timestamp") AT TIME ZONE 'UTC')::date FROM github_workflow_metrics WHERE run_id = ${head}`);
    await after.getByLabel('From (UTC)').fill(day);
    await page.waitForURL(/head_start=/);
    await after.getByLabel('To (UTC)').fill(day);
    await page.getByText(/Head: \d+ runs?/).waitFor();
    await settled(page);
    assert.equal(params(page).get('head_end'), day);
});

test('metrics, groups and thresholds', async t => {
    const page = await open(t, BRANCHES);
    await page.locator('#metrics-button').click();
    await page.locator('#metrics').getByLabel('throughput').check();
    await page.waitForURL(/metric=throughput/);
    await page.keyboard.press('Escape');
    await page.locator('#by-button').click();
    await page.locator('#by').getByLabel('Op').check();
    await page.waitForURL(/by=Op/);
    await settled(page);
    const {series} = await asked('base_branch=main&head_branch=feature/fp8-gemm&metric_fields=throughput&group_by=Op');
    assert.equal(await rows(page).count(), series.length);
    await page.getByLabel('Least change (%)').fill('99');
    await page.getByLabel('Least change (%)').press('Enter');
    await page.getByText(`unchanged ${series.length}`).waitFor();
    await page.goto(`${page.url()}&verdict=regression`);
    await page.getByText('No series is like that.').waitFor();
});

test('sides without a run, and thresholds that are none, in the API’s words', async t => {
    const page = await open(t, '#/compare?config=1&base_run=99999&head_branch=nobody', {refused: true});
    await page.getByText(/Error 404: base .*99999/).waitFor();
    await page.getByLabel('Largest p-value').fill('much');
    await page.getByLabel('Largest p-value').press('Enter');
    await page.getByText(/Error 400: max_pvalue must be/).waitFor();
    await page.evaluate(() => {
        location.hash = '#/compare?config=3';
    });
    await page.getByText('Too few runs to compare.').waitFor();
});

test('as Markdown, in the clipboard or to be copied by hand', async t => {
    const page = await open(t, BRANCHES);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', {name: 'Copy as Markdown'}).click();
    await page.getByText('Copied.').waitFor();
    const markdown = await (await fetch(`${API}/configs/1/compare?base_branch=main&head_branch=feature/fp8-gemm&limit=1000&format=markdown`)).text();
    assert.match(markdown, /^.*\|/m);
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), markdown);
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', {value: undefined})); // as by http from elsewhere
    await page.getByRole('button', {name: 'Copy as Markdown'}).click();
    assert.equal((await page.getByLabel('Markdown', {exact: true}).inputValue()).trim(), markdown.trim());
    assert.match(await page.getByRole('link', {name: 'CSV', exact: true}).getAttribute('href'), /format=csv/);
});

test('from the list of runs: these two; from one run; from a change point', async t => {
    const [head, base] = sql(RUNS).split('\n');
    const page = await open(t, '#/runs?config=1&status=completed');
    await page.locator(`#pick-${head}`).check();
    await page.getByText('1 run chosen').waitFor();
    await page.locator(`#pick-${base}`).check();
    await page.getByRole('link', {name: 'Compare these two'}).click();
    await rows(page).first().waitFor();
    assert.deepEqual([params(page).get('base_run'), params(page).get('head_run')], [base, head]);
    await page.goBack();
    await page.getByRole('link', {name: 'Compare these two'}).waitFor();
    await page.getByRole('link', {name: 'None'}).click();
    await page.waitForFunction(() => !location.hash.includes('pick'));
    await page.evaluate(id => {
        location.hash = `#/run?id=${id}`;
    }, base);
    await page.getByRole('link', {name: 'Compare with others'}).click();
    await page.getByText('Choose both sides above').waitFor();
    await page.getByRole('button', {name: ', the run before'}).first().click();
    await rows(page).first().waitFor();
    assert.equal(params(page).get('head_run'), base);
    await page.evaluate(() => {
        location.hash = '#/explore?config=1&metric=latency_ms&by=Op&range=all';
    });
    await page.locator('#change-points').getByRole('link', {name: 'Compare'}).first().click();
    await rows(page).first().waitFor();
});
