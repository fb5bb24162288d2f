/*
 * point.js - what a point of Explore's chart is made of: its runs, their commits, and how each differs from the one before.
 */
import {empty, h, region, said, table} from '../dom.js';
import {count, number, onGithub, percent, time, titled} from '../format.js';
import {found} from './changes.js';
import {before, filter, label} from './explore.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('./explore.js').Question} Question */
/** @typedef {import('./explore.js').Answer} Answer */
/** @typedef {import('#types').MetricRow} MetricRow */
/** @typedef {{id: number, at: string, n: number, mean: number}} Part one run's share */

const RUNS = 12, ROWS = 1000;

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {Answer} answer
 * @param {Map<string, string>} units
 */
export function point(ctx, question, {timestamps, series}, units) {
    const at = ctx.params.get('point') ?? '', row = timestamps.indexOf(at), of = series.find(s => s.name === ctx.params.get('series'));
    const close = h('a', {href: ctx.same({point: null, series: null}), class: 'button'}, 'Close');
    if (!of || row < 0)
        return h('div', {class: 'point'}, empty('This point is not shown any more.', close));
    const end = timestamps[row + 1] ? before(timestamps[row + 1] ?? '') : question.end;
    const section = h('section', {class: 'point', 'aria-labelledby': 'point'},
        h('div', {class: 'head'}, h('h2', {id: 'point'}, said(of.name), ', ', label(at, question)), h('strong', {}, number(of.values[row], units.get(of.field))), close),
        region(ctx, 'runs-of-point', signal => parts(ctx, question, of, at, end, signal), found => drawn(ctx, question, found, units.get(of.field) ?? '')));
    // the value that was clicked may stand far below
    requestAnimationFrame(() => section.scrollIntoView({block: 'nearest'}));
    return section;
}

/**
 * Rows of a series, newest first.
 * @param {Context} ctx
 * @param {Question} question
 * @param {import('../chart.js').Series} of
 * @param {{start?: string, end?: string, limit: number}} which
 * @param {AbortSignal} signal
 */
async function rows(ctx, question, of, which, signal) {
    // Only rows with a number in the metric: every number is above this one.
    const {metrics, next_cursor} = await ctx.api.post('/configs/{id}/metrics/query', {path: {id: question.config}, signal, body: /** @type {any} */ ({
        ...which, raw_data: false, dimensions: {...question.where, ...of.dimensions}, metric_filters: {[of.field]: {gte: -1e308}}})});
    return {rows: metrics, more: next_cursor !== null};
}

/**
 * @param {MetricRow[]} found
 * @param {string} metric
 * @returns {Part[]} newest first
 */
function byRun(found, metric) {
    /** @type {Map<number, Part>} */
    const runs = new Map();
    for (const row of found) {
        const value = /** @type {Record<string, unknown>} */ (row.metrics ?? {})[metric];
        if (typeof value !== 'number')
            continue;
        const part = runs.get(row.run_id) ?? {id: row.run_id, at: row.timestamp ?? '', n: 0, mean: 0};
        part.mean += (value - part.mean) / ++part.n;
        runs.set(row.run_id, part);
    }
    return [...runs.values()];
}

/**
 * The runs of a bucket, and the one before.
 * @param {Context} ctx
 * @param {Question} question
 * @param {import('../chart.js').Series} of
 * @param {string} start
 * @param {string | undefined} end
 * @param {AbortSignal} signal
 */
async function bucket(ctx, question, of, start, end, signal) {
    const {rows: found, more} = await rows(ctx, question, of, {start, end, limit: ROWS}, signal);
    const all = byRun(found, of.field);
    // The run before the oldest: all rows of a run have its time.
    /** @type {Part | undefined} */
    let previous = all[RUNS];
    if (!previous && !more) {
        const {rows: [last]} = await rows(ctx, question, of, {end: before(start), limit: 1}, signal);
        if (last?.timestamp)
            previous = byRun((await rows(ctx, question, of, {start: last.timestamp, end: last.timestamp, limit: ROWS}, signal)).rows, of.field)
                .find(p => p.id === last.run_id);
    }
    return {all, previous, more};
}

/**
 * Where a point is a run, the one before is the point before.
 * @param {Context} ctx
 * @param {Question} question
 * @param {import('../chart.js').Series} of
 * @param {string} at
 * @param {AbortSignal} signal
 */
async function single(ctx, question, of, at, signal) {
    const {series} = await found(ctx, question, signal), points = series.find(s => s.name === of.name)?.points ?? [];
    const i = points.findIndex(p => p.timestamp === at), part = (/** @type {number} */ place) => {
        const p = points[place];
        return p && {id: p.run_id, at, n: NaN, mean: p.value};
    };
    const own = part(i);
    return {all: own ? [own] : [], previous: part(i - 1), more: false};
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {import('../chart.js').Series} of
 * @param {string} start
 * @param {string | undefined} end
 * @param {AbortSignal} signal
 */
async function parts(ctx, question, of, start, end, signal) {
    const {all, previous, more} = question.interval === 'run' ? await single(ctx, question, of, start, signal) : await bucket(ctx, question, of, start, end, signal);
    const shown = all.slice(0, RUNS);
    const runs = await Promise.all(shown.map(({id}) => ctx.api.get('/runs/{id}', {path: {id}, signal}).catch(error => {
        if (error.status === 404)
            return null; // its rows are there, the run is gone
        throw error;
    })));
    return {all, shown, previous, runs, more, config: (await ctx.configs()).find(c => c.id === question.config)};
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {Awaited<ReturnType<typeof parts>>} found
 * @param {string} unit
 */
function drawn(ctx, question, {all, shown, previous, runs, more, config}, unit) {
    if (shown.length === 0)
        return empty('No runs.', 'The rows of this point are gone.');
    return [
        table('Runs of this point', ['Run', 'When', 'On GitHub', h('span', {class: 'n'}, 'Rows'), h('span', {class: 'n'}, 'Mean'), h('span', {class: 'n'}, 'To the run before'), h('span', {class: 'unseen'}, 'Actions')],
            shown.map((part, i) => {
                const run = runs[i], older = shown[i + 1] ?? previous ?? null;
                return h('tr', {}, h('th', {scope: 'row'}, h('a', {href: ctx.link('run', {id: part.id})}, run ? said(titled(run)) : `run ${part.id}`)),
                    h('td', {}, time(part.at)), h('td', {}, run ? onGithub(run, config) : 'gone'),
                    h('td', {class: 'n'}, number(part.n)), h('td', {class: 'n'}, number(part.mean, unit)),
                    h('td', {class: 'n'}, older && older.mean !== 0 ? percent((part.mean - older.mean) * 100 / Math.abs(older.mean)) : '–'),
                    h('td', {}, older && h('a', {href: ctx.link('compare', {config: question.config, base_run: older.id, head_run: part.id, where: filter(question)})}, 'Compare')));
            })),
        all.length > shown.length || more ? h('p', {class: 'dim'}, `The newest ${count(shown.length, 'run')}; there are more.`) : null,
    ];
}
