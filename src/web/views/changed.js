/*
 * changed.js - what has changed lately in a config, over all series, by the run that it came with: the list to read on a Monday.
 */
import {act} from '../act.js';
import {empty, field, h, input, region, said, select, table} from '../dom.js';
import {ago, away, count, github, number, percent, time, verdict} from '../format.js';
import {box, filterOf, narrowed, values} from '../pick.js';
import {id as idOf, json} from '../url.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../app.js').Config} Config */
/** @typedef {import('#types').ChangeListed} Change */
/** @typedef {import('#types').ChangesListed} List */

const PAGE = 100;
const VERDICTS = /** @type {[string, string][]} */ ([['', 'any'], ['regression', 'regression'], ['improvement', 'improvement'], ['changed', 'changed']]);

/** @param {Context} ctx */
export async function view(ctx) {
    const configs = await ctx.configs(), first = configs.find(c => c.enabled) ?? configs[0], id = idOf(ctx.params, 'config') || first?.id;
    if (!id)
        return h('section', {}, h('h1', {}, 'Changes'), empty('There are no configs yet.', h('a', {href: ctx.link('overview')}, 'See the overview')));
    if (!ctx.params.has('config'))
        ctx.note({config: id});
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Changes'), h('p', {class: 'dim'}, 'Since which run a series is another one, as far as chance does not explain it.')),
        await controls(ctx, configs, id),
        region(ctx, 'list', signal => ctx.api.get('/configs/{id}/changes', {path: {id}, signal, query: query(ctx)}), list => drawn(ctx, list, configs.find(c => c.id === id))));
}

/**
 * The address' texts go to the API as they are: what is wrong with one, it says best.
 * @param {Context} ctx
 * @returns {any}
 */
function query(ctx) {
    /** @param {string} name */
    const value = name => ctx.params.get(name) ?? undefined;
    return {since: value('since') && `${value('since')}T00:00:00Z`, head_branch: value('head_branch'), verdict: value('verdict'), exclude_control: value('control'),
        acknowledged: value('acknowledged'), cursor: value('cursor'), limit: PAGE};
}

/**
 * @param {Context} ctx
 * @param {Config[]} configs
 * @param {number} id
 */
async function controls(ctx, configs, id) {
    const {dimension_fields: dimensions} = await ctx.keep(`fields ${id}`, () => ctx.api.get('/configs/{id}/fields', {path: {id}, signal: ctx.signal}));
    const control = /** @type {Record<string, any>} */ (json(ctx.params, 'control', {}));
    /** @param {string} name */
    const value = name => ctx.params.get(name) ?? '';
    /** @param {string} name */
    const set = name => (/** @type {string} */ text) => ctx.update({[name]: text, cursor: null});
    return h('div', {class: 'controls', role: 'search', 'aria-label': 'Which changes'},
        field('Config', select('config', configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name])), String(id), to => { location.hash = ctx.link('changes', {config: to}); })),
        field('Since (UTC)', input('since', value('since'), set('since'), {type: 'date'})),
        field('Branch', input('head_branch', value('head_branch'), set('head_branch'), {placeholder: 'any'})),
        field('Verdict', select('verdict', VERDICTS, value('verdict'), set('verdict'))),
        box('acknowledged', 'acknowledged ones, too', value('acknowledged') === 'true', on => set('acknowledged')(on ? 'true' : '')),
        dimensions.length > 0 && h('details', {id: 'control', open: Object.keys(control).length > 0}, h('summary', {}, 'Control series'),
            h('div', {class: 'filters', role: 'group', 'aria-label': 'Control series'}, dimensions.slice(0, 100).map((name, i) =>
                values(`control-${i}`, name, filterOf(control, name), filter => ctx.update({control: narrowed(control, name, filter), cursor: null}),
                    (q, signal) => ctx.api.get('/configs/{id}/values', {path: {id}, query: {dimension: name, q, limit: 100}, signal}), ctx))),
            h('p', {class: 'dim'}, 'Such as a reference machine’s: they are left out, and so is what they show at the same run in the same direction.')));
}

/**
 * @param {Context} ctx
 * @param {List} list
 * @param {Config | undefined} config
 */
function drawn(ctx, {changes, total, since, schema_id: schema, next_cursor: next}, config) {
    const later = ctx.params.has('cursor');
    if (changes.length === 0)
        return later ? empty('No older changes.', h('a', {href: ctx.same({cursor: null})}, 'Back to the newest'))
            : empty(schema === null ? 'This config has no schema in force.' : 'Nothing has changed.', h('span', {}, schema === null ? 'Its series are those of the schema: ' : 'Since ', schema === null ? '' : time(since),
                schema === null ? h('a', {href: ctx.link('schemas', {config: config?.id})}, 'see its schemas') : ', as far as can be told from chance.'));
    /** @type {Change[][]} */
    const runs = [];
    for (const change of changes)
        if (runs.at(-1)?.[0]?.run_id === change.run_id)
            runs.at(-1)?.push(change);
        else
            runs.push([change]);
    return [
        total !== null && h('p', {class: 'dim', 'data-said': true}, count(total, 'change'), ' since ', time(since)),
        table('Changes', ['Series', 'Verdict', ...['Change', 'Before', 'After'].map(name => h('span', {class: 'n'}, name)), h('span', {class: 'unseen'}, 'Looked into')],
            runs.flatMap(of => [heading(ctx, /** @type {Change} */ (of[0]), of, config), ...of.map(c => row(ctx, c, changes.indexOf(c)))])),
        h('nav', {class: 'pages', 'aria-label': 'Pages'}, later && h('a', {href: ctx.same({cursor: null})}, '← Newest'), next && h('a', {href: ctx.same({cursor: next})}, 'Older →')),
    ];
}

/**
 * The run that changes came with, and the one before.
 * @param {Context} ctx
 * @param {Change} change
 * @param {Change[]} all of the run
 * @param {Config | undefined} config
 */
function heading(ctx, {run_id: id, previous_run_id: previous, timestamp, head_sha: sha}, all, config) {
    const open = all.filter(c => !c.acknowledged);
    const commit = sha && h('code', {}, sha.slice(0, 8));
    return h('tr', {class: 'group'}, h('th', {colspan: 6, scope: 'colgroup'}, h('span', {class: 'parts'}, time(timestamp), h('a', {href: ctx.link('run', {id})}, `run ${id}`),
        commit && h('span', {}, config?.github_owner ? away(github(config, 'commit', sha), commit) : commit), h('span', {class: 'dim'}, count(all.length, 'change')),
        config && h('a', {href: ctx.link('compare', {config: config.id, base_run: previous, head_run: id})}, 'Compare with the run before', h('span', {class: 'unseen'}, ` run ${id}`)),
        open.length > 1 && !ctx.readOnly && acknowledge(ctx, open, `acknowledge-run-${id}`, [`Acknowledge all ${open.length}`, h('span', {class: 'unseen'}, ` of run ${id}`)]))));
}

/**
 * @param {Context} ctx
 * @param {Change} change
 * @param {number} place
 */
function row(ctx, change, place) {
    const {field: metric, mean_before: was, mean_after: is} = change, group = Object.entries(change.dimensions);
    return h('tr', {},
        h('th', {scope: 'row'}, h('a', {href: explored(ctx, change)}, said(group.length === 0 ? metric : group.map(([, v]) => v ?? 'none').join(' · '))), group.length > 0 ? h('small', {}, said(metric)) : null),
        h('td', {}, verdict(change.verdict), change.direction ? h('small', {}, `${change.direction} is better`) : null),
        h('td', {class: 'n'}, h('strong', {}, percent(change.change_percent))),
        h('td', {class: 'n'}, number(was), h('small', {}, `± ${number(change.stddev_before)}`)), h('td', {class: 'n'}, number(is), h('small', {}, `± ${number(change.stddev_after)}`)),
        h('td', {}, change.acknowledged ? acknowledged(ctx, change, place) : ctx.readOnly ? null : acknowledge(ctx, [change], `acknowledge-${place}`, ['Acknowledge', titled(change)])));
}

/** A series at a run, as the list has it. @param {Context} ctx @param {Change} change */
function which(ctx, {field: metric, dimensions, run_id}) {
    return {field: metric, run_id, dimensions: /** @type {any} */ (dimensions), head_branch: ctx.params.get('head_branch') ?? undefined};
}

/** For the names of what is done to it. @param {Change} change */
function titled({name, run_id: id}) {
    return h('span', {class: 'unseen'}, ' ', said(name), ` of run ${id}`);
}

/**
 * Somebody looked into it: the list leaves it out from then on.
 * @param {Context} ctx
 * @param {Change[]} changes
 * @param {string} id
 * @param {import('../dom.js').Child[]} text
 */
function acknowledge(ctx, changes, id, text) {
    const many = changes.length > 1;
    const button = h('button', {type: 'button', id, class: many ? 'link' : null, click: async () => {
        const note = h('textarea', {id: 'note', rows: 3, maxlength: 1000});
        if (!await ctx.confirm(many ? `Acknowledge ${count(changes.length, 'change')}?` : 'Acknowledge this change?', [many ? `All that are listed of run ${changes[0]?.run_id}.` : said(changes[0]?.name),
            `Whoever reads the list finds ${many ? 'them' : 'it'} no more, except under “acknowledged ones, too”.`,
            h('label', {class: 'field'}, h('span', {}, 'Note'), note)], 'Acknowledge'))
            return;
        await act(ctx, button, async () => {
            const since = ctx.params.get('since'), {signal} = ctx;
            for (const change of changes) { // one after the other; who cancels keeps what is done
                signal.throwIfAborted();
                await ctx.api.post('/configs/{id}/changes/acknowledge', {path: {id: idOf(ctx.params, 'config')}, body: {...which(ctx, change), note: note.value.trim() || undefined,
                    since: since ? `${since}T00:00:00Z` : undefined}});
            }
            return {message: many ? `${count(changes.length, 'change')} are acknowledged.` : 'The change is acknowledged.'};
        });
    }}, text);
    return button;
}

/**
 * Who looked into it, when, and what there is to say.
 * @param {Context} ctx
 * @param {Change} change
 * @param {number} place
 */
function acknowledged(ctx, change, place) {
    const {note, at, by} = /** @type {NonNullable<Change['acknowledged']>} */ (change.acknowledged);
    const button = h('button', {type: 'button', id: `back-${place}`, click: () => act(ctx, button, async () => {
        const {dimensions, ...asked} = which(ctx, change);
        await ctx.api.delete('/configs/{id}/changes/acknowledge', {path: {id: idOf(ctx.params, 'config')}, query: {...asked, dimensions: JSON.stringify(dimensions)}});
        return {message: 'It is in the list again.'};
    })}, 'Take back', titled(change));
    return h('div', {}, note ? h('p', {}, said(note)) : null, h('p', {class: 'dim'}, 'acknowledged ', by ? ['by ', said(by), ', '] : '', h('span', {title: at}, ago(at))), ctx.readOnly ? null : button);
}

/**
 * Where Explore shows the series, a point a run.
 * @param {Context} ctx
 * @param {{field: string, dimensions: Record<string, string | null>}} series
 */
function explored(ctx, {field: metric, dimensions}) {
    const group = Object.entries(dimensions), config = idOf(ctx.params, 'config');
    return ctx.link('explore', {config, metric, by: group.slice(0, 10).map(([name]) => name), group: group.length === 0 ? 'none' : null, range: '90', interval: 'run',
        branch: ctx.params.get('head_branch'), where: group.length === 0 ? null : JSON.stringify(Object.fromEntries(group.map(([name, value]) => [name, [value]])))});
}
