/* test_repositories.js - repositories, one of them, and backfill. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {looks, open, settled, sql} from './harness.js';

const made = () => Number(sql("SELECT count(*) FROM github_workflow_runs WHERE workload_name LIKE '%-missed'"));

test('the list, searched', async t => {
    const page = await open(t, '#/repositories');
    await page.getByText('2 repositories').waitFor();
    await looks(page, 'repositories');
    await page.getByLabel('Name holds').fill('turbo');
    await page.getByLabel('Name holds').press('Enter');
    await page.getByText('1 repository').waitFor();
    await page.getByRole('link', {name: 'AMD-AGI/Primus-Turbo'}).click();
    await page.getByRole('heading', {level: 1, name: 'AMD-AGI/Primus-Turbo'}).waitFor();
    await page.goBack();
    await page.getByText('1 repository').waitFor();
    await page.getByLabel('Name holds').fill('nothing');
    await page.getByLabel('Name holds').press('Enter');
    await page.getByText('No repository is like that.').waitFor();
});

test('one repository: its configs, and what GitHub ran', async t => {
    const page = await open(t, '#/repository?owner=AMD-AGI&repo=Primus-Turbo');
    await page.getByText('2 configs').waitFor();
    await looks(page, 'repository');
    const ran = page.getByRole('region', {name: 'What GitHub ran last'}).locator('tbody tr');
    assert.equal(await ran.count(), 20);
    await ran.first().getByRole('link').last().click();
    await page.getByRole('heading', {level: 1, name: 'Runs'}).waitFor();
    assert.match(page.url(), /github_run_id=\d+&status=/);
});

test('one that is not there, and none', async t => {
    const page = await open(t, '#/repository?owner=no&repo=body', {refused: true});
    await page.getByText('Error 404: repository not found').waitFor();
    await page.evaluate(() => {
        location.hash = '#/repository?owner=no';
    });
    await page.getByText('Which repository?').waitFor();
});

test('a backfill is counted, then made', async t => {
    t.after(() => sql("DELETE FROM github_workflow_runs WHERE workload_name LIKE '%-missed'; DELETE FROM wfm_backfill_tasks"));
    const page = await open(t, '#/repository?owner=AMD-AGI&repo=Primus-Turbo');
    await page.getByRole('row').filter({hasText: 'Primus-Turbo benchmark'}).getByRole('link', {name: 'Backfill'}).click();
    await page.getByRole('heading', {level: 1, name: 'Backfill'}).waitFor();
    await settled(page);
    const missing = await page.locator('.badge', {hasText: 'missing'}).count();
    assert.ok(missing > 0);
    assert.equal(await page.getByRole('button', {name: 'Make the runs'}).isVisible(), false);
    await page.getByRole('button', {name: 'Count what is missing'}).click();
    await page.getByText(`runners without a run: ${missing}`).waitFor();
    assert.equal(made(), 0);
    await page.getByRole('button', {name: 'Make the runs'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    assert.equal(made(), 0);
    await page.getByRole('button', {name: 'Make the runs'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Make runs'}).click();
    await page.locator('#said').getByText(`runs made: ${missing}`).waitFor({state: 'attached'});
    await page.getByRole('rowheader', {name: /counted only/}).waitFor();
    assert.equal(made(), missing);
    assert.equal(await page.locator('.badge', {hasText: 'missing'}).count(), 0);
    await looks(page, 'backfill');
    await page.getByRole('button', {name: 'Count what is missing'}).click();
    await page.getByText('runners without a run: 0').waitFor();
    assert.equal(await page.getByRole('button', {name: 'Make the runs'}).isVisible(), false);
});

test('a task that runs is shown as it goes on, and can be ended', async t => {
    t.after(() => sql('DELETE FROM wfm_backfill_tasks'));
    const page = await open(t, '#/backfill?config=3');
    let ended = false;
    await page.route(/backfill\/tasks/, route => route.fulfill({json: {meta: {code: 2000}, data: {total: 1, offset: 0, limit: 20, tasks: [{task_id: 9, config_id: 3,
        status: ended ? 'cancelled' : 'in_progress', total: 5000, processed: 1000, failed: 0, created_at: new Date().toISOString(), started_at: new Date().toISOString(),
        completed_at: null, error_message: null, start_time: '2026-11-01T00:00:00Z', end_time: '2026-11-02T00:00:00Z', workload_uids: ['x'], dry_run: false}]}}}));
    await page.route(/backfill\/cancel/, route => {
        ended = true;
        return route.fulfill({json: {meta: {code: 2000}, data: {message: 'Tasks cancelled', cancelled: 1}}});
    });
    await page.getByLabel('To (UTC)').fill('2026-11-30');
    await page.getByText('in_progress').waitFor();
    await page.getByRole('button', {name: 'Count what is missing'}).click();
    await page.getByText('Dry run').waitFor();
    await page.waitForResponse(/backfill\/tasks/); // what is asked again and again takes nothing away
    await page.waitForResponse(/backfill\/tasks/);
    await page.getByText('Dry run').waitFor();
    await page.getByRole('button', {name: 'End the tasks that run'}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'End them'}).click();
    await page.getByText('cancelled', {exact: true}).waitFor();
});

test('a database that knows no runners says so', async t => {
    const page = await open(t, '#/backfill?config=3&from=2030-01-01');
    await page.getByText('None has ended since that day').waitFor();
});
