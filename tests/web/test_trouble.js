/* test_trouble.js - a slow database, one that dies, a server that is gone; and a host that takes no writes. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PAGE, accessible, gate, holding, open, postgres, settled, sql, until} from './harness.js';

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

test('who cancels gives up what is waited for, and nothing that is there', async t => {
    const page = await open(t, '#/explore?config=1&metric=throughput&by=Op&range=all'), slow = gate();
    await page.locator('#change-points tbody tr').first().waitFor();
    await page.route(/metrics\/changes/, slow.route);
    await page.getByRole('combobox', {name: 'Range'}).selectOption('365');
    await slow.first;
    await page.locator('.chart canvas').first().waitFor();
    await page.getByRole('button', {name: 'Cancel'}).click();
    await page.locator('#change-points').getByText('Cancelled.').waitFor();
    assert.ok(await page.locator('.chart canvas').count() > 0);
    await page.locator('#filter-0-button').click();
    await page.locator('#filter-0').getByLabel('GEMM', {exact: true}).waitFor();
    await page.getByRole('heading', {level: 1}).click();
    assert.equal(await page.locator('#filter-0').getAttribute('open'), null);
    slow.open();
    await page.locator('#change-points').getByRole('button', {name: 'Load'}).click();
    await page.locator('#change-points tbody tr').first().waitFor();
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

test('an answer that is none of the API’s, and one of who guards it', async t => {
    const page = await open(t, '#/runs', {refused: true});
    for (const [answer, words] of [[{contentType: 'application/json', body: '{"meta":'}, 'Error: what came is no answer of the API’s'],
        [{contentType: 'text/html', body: '<p>sign in'}, 'Error: what came is no answer of the API’s'], [{json: {}}, 'Error: what came is no answer of the API’s'],
        [{status: 401, body: '<p>who'}, 'Error 401: the server answered 401 Unauthorized']]) {
        await page.route(/\/runs\?/, route => route.fulfill(answer), {times: 1});
        await page.reload();
        await page.locator('#list').getByText(words).waitFor();
    }
    await page.getByText('sign in, and try again').waitFor();
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.getByText('67 runs').waitFor();
    await page.route(/\/clusters$/, route => route.fulfill({json: {data: {}}}), {times: 1});
    await page.reload();
    await page.getByText('Error: what came is no answer of the API’s').waitFor();
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
