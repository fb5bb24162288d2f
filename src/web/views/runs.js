/*
 * runs.js - runs, newest first: filtered, in pages, and set to pending again where they failed.
 */
import {empty, field, h, input, region, said, select, table} from '../dom.js';
import {ago, badge, count, duration, number, onGithub, time, titled} from '../format.js';
import {act} from '../act.js';
import {box} from '../pick.js';
import {id as idOf} from '../url.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../app.js').Config} Config */
/** @typedef {import('#types').RunListed} Run */

const PAGE = 25;
const STATUSES = ['pending', 'collecting', 'extracting', 'completed', 'failed', 'skipped',
    'workload_pending', 'workload_running', 'collection_pending', 'collection_running'];
const TEXTS = /** @type {const} */ ([['workload_name', 'Name holds'], ['head_branch', 'Branch'], ['head_sha', 'Commit'],
    ['workflow_name', 'Workflow'], ['github_run_id', 'GitHub run']]);

/** @param {Context} ctx */
export async function view(ctx) {
    const {params} = ctx, configs = await ctx.configs(), config = idOf(params, 'config');
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Runs'), !ctx.readOnly && config > 0 && batch(ctx, config)),
        controls(ctx, configs),
        picked(ctx),
        region(ctx, 'list', signal => list(ctx, signal), page => drawn(ctx, page, configs)));
}

/** Whether the address asks for some of the runs. @param {Context} ctx */
function filtered(ctx) {
    return [...ctx.params.keys()].some(k => k !== 'cluster' && k !== 'pick');
}

/**
 * Two runs of one config lead to their comparison. The address keeps them from page to page, as CONFIG-RUN.
 * @param {Context} ctx
 */
function picked(ctx) {
    const all = ctx.params.getAll('pick'), [base = [], head = []] = all.map(p => p.split('-')).sort((a, b) => Number(a[1]) - Number(b[1]));
    if (all.length === 0)
        return null;
    return h('p', {class: 'start', id: 'picked'}, all.length === 2 && base[0] === head[0]
        ? h('a', {class: 'button', href: ctx.link('compare', {config: base[0], base_run: base[1], head_run: head[1]})}, 'Compare these two')
        : `${count(all.length, 'run')} chosen: two of one config can be compared.`, ' ', h('a', {href: ctx.same({pick: null})}, 'None'));
}

/**
 * @param {Context} ctx
 * @param {AbortSignal} signal
 */
function list(ctx, signal) {
    /** @param {string} name */
    const value = name => ctx.params.get(name) ?? undefined;
    // The address' texts go to the API as they are: what is wrong with one, it says best.
    return ctx.api.get('/runs', {query: /** @type {any} */ ({
        config_id: value('config'), status: value('status'), trigger_source: value('source'),
        ...Object.fromEntries(TEXTS.map(([name]) => [name, value(name)])),
        start_date: value('from') && `${value('from')}T00:00:00Z`, end_date: value('to') && `${value('to')}T23:59:59.999999Z`,
        cursor: value('cursor'), limit: PAGE}), signal});
}

/**
 * A filter changes what the pages are of: back to the first.
 * @param {Context} ctx
 * @param {Config[]} configs
 */
function controls(ctx, configs) {
    /** @param {string} name */
    const value = name => ctx.params.get(name) ?? '';
    /** @param {string} name */
    const set = name => (/** @type {string} */ text) => ctx.update({[name]: text, cursor: null});
    return h('div', {class: 'controls', role: 'search', 'aria-label': 'Filters'},
        field('Config', select('config', [['', 'All'], ...configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name]))],
            value('config'), set('config'))),
        field('Status', select('status', [['', 'All'], ...STATUSES.map(s => /** @type {[string, string]} */ ([s, s]))], value('status'), set('status'))),
        field('Source', select('source', [['', 'All'], ['realtime', 'realtime'], ['backfill', 'backfill'], ['manual', 'manual']],
            value('source'), set('source'))),
        TEXTS.map(([name, label]) => field(label, input(name, value(name), set(name)))),
        field('From (UTC)', input('from', value('from'), set('from'), {type: 'date'})),
        field('To (UTC)', input('to', value('to'), set('to'), {type: 'date'})),
        filtered(ctx) && h('a', {class: 'button', href: ctx.link('runs', {pick: ctx.params.getAll('pick')})}, 'Clear'));
}

/**
 * @param {Context} ctx
 * @param {Awaited<ReturnType<typeof list>>} page
 * @param {Config[]} configs
 */
function drawn(ctx, page, configs) {
    const later = ctx.params.has('cursor');
    if (page.runs.length === 0)
        return later ? empty('No older runs.', h('a', {href: ctx.same({cursor: null})}, 'Back to the newest'))
            : filtered(ctx) ? empty('No run is like that.', 'Change a filter, or ', h('a', {href: ctx.link('runs')}, 'clear them all'), '.')
                : empty('No runs yet.', 'They come when a collector or a workflow sends results.');
    return [
        page.total !== null && h('p', {class: 'dim', 'data-said': true}, count(page.total, 'run')),
        table('Runs', ['Run', 'Status', 'On GitHub', 'Created', ...['Took', 'Files', 'Rows'].map(name => h('span', {class: 'n'}, name)), h('span', {class: 'unseen'}, 'Actions')],
            page.runs.flatMap(run => rows(ctx, run, configs.find(c => c.id === run.config_id)))),
        h('nav', {class: 'pages', 'aria-label': 'Pages'},
            later && h('a', {href: ctx.same({cursor: null})}, '← Newest'),
            page.next_cursor && h('a', {href: ctx.same({cursor: page.next_cursor})}, 'Older →')),
    ];
}

/**
 * @param {Context} ctx
 * @param {Run} run
 * @param {Config | undefined} config
 */
function rows(ctx, run, config) {
    const message = run.error_message;
    return [
        h('tr', {class: message ? 'joined' : null},
            h('th', {scope: 'row'}, h('a', {href: ctx.link('run', {id: run.id})}, said(titled(run))),
                h('small', {}, said(run.config_name ?? (run.config_id ? 'config is gone' : 'no config')))),
            h('td', {}, badge(run.status), h('small', {}, said(run.trigger_source), run.retry_count > 0 ? `, ${count(run.retry_count, 'retry', 'retries')}` : '')),
            h('td', {}, onGithub(run, config), run.workflow_name ? h('small', {}, said(run.workflow_name)) : null),
            h('td', {}, time(run.created_at), h('small', {}, ago(run.created_at))),
            h('td', {class: 'n'}, duration(run.workload_started_at, run.workload_completed_at)),
            h('td', {class: 'n'}, `${number(run.files_processed)} of ${number(run.files_found)}`),
            h('td', {class: 'n'}, number(run.metrics_count)),
            h('td', {}, !ctx.readOnly && run.status === 'failed' && retry(ctx, run), config && run.status === 'completed' && pick(ctx, run))),
        ...(message ? [h('tr', {class: 'detail'}, h('td', {colspan: 8}, trouble(run.id, message)))] : []),
    ];
}

/**
 * @param {Context} ctx
 * @param {Run} run
 */
function pick(ctx, {id, config_id: config, ...run}) {
    const all = ctx.params.getAll('pick'), own = `${config}-${id}`;
    return box(`pick-${id}`, h('span', {}, 'compare', h('span', {class: 'unseen'}, ' ', said(titled(run)))), all.includes(own),
        on => ctx.update({pick: on ? [...all, own] : all.filter(p => p !== own)}));
}

/**
 * The first line, and the rest of it unfolded.
 * @param {number} id
 * @param {string} message
 */
function trouble(id, message) {
    const end = message.indexOf('\n'), first = end < 0 ? message : message.slice(0, end);
    if (end < 0 && message.length <= 200)
        return h('p', {class: 'error'}, said(message));
    return h('details', {id: `error-${id}`, class: 'error'}, h('summary', {}, said(first.slice(0, 200))), h('pre', {dir: 'auto', tabindex: 0}, message));
}

/**
 * @param {Context} ctx
 * @param {Run} run
 */
export function retry(ctx, run) {
    const name = titled(run);
    const button = h('button', {type: 'button', id: `retry-${run.id}`, 'aria-label': `Retry ${name}`, click: async () => {
        if (!await ctx.confirm('Retry this run?', [h('span', {}, said(name), ' becomes pending, and is collected again. Its rows stay.')], 'Retry'))
            return;
        await act(ctx, button, () => ctx.api.post('/runs/{id}/retry', {path: {id: run.id}}));
    }}, 'Retry');
    return button;
}

/**
 * @param {Context} ctx
 * @param {number} id
 */
function batch(ctx, id) {
    const button = h('button', {type: 'button', id: 'batch-retry', click: async () => {
        const known = (await ctx.configs()).find(c => c.id === id)?.name ?? `config ${id}`;
        if (!await ctx.confirm('Retry all failed runs?', [h('span', {}, 'All failed runs of ', said(known), ' become pending, whatever the filters below show.')], 'Retry all'))
            return;
        await act(ctx, button, async () => {
            const {message, retried, skipped, total} = await ctx.api.post('/configs/{id}/runs/batch-retry', {path: {id}});
            return {message: total > 0 ? `${message}: ${retried} of ${total}${skipped ? `, ${skipped} are held by somebody else` : ''}` : message};
        });
    }}, 'Retry all failed');
    return button;
}
