/*
 * run.js - one run: when, where from, what became of it, and its metric rows.
 */
import {empty, h, region, said, table} from '../dom.js';
import {ago, badge, count, duration, number, onGithub, time, titled} from '../format.js';
import {id as idOf} from '../url.js';
import {retry} from './runs.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('#types').Run} Run */
/** @typedef {import('#types').MetricRow} MetricRow */

const PAGE = 100;

/** @param {Context} ctx */
export async function view(ctx) {
    const id = idOf(ctx.params, 'id');
    if (id === 0)
        return empty('Which run?', h('a', {href: ctx.link('runs')}, 'Choose one of the list'));
    const [run, configs] = await Promise.all([ctx.api.get('/runs/{id}', {path: {id}, signal: ctx.signal}), ctx.configs()]);
    const config = configs.find(c => c.id === run.config_id);
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, said(titled(run))), badge(run.status),
            !ctx.readOnly && run.status === 'failed' && retry(ctx, run),
            config && run.status === 'completed' && h('a', {class: 'button', href: ctx.link('compare', {config: config.id, head_run: run.id})}, 'Compare with others')),
        run.error_message ? h('pre', {class: 'error', dir: 'auto', tabindex: 0}, run.error_message) : null,
        facts([
            ['Config', config ? h('a', {href: ctx.link('runs', {config: config.id})}, said(config.name)) : 'gone'],
            ['On GitHub', onGithub(run, config)],
            ['Workflow', run.workflow_name && said(run.workflow_name)],
            ['Source', said(run.trigger_source)],
            ['Workload', [time(run.workload_started_at), ' to ', time(run.workload_completed_at), ', ', duration(run.workload_started_at, run.workload_completed_at)]],
            ['Collected', [time(run.collection_started_at), ' to ', time(run.collection_completed_at)]],
            ['Created', [time(run.created_at), `, ${ago(run.created_at)}`]],
            ['Files', `${number(run.files_processed)} of ${number(run.files_found)}`],
            ['Retries', number(run.retry_count)],
            ['Id', [`${run.id}, `, said(run.workload_uid)]],
        ]),
        h('h2', {}, 'Metric rows'),
        region(ctx, 'rows', signal => ctx.api.get('/runs/{id}/metrics', {path: {id}, signal,
            query: {limit: PAGE, raw_data: false, cursor: ctx.params.get('cursor') ?? undefined}}), page => rows(ctx, page)));
}

/** @param {[string, import('../dom.js').Child | import('../dom.js').Child[]][]} pairs */
function facts(pairs) {
    return h('dl', {class: 'facts'}, pairs.map(([name, value]) =>
        h('div', {}, h('dt', {}, name), h('dd', {}, ...(Array.isArray(value) ? value : [value || '–'])))));
}

/**
 * @param {Context} ctx
 * @param {{metrics: MetricRow[], total: number | null, next_cursor: string | null}} page
 */
function rows(ctx, {metrics, total, next_cursor: next}) {
    if (metrics.length === 0)
        return empty('No metric rows.', 'They come when the run’s result files are collected.');
    const dimensions = names(metrics.map(m => keyed(m.dimensions))), fields = names(metrics.map(m => keyed(m.metrics)));
    return [
        total !== null && h('p', {class: 'dim'}, count(total, 'row')),
        table('Metric rows', [...dimensions.map(said), ...fields.map(f => h('span', {class: 'n'}, said(f))), 'File'],
            metrics.map(m => h('tr', {},
                dimensions.map(d => h('td', {}, value(keyed(m.dimensions)[d]))),
                fields.map(f => h('td', {class: 'n'}, cell(keyed(m.metrics)[f]))),
                h('td', {class: 'dim'}, m.source_file ? said(m.source_file) : '–')))),
        next && h('nav', {class: 'pages', 'aria-label': 'Pages'}, h('a', {href: ctx.same({cursor: next})}, 'More rows →')),
    ];
}

/**
 * What a jsonb column should be; it may hold anything.
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function keyed(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? /** @type {Record<string, unknown>} */ (value) : {};
}

/** @param {Record<string, unknown>[]} objects */
function names(objects) {
    return [...new Set(objects.flatMap(Object.keys))];
}

/**
 * A dimension's value is its text, also where it is a number.
 * @param {unknown} value
 */
function value(value) {
    return value === null || value === undefined ? '–' : said(typeof value === 'object' ? JSON.stringify(value) : value);
}

/** @param {unknown} metric */
function cell(metric) {
    return typeof metric === 'number' ? number(metric) : value(metric);
}
