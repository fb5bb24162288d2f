/*
 * explore.js - metrics over time: which, by what, of which rows; a chart, its values, the rows behind it.
 */
import {chart, library} from '../chart.js';
import {empty, field, h, input, region, said, select, table} from '../dom.js';
import {alike, clock, count, viewersZone, zoneIsUtc, zoneOf} from '../format.js';
import {box, filterOf, narrowed, several, values} from '../pick.js';
import {change, id as idOf, json} from '../url.js';
import {changes, found} from './changes.js';
import {first, legend, Lines, title} from './legend.js';
import {point} from './point.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../chart.js').Series} Series */
/** @typedef {import('../pick.js').Where} Where */
/**
 * @typedef {object} Question what the address asks
 * @property {number} config
 * @property {string[]} metrics
 * @property {string[]} by
 * @property {Where} where the API's filter of dimensions
 * @property {string} interval
 * @property {string} stat
 * @property {string} zone '' is UTC
 * @property {string} branch '' is any; only runs know theirs
 * @property {string | undefined} start
 * @property {string | undefined} end
 */
/** @typedef {{timestamps: string[], series: Series[]}} Answer */

const RANGES = /** @type {[string, string][]} */ ([['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'a year'], ['all', 'all'], ['own', 'from … to']]);
const INTERVALS = /** @type {[string, string][]} */ ([['1h', 'hour'], ['6h', '6 hours'], ['1d', 'day'], ['1w', 'week'], ['1M', 'month'], ['run', 'run']]);
const STATS = /** @type {[string, string][]} */ ([['avg', 'mean'], ['min', 'minimum'], ['max', 'maximum'], ['p50', 'median'], ['p90', '90th percentile'],
    ['p95', '95th percentile'], ['p99', '99th percentile'], ['stddev', 'standard deviation'], ['sum', 'sum'], ['count', 'count']]);
const ROWS = 30;

/** @param {Context} ctx */
export async function view(ctx) {
    const configs = await ctx.configs(), chosen = idOf(ctx.params, 'config');
    const first = configs.find(c => c.enabled) ?? configs[0];
    if (!first && chosen === 0)
        return h('section', {}, h('h1', {}, 'Explore'), empty('There are no configs yet.', h('a', {href: ctx.link('overview')}, 'See the overview')));
    const config = chosen || (first?.id ?? 0);
    const fields = await ctx.keep(`fields ${config}`, () => ctx.api.get('/configs/{id}/fields', {path: {id: config}, signal: ctx.signal}));
    // The address says what is shown, also where nobody has chosen yet. A mean of all rows is of another mix each time: by the first dimension.
    const missing = {...(chosen === 0 ? {config} : {}), ...(ctx.params.has('metric') ? {} : {metric: fields.metric_fields.slice(0, 1)}),
        ...(ctx.params.has('by') || ctx.params.get('group') === 'none' ? {} : {by: fields.dimension_fields.slice(0, 1)})};
    if (Object.keys(missing).length > 0)
        ctx.note(missing);
    const question = read(config, change(ctx.params, missing));
    const units = await unitsOf(ctx, config);
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Explore')),
        controls(ctx, question, configs, fields),
        question.metrics.length === 0
            ? empty('This config has no metrics yet.', 'They come with its first results. ', h('a', {href: ctx.link('runs', {config})}, 'See its runs'))
            : [region(ctx, 'answer', signal => loaded(ctx, question, signal), ([answer, there]) => drawn(ctx, question, answer, there, units), {class: 'answer'})]);
}

/**
 * @param {number} config
 * @param {URLSearchParams} params
 * @returns {Question}
 */
function read(config, params) {
    const range = params.get('range') ?? '30', zone = zoneOf(params.get('zone') ?? '');
    const days = Math.min(Number(range), 36500), from = params.get('from'), to = params.get('to');
    return {
        config, zone, by: params.getAll('by'), where: json(params, 'where', {}), stat: params.get('stat') ?? 'avg', interval: params.get('branch') ? 'run' : params.get('interval') ?? '1d', branch: params.get('branch') ?? '',
        metrics: params.getAll('metric'),
        start: range === 'own' ? from ? instant(from, zone, 0) : undefined
            : days > 0 ? new Date(Math.floor(Date.now() / 86400e3 - days) * 86400e3).toISOString() : undefined,
        end: range === 'own' && to ? before(instant(to, zone, 1)) : undefined,
    };
}

/**
 * When a day (or the one `days` later) begins by a zone's clocks.
 * @param {string} day
 * @param {string} zone
 * @param {number} days
 */
function instant(day, zone, days) {
    const utc = Date.parse(`${day}T00:00:00Z`) + days * 86400e3;
    if (Number.isNaN(utc))
        return day; // the API says what is wrong with it
    let at = utc;
    for (let i = 0; i < 2; i++) // twice: the offset there may be another one
        at = utc - (Date.parse(`${clock(new Date(at), zone || 'UTC', true).replace(' ', 'T')}Z`) - at);
    return new Date(at).toISOString();
}

/**
 * The last microsecond before an instant: ranges include both ends.
 * @param {string} time
 */
export function before(time) {
    const at = Date.parse(time);
    return Number.isNaN(at) ? time : new Date(at - 1).toISOString().replace('Z', '999Z');
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @returns {Promise<Map<string, string>>}
 */
async function unitsOf(ctx, config) {
    const units = new Map(), schema = (await ctx.configs()).find(c => c.id === config)?.metric_schema_id;
    if (!schema)
        return units;
    const {fields} = await ctx.keep(`schema ${schema}`, () => ctx.api.get('/schemas/{id}', {path: {id: schema}, signal: ctx.signal}).catch(error => {
        if (error.status === 404)
            return {fields: []}; // it is gone: no units
        throw error;
    }));
    for (const f of Array.isArray(fields) ? fields : [])
        if (typeof f === 'object' && f !== null && typeof f.name === 'string' && typeof f.unit === 'string')
            units.set(f.name, f.unit);
    return units;
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<[Answer, boolean]>}
 */
function loaded(ctx, question, signal) {
    return Promise.all([ctx.keep(JSON.stringify(question), () => question.interval === 'run' ? runs(ctx, question, signal) : question.stat === 'avg' ? trends(ctx, question, signal) : aggregates(ctx, question, signal)),
        library()]);
}

/** @param {Question} question */
function body({by, where, interval, zone, start, end}) {
    return {group_by: by, dimensions: where, interval, start, end, ...(zoneIsUtc(zone) ? {} : {timezone: zone})};
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function trends(ctx, question, signal) {
    return ctx.api.post('/configs/{id}/metrics/trends', {path: {id: question.config}, signal,
        body: /** @type {any} */ ({...body(question), metric_fields: question.metrics})});
}

/**
 * A point a run, which only the search for change points knows: it has branches, and means alone.
 * @param {Context} ctx
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function runs(ctx, question, signal) {
    const {series} = await found(ctx, question, signal);
    const timestamps = [...new Set(series.flatMap(s => (s.points ?? []).map(p => p.timestamp ?? '')))].sort();
    const rows = new Map(timestamps.map((t, i) => [t, i]));
    return {timestamps, series: series.filter(s => (s.points ?? []).length > 0).map(({name, field: metric, dimensions, points}) => {
        const line = {name, field: metric, dimensions, values: /** @type {(number | null)[]} */ (timestamps.map(() => null))};
        for (const p of points ?? [])
            line.values[rows.get(p.timestamp ?? '') ?? 0] = p.value;
        return line;
    })};
}

/**
 * Other figures than means are of one metric each: the answers become what trends would answer.
 * @param {Context} ctx
 * @param {Question} question
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function aggregates(ctx, question, signal) {
    const answers = await Promise.all(question.metrics.map(metric_field => ctx.api.post('/configs/{id}/metrics/aggregate', {
        path: {id: question.config}, signal, body: /** @type {any} */ ({...body(question), metric_field, agg_func: question.stat})})));
    const timestamps = [...new Set(answers.flatMap(a => a.results.map(r => r.timestamp)))].sort();
    const rows = new Map(timestamps.map((t, i) => [t, i]));
    /** @type {Map<string, Series>} */
    const series = new Map();
    for (const {metric_field: metric, results} of answers) {
        for (const {timestamp, dimensions, value} of results) {
            const key = JSON.stringify([metric, dimensions]);
            const group = Object.entries(dimensions).map(([name, v]) => `${name}=${v}`).join(', ');
            const line = series.get(key) ?? {name: group ? `${metric} (${group})` : metric, field: metric, dimensions, values: timestamps.map(() => null)};
            series.set(key, line);
            line.values[rows.get(timestamp) ?? 0] = value;
        }
    }
    return {timestamps, series: [...series.values()]};
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {import('../app.js').Config[]} configs
 * @param {{dimension_fields: string[], metric_fields: string[]}} fields
 */
function controls(ctx, question, configs, fields) {
    const {config, where, zone} = question, range = ctx.params.get('range') ?? '30', own = viewersZone();
    /** What is chosen in the chart is of the answer before. @param {import('../url.js').Patch} patch */
    const update = patch => ctx.update({point: null, series: null, zoom: null, ...patch});
    /** @param {string} name */
    const day = name => input(name, ctx.params.get(name) ?? '', value => update({[name]: value}), {type: 'date'});
    return h('div', {class: 'controls', role: 'search', 'aria-label': 'What is shown'},
        field('Config', select('config', configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name])), String(config),
            value => { location.hash = ctx.link('explore', {config: value, range: ctx.params.get('range'), interval: ctx.params.get('interval')}); })),
        several('metrics', 'Metrics', fields.metric_fields, question.metrics, metric => update({metric, off: null, only: null, lines: null}), ctx),
        several('by', 'Group by', fields.dimension_fields, question.by, by => update({by, group: by.length === 0 ? 'none' : null, off: null, only: null, lines: null}), ctx),
        field('Figure', select('stat', STATS, question.interval === 'run' ? 'avg' : question.stat, value => update({stat: value === 'avg' ? null : value}),
            {disabled: question.interval === 'run', title: question.interval === 'run' ? 'Of runs there are means alone' : null})),
        field('By', select('interval', INTERVALS, question.interval, value => update({interval: value === '1d' ? null : value, branch: null, ...(value === 'run' ? {stat: null} : {})}))),
        field('Branch', input('branch', question.branch, branch => update({branch, interval: branch ? 'run' : ctx.params.get('interval'), ...(branch ? {stat: null} : {})}), {placeholder: 'any'})),
        field('Range', select('range', RANGES, range, value => update({range: value === '30' ? null : value, from: null, to: null}))),
        range === 'own' && [field('From', day('from')), field('To', day('to'))],
        !zoneIsUtc(own) || !zoneIsUtc(zone) ? box('zone', zone && zone !== own ? `days of ${zone}` : `days of ${own}`, !zoneIsUtc(zone),
            on => update({zone: on ? own : null})) : null,
        h('div', {class: 'filters', role: 'group', 'aria-label': 'Filters'}, fields.dimension_fields.slice(0, 100).map((name, i) =>
            values(`filter-${i}`, name, filterOf(where, name), filter => update({where: narrowed(where, name, filter)}),
                (q, signal) => ctx.api.get('/configs/{id}/values', {path: {id: config}, query: {dimension: name, q, limit: 100}, signal}), ctx)),
        Object.keys(where).length > 0 && h('a', {class: 'button', href: ctx.same({where: null, point: null, series: null})}, 'No filters')));
}

/**
 * @param {Context} ctx
 * @param {Question} question
 * @param {Answer} answer
 * @param {boolean} there is the chart's library
 * @param {Map<string, string>} units
 */
function drawn(ctx, question, answer, there, units) {
    const {timestamps} = answer, {series, rest} = first(ctx, answer.series);
    if (series.length === 0)
        return [empty('No numbers here.', ctx.params.get('range') === 'all' ? 'Take a filter away.'
            : h('span', {}, 'Take a filter away, or ', h('a', {href: ctx.same({range: 'all', from: null, to: null})}, 'show all the time there is'), '.'))];
    const lines = new Lines(ctx, series), shown = (/** @type {Series} */ s) => lines.has(s);
    /** @param {Series} s */
    const unit = s => question.stat === 'count' ? '' : units.get(s.field) ?? '';
    const window = zoom(ctx.params.get('zoom'));
    /** @type {ReturnType<typeof chart>[]} */
    const charts = [];
    /** @param {[number, number] | null} to */
    const zoomed = to => {
        ctx.note({zoom: to && to.map(t => new Date(t).toISOString()).join('~')});
        reset.hidden = to === null;
        charts.forEach(c => c.zoom(to));
    };
    const reset = h('button', {type: 'button', id: 'unzoom', hidden: window === null, click: () => zoomed(null)}, 'Whole range');
    if (there)
        for (const metric of question.metrics) {
            const own = series.filter(s => s.field === metric);
            if (own.length > 0)
                charts.push(chart({label: STATS.find(([s]) => s === (question.interval === 'run' ? 'avg' : question.stat))?.[1] + ` of ${metric}`, unit: own[0] ? unit(own[0]) : '', timestamps, series: own,
                    places: own.map((_, i) => i), shown, zone: question.zone, window, left: ctx.left, zoomed, marks: [],
                    chosen: (time, s) => ctx.update({point: time, series: s.name})}));
        }
    const names = new Set(lines.names);
    return [
        rest,
        !there && h('div', {class: 'note'}, h('p', {}, 'There is no chart: the package ', h('code', {}, 'libjs-dygraphs'), ' is not installed where this page comes from.')),
        h('div', {class: 'plots'}, charts.map(c => c.figure), reset),
        legend(question.metrics, series, unit, lines, () => charts.forEach(c => c.show(shown))),
        ctx.params.has('point') && point(ctx, question, answer, units),
        question.stat === 'avg' && changes(ctx, question, list => charts.forEach(c => c.mark(list.filter(m => m.field === c.field && names.has(m.series))))),
        valuesOf(ctx, question, timestamps, series),
        filesOf(ctx, question),
    ];
}

/** @param {string | null} text @returns {[number, number] | null} */
function zoom(text) {
    const [from = NaN, to = NaN] = (text ?? '').split('~').map(t => Date.parse(t));
    return from < to ? [from, to] : null;
}

/**
 * The values, newest first; each leads to what it is made of.
 * @param {Context} ctx
 * @param {Question} question
 * @param {string[]} timestamps
 * @param {Series[]} series
 */
function valuesOf(ctx, question, timestamps, series) {
    const many = Number(ctx.params.get('rows')) || ROWS, chosen = ctx.params.get('point'), of = ctx.params.get('series');
    const order = timestamps.map((_, i) => timestamps.length - 1 - i).slice(0, many), texts = series.map(s => alike(order.map(row => s.values[row] ?? null)));
    return h('div', {}, h('h2', {}, 'Values'),
        table('Values', [zoneIsUtc(question.zone) ? 'UTC' : question.zone, ...series.map(s => h('span', {class: 'n'},
            question.metrics.length > 1 && Object.keys(s.dimensions).length > 0 ? [said(s.field), h('br')] : '', said(title(s))))],
        order.map(row => h('tr', {}, h('th', {scope: 'row'}, label(timestamps[row] ?? '', question)), series.map((s, i) => {
            const value = s.values[row] ?? null, time = timestamps[row] ?? '';
            const here = chosen === time && of === s.name;
            return h('td', {class: here ? 'n here' : 'n'}, value === null ? '–' : h('button', {type: 'button', class: 'link', id: `value-${row}-${i}`,
                'aria-pressed': here ? 'true' : null, click: () => ctx.update({point: time, series: s.name})}, texts[i]?.(value) ?? ''));
        }))), {class: 'values'}),
        timestamps.length > many && h('p', {}, h('a', {href: ctx.same({rows: many * 4})}, `More of ${count(timestamps.length, 'row')}`)));
}

/** The filter of dimensions as the address has it. @param {Question} question */
export function filter({where}) {
    return Object.keys(where).length > 0 ? JSON.stringify(where) : null;
}

/**
 * @param {string} time
 * @param {{interval: string, zone: string}} question
 */
export function label(time, {interval, zone}) {
    const text = clock(new Date(time), zone || 'UTC');
    return h('time', {datetime: time}, interval === '1M' ? text.slice(0, 7) : ['1h', '6h', 'run'].includes(interval) ? text : text.slice(0, 10));
}

/**
 * The rows behind what is shown, as files.
 * @param {Context} ctx
 * @param {Question} question
 */
function filesOf(ctx, {config, metrics, where, start, end}) {
    /** @param {'csv' | 'json' | 'ndjson'} format */
    const href = format => ctx.api.url('/configs/{id}/export', {path: {id: config}, query: /** @type {any} */ ({start, end, format,
        dimensions: Object.keys(where).length > 0 ? JSON.stringify(where) : undefined, metric_fields: metrics, include: 'run_id,github_run_id,head_sha,head_branch', limit: 1000000})});
    return h('p', {class: 'exports'}, 'The rows behind this: ', /** @type {const} */ (['csv', 'json', 'ndjson']).map((f, i) =>
        [i > 0 ? ' · ' : '', h('a', {href: href(f), download: true}, f === 'ndjson' ? 'NDJSON' : f.toUpperCase())]).flat());
}
