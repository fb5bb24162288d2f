/*
 * overview.js - the cluster's configs: on or off, their runs by status, the main metric lately.
 */
import {empty, failure, field, h, input, region, said} from '../dom.js';
import {ago, away, count, github, number, percent, sparkline, statuses, time, verdict as verdictOf} from '../format.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../app.js').Config} Config */

const PAGE = 20, DAYS = 30;

/** @param {Context} ctx */
export async function view(ctx) {
    const offset = Number(ctx.params.get('offset')) || 0, name = ctx.params.get('name') ?? '';
    const {configs, total} = await ctx.api.get('/configs', {query: {limit: PAGE, offset, name}, signal: ctx.signal});
    if (total === 0 && !name)
        return h('section', {}, h('h1', {}, 'Overview'), empty(`The cluster ${ctx.cluster} has no configs yet.`,
            'A config says which runner set’s results are collected. Make one with ',
            h('a', {href: ctx.link('api', {op: 'post_configs'})}, h('code', {}, 'POST /configs')), ', or in Lens.'));
    const figures = new Figures(ctx);
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Overview'),
            h('p', {class: 'dim', 'data-said': true}, count(total, 'config'), ' of ', h('strong', {}, said(ctx.cluster)),
                name ? [' with “', said(name), '” in the name'] : '')),
        total > PAGE || name ? h('div', {class: 'controls'}, search(ctx, name)) : null,
        configs.length === 0 ? empty('No config is like that.', h('a', {href: ctx.same({name: null, offset: null})}, 'Show all'))
            : h('div', {class: 'cards'}, configs.map(c => card(ctx, c, figures))),
        total > PAGE && h('nav', {class: 'pages', 'aria-label': 'Pages'},
            offset > 0 && h('a', {href: ctx.same({offset: Math.max(0, offset - PAGE) || null})}, '← Newer'),
            h('span', {class: 'dim'}, `${offset + 1} to ${offset + configs.length}`),
            offset + PAGE < total && h('a', {href: ctx.same({offset: offset + PAGE})}, 'Older →')));
}

/**
 * @param {Context} ctx
 * @param {string} name
 */
function search(ctx, name) {
    return field('Name', input('name', name, to => ctx.update({name: to, offset: null}), {type: 'search'}));
}

/** The runs of a repository's configs come in one answer, whichever of its cards asks first. */
class Figures {
    /** @param {Context} ctx */
    constructor(ctx) {
        this.ctx = ctx;
        /** @type {Promise<unknown>} */
        this.last = Promise.resolve();
    }

    /**
     * The heaviest question of the page: of many configs one after the other.
     * @param {number} id
     * @param {AbortSignal} signal
     * @returns {Promise<import('#types').ChangesListed>}
     */
    changes(id, signal) {
        const {api, keep} = this.ctx, next = this.last.then(() => keep(`changed ${id}`, () => api.get('/configs/{id}/changes', {path: {id}, signal, query: {limit: 1}})));
        this.last = next.catch(() => {});
        return next;
    }

    /**
     * @param {Config} config
     * @param {AbortSignal} signal
     */
    async of(config, signal) {
        const {api, keep} = this.ctx, {github_owner: owner, github_repo: repo} = config;
        if (owner && repo) {
            const {config_list} = await keep(`repository ${owner}/${repo}`,
                () => api.get('/repositories/{owner}/{repo}', {path: {owner, repo}, signal}));
            const own = config_list.find(c => c.id === config.id);
            if (own)
                return {runs: own.runs, metrics: own.metrics, last: own.last_run_at};
        }
        const stats = await api.get('/configs/{id}/stats', {path: {id: config.id}, signal});
        return {runs: {completed: stats.completed_runs, failed: stats.failed_runs, pending: stats.pending_runs},
            metrics: stats.total_metrics, last: null};
    }
}

/**
 * @param {Context} ctx
 * @param {Config} config
 * @param {Figures} figures
 */
function card(ctx, config, figures) {
    const {id} = config;
    return h('article', {class: 'card', 'aria-labelledby': `name-${id}`},
        h('div', {class: 'head'},
            h('h2', {id: `name-${id}`}, h('a', {href: ctx.link('explore', {config: id})}, said(config.name))),
            enabled(ctx, config)),
        h('p', {class: 'dim'}, config.github_owner ? away(github(config), said(`${config.github_owner}/${config.github_repo}`)) : 'no repository',
            ' · ', said(config.runner_set_name)),
        config.description ? h('p', {}, said(config.description)) : null,
        region(ctx, `figures-${id}`, signal => figures.of(config, signal), ({runs, metrics, last}) => [
            statuses(runs, status => ctx.link('runs', {config: id, status})),
            h('p', {class: 'dim'}, count(metrics, 'metric row'), last ? [' · last run ', ago(last), ' (', time(last), ')'] : ''),
        ], {class: 'figures'}),
        lately(ctx, id, figures),
        h('p', {class: 'links'}, [['explore', 'Explore'], ['runs', 'Runs'], ['changes', 'Changes'], ['schemas', 'Schemas'], ['backfill', 'Backfill']].map(([view = '', text]) =>
            h('a', {href: ctx.link(view, {config: id})}, text, h('span', {class: 'unseen'}, ' of ', said(config.name))))));
}

/**
 * The switch. It shows what is stored: where the API refuses, it goes back.
 * @param {Context} ctx
 * @param {Config} config
 */
function enabled(ctx, config) {
    const {id} = config;
    if (ctx.readOnly)
        return h('span', {class: `badge ${config.enabled ? 'good' : 'idle'}`}, config.enabled ? 'enabled' : 'disabled');
    const box = h('input', {type: 'checkbox', role: 'switch', id: `enabled-${id}`, checked: config.enabled, change: async () => {
        box.disabled = true;
        note.replaceChildren();
        try {
            const now = await ctx.api.patch('/configs/{id}', {path: {id}, body: {enabled: box.checked}});
            box.checked = now.enabled;
            ctx.say(`${config.name} is ${now.enabled ? 'enabled' : 'disabled'}.`);
        } catch (error) {
            box.checked = !box.checked;
            note.replaceChildren(failure(error));
        }
        box.disabled = false;
        box.focus();
    }});
    const note = h('div');
    return h('div', {class: 'switch'}, h('label', {}, box, ' enabled', h('span', {class: 'unseen'}, ' (', said(config.name), ')')), note);
}

/**
 * The main metric, day by day. It is asked for when somebody can see it.
 * @param {Context} ctx
 * @param {number} id
 * @param {Figures} figures
 */
function lately(ctx, id, figures) {
    const place = h('div', {class: 'lately', id: `place-${id}`});
    const watch = new IntersectionObserver(entries => {
        if (entries.some(e => e.isIntersecting)) {
            watch.disconnect();
            place.append(region(ctx, `lately-${id}`, signal => ctx.keep(`lately ${id}`, () => trend(ctx, id, signal)),
                data => data ? drawn(data) : h('p', {class: 'dim'}, `No numbers in the last ${DAYS} days`)),
            region(ctx, `changed-${id}`, signal => figures.changes(id, signal), list => changed(ctx, id, list), {class: 'changed'}));
        }
    });
    watch.observe(place);
    ctx.left.addEventListener('abort', () => watch.disconnect());
    return place;
}

/**
 * @param {Context} ctx
 * @param {number} id
 * @param {AbortSignal} signal
 */
async function trend(ctx, id, signal) {
    // The main metric is the first of the schema.
    const {metric_fields: [metric]} = await ctx.api.get('/configs/{id}/fields', {path: {id}, signal}), start = since();
    if (metric === undefined)
        return null;
    const {series: [series]} = await ctx.api.post('/configs/{id}/metrics/trends', {path: {id},
        body: {metric_fields: [metric], interval: '1d', start}, signal});
    return series ? {metric, values: series.values} : null;
}

function since() {
    return `${new Date(Date.now() - DAYS * 86400e3).toISOString().slice(0, 10)}T00:00:00Z`;
}

/**
 * The newest change of any series, and how many there are.
 * @param {Context} ctx
 * @param {number} id
 * @param {import('#types').ChangesListed} list
 */
function changed(ctx, id, {changes: [newest], total}) {
    if (!newest)
        return h('p', {class: 'dim'}, `No changes found in the last ${DAYS} days`);
    const {field, dimensions, verdict, change_percent: change, timestamp} = newest, group = Object.values(dimensions);
    return h('p', {}, verdictOf(verdict), ' ', h('strong', {}, percent(change)), ' since ', time(timestamp), ' of ', said(field),
        group.length > 0 && [': ', said(group.map(v => v ?? 'none').join(' · '))], '; ', h('a', {href: ctx.link('changes', {config: id})}, count(total, 'change')), ` in ${DAYS} days`);
}

/** @param {{metric: string, values: (number | null)[]}} data */
function drawn({metric, values}) {
    const known = /** @type {number[]} */ (values.filter(v => v !== null));
    const first = known[0] ?? 0, last = known.at(-1) ?? 0;
    const change = first === 0 ? null : (last - first) * 100 / Math.abs(first);
    return h('figure', {},
        h('figcaption', {}, h('span', {}, said(metric), h('span', {class: 'dim'}, `, daily mean, ${DAYS} days`)),
            h('span', {}, h('strong', {}, number(last)), ' ', known.length > 1 && h('span', {class: 'dim'}, percent(change)))),
        sparkline(values, `${metric} over ${DAYS} days, from ${number(first)} to ${number(last)}`));
}
