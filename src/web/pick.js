/*
 * pick.js - choosing several of many: a button that says what is chosen, and opens a list of boxes.
 */
import {failure, h, said} from './dom.js';

/** @typedef {import('./dom.js').Child} Child */

/**
 * A button that opens a panel beneath it. Escape and a click elsewhere close it.
 * @param {string} id
 * @param {string} label
 * @param {Child} summary
 * @param {() => Child[]} content made when it is opened
 * @param {{left: AbortSignal}} ctx
 */
export function popup(id, label, summary, content, {left}) {
    const panel = h('div', {class: 'panel', role: 'group', 'aria-label': label});
    const button = h('summary', {id: `${id}-button`}, h('span', {class: 'what'}, label), ' ', h('span', {class: 'chosen'}, summary));
    const details = h('details', {id, class: 'popup', toggle: () => {
        if (details.open && panel.childNodes.length === 0)
            panel.append(...content().filter(c => c instanceof Node));
        panel.classList.toggle('back', false);
        panel.classList.toggle('back', panel.getBoundingClientRect().right > document.documentElement.clientWidth);
    }, keydown: (/** @type {KeyboardEvent} */ e) => {
        if (e.key === 'Escape' && details.open) {
            details.open = false;
            button.focus();
        }
    }}, button, panel);
    document.addEventListener('pointerdown', e => {
        if (e.target instanceof Node && !details.contains(e.target))
            details.open = false;
    }, {signal: left});
    return details;
}

/**
 * @param {string} id
 * @param {Child} text
 * @param {boolean} checked
 * @param {(checked: boolean) => void} changed
 */
export function box(id, text, checked, changed) {
    return h('label', {class: 'box'}, h('input', {type: 'checkbox', id, checked,
        change: (/** @type {Event} */ e) => changed(/** @type {HTMLInputElement} */ (e.target).checked)}), text);
}

/** @param {string[]} chosen @param {string} none */
export function summary(chosen, none) {
    return chosen.length === 0 ? none : h('bdi', {}, chosen.length <= 2 ? chosen.join(', ') : `${chosen[0]} and ${chosen.length - 1} more`);
}

/**
 * Some of a list of names, in the list's order.
 * @param {string} id
 * @param {string} label
 * @param {string[]} names
 * @param {string[]} chosen
 * @param {(chosen: string[]) => void} changed
 * @param {{left: AbortSignal}} ctx
 * @param {string} [none] what it is called when none is chosen
 */
export function several(id, label, names, chosen, changed, ctx, none = 'none') {
    const all = [...names, ...chosen.filter(c => !names.includes(c))];
    return popup(id, label, summary(chosen, none), () => all.map((name, i) => box(`${id}-${i}`, said(name === '' ? '(empty name)' : name), chosen.includes(name),
        on => changed(on ? all.filter(n => n === name || chosen.includes(n)) : chosen.filter(n => n !== name)))), ctx);
}

/**
 * @typedef {object} Filter
 * @property {boolean} not
 * @property {(string | null)[]} values null: rows that lack the dimension
 */

/** @typedef {Record<string, any>} Where the API's filter of dimensions */

/**
 * @param {Where} where
 * @param {string} name
 * @returns {Filter}
 */
export function filterOf(where, name) {
    const given = Object.hasOwn(where, name) ? where[name] : [];
    const not = typeof given === 'object' && given !== null && !Array.isArray(given), inner = not ? given.not : given;
    return {not, values: (Array.isArray(inner) ? inner : [inner]).map(v => v === null || v === undefined ? null : String(v))};
}

/**
 * The filter as the address has it; '' where there is none.
 * @param {Where} where
 * @param {string} name
 * @param {Filter} filter
 */
export function narrowed(where, name, {not, values: chosen}) {
    const entries = Object.entries(where).filter(([n]) => n !== name);
    if (chosen.length > 0 || not)
        entries.push([name, not ? {not: chosen} : chosen]);
    return entries.length === 0 ? '' : JSON.stringify(Object.fromEntries(entries));
}

/**
 * Some of a dimension's values, which are asked for as they are searched.
 * @param {string} id
 * @param {string} name
 * @param {Filter} filter
 * @param {(filter: Filter) => void} changed
 * @param {(q: string, signal: AbortSignal) => Promise<{values: string[], total: number | null}>} load
 * @param {{signal: AbortSignal, left: AbortSignal}} ctx
 */
export function values(id, name, filter, changed, load, ctx) {
    const chosen = filter.values.map(v => v ?? '(none)');
    const text = chosen.length === 0 ? 'any' : h('span', {}, filter.not ? 'not ' : '', summary(chosen, ''));
    return popup(id, name === '' ? '(empty name)' : name, text, () => {
        const list = h('div', {class: 'boxes', id: `${id}-list`}), note = h('p', {class: 'dim', role: 'status'});
        let asked = new AbortController();
        /** @param {string | null} value @param {string} key */
        const line = (value, key) => box(`${id}-${key}`, value === null ? h('em', {}, 'rows without it') : said(value === '' ? '(empty)' : value),
            filter.values.includes(value), on => changed({...filter, values: on ? [...filter.values, value] : filter.values.filter(v => v !== value)}));
        /** @param {string} q */
        const search = async q => {
            asked.abort();
            const {signal} = asked = new AbortController();
            try {
                const found = await load(q, AbortSignal.any([signal, ctx.signal]));
                const first = q === '' ? filter.values.filter(v => v !== null && !found.values.includes(v)) : [];
                list.replaceChildren(...first.map((v, i) => line(v, `chosen-${i}`)), ...found.values.map((v, i) => line(v, String(i))),
                    ...(q === '' ? [line(null, 'none')] : []));
                const more = found.total === null ? 'many' : found.total - found.values.length;
                note.textContent = found.values.length === 0 ? 'No such value.' : more ? `${more} more: search for them` : '';
            } catch (error) {
                if (!signal.aborted)
                    list.replaceChildren(failure(error, () => search(q)));
            }
        };
        const find = h('input', {type: 'search', id: `${id}-search`, 'data-keep': true, placeholder: 'Search', 'aria-label': `Search values of ${name}`,
            input: () => search(find.value)});
        search('');
        return [find, box(`${id}-not`, 'all but these', filter.not, not => changed({...filter, not})), list, note];
    }, ctx);
}
