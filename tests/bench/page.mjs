/*
 * page.mjs - the page in Chromium, timed by its own clock: what a test asks by its driver costs the page as much as the page itself.
 *
 *   node page.mjs first PAGE TIMES       the first view, nothing cached, a quarter of the processor
 *   node page.mjs explore PAGE TIMES     by another dimension, until the chart is drawn and until its change points are there
 *
 * Prints JSON: medians, milliseconds.
 */
import {createRequire} from 'node:module';

const {chromium} = createRequire(new URL('../../build/web/', import.meta.url))('playwright-core');
const [what, address, times] = process.argv.slice(2);
const browser = await chromium.launch({executablePath: '/usr/bin/chromium',
    args: ['--host-resolver-rules=MAP *.bench 127.0.0.1', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])]});

const median = all => all.sort((a, b) => a - b)[all.length >> 1];

async function open(prepare) {
    const context = await browser.newContext({viewport: {width: 1280, height: 900}}), page = await context.newPage();
    await prepare?.(page, await context.newCDPSession(page));
    return page;
}

/** How long until the switches of the configs are there and the page has nothing to do; requests until the configs had come; bytes of all. */
async function first() {
    let bytes = 0, requests = 0, before = 0;
    const page = await open(async (page, client) => {
        await client.send('Network.enable');
        await client.send('Network.setCacheDisabled', {cacheDisabled: true});
        await client.send('Emulation.setCPUThrottlingRate', {rate: 4});
        client.on('Network.requestWillBeSent', e => {
            requests++;
            if (/\/configs\?/.test(e.request.url))
                before = requests;
        });
        client.on('Network.loadingFinished', e => {
            bytes += e.encodedDataLength;
        });
        await page.addInitScript(() => new MutationObserver((_, watch) => {
            if (!document.querySelector('[role=switch]'))
                return;
            watch.disconnect();
            requestAnimationFrame(() => setTimeout(() => performance.mark('ready')));
        }).observe(document, {childList: true, subtree: true}));
    });
    await page.goto(address, {waitUntil: 'networkidle'});
    const ready = await page.evaluate(() => performance.getEntriesByName('ready')[0].startTime);
    await page.context().close();
    return {ready, requests: before, bytes};
}

/** From a choice until its chart, and its change points, are drawn. */
async function explore() {
    const page = await open();
    const done = () => page.waitForFunction(() => document.querySelector('.chart canvas') && !document.querySelector('[aria-busy=true]'), null, {timeout: 300000});
    await page.goto(`${address}#/explore?config=1&metric=throughput&by=Op&range=all`);
    await done();
    const taken = await page.evaluate(() => new Promise(resolve => {
        const begin = performance.now(), old = document.querySelector('.chart');
        /** @type {Record<string, number>} */
        const at = {};
        const watch = new MutationObserver(() => {
            const chart = document.querySelector('.chart');
            if (!at.chart && chart && chart !== old && chart.querySelector('canvas'))
                at.chart = performance.now() - begin;
            if (at.chart && document.querySelector('#change-points[aria-busy=false]')) {
                watch.disconnect();
                requestAnimationFrame(() => setTimeout(() => resolve({...at, changes: performance.now() - begin})));
            }
        });
        watch.observe(document, {childList: true, subtree: true, attributes: true});
        location.hash = '#/explore?config=1&metric=throughput&by=Model&range=all';
    }));
    await page.context().close();
    return taken;
}

const measure = what === 'first' ? first : explore;
await measure(); // warms up
const all = [];
for (let i = 0; i < Number(times); i++)
    all.push(await measure());
await browser.close();
console.log(JSON.stringify(Object.fromEntries(Object.keys(all[0]).map(name => [name, median(all.map(one => one[name]))]))));
