/* test_frame.js - what all views share: finding the API, addresses, clusters, colours, the keyboard, what is sent. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {API, BASE, PAGE, accessible, gate, looks, open, reading, settled} from './harness.js';

test('a view that is not there says so', async t => {
    const page = await open(t, '#/nowhere');
    await page.getByText('There is no such view.').waitFor();
    await accessible(page);
    await page.getByRole('link', {name: 'Go to the overview'}).click();
    await page.getByRole('heading', {level: 1, name: 'Overview'}).waitFor();
});

test('back, forward and reload show what the address says', async t => {
    const page = await open(t);
    await page.getByRole('link', {name: 'Runs', exact: true}).click();
    await settled(page);
    assert.equal(await page.title(), 'Runs – Workflow metrics');
    await page.getByLabel('Status').selectOption('failed');
    await page.getByText('4 runs').waitFor();
    assert.match(page.url(), /#\/runs\?status=failed$/);
    await page.getByLabel('Branch').pressSequentially('ma'); // half a word is no step
    await page.goBack();
    await page.getByText('67 runs').waitFor();
    assert.equal(await page.getByLabel('Status').inputValue(), '');
    assert.match(page.url(), /#\/runs$/);
    await page.goBack();
    await page.getByRole('heading', {level: 1, name: 'Overview'}).waitFor();
    await page.goForward();
    await page.goForward();
    await page.getByText('4 runs').waitFor();
    await page.reload();
    await page.getByText('4 runs').waitFor();
    assert.equal(await page.getByLabel('Status').inputValue(), 'failed');
});

test('a reload in the middle of loading', async t => {
    const page = await open(t);
    await page.evaluate(() => {
        location.hash = '#/runs?status=failed';
    });
    await page.reload();
    await page.getByText('4 runs').waitFor();
});

test('who has gone on meanwhile is where he went, whatever comes then', async t => {
    const page = await open(t), file = gate();
    await page.route(/explore\.js/, file.route);
    await page.getByRole('link', {name: 'Explore', exact: true}).first().click();
    await file.first;
    await page.getByRole('link', {name: 'Changes', exact: true}).first().click();
    await page.getByText(/^\d+ changes? since/).waitFor();
    const {hash} = new URL(page.url());
    const come = page.waitForResponse(/explore\.js/);
    file.open();
    await (await come).finished();
    await settled(page);
    assert.equal(new URL(page.url()).hash, hash);
    // a question does not outlive its view
    await page.getByRole('button', {name: 'Acknowledge'}).first().click();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('heading', {level: 1, name: 'Overview'}).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
});

test('a part of the page that cannot be had says so', async t => {
    const page = await open(t, '', {refused: true, warned: /dynamically imported module/});
    await page.route(/runs\.js/, route => route.abort());
    await page.getByRole('link', {name: 'Runs', exact: true}).first().click();
    await page.getByText('a part of the page cannot be loaded').waitFor();
    await page.unroute(/runs\.js/);
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.getByText('67 runs').waitFor();
});

test('two tabs have a state each', async t => {
    const page = await open(t, '#/runs?status=failed');
    const other = reading(await page.context().newPage());
    await other.goto(`${PAGE}#/runs?status=skipped`);
    await other.getByText('1 run', {exact: true}).waitFor();
    await page.getByText('4 runs').waitFor();
    await page.getByLabel('Status').selectOption('pending');
    await page.getByText('1 run', {exact: true}).waitFor();
    assert.equal(await other.getByLabel('Status').inputValue(), 'skipped');
});

test('the other cluster, in every link from then on', async t => {
    const page = await open(t);
    await page.getByLabel('Cluster').selectOption('mi300-west');
    await page.getByText('3 configs of mi300-west').waitFor();
    assert.match(page.url(), /#\/overview\?cluster=mi300-west$/);
    await page.getByRole('link', {name: 'Runs', exact: true}).click();
    await settled(page);
    assert.match(page.url(), /#\/runs\?cluster=mi300-west$/);
    const asked = page.waitForRequest(/\/runs\?/);
    await page.getByLabel('Status').selectOption('failed');
    assert.match((await asked).url(), /cluster=mi300-west/);
    await settled(page);
    await page.getByLabel('Cluster').selectOption('mi325-east');
    await settled(page);
    assert.match(page.url(), /#\/runs$/);
});

test('a cluster that is not served', async t => {
    const page = await open(t, '#/overview?cluster=nobody', {refused: true});
    await page.getByText("Error 404: unknown cluster 'nobody'").waitFor();
    await accessible(page);
});

test('light and dark, kept by the browser', async t => {
    const page = await open(t);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel('Colours').selectOption('dark');
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await settled(page);
    assert.equal(await ground(), dark);
    await page.getByLabel('Colours').selectOption('auto');
    await page.emulateMedia({colorScheme: 'dark'});
    assert.equal(await ground(), dark);
});

test('the keyboard alone', async t => {
    const page = await open(t);
    const inHand = id => page.waitForFunction(id => document.activeElement.id === id, id);
    await page.keyboard.press('Tab');
    await inHand('skip');
    await page.keyboard.press('Enter');
    await inHand('main');
    await page.getByRole('link', {name: 'Runs', exact: true}).focus();
    await page.keyboard.press('Enter');
    // another view is begun at its beginning; a control that draws the view anew stays in hand
    await page.getByRole('heading', {level: 1, name: 'Runs'}).waitFor();
    await inHand('main');
    await page.getByLabel('Branch').focus();
    await page.keyboard.type('main');
    await page.keyboard.press('Enter');
    await page.waitForURL(/head_branch=main/);
    await settled(page);
    await inHand('head_branch');
});

test('the first view: few requests, little on the wire, then nothing but 304', async t => {
    const page = await open(t, '', {});
    const fresh = await page.context().newPage();
    const client = await page.context().newCDPSession(fresh);
    await client.send('Network.enable');
    let bytes = 0, before = 0, files = 0;
    client.on('Network.loadingFinished', e => {
        bytes += e.encodedDataLength;
    });
    await client.send('Network.setCacheDisabled', {cacheDisabled: true});
    await client.send('Emulation.setCPUThrottlingRate', {rate: 4});
    // by the page's own clock: what a test asks costs the page as much as the page itself
    await fresh.addInitScript(() => new MutationObserver((_, watch) => {
        if (!document.querySelector('[role=switch]'))
            return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => performance.mark('ready')));
    }).observe(document, {childList: true, subtree: true}));
    fresh.on('request', () => {
        files++;
    });
    fresh.on('requestfinished', async request => {
        if (/\/configs\?/.test(request.url()))
            before = files;
    });
    await fresh.goto(PAGE);
    await fresh.waitForEvent('requestfinished', r => /\/changes\?/.test(r.url()));
    await settled(fresh);
    const ready = await fresh.evaluate(() => Math.round(performance.getEntriesByName('ready')[0].startTime));
    await fresh.locator('.spark').nth(2).waitFor();
    assert.ok(before <= 12, `${before} requests until the configs are there`);
    assert.ok(bytes <= 150 * 1024, `${bytes} bytes`);
    t.diagnostic(`${before} requests until the configs are there, ${files} with every figure, ${bytes} bytes; its switches are there after ${ready} ms, with a quarter of the processor`);
    const answers = [];
    await client.send('Network.setCacheDisabled', {cacheDisabled: false});
    page.on('response', r => answers.push(r));
    await page.reload();
    await settled(page);
    const again = await Promise.all(answers.filter(r => r.url().startsWith(PAGE))
        .map(r => fetch(r.url(), {headers: {'If-None-Match': r.headers().etag, 'Accept-Encoding': 'gzip'}})));
    assert.deepEqual([...new Set(again.map(r => r.status))], [304]);
});

test('at another place, where a redirect says where the API is', async t => {
    const page = await open(t, '', {refused: true, url: `${BASE}/metrics-page/`});
    await page.getByText('3 configs of').waitFor();
    const asked = page.waitForRequest(/\/runs\?/);
    await page.getByRole('link', {name: 'Runs', exact: true}).first().click();
    assert.ok((await asked).url().startsWith(API)); // from then on without the detour
    await page.getByText('67 runs').waitFor();
});

test('what httpd says with the files', async () => {
    for (const [file, type] of [['', 'text/html; charset=utf-8'], ['app.js', 'text/javascript'], ['style.css', 'text/css'], ['icon.svg', 'image/svg+xml']]) {
        const {headers, status} = await fetch(PAGE + file, {headers: {'Accept-Encoding': 'gzip'}});
        assert.equal(status, 200);
        assert.equal(headers.get('content-type'), type);
        assert.match(headers.get('content-security-policy'), /^default-src 'self';.*frame-ancestors 'none'$/);
        assert.equal(headers.get('cache-control'), 'no-cache');
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.equal(headers.get('content-encoding'), 'gzip');
        assert.ok(headers.get('etag'));
    }
    assert.equal((await fetch(`${BASE}/wfmetrics`)).url, PAGE);
});

test('times by the viewer’s clock, UTC beside them', async t => {
    const page = await open(t, '#/runs?status=skipped', {timezoneId: 'Asia/Kolkata'});
    const cell = page.locator('main time').first();
    const at = new Date(await cell.getAttribute('datetime'));
    const here = new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Kolkata', dateStyle: 'short', timeStyle: 'short'}).format(at);
    const text = await cell.innerText();
    assert.ok(text.startsWith(here), `${text} begins with ${here}`);
    assert.match(text, /\d\d:\d\d UTC$/);
});

test('the frame looks right', async t => {
    await looks(await open(t, '#/nowhere'), 'frame');
});
