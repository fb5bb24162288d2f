/*
 * fields.js - a schema's fields: what each is, and the three things of it that may change: which way is better, its
 * unit, and what it is.
 */
import {empty, failure, h, region, said, table} from '../dom.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('#types').Schema} Schema */
/** @typedef {{name: string, role: string, type: string, unit: string, direction: string, description: string}} Column */
/** @typedef {{fields: unknown, dimension_fields: unknown, metric_fields: unknown}} Fields */

const EDITED = /** @type {const} */ (['direction', 'unit', 'description']);

/** As jsonb has them: texts, or objects with a name. @param {unknown} fields @returns {string[]} */
export function names(fields) {
    return (Array.isArray(fields) ? fields : []).map(f => String(typeof f === 'object' && f !== null ? f.name : f));
}

/**
 * @param {Fields} schema
 * @returns {Column[]}
 */
export function columns({fields, dimension_fields, metric_fields}) {
    const dimensions = new Set(names(dimension_fields)), metrics = new Set(names(metric_fields));
    return (Array.isArray(fields) ? fields : []).map(f => {
        const known = /** @type {Record<string, unknown>} */ (typeof f === 'object' && f !== null ? f : {name: f}), name = String(known.name);
        /** @param {string} key */
        const text = key => typeof known[key] === 'string' ? String(known[key]) : '';
        return {name, role: dimensions.has(name) ? 'dimension' : metrics.has(name) ? 'metric' : 'out',
            type: text('type'), unit: text('unit'), direction: text('direction'), description: text('description')};
    });
}

/**
 * Those of `fields`, and those that only the lists of dimensions and metrics name.
 * @param {Fields} schema
 */
function all(schema) {
    const own = columns(schema), known = new Set(own.map(c => c.name));
    const others = [...names(schema.dimension_fields), ...names(schema.metric_fields)].filter(n => !known.has(n));
    return [...own, ...columns({...schema, fields: [...new Set(others)]})];
}

/**
 * What of the columns is other than it was.
 * @param {Column[]} were
 * @param {Column[]} are
 */
function differences(were, are) {
    const before = new Map(were.map(c => [c.name, c]));
    return are.flatMap(c => EDITED.filter(k => c[k] !== before.get(c.name)?.[k]).map(key => ({name: c.name, key, now: c[key]})));
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {number} id
 */
export function editor(ctx, config, id) {
    const section = h('section', {class: 'point', 'aria-label': 'Fields of a schema'},
        region(ctx, 'fields-edited', signal => ctx.api.tagged('/schemas/{id}', {path: {id}, signal}), ({data, tag}) => data.config_id === config ? form(ctx, data, tag)
            : empty('This schema is another config’s.', h('a', {href: ctx.same({edit: null})}, 'Close'))));
    requestAnimationFrame(() => section.scrollIntoView({block: 'nearest'}));
    return section;
}

/**
 * What is typed is compared with what was stored when it was loaded; only what differs is sent, for the version that was seen.
 * @param {Context} ctx
 * @param {Schema} schema
 * @param {string} tag
 */
function form(ctx, schema, tag) {
    const typed = all(schema), place = h('div', {}, fieldsTable(typed)), note = h('div', {'aria-live': 'polite'});
    let stored = all(schema), seen = tag;
    /** Somebody else was first: what he stored is shown, also in what was not touched here, and the next Save is for that. */
    const overtaken = async () => {
        const {data, tag: newer} = await ctx.api.tagged('/schemas/{id}', {path: {id: schema.id}, signal: ctx.signal});
        const mine = differences(stored, typed), theirs = differences(stored, all(data));
        for (const {name, key, now} of theirs)
            for (const column of typed.filter(c => c.name === name && !mine.some(m => m.name === name && m.key === key)))
                column[key] = now;
        stored = all(data);
        seen = newer;
        place.replaceChildren(fieldsTable(typed));
        note.append(conflict(theirs, () => ctx.reload()));
    };
    const button = h('button', {type: 'button', class: 'primary', id: 'save-fields', click: async () => {
        const changed = differences(stored, typed);
        note.replaceChildren(changed.length > 0 ? '' : h('p', {class: 'dim'}, 'Nothing is other than it is stored.'));
        if (changed.length === 0)
            return;
        button.disabled = true;
        try {
            await ctx.api.patch('/schemas/{id}', {path: {id: schema.id}, headers: {'If-Match': seen}, body: {fields: patch(changed)}});
            ctx.say(`The fields of version ${schema.version} are stored.`);
            ctx.update({edit: null});
        } catch (error) {
            note.replaceChildren(failure(error));
            if (/** @type {{status?: number}} */ (error).status === 412)
                await overtaken().catch(later => note.append(failure(later)));
            button.disabled = false;
        }
    }}, 'Save');
    return [
        h('div', {class: 'head'}, h('h2', {}, `Fields of version ${schema.version}`), h('a', {class: 'button', href: ctx.same({edit: null})}, 'Close')),
        h('p', {class: 'dim'}, 'Which way is better decides what a change is: a regression or an improvement.'),
        place, h('div', {class: 'actions'}, button), note,
    ];
}

/**
 * @param {{name: string, key: string, now: string}[]} theirs
 * @param {() => void} reload
 */
function conflict(theirs, reload) {
    return h('div', {class: 'note'}, h('p', {}, 'Somebody else has changed this schema since it was shown here, so nothing of yours is stored. ',
        theirs.length === 0 ? 'Its fields are as they were.' : 'Stored is now:'),
    theirs.length > 0 && h('ul', {}, theirs.map(t => h('li', {}, said(t.name), `: ${t.key} `, t.now === '' ? 'empty' : said(t.now)))),
    h('p', {}, 'Save again to store what you see above, or ', h('button', {type: 'button', class: 'link', id: 'theirs', click: reload}, 'take what is stored'), '.'));
}

/** @param {Column[]} typed */
function fieldsTable(typed) {
    return table('Fields', ['Field', 'Is a', 'Better is', 'Unit', 'What it is'], typed.map(row));
}

/**
 * @param {{name: string, key: string, now: string}[]} changed
 */
function patch(changed) {
    /** @type {Map<string, any>} */
    const fields = new Map();
    for (const {name, key, now} of changed)
        fields.set(name, {...fields.get(name), name, [key]: now});
    return [...fields.values()];
}

/**
 * @param {Column} column is changed as somebody types
 * @param {number} i
 */
function row(column, i) {
    /** @param {'unit' | 'description'} key @param {string} label @param {number} size */
    const text = (key, label, size) => h('input', {type: 'text', id: `${key}-of-${i}`, 'aria-label': `${label} of ${column.name}`, size, autocomplete: 'off', value: column[key],
        input: (/** @type {Event} */ e) => { column[key] = /** @type {HTMLInputElement} */ (e.target).value.trim(); }});
    return h('tr', {}, h('th', {scope: 'row'}, said(column.name), column.type ? h('small', {}, said(column.type)) : null),
        h('td', {}, column.role === 'out' ? '–' : column.role),
        h('td', {}, column.role === 'dimension' ? '–' : h('select', {id: `direction-of-${i}`, 'aria-label': `What is better of ${column.name}`, value: column.direction,
            change: (/** @type {Event} */ e) => { column.direction = /** @type {HTMLSelectElement} */ (e.target).value; }},
        [...new Set(['', 'higher', 'lower', column.direction])].map(v => h('option', {value: v}, v || 'not known')))),
        h('td', {}, text('unit', 'Unit', 8)), h('td', {}, text('description', 'Description', 24)));
}
