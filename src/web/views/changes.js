/*
 * changes.js - since when a series is another one: the change points of what Explore shows.
 */
import {markSwatch} from '../chart.js';
import {h, region, said, table} from '../dom.js';
import {count, enough, number, percent, time, verdict} from '../format.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('./explore.js').Question} Question */
/** @typedef {import('#types').Changes} Changes */

const ROWS = 12;
// Percent: smaller ones may be real, and nobody's business.
const LEAST = 2;

/**
 * The change points, and the points that they are among.
 * @param {Context} ctx
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Changes>}
 */
export function found(ctx, {config, metrics, by, where, branch, start, end, interval}, signal) {
    const body = {metric_fields: metrics, group_by: by, dimensions: where, start, end, min_change: LEAST, points: interval === 'run', ...(branch ? {head_branch: branch} : {})};
    return ctx.keep(`changes ${config} ${JSON.stringify(body)}`, () => ctx.api.post('/configs/{id}/metrics/changes', {path: {id: config}, signal, body: /** @type {any} */ (body)}));
}

/**
 * They may take longer than the chart, and come when they are there.
 * @param {Context} ctx
 * @param {Question} question
 * @param {(marks: {time: number, verdict: string, field: string, series: string}[]) => void} mark
 */
export function changes(ctx, question, mark) {
    return h('div', {}, h('h2', {}, 'Change points'), region(ctx, 'change-points', signal => found(ctx, question, signal), ({series}) => {
        const all = series.flatMap(s => s.changes.map(c => ({...c, series: s.name, field: s.field}))).sort((a, b) => Date.parse(b.timestamp ?? '') - Date.parse(a.timestamp ?? ''));
        mark(all.map(c => ({time: Date.parse(c.timestamp ?? ''), verdict: c.verdict, field: c.field, series: c.series})));
        if (all.length === 0)
            return h('p', {class: 'dim'}, !enough(series) ? 'Too few runs to tell' : `None: no series has changed by ${LEAST} % or more for longer than chance explains.`);
        return [
            h('p', {class: 'parts dim'}, 'In the chart:', [...new Set(all.map(c => c.verdict))].map(v => h('span', {}, markSwatch(v), ' ', v))),
            table('Change points', ['Series', 'Since', 'Verdict', h('span', {class: 'n'}, 'Before'), h('span', {class: 'n'}, 'After'), h('span', {class: 'n'}, 'Change'), 'First run', 'Run before', h('span', {class: 'unseen'}, 'Actions')],
                all.slice(0, ctx.params.has('every') ? all.length : ROWS).map(c => h('tr', {},
                    h('th', {scope: 'row'}, said(c.series)), h('td', {}, time(c.timestamp)), h('td', {}, verdict(c.verdict)),
                    h('td', {class: 'n'}, number(c.mean_before)), h('td', {class: 'n'}, number(c.mean_after)), h('td', {class: 'n'}, percent(c.change_percent)),
                    h('td', {}, run(ctx, c.run_id, c.head_sha)), h('td', {}, run(ctx, c.previous_run_id, c.previous_head_sha)),
                    h('td', {}, h('a', {href: ctx.link('compare', {config: question.config, base_run: c.previous_run_id, head_run: c.run_id, where: Object.keys(question.where).length > 0 ? JSON.stringify(question.where) : null})}, 'Compare'))))),
            all.length > ROWS && !ctx.params.has('every') ? h('p', {}, h('a', {href: ctx.same({every: 1})}, `All ${count(all.length, 'change point')}`)) : null,
        ];
    }));
}

/**
 * @param {Context} ctx
 * @param {number} id
 * @param {string | null} sha
 */
export function run(ctx, id, sha) {
    return h('a', {href: ctx.link('run', {id})}, sha ? h('code', {}, sha.slice(0, 8)) : `run ${id}`);
}
