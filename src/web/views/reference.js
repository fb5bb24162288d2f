/*
 * reference.js - the API by its own description: every request, its inputs, its answers; and a form that sends it.
 */
import {json as answered} from '../api.js';
import {empty, failure, field, h, input, said, table} from '../dom.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {Record<string, any>} Json what a description holds */
/** @typedef {{method: string, path: string, id: string, summary: string, parameters: Json[], body: Json | null, responses: Json}} Operation */

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const LONGEST = 200000;
// POSTs that read: a read-only host takes them.
const READS = /\/(query|aggregate|trends|preview|changes)$/;

/** @param {Context} ctx */
export async function view(ctx) {
    const description = await ctx.keep('description', async () => answered(await ctx.api.text(`${ctx.api.root}/openapi.json`, ctx.signal)));
    const operations = all(description), q = (ctx.params.get('q') ?? '').toLowerCase();
    const found = operations.filter(o => `${o.method} ${o.path} ${o.summary}`.toLowerCase().includes(q));
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'API'), h('p', {class: 'dim'}, said(`${description.info?.title} ${description.info?.version}`), ', ',
            h('a', {href: `${ctx.api.root}/openapi.json`}, 'openapi.json'))),
        h('div', {class: 'controls', role: 'search', 'aria-label': 'Filters'}, field('Search', input('q', ctx.params.get('q') ?? '', q => ctx.update({q}), {type: 'search'}))),
        found.length === 0 ? empty('No request is like that.', h('a', {href: ctx.link('api')}, 'Show all'))
            : h('div', {class: 'operations'}, found.map(o => operation(ctx, description, o))));
}

/**
 * @param {Json} description
 * @returns {Operation[]}
 */
function all(description) {
    return Object.entries(description.paths ?? {}).flatMap(([path, item]) => METHODS.filter(m => m in item).map(method => {
        const o = item[method];
        return {method: method.toUpperCase(), path, id: o.operationId, summary: o.summary ?? '', responses: o.responses ?? {},
            parameters: (o.parameters ?? []).map((/** @type {Json} */ p) => resolved(description, p)),
            body: o.requestBody?.content?.['application/json']?.schema ? resolved(description, o.requestBody.content['application/json'].schema) : null};
    }));
}

/**
 * What a "$ref" stands for, in this document.
 * @param {Json} description
 * @param {Json} value
 * @returns {Json}
 */
function resolved(description, value) {
    if (typeof value?.$ref !== 'string')
        return value;
    return value.$ref.split('/').slice(1).reduce((/** @type {Json} */ at, /** @type {string} */ key) => at?.[key], description) ?? {};
}

/**
 * @param {Context} ctx
 * @param {Json} description
 * @param {Operation} o
 */
function operation(ctx, description, o) {
    const chosen = ctx.params.get('op') === o.id;
    const details = h('details', {class: 'operation', open: chosen, toggle: () => {
        if (details.open && details.childNodes.length === 1)
            details.append(content(ctx, description, o));
        if (details.open && chosen) // a link may lead far down
            details.scrollIntoView({block: 'nearest'});
        if (details.open)
            ctx.note({op: o.id});
    }}, h('summary', {}, h('span', {class: `method ${o.method.toLowerCase()}`}, o.method), h('code', {}, said(o.path)), h('span', {class: 'dim'}, prose(o.summary))));
    return details;
}

/** A description's text: what stands in backticks is code. @param {string} text */
function prose(text) {
    return text.split('`').map((part, i) => i % 2 === 1 ? h('code', {}, part) : said(part));
}

/** A schema in a few words. @param {Json} description @param {Json | undefined} schema @returns {string} */
function type(description, schema) {
    if (!schema)
        return '';
    if (schema.$ref)
        return schema.$ref.split('/').at(-1);
    if (schema.anyOf)
        return schema.anyOf.filter((/** @type {Json} */ s) => s.type !== 'null').map((/** @type {Json} */ s) => type(description, s)).join(' or ');
    const name = [schema.type].flat().filter(t => t !== 'null').join(' or ');
    const bounds = [schema.format && schema.format !== 'int64' ? schema.format : '', schema.minimum !== undefined && schema.minimum > 0 ? `from ${schema.minimum}` : '',
        schema.maximum !== undefined && schema.maximum < 1e15 ? `to ${schema.maximum}` : '', schema.enum ? schema.enum.filter((/** @type {unknown} */ e) => e !== null).join(', ') : '',
        schema.default !== undefined ? `default ${schema.default}` : ''].filter(b => b !== '');
    return [name || 'any', ...bounds].join(', ');
}

/**
 * @param {Context} ctx
 * @param {Json} description
 * @param {Operation} o
 */
function content(ctx, description, o) {
    const fields = Object.entries(o.body?.properties ?? {}), required = new Set(o.body?.required ?? []);
    return h('div', {class: 'inside'},
        o.parameters.length > 0 && table(`Parameters of ${o.method} ${o.path}`, ['Parameter', 'In', 'Type', 'What it is'], o.parameters.map(p => h('tr', {},
            h('th', {scope: 'row'}, h('code', {}, p.name), p.required ? ' *' : ''), h('td', {}, p.in), h('td', {}, said(type(description, p.schema) || 'JSON')), h('td', {}, prose(p.description ?? ''))))),
        fields.length > 0 && table(`Body of ${o.method} ${o.path}`, ['Field of the body', 'Type', 'What it is'], fields.map(([name, s]) => h('tr', {},
            h('th', {scope: 'row'}, h('code', {}, name), required.has(name) ? ' *' : ''), h('td', {}, said(type(description, s))), h('td', {}, prose(resolved(description, s).description ?? ''))))),
        h('p', {class: 'dim'}, 'Answers: ', prose(Object.entries(o.responses).map(([status, r]) => `${status} ${resolved(description, r).description ?? ''}`).join('; '))),
        ctx.readOnly && o.method !== 'GET' && !READS.test(o.path) ? h('p', {class: 'dim'}, 'This host is read-only: it refuses this request.') : attempt(ctx, o, required));
}

/**
 * @param {Context} ctx
 * @param {Operation} o
 * @param {Set<string>} required
 */
function attempt(ctx, o, required) {
    const inputs = o.parameters.filter(p => p.in !== 'header' && p.name !== 'cluster').map(p => /** @type {[Json, HTMLInputElement]} */ ([p,
        h('input', {type: 'text', id: `${o.id}-${p.name}`, autocomplete: 'off', placeholder: p.schema?.default ?? ''})]));
    const body = o.body ? h('textarea', {id: `${o.id}-body`, rows: 4, spellcheck: 'false', value:
        JSON.stringify(Object.fromEntries([...required].map(n => [n, example(o.body?.properties?.[n])])), null, 1)}) : null;
    const answer = h('div', {class: 'tried', 'aria-live': 'polite'});
    const send = async () => {
        const path = o.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(inputs.find(([p]) => p.name === name)?.[1].value ?? ''));
        const query = new URLSearchParams(inputs.filter(([p, i]) => p.in === 'query' && i.value !== '').map(([p, i]) => [p.name, i.value]));
        if (ctx.api.cluster)
            query.set('cluster', ctx.api.cluster);
        if (o.method !== 'GET' && !READS.test(o.path) && !await ctx.confirm('Send this request?', [h('code', {}, `${o.method} ${path}`), 'It may change what is stored.'], 'Send'))
            return;
        answer.replaceChildren(h('p', {class: 'loading'}, 'Loading…'));
        try {
            answer.replaceChildren(...await sent(ctx, o.method, `${path}${query.size > 0 ? '?' : ''}${query}`, body?.value));
        } catch (error) {
            answer.replaceChildren(failure(error));
        }
    };
    return h('form', {class: 'controls', submit: (/** @type {Event} */ e) => {
        e.preventDefault();
        send();
    }}, inputs.map(([p, i]) => h('label', {class: 'field'}, h('span', {}, p.name, p.required ? ' *' : ''), i)),
    body && h('label', {class: 'field wide'}, h('span', {}, 'Body (JSON)'), body),
    h('button', {id: `${o.id}-send`}, 'Send'), answer);
}

/** @param {Json | undefined} schema */
function example(schema) {
    const kind = [schema?.type].flat()[0];
    return kind === 'array' ? [] : kind === 'boolean' ? false : kind === 'object' ? {} : '';
}

/**
 * @param {Context} ctx
 * @param {string} method
 * @param {string} address
 * @param {string} [body]
 */
async function sent(ctx, method, address, body) {
    const began = performance.now();
    const response = await ctx.api.raw(method, address, body, body === undefined ? {} : {'Content-Type': 'application/json'}, ctx.signal);
    const text = await response.text(), took = Math.round(performance.now() - began), kind = response.headers.get('Content-Type') ?? '';
    const shown = /json/.test(kind) && !/ndjson/.test(kind) ? pretty(text) : text;
    return [
        h('p', {}, h('span', {class: `badge ${response.ok ? 'good' : 'bad'}`}, `${response.status} ${response.statusText}`), ' ', said(kind), `, ${took} ms`),
        h('p', {}, h('code', {}, `curl ${method === 'GET' ? '' : `-X ${method} `}${body === undefined ? '' : '-H \'Content-Type: application/json\' --data-binary @body.json '}'${ctx.api.root}${address.replace(/'/g, '%27')}'`)),
        h('pre', {dir: 'auto', tabindex: 0, 'aria-label': 'Answer'}, shown.slice(0, LONGEST), shown.length > LONGEST ? '\n…' : ''),
    ];
}

/** With line breaks; the digits of its numbers stay as they came. @param {string} text */
function pretty(text) {
    let depth = 0, inside = false, out = '';
    for (let i = 0; i < text.length && out.length <= LONGEST; i++) {
        const c = text.charAt(i);
        if (inside) {
            out += c;
            if (c === '\\')
                out += text.charAt(++i);
            else if (c === '"')
                inside = false;
            continue;
        }
        inside = c === '"';
        const bracket = '[{'.includes(c) ? 1 : ']}'.includes(c) ? -1 : 0, hollow = ']}'.includes(text.charAt(i + 1) || ' ');
        if (bracket < 0 && !'[{'.includes(out.at(-1) ?? ' '))
            out += `\n${' '.repeat(Math.max(0, depth - 1) * 2)}`;
        depth += bracket;
        out += c === ':' ? ': ' : c === ' ' || c === '\n' ? '' : c;
        if ((bracket > 0 && !hollow) || c === ',')
            out += `\n${' '.repeat(depth * 2)}`;
    }
    return out;
}
