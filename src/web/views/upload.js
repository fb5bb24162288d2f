/*
 * upload.js - a result file that is dropped: what the API makes of it, what of that shall be otherwise, and a
 * new version of the schema.
 *
 * The file is the one thing that the address does not say: it is the viewer's.
 */
import {act} from '../act.js';
import {h, region, said, table} from '../dom.js';
import {count, number} from '../format.js';
import {columns, names} from './fields.js';
import {sender} from './send.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('#types').Preview} Preview */
/** @typedef {{path: string, content: string, cut: boolean, file: File}} Sample */
/** @typedef {{version: number, role: (name: string) => string}} Force the schema in force */
/** @typedef {import('./fields.js').Column} Column */

// A request has 1 MiB for all files, and JSON takes more than their text: the first lines show what the columns are.
const MOST = 400 * 1024, FILES = 20, ROWS = 10;

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {() => void} arrived called when rows are stored
 */
export function upload(ctx, config, arrived) {
    const result = h('div', {id: 'preview', 'aria-live': 'polite'});
    /** @param {FileList | null} files */
    const take = async files => {
        if (!files || files.length === 0)
            return;
        result.replaceChildren(region(ctx, 'previewed', async signal => {
            const samples = await read([...files].slice(0, FILES));
            const [preview, force] = await Promise.all([ctx.api.post('/configs/{id}/schemas/preview', {path: {id: config}, signal,
                body: {sample_files: samples.map(({path, content}) => ({path, content}))}}), inForce(ctx, config, signal)]);
            return {samples, preview, force};
        }, ({samples, preview, force}) => drawn(ctx, config, samples, preview, force, arrived)));
    };
    const input = h('input', {type: 'file', id: 'file', multiple: true, change: () => take(input.files)});
    const zone = h('div', {class: 'drop',
        dragover: (/** @type {DragEvent} */ e) => {
            e.preventDefault();
            zone.classList.add('over');
        },
        dragleave: () => zone.classList.remove('over'),
        drop: (/** @type {DragEvent} */ e) => {
            e.preventDefault();
            zone.classList.remove('over');
            take(e.dataTransfer?.files ?? null);
        }},
    h('label', {}, h('strong', {}, 'Drop result files here'), ', or choose some: ', input),
    h('p', {class: 'dim'}, 'First you see which columns would be dimensions and metrics, their units, and the first rows.'));
    return h('div', {}, zone, result);
}

/**
 * The files' texts; of a large one the first whole lines.
 * @param {File[]} files
 * @returns {Promise<Sample[]>}
 */
async function read(files) {
    const room = Math.floor(MOST / files.length);
    return Promise.all(files.map(async file => {
        const bytes = new Uint8Array(await file.slice(0, room).arrayBuffer()), cut = file.size > room;
        const end = cut ? bytes.lastIndexOf(10) + 1 : bytes.length;
        return {path: file.name, content: new TextDecoder().decode(bytes.subarray(0, end || bytes.length)), cut, file};
    }));
}

/**
 * What the schema in force makes of a column, by its name. One that names no column says nothing: then it is inferred.
 * @param {Context} ctx
 * @param {number} config
 * @param {AbortSignal} signal
 * @returns {Promise<Force | null>}
 */
async function inForce(ctx, config, signal) {
    const {schemas, next_cursor: more} = await ctx.api.get('/configs/{id}/schemas', {path: {id: config}, signal, query: {limit: 1000}});
    const schema = schemas.find(s => s.is_active) ?? (more ? await ctx.api.get('/configs/{id}/schemas/active', {path: {id: config}, signal}) : null);
    const dimensions = new Set(names(schema?.dimension_fields)), metrics = new Set(names(schema?.metric_fields));
    if (!schema || dimensions.size + metrics.size === 0)
        return null;
    return {version: schema.version, role: name => dimensions.has(name) ? 'dimension' : metrics.has(name) ? 'metric' : 'out'};
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {Sample[]} samples
 * @param {Preview} preview
 * @param {Force | null} force
 * @param {() => void} arrived
 */
function drawn(ctx, config, samples, preview, force, arrived) {
    const found = columns(preview.schema), why = new Map(preview.explanation.split('\n').map(line => [line.slice(0, line.lastIndexOf(': ')), line]));
    const cut = samples.filter(s => s.cut).map(s => s.path), taken = preview.files_processed;
    const send = ctx.takesResults && found.length > 0 ? sender(ctx, config, samples, found, force, arrived) : null;
    return [
        taken > 0 && h('p', {}, h('strong', {}, count(preview.total_records, 'row')), taken < samples.length ? ` of ${taken} of ` : ' of ',
            count(samples.length, 'file'), ': ', said(samples.map(s => s.path).join(', '))),
        cut.length > 0 && h('p', {class: 'note'}, 'Of large files only the beginning was looked at: ', said(cut.join(', ')), '.'),
        remarks('bad', 'Cannot be read', preview.errors, preview.errors.length),
        remarks('', 'Remarks', preview.warnings, preview.warning_count),
        found.length > 0 && editor(ctx, config, found, preview, force, () => send?.otherwise()),
        send?.form,
        preview.explanation && h('details', {id: 'why'}, h('summary', {}, `Why: ${count(why.size, 'reason')}`), h('pre', {dir: 'auto', tabindex: 0}, preview.explanation)),
        preview.metrics.length > 0 && firstRows(preview),
    ];
}

/**
 * @param {string} kind
 * @param {string} title
 * @param {string[]} texts
 * @param {number} all
 */
function remarks(kind, title, texts, all) {
    return texts.length > 0 && h('div', {class: `note ${kind}`}, h('p', {}, h('strong', {}, title), all > texts.length ? ` (${texts.length} of ${all})` : ''),
        h('ul', {}, texts.map(t => h('li', {}, said(t)))));
}

/**
 * The columns, each to be changed, and what stores them.
 * @param {Context} ctx
 * @param {number} config
 * @param {Column[]} found
 * @param {Preview} preview
 * @param {Force | null} force
 * @param {() => void} changed called when a column is another thing
 */
function editor(ctx, config, found, preview, force, changed) {
    const name = h('input', {type: 'text', id: 'schema-name', value: preview.schema.name.slice(0, 255), maxlength: 255});
    const active = h('input', {type: 'checkbox', id: 'schema-active', checked: true});
    const button = h('button', {type: 'button', class: 'primary', id: 'store', click: () => act(ctx, button, async () => {
        const {version} = await ctx.api.post('/configs/{id}/schemas', {path: {id: config}, body: stored(found, name.value, active.checked)});
        return {message: `Version ${version} is stored.`};
    })}, 'Store as a new version');
    return h('div', {},
        table('Columns', ['Column', 'Type', ...(force ? [`By version ${force.version}, in force`] : []), 'Is a', 'Unit', 'Better is'], found.map((c, i) => h('tr', {},
            h('th', {scope: 'row'}, said(c.name)), h('td', {}, said(c.type || '–')),
            force && h('td', {class: 'force'}, force.role(c.name) === 'out' ? 'kept beside (not in the schema in force)' : force.role(c.name)),
            h('td', {}, choice(`role-${i}`, `What ${c.name} is`, [['dimension', 'dimension'], ['metric', 'metric'], ['out', 'left out']], c.role, v => {
                c.role = v;
                changed();
            })),
            h('td', {}, h('input', {type: 'text', id: `unit-${i}`, 'aria-label': `Unit of ${c.name}`, size: 8, value: c.unit, input: (/** @type {Event} */ e) => {
                c.unit = /** @type {HTMLInputElement} */ (e.target).value.trim();
            }})),
            h('td', {}, choice(`direction-${i}`, `What is better of ${c.name}`, [['', 'not known'], ['higher', 'higher'], ['lower', 'lower']], c.direction, v => { c.direction = v; }))))),
        ctx.readOnly ? null : h('div', {class: 'controls store'}, h('label', {class: 'field'}, h('span', {}, 'Name'), name),
            h('label', {class: 'box'}, active, ' put in force'), button));
}

/**
 * @param {string} id
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} value
 * @param {(value: string) => void} changed
 */
function choice(id, label, options, value, changed) {
    return h('select', {id, 'aria-label': label, value, change: (/** @type {Event} */ e) => changed(/** @type {HTMLSelectElement} */ (e.target).value)},
        options.map(([v, text]) => h('option', {value: v}, text)));
}

/**
 * @param {Column[]} found
 * @param {string} name
 * @param {boolean} active
 */
function stored(found, name, active) {
    const used = found.filter(c => c.role !== 'out');
    /** @param {string} role */
    const of = role => used.filter(c => c.role === role).map(c => c.name);
    return {name, is_active: active, dimension_fields: of('dimension'), metric_fields: of('metric'),
        fields: used.map(c => ({name: c.name, type: c.type || (c.role === 'metric' ? 'float' : 'string'),
            ...(c.unit ? {unit: c.unit} : {}), ...(c.direction && c.role === 'metric' ? {direction: c.direction} : {})}))};
}

/** @param {Preview} preview */
function firstRows({metrics, schema}) {
    const dimensions = names(schema.dimension_fields), fields = names(schema.metric_fields);
    /** @param {unknown} object @param {string} key */
    const of = (object, key) => /** @type {Record<string, unknown>} */ (object ?? {})[key];
    /** @param {unknown} v */
    const cell = v => v === null || v === undefined ? '–' : said(typeof v === 'object' ? JSON.stringify(v) : v);
    return h('div', {}, h('h3', {}, `The first ${count(Math.min(ROWS, metrics.length), 'row')}, as inferred`),
        table('First rows', [...dimensions.map(d => said(d)), ...fields.map(f => h('span', {class: 'n'}, said(f)))], metrics.slice(0, ROWS).map(m => h('tr', {},
            dimensions.map(d => h('td', {}, cell(of(m.dimensions, d)))),
            fields.map(f => { const v = of(m.metrics, f); return h('td', {class: 'n'}, typeof v === 'number' ? number(v) : cell(v)); })))));
}

