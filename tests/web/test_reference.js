/* test_reference.js - the API's description, readable, and tried. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {looks, open, settled, sql} from './harness.js';

test('every request is there, and found', async t => {
    const page = await open(t, '#/api');
    const all = await page.locator('.operation').count();
    const {paths} = await (await fetch(`http://127.0.0.1:${process.env.PORT}/v1/github-workflow-metrics/openapi.json`)).json();
    assert.equal(all, Object.values(paths).reduce((n, p) => n + Object.keys(p).filter(k => ['get', 'post', 'put', 'patch', 'delete'].includes(k)).length, 0));
    await page.getByLabel('Search').fill('retry');
    await page.getByLabel('Search').press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('.operation').length === 2);
    await page.getByLabel('Search').fill('nothing like it');
    await page.getByLabel('Search').press('Enter');
    await page.getByText('No request is like that.').waitFor();
    const {x, y, width, height} = await page.getByLabel('Search').boundingBox();
    await page.mouse.click(x + width - 18, y + height / 2); // the browser's own cross
    await page.waitForFunction(all => document.querySelectorAll('.operation').length === all, all);
});

test('a GET is tried, and the address knows which', async t => {
    const page = await open(t, '#/api');
    await page.locator('summary', {hasText: '/runs/{id}one run'}).click();
    await page.waitForFunction(() => location.hash.includes('op='));
    await page.reload();
    await settled(page);
    const form = page.locator('.operation[open]');
    await form.getByLabel('id *').fill('62');
    await form.getByRole('button', {name: 'Send'}).click();
    await form.getByText('200 OK').waitFor();
    await form.getByText('"workload_name": "turbo-bench-0062"').waitFor();
    await looks(page, 'api');
});

test('a body, an error, a write that is asked about', async t => {
    const page = await open(t, '#/api?op=post_configs_id_metrics_trends', {refused: true});
    const form = page.locator('.operation[open]');
    await form.getByLabel('id *').fill('1');
    await form.getByLabel('Body (JSON)').fill('{"metric_fields":"x"}');
    await form.getByRole('button', {name: 'Send'}).click();
    await form.getByText('400 Bad Request').waitFor();
    await form.getByText('metric_fields must be').first().waitFor();
    await form.getByLabel('Body (JSON)').fill('{"metric_fields":["throughput"]}');
    await form.getByRole('button', {name: 'Send'}).click();
    await form.getByText('200 OK').waitFor();
    const before = sql('SELECT name FROM github_workflow_configs WHERE id = 2');
    await page.evaluate(() => {
        location.hash = '#/api?op=delete_configs_id';
    });
    const remove = page.locator('.operation[open]').filter({hasText: 'DELETE'});
    await remove.getByLabel('id *').fill('2');
    await remove.getByRole('button', {name: 'Send'}).click();
    await page.getByRole('dialog').getByText('It may change what is stored.').waitFor();
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
    assert.equal(sql('SELECT name FROM github_workflow_configs WHERE id = 2'), before);
});

test('an export is shown as it is', async t => {
    const page = await open(t, '#/api?op=get_configs_id_export');
    const form = page.locator('.operation[open]');
    await form.getByLabel('id *').fill('1');
    await form.getByLabel('limit', {exact: true}).fill('2');
    await form.getByRole('button', {name: 'Send'}).click();
    await form.getByText('text/csv').last().waitFor();
    await form.getByText('Op,Backend:Stage,Model').waitFor();
});
