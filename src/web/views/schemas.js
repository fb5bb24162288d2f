/*
 * schemas.js - a config's schemas: versions, what each changed, which is in force; and what a file would make.
 */
import {act} from '../act.js';
import {empty, field, h, region, said, select, table} from '../dom.js';
import {count, number, time} from '../format.js';
import {id as idOf} from '../url.js';
import {editor, names} from './fields.js';
import {upload} from './upload.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('#types').Schema} Schema */

/** @param {Context} ctx */
export async function view(ctx) {
    const configs = await ctx.configs(), first = configs.find(c => c.enabled) ?? configs[0];
    const config = idOf(ctx.params, 'config') || first?.id;
    if (!config)
        return h('section', {}, h('h1', {}, 'Schemas'), empty('There are no configs yet.', h('a', {href: ctx.link('overview')}, 'See the overview')));
    if (!ctx.params.has('config'))
        ctx.note({config});
    const listed = region(ctx, 'versions', signal => ctx.api.get('/configs/{id}/schemas', {path: {id: config}, signal, query: {cursor: ctx.params.get('cursor') ?? undefined, limit: 50}}),
        page => versions(ctx, page));
    const edited = idOf(ctx.params, 'edit');
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Schemas'), h('p', {class: 'dim'}, 'Which columns of a result file are dimensions, and which are metrics.')),
        h('div', {class: 'controls'}, field('Config', select('config', configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name])), String(config),
            value => ctx.update({config: value, cursor: null, edit: null})))),
        h('h2', {}, 'Versions'),
        listed,
        edited > 0 && !ctx.readOnly && editor(ctx, config, edited),
        h('h2', {}, 'What changed'),
        region(ctx, 'changes', signal => ctx.api.get('/configs/{id}/schemas/changes', {path: {id: config}, signal}), ({changes}) => changed(changes)),
        h('h2', {}, 'Try a result file'),
        // rows have come, perhaps a first version
        upload(ctx, config, () => listed.dispatchEvent(new Event('anew'))));
}

/**
 * @param {Context} ctx
 * @param {{schemas: Schema[], next_cursor: string | null}} page
 */
function versions(ctx, {schemas, next_cursor: next}) {
    if (schemas.length === 0)
        return empty('No schema yet.', 'Drop a result file below: it shows which schema it would have.');
    return [
        table('Versions', ['Version', 'Dimensions', 'Metrics', h('span', {class: 'n'}, 'Rows'), 'First and last row', 'Made', h('span', {class: 'unseen'}, 'Actions')],
            schemas.map(s => h('tr', {},
                h('th', {scope: 'row'}, `${s.version} `, s.is_active ? h('span', {class: 'badge good'}, 'in force') : null, h('small', {}, said(s.name))),
                h('td', {}, list(s.dimension_fields)), h('td', {}, list(s.metric_fields), details(s)),
                h('td', {class: 'n'}, number(s.record_count)),
                h('td', {}, s.first_seen_at ? [time(s.first_seen_at), h('br'), time(s.last_seen_at)] : '–'),
                h('td', {}, time(s.created_at), s.generated_by ? h('small', {}, 'by ', said(s.generated_by)) : null),
                h('td', {}, !ctx.readOnly && h('span', {class: 'parts'}, edit(ctx, s), !s.is_active && activate(ctx, s)))))),
        next && h('nav', {class: 'pages', 'aria-label': 'Pages'}, h('a', {href: ctx.same({cursor: next})}, 'Older versions →')),
    ];
}

/** @param {unknown} fields */
function list(fields) {
    const all = names(fields);
    return all.length === 0 ? '–' : h('span', {class: 'parts'}, all.map(n => said(n)));
}

/**
 * What a schema knows of its fields beside their names.
 * @param {Schema} schema
 */
function details({id, fields}) {
    const known = (Array.isArray(fields) ? fields : []).filter(f => typeof f === 'object' && f !== null);
    /** @param {Record<string, unknown>} f */
    const rest = f => ['type', 'unit', 'direction', 'description'].filter(k => typeof f[k] === 'string' && f[k] !== '')
        .map(k => k === 'direction' ? `${f[k]} is better` : String(f[k])).join(', ');
    return known.length === 0 ? null : h('details', {id: `fields-${id}`}, h('summary', {}, count(known.length, 'field')),
        h('ul', {class: 'plain'}, known.map(f => h('li', {}, said(f.name), ': ', said(rest(f) || '–')))));
}

/**
 * @param {Context} ctx
 * @param {Schema} schema
 */
function edit(ctx, {id, version}) {
    return h('a', {class: 'button', id: `edit-${id}`, href: ctx.same({edit: id}), 'aria-label': `Edit fields of version ${version}`}, 'Edit fields');
}

/**
 * @param {Context} ctx
 * @param {Schema} schema
 */
function activate(ctx, {id, version}) {
    const button = h('button', {type: 'button', id: `activate-${id}`, 'aria-label': `Activate version ${version}`, click: async () => {
        if (await ctx.confirm(`Put version ${version} in force?`, ['It takes the place of the one that is. Files that come from then on are read by it; rows that are there stay as they are.'], 'Activate'))
            await act(ctx, button, async () => {
                await ctx.api.post('/schemas/{id}/activate', {path: {id}});
                return {message: `Version ${version} is in force.`};
            });
    }}, 'Activate');
    return button;
}

/** @param {{from_version: number, to_version: number, changed_at: string | null, added_dimensions: unknown, removed_dimensions: unknown, added_metrics: unknown, removed_metrics: unknown}[]} changes */
function changed(changes) {
    if (changes.length === 0)
        return h('p', {class: 'dim'}, 'Nothing: there is no second version.');
    return table('What changed', ['Version', 'When', 'Dimensions', 'Metrics'], changes.map(c => h('tr', {},
        h('th', {scope: 'row'}, `${c.from_version} → ${c.to_version}`), h('td', {}, time(c.changed_at)),
        h('td', {}, difference(c.added_dimensions, c.removed_dimensions)), h('td', {}, difference(c.added_metrics, c.removed_metrics)))));
}

/**
 * @param {unknown} added
 * @param {unknown} removed
 */
function difference(added, removed) {
    const come = Array.isArray(added) ? added : [], gone = Array.isArray(removed) ? removed : [];
    return come.length + gone.length === 0 ? '–' : h('span', {class: 'parts'}, come.map(n => h('ins', {}, '+ ', said(n))), gone.map(n => h('del', {}, '− ', said(n))));
}
