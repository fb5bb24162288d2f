/*
 * harness.js - a page in Chromium beside the demo, and what must hold of every page: no error, nothing that the
 * policy refused, no violation that axe-core finds.
 */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {chromium} from 'playwright-core';

const {ROOT, PORT, DEMO_DIR} = process.env;
export const BASE = `http://127.0.0.1:${PORT}`;
export const PAGE = `${BASE}/wfmetrics/`;
export const API = `${BASE}/v1/github-workflow-metrics`;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;

async function chrome() {
    browser ??= await chromium.launch({executablePath: '/usr/bin/chromium',
        // as root there is no sandbox; what is shown is the tests' own
        args: process.getuid() === 0 ? ['--no-sandbox'] : []});
    return browser;
}

export async function closeAll() {
    await browser?.close();
}

/**
 * A page of a context of its own, watched until the test ends.
 * options: those of a context; `refused: true` where an answer of 4xx or 5xx is meant to come, `warned` is a warning that is meant to.
 */
export async function open(t, hash = '', {refused = false, warned, url = PAGE, ...options} = {}) {
    const context = await (await chrome()).newContext({viewport: {width: 1280, height: 900}, timezoneId: 'UTC', locale: 'en-GB', ...options});
    const page = reading(await context.newPage());
    const faults = watch(page, refused, warned);
    page.setDefaultTimeout(10000);
    t.after(async () => {
        await context.close();
        assert.deepEqual(faults, []);
    });
    await page.goto(url + hash);
    await settled(page);
    return page;
}

/** Texts are found where they are read; what is said to those who do not see it change may be the same. */
export function reading(page) {
    page.getByText = (...text) => page.locator('body > :not(#said)').getByText(...text);
    return page;
}

export function watch(page, refused, warned) {
    const faults = [];
    page.on('pageerror', error => faults.push(`error: ${error.stack}`));
    page.on('console', message => {
        const text = message.text();
        if (['error', 'warning'].includes(message.type()) && !(refused && /^Failed to load resource/.test(text)) && !warned?.test(text))
            faults.push(`${message.type()}: ${text}`);
    });
    page.on('dialog', dialog => {
        faults.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on('request', request => {
        if (!request.url().startsWith(BASE) && !request.url().startsWith('blob:'))
            faults.push(`asked elsewhere: ${request.url()}`);
    });
    return faults;
}

/** Nothing loads any more. */
export async function settled(page) {
    await page.waitForFunction(() => document.querySelector('main h1, main .note') && !document.querySelector('[aria-busy=true]') &&
        document.getElementById('progress').hidden);
}

/** By axe's rules, WCAG 2.2 AA and its best practices, of the page or a part of it; and no part of the page is wider than the window. */
export async function accessible(page, part = 'html') {
    if (!await page.evaluate(() => 'axe' in window))
        await page.evaluate(AXE); // by the debugger: the page's policy would refuse it
    const violations = await page.evaluate(async part => (await window.axe.run(part, {resultTypes: ['violations']})).violations
        .map(v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' | ')}`), part);
    assert.deepEqual(violations, []);
    await fits(page);
}

export async function fits(page) {
    // a chart follows its place in the frame after
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(width <= room, `the page is ${width} wide in ${room}`);
}

/** In both colour schemes, and on the narrowest and a wide screen. Pictures lie in build/web/pictures; axe-core may look at what is new alone. */
export async function looks(page, name, part) {
    for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({colorScheme: scheme});
        await accessible(page, part);
        await page.screenshot({path: `pictures/${name}-${scheme}.png`, fullPage: true});
    }
    await page.emulateMedia({colorScheme: 'light'});
    for (const width of [360, 2560]) {
        await page.setViewportSize({width, height: 800});
        await fits(page);
        await page.screenshot({path: `pictures/${name}-${width}.png`, fullPage: true});
    }
    await page.setViewportSize({width: 1280, height: 900});
}

const servers = `${ROOT}/tests/support/servers.sh`;

/** SQL as the database's owner. */
export function sql(statement, database = 'lens_mi325_east') {
    return execFileSync(servers, ['pg-psql', DEMO_DIR, database, '-At', '-c', statement], {encoding: 'utf8'}).trim();
}

export function postgres(verb) {
    execFileSync(servers, [verb, DEMO_DIR]);
}

/** A transaction that stays open until it is let go, beside the test. */
export function holding(statement) {
    const child = spawn(servers, ['pg-psql', DEMO_DIR, 'lens_mi325_east', '-At'], {stdio: ['pipe', 'pipe', 'inherit']});
    const ended = new Promise(resolve => child.on('exit', resolve));
    child.stdin.write(`BEGIN;\n${statement};\nSELECT 'held';\n`);
    return new Promise(resolve => child.stdout.on('data', data => {
        if (String(data).includes('held'))
            resolve(() => {
                child.stdin.end('ROLLBACK;\n');
                return ended;
            });
    }));
}

/** Requests that wait until they are let go; `route` is for page.route. */
export function gate() {
    let open, came;
    const opened = new Promise(resolve => { open = resolve; }), first = new Promise(resolve => { came = resolve; });
    return {open, first, route: async route => {
        came();
        await opened;
        await route.continue().catch(() => {}); // it was given up meanwhile
    }};
}

export async function until(condition, what) {
    for (let i = 0; i < 100; i++) {
        if (await condition())
            return;
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    assert.fail(`not within ten seconds: ${what}`);
}
