/* test_runs.js - runs: filters, pages, messages, retry; and one run. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {looks, open, settled, sql} from './harness.js';

const failed = () => sql("SELECT count(*) FROM github_workflow_runs WHERE status = 'failed'");

test('every filter, and all of them taken away', async t => {
    const page = await open(t, '#/runs');
    await page.getByText('67 runs').waitFor();
    const filters = [['Config', '2', '11 runs'], ['Source', 'manual', '1 run'], ['Config', '', '6 runs']];
    for (const [label, value, total] of filters) {
        await page.getByRole('combobox', {name: label}).selectOption(value);
        await page.getByText(total, {exact: true}).waitFor();
    }
    await page.getByRole('link', {name: 'Clear'}).click();
    await page.getByText('67 runs').waitFor();
    const sha = sql('SELECT head_sha FROM github_workflow_runs WHERE id = 5'), github = sql('SELECT github_run_id FROM github_workflow_runs WHERE id = 6');
    for (const [label, text, total] of [['Branch', 'feature/fp8-gemm', '8 runs'], ['Commit', sha, '1 run'],
        ['Workflow', 'nightly.yml', '11 runs'], ['GitHub run', github, '1 run'], ['Name holds', 'SANDBOX', '2 runs']]) {
        await page.getByLabel(label).fill(text);
        await page.getByLabel(label).press('Enter');
        await page.getByText(total, {exact: true}).waitFor();
        await page.getByRole('link', {name: 'Clear'}).click();
        await page.getByText('67 runs').waitFor();
    }
    const day = sql("SELECT (created_at AT TIME ZONE 'UTC')::date FROM github_workflow_runs WHERE id = 10");
    const n = sql(`SELECT count(*) FROM github_workflow_runs WHERE (created_at AT TIME ZONE 'UTC')::date = '${day}'`);
    // by the keyboard, as the browser's day has its parts; the years that one passes by are none
    const steps = await page.evaluate(() => history.length), [year, month, of] = day.split('-');
    await page.getByLabel('From (UTC)').focus();
    for (const key of `${month}${of}${year}`) {
        await page.keyboard.type(key);
        await page.evaluate(() => new Promise(done => setTimeout(done))); // an address that changes is drawn
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`from=${day}`));
    assert.equal(await page.evaluate(() => history.length), steps + 1);
    await settled(page);
    await page.getByLabel('To (UTC)').fill(day);
    await page.getByText(`${n} run${n === '1' ? '' : 's'}`, {exact: true}).waitFor();
    assert.match(await page.locator('#said').textContent(), new RegExp(`${n} runs?$`));
});

test('a filter that is wrong, in the API’s words', async t => {
    const page = await open(t, '#/runs?github_run_id=x&status=nope', {refused: true});
    await page.getByText('github_run_id must be a positive integer').first().waitFor();
    await page.getByLabel('GitHub run').fill('');
    await page.getByLabel('GitHub run').press('Enter');
    await page.getByText(/status must be/).first().waitFor();
    await page.getByLabel('Status').selectOption('');
    await page.getByText('67 runs').waitFor();
});

test('pages by cursor, there and back', async t => {
    const page = await open(t, '#/runs');
    const first = await page.locator('tbody th a').first().innerText();
    await page.getByRole('link', {name: 'Older →'}).click();
    await page.getByRole('link', {name: '← Newest'}).waitFor();
    assert.ok(await page.evaluate(() => document.getElementById('list').getBoundingClientRect().top > -1), 'a page is read from its beginning');
    assert.notEqual(await page.locator('tbody th a').first().innerText(), first);
    await page.getByRole('link', {name: 'Older →'}).click();
    await settled(page);
    assert.equal(await page.getByRole('link', {name: 'Older →'}).count(), 0);
    assert.equal(await page.locator('tbody th').count(), 67 - 50);
    await page.goBack();
    await page.getByRole('link', {name: 'Older →'}).waitFor();
    await page.getByRole('link', {name: '← Newest'}).click();
    await page.getByText('67 runs').waitFor();
    assert.equal(await page.locator('tbody th a').first().innerText(), first);
});

test('messages: one line as it is, more of them unfolded', async t => {
    const page = await open(t, '#/runs?status=failed');
    await page.getByText('timeout after 300 s while reading').waitFor();
    const message = page.locator('details.error');
    assert.equal(await message.locator('pre').isVisible(), false);
    await message.locator('summary').click();
    await message.getByText('line was: "GEMM,Hipblaslt:Fwd,Mixtral-8x7B"').waitFor();
});

test('links to GitHub', async t => {
    const page = await open(t, '#/runs?head_branch=feature/fp8-gemm');
    const hrefs = await page.locator('tbody tr').first().locator('a.away').evaluateAll(links => links.map(a => a.getAttribute('href')));
    assert.match(hrefs[0], /^https:\/\/github\.com\/AMD-AGI\/Primus(-Turbo)?\/actions\/runs\/\d+$/);
    assert.match(hrefs[1], /\/tree\/feature\/fp8-gemm$/);
    assert.match(hrefs[2], /\/commit\/[0-9a-f]{40}$/);
});

test('retry asks first', async t => {
    const page = await open(t, '#/runs?status=failed'), before = Number(failed());
    await page.getByRole('button', {name: 'Retry nightly-0023'}).click();
    await page.getByRole('dialog').getByText('becomes pending').waitFor();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    assert.equal(Number(failed()), before);
    await page.getByRole('button', {name: 'Retry nightly-0023'}).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    assert.equal(Number(failed()), before);
    await page.getByRole('button', {name: 'Retry nightly-0023'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Retry'}).click();
    await page.getByText(`${before - 1} runs`).waitFor();
    assert.equal(sql('SELECT status FROM github_workflow_runs WHERE id = 23'), 'pending');
    assert.match(await page.locator('#said').textContent(), /Run reset to pending/);
});

test('a retry that comes too late', async t => {
    const page = await open(t, '#/runs?status=failed', {refused: true});
    sql("UPDATE github_workflow_runs SET status = 'pending' WHERE id = 63");
    t.after(() => sql("UPDATE github_workflow_runs SET status = 'failed' WHERE id = 63"));
    await page.getByRole('button', {name: 'Retry turbo-bench-0063'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Retry'}).click();
    await page.getByText('Error 400: only failed runs can be retried').waitFor();
});

test('all failed runs of a config', async t => {
    const page = await open(t, '#/runs?config=1'), were = sql("SELECT string_agg(id::text, ',') FROM github_workflow_runs WHERE config_id = 1 AND status = 'failed'");
    t.after(() => sql(`UPDATE github_workflow_runs SET status = 'failed' WHERE id IN (${were})`));
    await page.getByRole('button', {name: 'Retry all failed'}).click();
    await page.getByRole('dialog').getByText('Primus-Turbo benchmark').waitFor();
    await page.getByRole('dialog').getByRole('button', {name: 'Retry all'}).click();
    await page.locator('#said').getByText('Failed runs reset to pending: 3 of 3').waitFor({state: 'attached'});
    await page.getByRole('button', {name: 'Retry all failed'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Retry all'}).click();
    await page.locator('#said').getByText('No failed runs to retry').waitFor({state: 'attached'});
});

test('one run: its facts, its rows, further rows', async t => {
    const page = await open(t, '#/run?id=62');
    await page.getByRole('heading', {level: 1, name: 'turbo-bench-0062'}).waitFor();
    await page.getByText('68 rows').waitFor();
    await page.getByText('Hipblaslt:Fwd').first().waitFor();
    assert.equal(await page.locator('tbody tr').count(), 68);
    await looks(page, 'run');
    sql(`INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", dimensions, metrics)
         SELECT config_id, run_id, schema_id, "timestamp", '["odd"]', '7' FROM github_workflow_metrics WHERE run_id = 62`);
    t.after(() => sql("DELETE FROM github_workflow_metrics WHERE run_id = 62 AND dimensions = '[\"odd\"]'"));
    await page.reload();
    await page.getByRole('link', {name: 'More rows →'}).click();
    await settled(page);
    assert.equal(await page.getByRole('link', {name: 'More rows →'}).count(), 0);
});

test('a run that is not there, and no run at all', async t => {
    const page = await open(t, '#/run?id=999', {refused: true});
    await page.getByText('Error 404: run not found').waitFor();
    assert.equal(await page.getByRole('link', {name: 'Go to the overview'}).getAttribute('href'), '#/overview');
    await page.evaluate(() => {
        location.hash = '#/run?id=x';
    });
    await page.getByText('Which run?').waitFor();
});

test('runs look right', async t => {
    const page = await open(t, '#/runs');
    // what stands in a line does so in one line, and over its numbers
    const tops = await page.locator('.controls input, .controls select').evaluateAll(all => all.map(e => e.getBoundingClientRect()).map(r => Math.round(r.height)));
    assert.equal(new Set(tops).size, 1, `${tops}`);
    for (const name of ['Took', 'Files', 'Rows'])
        assert.equal(await page.locator('thead th', {hasText: name}).evaluate(e => getComputedStyle(e).textAlign), 'end');
    await looks(page, 'runs');
});
