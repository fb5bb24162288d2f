/* test_changes.js - what changed lately: the list, by run; where each change leads. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {API, accessible, gate, looks, open, settled, sql} from './harness.js';

const params = page => new URLSearchParams(page.url().split('?')[1]);
const rows = page => page.getByRole('region', {name: 'Changes'}).locator('tbody tr:not(.group)');

async function asked(query) {
    return (await (await fetch(`${API}/configs/1/changes?${query}`)).json()).data;
}

test('the newest first, by the run that they came with, in pages', async t => {
    const page = await open(t, '#/changes?config=1'), {changes, total} = await asked('limit=1000');
    assert.ok(total > 200);
    await page.getByText(`${total} changes since`).waitFor();
    assert.equal(await rows(page).count(), 100);
    const said = await rows(page).evaluateAll(trs => trs.map(tr => tr.cells[1].querySelector('.badge').textContent));
    assert.deepEqual(said, changes.slice(0, 100).map(c => c.verdict));
    const runs = [...new Set(changes.slice(0, 100).map(c => c.run_id))];
    assert.deepEqual(await page.locator('tr.group a[href^="#/run?"]').allInnerTexts(), runs.map(id => `run ${id}`));
    assert.equal(await page.locator('tr.group a.away').first().getAttribute('href'), `https://github.com/AMD-AGI/Primus-Turbo/commit/${changes[0].head_sha}`);
    await page.getByRole('link', {name: 'Older →'}).click();
    await page.getByRole('link', {name: '← Newest'}).waitFor();
    assert.equal(await rows(page).locator('strong').first().innerText(), `${changes[100].change_percent > 0 ? '+' : '−'}${Math.abs(Number(changes[100].change_percent.toPrecision(3)))} %`);
    await page.reload();
    await page.getByRole('link', {name: '← Newest'}).click();
    await page.getByText(`${total} changes since`).waitFor();
});

test('filters, in the address; what is wrong, in the API’s words', async t => {
    const page = await open(t, '#/changes?config=1&verdict=nope', {refused: true});
    await page.getByText(/Error 400: verdict must be/).waitFor();
    const verdict = page.getByRole('combobox', {name: 'Verdict'});
    await verdict.selectOption('regression');
    const regressions = await asked('verdict=regression&limit=1');
    await page.getByText(`${regressions.total} changes since`).waitFor();
    await page.getByLabel('Since (UTC)').fill(regressions.changes[0].timestamp.slice(0, 10));
    await page.waitForURL(/since=/);
    await settled(page);
    const some = await asked(`verdict=regression&since=${params(page).get('since')}T00:00:00Z`);
    assert.equal(await rows(page).count(), some.changes.length);
    await page.getByLabel('Branch').fill('nobody');
    await page.getByLabel('Branch').press('Enter');
    await page.getByText('Nothing has changed.').waitFor();
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes('head_branch'));
    await settled(page);
    assert.equal(await rows(page).count(), some.changes.length);
    await page.getByRole('combobox', {name: 'Config'}).selectOption('3');
    await page.getByText('This config has no schema in force.').waitFor();
});

test('control series are left out, and what they show', async t => {
    const page = await open(t, '#/changes?config=1'), {total} = await asked('limit=1');
    await page.getByText('Control series').first().click();
    await page.locator('#control-0-button').click();
    await page.locator('#control-0').getByLabel('GEMM', {exact: true}).check();
    await page.waitForURL(/control=/);
    await settled(page);
    const without = await asked(`limit=1&exclude_control=${encodeURIComponent('{"Op":["GEMM"]}')}`);
    assert.ok(without.total < total);
    await page.getByText(`${without.total} changes since`).waitFor();
});

test('a change leads to its series, its runs, and what else they differ in', async t => {
    const page = await open(t, '#/changes?config=1'), [first] = (await asked('limit=1')).changes;
    await page.getByRole('link', {name: `Compare with the run before run ${first.run_id}`}).click();
    await page.getByRole('region', {name: 'Comparison'}).locator('tbody tr').first().waitFor();
    await page.goBack();
    await settled(page);
    await rows(page).first().getByRole('link').click();
    await page.locator('.legend li').first().waitFor();
    await settled(page);
    assert.equal(await page.locator('.legend li').count(), 1);
    await page.locator(`#change-points time[datetime="${first.timestamp}"]`).first().waitFor();
});

test('changes look right', async t => {
    await looks(await open(t, '#/changes?config=1&verdict=regression'), 'changes');
});

test('a change is acknowledged, found again, and taken back', async t => {
    t.after(() => sql('DELETE FROM wfm_acknowledged_changes'));
    const page = await open(t, '#/changes?config=1', {refused: true}), {total, changes: [first]} = await asked('limit=1');
    const dialog = page.getByRole('dialog'), button = rows(page).first().getByRole('button', {name: 'Acknowledge'});
    await button.click();
    await accessible(page);
    await dialog.getByRole('button', {name: 'Cancel'}).click();
    await page.getByText(`${total} changes since`).waitFor();
    await button.click();
    await dialog.getByLabel('Note').fill('"><img src=x onerror="window.ran = 1"> the new compiler');
    await dialog.getByRole('button', {name: 'Acknowledge'}).click();
    await page.getByText(`${total - 1} changes since`).waitFor();
    assert.match(await page.locator('#said').textContent(), /acknowledged/);
    assert.equal(sql('SELECT run_id FROM wfm_acknowledged_changes'), String(first.run_id));
    await page.getByLabel('acknowledged ones, too').check();
    await page.getByText(`${total} changes since`).waitFor();
    await page.getByText('the new compiler').waitFor();
    await page.reload();
    await settled(page);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    await page.screenshot({path: 'pictures/acknowledged.png'});
    // another one was first
    const back = page.getByRole('button', {name: 'Take back'});
    const kept = sql('WITH gone AS (DELETE FROM wfm_acknowledged_changes RETURNING *) SELECT jsonb_agg(gone) FROM gone');
    await back.click();
    await page.getByText('Error 404: no such change is acknowledged').waitFor();
    sql(`INSERT INTO wfm_acknowledged_changes SELECT * FROM jsonb_populate_recordset(NULL::wfm_acknowledged_changes, $k$${kept.split('\n')[0]}$k$)`);
    await back.click();
    await back.waitFor({state: 'detached'});
    assert.equal(sql('SELECT count(*) FROM wfm_acknowledged_changes'), '0');
    // all of a run at once; who cancels keeps what is done
    const {changes} = await asked('limit=100'), {run_id: run} = changes.find(c => changes.filter(o => o.run_id === c.run_id).length > 2), n = changes.filter(c => c.run_id === run).length;
    const whole = page.getByRole('button', {name: `Acknowledge all ${n} of run ${run}`}), slow = gate();
    let sent = 0;
    await page.route(/changes\/acknowledge/, route => sent++ === 0 ? route.continue() : slow.route(route));
    await whole.click();
    await dialog.getByLabel('Note').fill('a new driver');
    await dialog.getByRole('button', {name: 'Acknowledge'}).click();
    await slow.first;
    await page.locator('#cancel').click();
    slow.open();
    await page.getByText('Cancelled.').waitFor();
    assert.ok(Number(sql('SELECT count(*) FROM wfm_acknowledged_changes')) < n);
    await whole.click();
    await dialog.getByRole('button', {name: 'Acknowledge'}).click();
    await page.locator('#said').getByText(`${n} changes are acknowledged.`).waitFor({state: 'attached'});
    await settled(page);
    assert.equal(await whole.count(), 0);
    assert.equal(sql(`SELECT count(*) FROM wfm_acknowledged_changes WHERE run_id = ${run}`), String(n));
});
