/*
 * send.js - what was dropped becomes metric rows of a run: each file as it is, as a workflow's step would send it.
 */
import {failure, field, h, said} from '../dom.js';
import {count, number} from '../format.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('./upload.js').Column} Column */
/** @typedef {import('./upload.js').Force} Force */
/** @typedef {import('./upload.js').Sample} Sample */

const FIELDS = /** @type {const} */ ([['workload_uid', 'Run (its id)'], ['workload_name', 'Name'], ['head_branch', 'Branch'], ['head_sha', 'Commit'], ['github_run_id', 'GitHub run']]);

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {Sample[]} samples
 * @param {Column[]} chosen as the viewer has it
 * @param {Force | null} force
 * @param {() => void} arrived called when rows are stored
 */
export function sender(ctx, config, samples, chosen, force, arrived) {
    const inputs = FIELDS.map(([name, label]) => /** @type {const} */ ([name, label, h('input', {type: 'text', id: `send-${name}`, autocomplete: 'off', maxlength: 255,
        value: name === 'workload_uid' ? `page-${new Date().toISOString().slice(0, 19)}` : ''})]));
    const by = h('select', {id: 'send-by'}, h('option', {value: ''}, force ? 'the schema in force says' : 'the API infers'), h('option', {value: 'chosen'}, 'the table above says'));
    const strict = h('input', {type: 'checkbox', id: 'send-strict'});
    const answers = h('ul', {class: 'plain', 'aria-live': 'polite'});
    const button = h('button', {type: 'button', class: 'primary', id: 'send', click: async () => {
        const files = samples.map(s => s.path);
        if (!await ctx.confirm('Store the rows?', [h('span', {}, `${count(files.length, 'file')} ${files.length === 1 ? 'becomes' : 'become'} metric rows of the run: `, said(files.join(', '))),
            'Rows that the run has already of a file of that name are replaced.'], 'Send'))
            return;
        button.disabled = true;
        answers.replaceChildren();
        const {signal} = ctx; // who cancels means all of them
        ctx.api.busy(1);
        for (const {file} of samples) // one after the other: they are of one run
            answers.append(await sent(ctx, config, file, query(inputs, strict.checked, by.value ? chosen : null), signal));
        ctx.api.busy(-1);
        button.disabled = false;
        arrived();
    }}, 'Send as results');
    const beside = force ? chosen.filter(c => c.role !== 'out' && force.role(c.name) === 'out').map(c => c.name) : [];
    return {
        form: h('div', {}, h('h3', {}, 'Send it'),
            beside.length > 0 && h('p', {class: 'note', id: 'beside'}, 'The schema in force does not know ', said(beside.join(', ')), ': kept beside the rows, and in no chart. ',
                'To have it otherwise, send the columns as the table above says, or store that as a new version first, put it in force, and drop the file again.'),
            h('div', {class: 'controls'}, inputs.map(([, label, input]) => field(label, input)), field('Columns are what', by),
                h('label', {class: 'box'}, strict, ' refuse what would be a remark'), button), answers),
        otherwise: () => { by.value = 'chosen'; },
    };
}

/**
 * What a column is, is said only where the viewer wants it: else the schema in force says it.
 * @param {readonly (readonly [string, string, HTMLInputElement])[]} inputs
 * @param {boolean} strict
 * @param {Column[] | null} chosen
 */
function query(inputs, strict, chosen) {
    const params = new URLSearchParams(inputs.filter(([, , i]) => i.value.trim() !== '').map(([name, , i]) => [name, i.value.trim()]));
    if (strict)
        params.set('strict', 'true');
    if (chosen) {
        params.set('dimensions', JSON.stringify(chosen.filter(c => c.role === 'dimension').map(c => c.name)));
        params.set('metrics', JSON.stringify(chosen.filter(c => c.role === 'metric').map(c => c.name)));
    }
    return params;
}

/**
 * @param {Context} ctx
 * @param {number} config
 * @param {File} file
 * @param {URLSearchParams} params
 * @param {AbortSignal} signal
 */
async function sent(ctx, config, file, params, signal) {
    const all = new URLSearchParams(params);
    all.set('source_file', file.name);
    if (ctx.api.cluster)
        all.set('cluster', ctx.api.cluster);
    try {
        // no type: the API goes by the file's name
        const answer = await ctx.api.send(`/configs/${config}/results?${all}`, file, {'Content-Type': 'application/octet-stream'}, signal);
        return h('li', {class: 'note'}, h('p', {}, said(file.name), `: ${count(answer.rows, 'row')} of `, h('a', {href: ctx.link('run', {id: answer.run_id})}, `run ${number(answer.run_id)}`),
            answer.replaced > 0 ? `, in place of ${number(answer.replaced)}` : ''),
        answer.unknown_columns.length > 0 && h('p', {class: 'dim'}, 'Neither dimension nor metric: ', said(answer.unknown_columns.join(', '))),
        answer.warning_count > 0 && h('details', {}, h('summary', {}, count(answer.warning_count, 'remark')), h('ul', {}, answer.warnings.map((/** @type {string} */ w) => h('li', {}, said(w))))));
    } catch (error) {
        return h('li', {}, h('p', {}, said(file.name), ':'), failure(error));
    }
}
