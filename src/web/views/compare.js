/*
 * compare.js - two sets of runs of a config beside each other: what became slower, the worst first.
 *
 * Each side is chosen in one of four ways, by what the address names: runs, a commit, a branch's newest, a time.
 * How, is sides.js'; the address has the API's own names.
 */
import {away, count, github, number, percent, time, verdict as badge} from '../format.js';
import {empty, failure, field, h, input, region, said, select, table} from '../dom.js';
import {several} from '../pick.js';
import {id as idOf, json} from '../url.js';
import {chosen, side, suggestions} from './sides.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../app.js').Config} Config */
/** @typedef {import('#types').Comparison} Comparison */
/** @typedef {Comparison['series'][number]} Series */

const PAGE = 100;
const VERDICTS = /** @type {const} */ (['regression', 'changed', 'improvement', 'undetermined', 'missing', 'new', 'unchanged']);
const MEANS = {regression: 'worse', changed: 'changed, and which way is better is not known', improvement: 'better', undetermined: 'beyond the threshold, but too few values to tell it from chance',
    missing: 'only in base', new: 'only in head', unchanged: 'the same, as far as can be told'};

/** @param {Context} ctx */
export async function view(ctx) {
    const configs = await ctx.configs(), first = configs.find(c => c.enabled) ?? configs[0], id = idOf(ctx.params, 'config') || first?.id;
    if (!id)
        return h('section', {}, h('h1', {}, 'Compare'), empty('There are no configs yet.', h('a', {href: ctx.link('overview')}, 'See the overview')));
    if (!ctx.params.has('config'))
        ctx.note({config: id});
    const {dimension_fields: dimensions, metric_fields: metrics} = await ctx.keep(`fields ${id}`, () => ctx.api.get('/configs/{id}/fields', {path: {id}, signal: ctx.signal}));
    /** @param {string} name */
    const value = name => ctx.params.get(name) ?? '';
    /** Another question has other pages. @param {import('../url.js').Patch} patch */
    const update = patch => ctx.update({cursor: null, ...patch});
    const both = chosen(ctx.params, 'base') && chosen(ctx.params, 'head');
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Compare'), h('p', {class: 'dim'}, 'Two sets of runs: did it get slower?')),
        h('div', {class: 'controls', role: 'search', 'aria-label': 'What is compared'},
            field('Config', select('config', configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name])), String(id), to => { location.hash = ctx.link('compare', {config: to}); })),
            several('metrics', 'Metrics', metrics, ctx.params.getAll('metric'), metric => update({metric}), ctx, 'all'),
            several('by', 'A series for each', dimensions, ctx.params.getAll('by'), by => update({by}), ctx, 'all dimensions'),
            field('Least change (%)', input('min_change', value('min_change'), min_change => update({min_change}), {inputmode: 'decimal', placeholder: '2', size: 6})),
            field('Largest p-value', input('max_pvalue', value('max_pvalue'), max_pvalue => update({max_pvalue}), {inputmode: 'decimal', placeholder: '0.05', size: 6})),
            Object.keys(where(ctx)).length > 0 && h('a', {class: 'button', href: ctx.same({where: null, cursor: null})}, 'No filters'),
            h('div', {class: 'filters'}, side(ctx, id, 'base', 'Base: before', update), side(ctx, id, 'head', 'Head: after', update),
                both && h('a', {class: 'button', id: 'swap', href: ctx.same({cursor: null, ...swapped(ctx.params)})}, 'Swap sides'))),
        both ? region(ctx, 'comparison', signal => ctx.api.get('/configs/{id}/compare', {path: {id}, signal, query: query(ctx)}),
            answer => drawn(ctx, answer, configs.find(c => c.id === id)), {class: 'answer'}) : suggestions(ctx, id, update));
}

/** The filter of dimensions, as Explore has it. @param {Context} ctx */
function where(ctx) {
    return /** @type {Record<string, unknown>} */ (json(ctx.params, 'where', {}));
}

/**
 * The address' texts go to the API as they are: what is wrong with one, it says best.
 * @param {Context} ctx
 * @returns {any}
 */
function query(ctx) {
    /** @type {Record<string, unknown>} */
    const all = {limit: PAGE, metric_fields: ctx.params.getAll('metric'), group_by: ctx.params.getAll('by'),
        dimensions: Object.keys(where(ctx)).length > 0 ? JSON.stringify(where(ctx)) : undefined};
    for (const [name, text] of ctx.params)
        if (/^(base|head)_(run|sha|branch|last|start|end)$|^(min_change|max_pvalue|verdict|cursor)$/.test(name))
            all[name] = /_start$/.test(name) ? `${text}T00:00:00Z` : /_end$/.test(name) ? `${text}T23:59:59.999999Z` : text;
    for (const name of ['metric_fields', 'group_by'])
        if (/** @type {string[]} */ (all[name]).length === 0)
            delete all[name];
    return all;
}

/** @param {URLSearchParams} params */
function swapped(params) {
    /** @type {import('../url.js').Patch} */
    const patch = {};
    for (const what of ['run', 'sha', 'branch', 'last', 'start', 'end']) {
        patch[`base_${what}`] = params.get(`head_${what}`);
        patch[`head_${what}`] = params.get(`base_${what}`);
    }
    return patch;
}

/**
 * @param {Context} ctx
 * @param {Comparison} answer
 * @param {Config | undefined} config
 */
function drawn(ctx, answer, config) {
    const {base, head, series, summary, total, next_cursor: next, metric_fields: metrics} = answer;
    const all = VERDICTS.reduce((sum, v) => sum + summary[v], 0), wanted = ctx.params.get('verdict');
    if (all === 0)
        return [runsOf(ctx, base, head, config), empty('No series to compare.', 'The runs of both sides have no metric in common with what is chosen above.')];
    return [
        h('p', {class: 'verdict', 'data-said': true}, badge(answer.verdict), ' ', MEANS[answer.verdict], h('span', {class: 'dim'}, `; of ${count(all, 'series', 'series')}, changes from ${number(answer.min_change)} % and a p-value up to ${number(answer.max_pvalue)}`)),
        runsOf(ctx, base, head, config),
        h('nav', {class: 'controls counts', 'aria-label': 'Verdicts'}, h('a', {href: ctx.same({verdict: null, cursor: null}), 'aria-current': wanted ? null : 'true'}, `all ${number(all)}`),
            VERDICTS.filter(v => summary[v] > 0 || v === wanted).map(v => h('a', {href: ctx.same({verdict: v, cursor: null}), 'aria-current': v === wanted ? 'true' : null, title: MEANS[v]}, badge(v), ` ${number(summary[v])}`)),
            files(ctx)),
        series.length === 0 ? empty('No series is like that.', h('a', {href: ctx.same({verdict: null, cursor: null})}, 'Show all'))
            : table('Comparison', ['Series', 'Verdict', h('span', {class: 'n'}, 'Change'), h('span', {class: 'unseen'}, 'Change, drawn'), ...['Base', 'Head', 'p-value'].map(name => h('span', {class: 'n'}, name))],
                rows(ctx, series, metrics.length > 1, answer)),
        total > series.length || ctx.params.has('cursor') ? h('nav', {class: 'pages', 'aria-label': 'Pages'},
            ctx.params.has('cursor') && h('a', {href: ctx.same({cursor: null})}, '← Worst'), next && h('a', {href: ctx.same({cursor: next})}, 'More →')) : null,
    ];
}

/**
 * @param {Context} ctx
 * @param {Comparison['base']} base
 * @param {Comparison['head']} head
 * @param {Config | undefined} config
 */
function runsOf(ctx, base, head, config) {
    return h('dl', {class: 'facts'}, [base, head].map(({runs, unit}, i) => h('div', {}, h('dt', {}, i === 0 ? 'Base' : 'Head', `: ${count(runs.length, 'run')}`, unit === 'row' ? ', its rows compared' : ', their means compared'),
        h('dd', {}, runs.length <= 3 ? runs.map(r => run(ctx, r, config))
            : h('details', {id: `runs-${i}`}, h('summary', {}, time(runs[0]?.timestamp), ' to ', time(runs.at(-1)?.timestamp)), runs.map(r => run(ctx, r, config)))))));
}

/**
 * @param {Context} ctx
 * @param {Comparison['base']['runs'][number]} run
 * @param {Config | undefined} config
 */
function run(ctx, {run_id: id, timestamp, github_run_id: onGithub, head_sha: sha, head_branch: branch}, config) {
    /** @param {import('../dom.js').Child} text @param {...(string | number)} parts */
    const link = (text, ...parts) => h('span', {}, config?.github_owner ? away(github(config, ...parts), text) : text);
    return h('p', {class: 'parts'}, h('a', {href: ctx.link('run', {id})}, `run ${id}`), h('span', {}, time(timestamp)),
        onGithub ? link(`GitHub ${onGithub}`, 'actions', 'runs', onGithub) : null, branch ? link(said(branch), 'tree', branch) : null,
        sha ? link(h('code', {}, sha.slice(0, 8)), 'commit', sha) : null);
}

/**
 * @param {Context} ctx
 * @param {Series[]} series
 * @param {boolean} several metrics
 * @param {Comparison} answer
 */
function rows(ctx, series, several, answer) {
    const most = Math.max(...series.map(s => Math.abs(s.change_percent ?? 0)));
    return series.map(s => h('tr', {},
        h('th', {scope: 'row'}, h('a', {href: explored(ctx, s, answer.group_by)}, said(title(s) || s.field)), several && title(s) ? h('small', {}, said(s.field)) : null),
        h('td', {}, h('span', {title: MEANS[s.verdict]}, badge(s.verdict)), s.direction ? h('small', {}, `${s.direction} is better`) : null),
        h('td', {class: 'n'}, h('strong', {}, percent(s.change_percent)), s.difference !== null ? h('small', {}, difference(s.difference)) : null),
        h('td', {}, bar(s, most)), figures(s.base), figures(s.head),
        h('td', {class: 'n', title: s.pvalue === null ? null : `by itself ${chance(s.pvalue)}`}, chance(s.pvalue_adjusted))));
}

/** How likely such a difference is by chance alone. @param {number | null} p */
function chance(p) {
    return p === null ? '–' : p < 1e-4 ? '< 0.0001' : number(Number(p.toPrecision(2)));
}

/** @param {number} value */
function difference(value) {
    return `${value > 0 ? '+' : ''}${number(value)}`;
}

/** @param {Series} s */
function title({dimensions}) {
    return Object.values(dimensions).map(v => v ?? 'none').join(' · ');
}

/** A series' mean, and how far its values are spread. @param {Series['base']} side */
function figures(side) {
    return h('td', {class: 'n'}, side === null ? '–' : [number(side.mean),
        h('small', {title: `${number(side.min)} to ${number(side.max)}, median ${number(side.median)}`}, side.stddev === null || side.n < 2 ? `n ${number(side.n)}` : `± ${number(side.stddev)}, n ${number(side.n)}`)]);
}

/**
 * How much, and which way, beside the largest of the page.
 * @param {Series} series
 * @param {number} most
 */
function bar({change_percent: change, verdict}, most) {
    const share = change === null || most === 0 ? 0 : Math.abs(change) / most * 50;
    const kind = verdict === 'regression' ? 'bad' : verdict === 'improvement' ? 'good' : 'idle';
    return h('div', {class: 'change', 'aria-hidden': 'true'}, h('span', {class: kind, style: {width: `${share}%`, left: `${(change ?? 0) < 0 ? 50 - share : 50}%`}}));
}

/**
 * Where Explore shows the series over time.
 * @param {Context} ctx
 * @param {Series} s
 * @param {string[]} by
 */
function explored(ctx, {field: metric, dimensions}, by) {
    const group = Object.entries(dimensions);
    return ctx.link('explore', {config: ctx.params.get('config'), metric, by: by.slice(0, 10), group: by.length === 0 ? 'none' : null, range: '90', interval: 'run',
        where: group.length === 0 ? null : JSON.stringify({...where(ctx), ...Object.fromEntries(group.map(([name, value]) => [name, [value]]))})});
}

/**
 * The same as a table for others: into the clipboard, or as a file.
 * @param {Context} ctx
 */
function files(ctx) {
    const id = idOf(ctx.params, 'config'), {cursor: _, ...asked} = query(ctx);
    /** @param {'csv' | 'markdown'} format */
    const address = format => ctx.api.url('/configs/{id}/compare', {path: {id}, query: {...asked, format, limit: 1000}});
    const note = h('span', {class: 'dim', role: 'status'});
    const button = h('button', {type: 'button', id: 'copy', click: async () => {
        button.disabled = true;
        try {
            const text = await ctx.api.text(address('markdown'), ctx.signal);
            note.replaceChildren(...await copied(text) ? ['Copied.'] : [h('textarea', {id: 'markdown', rows: 8, readonly: true, 'aria-label': 'Markdown', value: text})]);
            /** @type {HTMLTextAreaElement | null} */ (note.querySelector('textarea'))?.select();
        } catch (error) {
            note.replaceChildren(failure(error));
        }
        button.disabled = false;
    }}, 'Copy as Markdown');
    return h('span', {class: 'start'}, button, h('a', {href: address('csv'), download: 'comparison.csv'}, 'CSV'), note);
}

/** Where the browser lets a page do so: by https, or from the same machine. @param {string} text */
async function copied(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false;
    }
}
