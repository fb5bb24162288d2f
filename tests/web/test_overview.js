/* test_overview.js - the configs, their switch, their figures. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PAGE, looks, open, settled, sql, until} from './harness.js';

test('a config’s runs, rows and main metric', async t => {
    const page = await open(t);
    const card = page.getByRole('article').filter({hasText: 'Primus-Turbo benchmark'});
    await card.getByText('49 completed').waitFor();
    await card.getByText('3,400 metric rows').waitFor();
    await card.getByRole('img', {name: /^throughput over 30 days, from/}).waitFor();
    await card.getByText(/ since |No changes/).first().waitFor();
    assert.equal(await card.getByRole('link', {name: 'AMD-AGI/Primus-Turbo'}).getAttribute('href'), 'https://github.com/AMD-AGI/Primus-Turbo');
    await card.getByRole('link', {name: '3 failed'}).click();
    await page.getByText('3 runs').waitFor();
    assert.match(page.url(), /#\/runs\?config=1&status=failed$/);
});

test('the newest change, and how many there are: they are a list', async t => {
    const page = await open(t);
    const line = page.locator('.changed', {hasText: 'since'}).first(), said = await line.innerText();
    const [, change] = /([+−][0-9.,]+ %)/.exec(said), since = await line.locator('time').getAttribute('datetime');
    await line.getByRole('link', {name: /^[0-9]+ changes$/}).click();
    await page.locator(`tr.group time[datetime="${since}"]`).waitFor();
    assert.equal(await page.locator('main td strong').first().innerText(), change);
});

test('the switch stores what it shows', async t => {
    const page = await open(t), box = page.getByRole('switch', {name: /sandbox|New runner set/});
    t.after(() => sql('UPDATE github_workflow_configs SET enabled = false WHERE id = 3'));
    assert.equal(await box.isChecked(), false);
    await box.click();
    await until(() => sql('SELECT enabled FROM github_workflow_configs WHERE id = 3') === 't', 'enabled is stored');
    await page.locator('#said').getByText('is enabled.').waitFor({state: 'attached'});
    assert.equal(await box.isChecked(), true);
    await page.keyboard.press('Space');
    await until(() => sql('SELECT enabled FROM github_workflow_configs WHERE id = 3') === 'f', 'and not any more');
    assert.equal(await box.isChecked(), false);
});

test('a switch that is refused goes back and says why', async t => {
    const page = await open(t, '', {refused: true}), box = page.getByRole('switch', {name: /New runner set/});
    await page.route(/\/configs\/3/, route => route.continue({method: 'PATCH', postData: '{"enabled":"no"}'}));
    await box.click();
    await page.getByText('Error 400: enabled must be true or false').waitFor();
    assert.equal(await box.isChecked(), false);
});

test('a search, and nothing found', async t => {
    const page = await open(t, '#/overview?name=KERNELS');
    await page.getByText('1 config of').waitFor();
    await page.getByLabel('Name').fill('nothing like it');
    await page.getByLabel('Name').press('Enter');
    await page.getByText('No config is like that.').waitFor();
    await page.getByRole('link', {name: 'Show all'}).click();
    await page.getByText('3 configs of').waitFor();
});

test('more configs than a page has', async t => {
    sql(`INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name, github_owner, github_repo, cluster_name)
         SELECT 'more ' || i, 'more', 'set ' || i, '', '', 'mi325-east' FROM generate_series(1, 20) i`);
    t.after(() => sql("DELETE FROM github_workflow_configs WHERE runner_set_namespace = 'more'"));
    const page = await open(t);
    await page.getByText('23 configs of').waitFor();
    assert.equal(await page.getByRole('article').count(), 20);
    await page.getByRole('link', {name: 'Older →'}).click();
    await page.getByRole('article').filter({hasText: 'Primus-Turbo benchmark'}).waitFor();
    assert.equal(await page.getByRole('article').count(), 3);
    await page.getByText('21 to 23', {exact: true}).waitFor();
    assert.match(await page.locator('#said').textContent(), /23 configs of mi325-east$/);
    await page.getByRole('link', {name: '← Newer'}).click();
    await page.getByText('No runs yet').first().waitFor();
});

test('a cluster without configs says what to do', async t => {
    const page = await open(t);
    await page.route(/\/configs\?/, route => route.fulfill({json: {meta: {code: 2000}, data: {configs: [], total: 0, offset: 0, limit: 20, cluster_name: 'x'}}}));
    await page.goto(`${PAGE}?empty`);
    await page.getByText('has no configs yet.').waitFor();
    await page.getByRole('link', {name: 'POST /configs'}).click();
    const form = page.locator('.operation[open]');
    await form.getByLabel('Body (JSON)').waitFor();
    assert.equal(await form.locator('summary code').first().innerText(), '/configs');
    assert.doesNotMatch(await page.locator('main').innerText(), /`/);
});

test('the overview looks right', async t => {
    const page = await open(t);
    await page.locator('.spark').nth(2).waitFor();
    await looks(page, 'overview');
});

test('an answer of httpd’s own, and one that is no answer', async t => {
    const page = await open(t, '', {refused: true});
    await page.route(/\/configs\?/, route => route.fulfill({status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>'}));
    await page.reload();
    await page.getByText('Error 502: the server answered 502').waitFor();
    await page.unroute(/\/configs\?/);
    await page.getByRole('button', {name: 'Try again'}).click();
    await settled(page);
    await page.getByText('3 configs of').waitFor();
});
