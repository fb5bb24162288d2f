/*
 * sides.js - one side of a comparison: which runs, by their ids, a commit, a branch's newest, or a time; and what one
 * could begin with.
 */
import {empty, field, h, input, region, said, select} from '../dom.js';
import {ago, titled} from '../format.js';
import {box, popup, summary} from '../pick.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {'base' | 'head'} Side */
/** @typedef {import('#types').RunListed} Run */
/** @typedef {(patch: import('../url.js').Patch) => void} Update */

const WAYS = /** @type {[string, string][]} */ ([['', 'Choose how'], ['run', 'runs'], ['sha', 'a commit'], ['branch', 'a branch’s newest'], ['start', 'a time']]);
const NAMES = ['run', 'sha', 'branch', 'last', 'start', 'end'];
const LAST = 10;

/**
 * By what a side is chosen; '' where it is not.
 * @param {URLSearchParams} params
 * @param {Side} name
 */
export function chosen(params, name) {
    return ['run', 'sha', 'branch', 'start', 'end'].find(way => params.has(`${name}_${way}`))?.replace('end', 'start') ?? '';
}

/**
 * Nothing else of the side.
 * @param {Side} name
 * @param {import('../url.js').Patch} [patch]
 */
export function only(name, patch = {}) {
    return {...Object.fromEntries(NAMES.map(n => [`${name}_${n}`, null])), ...patch};
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {AbortSignal} signal
 */
function newest(ctx, config, signal) {
    return ctx.keep(`newest ${config}`, () => ctx.api.get('/configs/{id}/runs', {path: {id: config}, query: {status: 'completed', limit: 100}, signal}));
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {Side} name
 * @param {string} title
 * @param {Update} update
 */
export function side(ctx, config, name, title, update) {
    const way = ctx.params.get(`${name}_by`) ?? chosen(ctx.params, name);
    /** @param {string} what */
    const value = what => ctx.params.get(`${name}_${what}`) ?? '';
    /** What is chosen says how it is. @param {string} what @param {string} text */
    const set = (what, text) => update({[`${name}_${what}`]: text, ...(what === 'last' ? {} : {[`${name}_by`]: text ? null : way})});
    /** @param {string} label @param {string} what @param {import('../dom.js').Props} [props] */
    const text = (label, what, props) => field(label, input(`${name}_${what}`, value(what), to => set(what, to), props));
    return h('fieldset', {class: 'side'}, h('legend', {}, title),
        field('By', select(`${name}_by`, WAYS, way, by => update({...only(name), [`${name}_by`]: by}))),
        way === 'run' && runs(ctx, config, name, value('run'), ids => set('run', ids)),
        way === 'sha' && text('Commit', 'sha'),
        way === 'branch' && [text('Branch', 'branch'), text('Newest', 'last', {type: 'number', min: 1, max: 100, placeholder: LAST})],
        way === 'start' && [text('From (UTC)', 'start', {type: 'date'}), text('To (UTC)', 'end', {type: 'date'})]);
}

/**
 * Runs of a list, which is asked for when it is opened; others stay as the address has them.
 * @param {Context} ctx
 * @param {number} config
 * @param {Side} name
 * @param {string} value
 * @param {(ids: string) => void} changed
 */
function runs(ctx, config, name, value, changed) {
    const ids = value.split(',').filter(v => v);
    return popup(`${name}_run`, 'Runs', summary(ids.map(id => `run ${id}`), 'none'), () => [region(ctx, `${name}-list`, signal => newest(ctx, config, signal), page => {
        const others = ids.filter(id => !page.runs.some(r => String(r.id) === id));
        /** @param {string} id @param {import('../dom.js').Child} text */
        const line = (id, text) => box(`${name}-run-${id}`, text, ids.includes(id), on => changed((on ? [...ids, id] : ids.filter(i => i !== id)).join(',')));
        return [...others.map(id => line(id, said(`run ${id}`))),
            ...page.runs.map(r => line(String(r.id), h('span', {}, said(titled(r)), h('small', {}, ' ', said(r.head_branch ?? ''), r.head_branch ? ', ' : '', ago(r.created_at))))),
            page.runs.length === 0 && h('p', {class: 'dim'}, 'No completed runs.')];
    })], ctx);
}

/**
 * One side or both are not chosen: what they could be.
 * @param {Context} ctx
 * @param {number} config
 * @param {Update} update
 */
export function suggestions(ctx, config, update) {
    return region(ctx, 'suggestions', signal => newest(ctx, config, signal), ({runs: all}) => {
        if (all.length < 2)
            return empty('Too few runs to compare.', 'It takes two completed ones. ', h('a', {href: ctx.link('runs', {config})}, 'See this config’s runs'));
        const found = pairs(all, ctx.params.get('head_run') ?? '');
        return empty('Choose both sides above, or begin with:', h('span', {class: 'plain'}, ...found.map(({text, patch}, i) =>
            h('span', {class: 'suggested'}, h('button', {type: 'button', class: 'link', id: `suggested-${i}`, click: () => update({...only('base'), ...only('head'), base_by: null, head_by: null, ...patch})}, text)))));
    });
}

/**
 * @param {Run[]} runs newest first
 * @param {string} wanted the head's run, where the address has it
 */
function pairs(runs, wanted) {
    const place = wanted ? runs.findIndex(r => String(r.id) === wanted) : 0, head = runs[place], before = runs[place + 1];
    const same = runs.slice(place + 1).find(r => r.head_branch && r.head_branch === head?.head_branch);
    const counts = new Map();
    runs.forEach(r => r.head_branch && counts.set(r.head_branch, (counts.get(r.head_branch) ?? 0) + 1));
    const [main, other] = [...counts].sort((a, b) => b[1] - a[1]).map(([branch]) => branch);
    /** @type {{text: string, patch: import('../url.js').Patch}[]} */
    const found = [];
    if (!head) // it is not among the newest
        return main ? [{text: `run ${wanted} with the newest ${LAST} of ${main}`, patch: {base_branch: main, head_run: wanted}}] : [];
    if (before)
        found.push({text: `${titled(head)} with ${titled(before)}, the run before`, patch: {base_run: before.id, head_run: head.id}});
    if (same && same !== before)
        found.push({text: `${titled(head)} with ${titled(same)}, the run before of ${head.head_branch}`, patch: {base_run: same.id, head_run: head.id}});
    if (main && head.head_branch !== main)
        found.push({text: `${titled(head)} with the newest ${LAST} of ${main}`, patch: {base_branch: main, head_run: head.id}});
    if (main && other)
        found.push({text: `the newest ${LAST} of ${other} with those of ${main}`, patch: {base_branch: main, head_branch: other}});
    return found;
}
