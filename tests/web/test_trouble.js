/* test_trouble.js - a slow database, one that dies, a server that is gone; and a host that takes no writes. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PAGE, accessible, holding, open, postgres, settled, sql, until} from './harness.js';

const WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";

test('a slow answer can be given up, and its statement ends', async t => {
    const page = await open(t), free = await holding('LOCK TABLE github_workflow_runs');
    t.after(free);
    await page.getByRole('link', {name: 'Runs', exact: true}).click();
    await page.getByRole('button', {name: 'Cancel'}).waitFor();
    await until(() => sql(WAITING) !== '0', 'a statement waits');
    await accessible(page);
    await page.getByRole('button', {name: 'Cancel'}).click();
    await page.getByText('Cancelled.').waitFor();
    await free();
    await page.getByRole('button', {name: 'Load'}).click();
    await page.locator('tbody th').first().waitFor();
});

test('what is not wanted any more is given up', async t => {
    const page = await open(t), free = await holding('LOCK TABLE github_workflow_runs');
    t.after(free);
    await page.getByRole('link', {name: 'Runs', exact: true}).click();
    await until(() => sql(WAITING) !== '0', 'a statement waits');
    const gone = page.waitForEvent('requestfailed');
    await page.evaluate(() => {
        location.hash = '#/nowhere';
    });
    assert.equal((await gone).failure().errorText, 'net::ERR_ABORTED');
    await page.getByText('There is no such view.').waitFor();
    await free();
});

test('a database that dies and comes back', async t => {
    const page = await open(t, '#/runs', {refused: true});
    postgres('pg-stop');
    let up = false;
    const start = () => {
        if (!up)
            postgres('pg-start');
        up = true;
    };
    t.after(start);
    await page.getByLabel('Status').selectOption('failed');
    await page.getByText('Error 503: the database is unavailable').waitFor();
    await accessible(page);
    start();
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.locator('tbody th').first().waitFor();
});

test('a server that is gone', async t => {
    const page = await open(t, '#/runs', {refused: true});
    await page.route(/github-workflow-metrics/, route => route.abort('connectionrefused'));
    await page.getByLabel('Status').selectOption('failed');
    await page.getByText('Error: the server cannot be reached').waitFor();
    await page.unroute(/github-workflow-metrics/);
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.locator('tbody th').first().waitFor();
});

test('a page without its API', async t => {
    const page = await open(t, '', {refused: true});
    await page.route(/github-workflow-metrics/, route => route.fulfill({status: 404, body: 'nothing here'}));
    await page.goto('about:blank');
    await page.goto(PAGE);
    await page.getByText('Error 404').waitFor();
    await page.unroute(/github-workflow-metrics/);
    await page.getByRole('button', {name: 'Try again'}).click();
    await settled(page);
    await page.getByText('3 configs of').waitFor();
});

test('where nothing can be written, nothing offers to', async t => {
    const page = await open(t);
    await page.route(/\/clusters$/, async route => {
        const answer = await (await route.fetch()).json();
        answer.data.clusters.forEach(c => {
            c.read_only = true;
        });
        await route.fulfill({json: answer});
    });
    await page.reload();
    await settled(page);
    await page.getByText('read-only').waitFor();
    assert.equal(await page.getByRole('switch').count(), 0);
    await page.goto(`${PAGE}#/runs?config=1&status=failed`);
    await page.locator('tbody th').first().waitFor();
    for (const view of ['runs?config=1&status=failed', 'run?id=37', 'schemas?config=1&edit=3', 'backfill?config=1', 'changes?config=1', 'api?op=post_configs']) {
        await page.goto(`${PAGE}#/${view}`);
        await page.waitForFunction(() => document.querySelector('main h1'));
        await settled(page);
        assert.equal(await page.getByRole('button', {name: /Retry|Activate|Count|Make|Send|Save|Acknowledge/}).count(), 0, view);
    }
});
