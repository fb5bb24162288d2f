/*
 * dom.js - elements made of values, and the few parts that every view has: a region that loads, an
 * error, a question.
 *
 * Text comes in as text nodes alone, so nothing that is stored can become markup; no attribute with
 * code or style can be made here, so the page needs neither of the policy.
 */
import {isAbort, ApiError} from './api.js';

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, any>} Props */

const SAFE_LINK = /^(https?:\/\/|#|\.{0,2}\/|blob:)/;

/**
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
function set(element, name, value) {
    if (value === null || value === undefined || value === false)
        return;
    if (typeof value === 'function')
        element.addEventListener(name, value);
    else if (name === 'style')
        for (const [property, v] of Object.entries(value))
            /** @type {HTMLElement} */ (element).style.setProperty(property, v);
    else if (name === 'value' || name === 'checked' || name === 'indeterminate' || name === 'selected')
        /** @type {any} */ (element)[name] = value;
    else if ((name === 'href' || name === 'src') && !SAFE_LINK.test(value))
        throw new Error(`not a link: ${value}`);
    else
        element.setAttribute(name, value === true ? '' : String(value));
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Props} props
 * @param {(Child | Child[])[]} children
 * @returns {E}
 */
function fill(element, props, children) {
    for (const child of children.flat())
        if (child !== null && child !== undefined && child !== false)
            element.append(child instanceof Node ? child : String(child));
    // after the children: a select's value is one of its options
    for (const [name, value] of Object.entries(props))
        set(element, name, value);
    return element;
}

/**
 * An element: attributes, listeners (functions), children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
    return fill(document.createElement(tag), props, children);
}

/**
 * @param {string} tag
 * @param {Props} [props]
 * @param {...(Child | Child[])} children
 */
export function svg(tag, props = {}, ...children) {
    return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

/**
 * Text of somebody's: whatever its direction, it leaves its surroundings alone. A word that no column has room for
 * may break anywhere.
 * @param {unknown} text
 */
export function said(text) {
    return h('bdi', {class: /\S{25}/.test(String(text)) ? 'long' : null}, String(text));
}

/**
 * An error in the API's words, and what can be done about it.
 * @param {unknown} error
 * @param {() => void} [again]
 */
export function failure(error, again) {
    if (isAbort(error))
        return h('div', {class: 'note', role: 'status'}, h('p', {}, 'Cancelled.'),
            again && h('button', {type: 'button', click: again}, 'Load'));
    const known = error instanceof ApiError;
    if (!known)
        console.error(error);
    const message = known ? error.message : 'The page has a fault; the console says which.';
    const fields = known && error.errors?.length > 1 ? error.errors : [];
    return h('div', {class: 'note bad', role: 'alert'},
        h('p', {}, h('strong', {}, known && error.status ? `Error ${error.status}: ` : 'Error: '), said(message)),
        known && error.status === 401 && h('p', {}, 'Who guards the API does not know you, or not any more: sign in, and try again.'),
        fields.length > 0 && h('ul', {}, fields.map(e => h('li', {}, h('code', {}, e.field), ' ', e.message))),
        again && h('button', {type: 'button', click: again}, 'Try again'));
}

/**
 * Nothing is there: what to do next.
 * @param {string} what
 * @param {...Child} next
 */
export function empty(what, ...next) {
    return h('div', {class: 'note empty'}, h('p', {}, h('strong', {'data-said': true}, what)), h('p', {}, ...next));
}

/**
 * What is in hand within an element. The answer gives the focus to what stands there in its place then: it has the same
 * id, or the same words.
 * @param {Element} root
 * @returns {() => void}
 */
export function inHand(root) {
    const had = document.activeElement;
    if (!had || had === root || !root.contains(had))
        return () => {};
    const {id, localName, textContent} = had;
    return () => {
        const next = id ? document.getElementById(id) : [...root.querySelectorAll(localName)].find(e => e.textContent === textContent);
        /** @type {HTMLElement} */ (next ?? root).focus({preventScroll: true});
    };
}

/**
 * A part of a view that loads by itself, and anew when it is told so by an event "anew". Until then it shows what it
 * showed before (app.js), or says that it loads.
 * @template T
 * @param {{signal: AbortSignal, left: AbortSignal, say: (text: string) => void}} ctx what of it has `data-said` is said
 * @param {string} id
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {(data: T) => Child | Child[]} draw
 * @param {Props} [props]
 */
export function region(ctx, id, load, draw, props = {}) {
    const element = h('div', {...props, id, 'aria-busy': 'true'}, h('p', {class: 'loading'}, 'Loading…'));
    const run = async () => {
        element.setAttribute('aria-busy', 'true');
        /** @type {Child | Child[]} */
        let content;
        try {
            const data = await load(ctx.signal);
            if (ctx.left.aborted)
                return; // nobody sees it any more
            content = draw(data);
        } catch (error) {
            content = failure(error, run);
        }
        const restore = inHand(element);
        element.replaceChildren();
        fill(element, {'aria-busy': 'false'}, [content]);
        restore();
        const said = element.querySelector('[data-said]')?.textContent;
        if (said)
            ctx.say(said);
    };
    element.addEventListener('anew', run);
    run();
    return element;
}

/**
 * Asks before something is done. Resolves to whether it was agreed to; who goes elsewhere does not.
 * @param {string} title
 * @param {Child[]} text
 * @param {string} yes
 * @param {AbortSignal} left
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, yes, left) {
    return new Promise(resolve => {
        left.addEventListener('abort', () => dialog.close('no'));
        const dialog = h('dialog', {'aria-labelledby': 'dialog-title', close: () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
        }},
        h('h2', {id: 'dialog-title'}, title),
        text.map(t => h('p', {}, t)),
        h('div', {class: 'actions'},
            h('button', {type: 'button', class: 'primary', click: () => dialog.close('yes')}, yes),
            h('button', {type: 'button', autofocus: true, click: () => dialog.close('no')}, 'Cancel')));
        document.body.append(dialog);
        dialog.showModal();
    });
}

/**
 * A labelled control.
 * @param {string} label
 * @param {Element} control
 * @param {Child} [hint]
 */
export function field(label, control, hint) {
    return h('label', {class: 'field'}, h('span', {}, label), control, hint && h('small', {}, hint));
}

/**
 * @param {string} id
 * @param {[string, string][]} options value, text
 * @param {string} value
 * @param {(value: string) => void} changed
 * @param {Props} [props]
 */
export function select(id, options, value, changed, props = {}) {
    const known = options.some(([v]) => v === value) ? options : [...options, /** @type {[string, string]} */ ([value, value])];
    return h('select', {...props, id, value,
        change: (/** @type {Event} */ e) => changed(/** @type {HTMLSelectElement} */ (e.target).value)},
    known.map(([v, text]) => h('option', {value: v}, text)));
}

/**
 * A text that counts when it is entered: by Enter, or when the field is left. A day that is typed passes by others
 * (2 is a year, and so is 20), each of which is a change to the browser; one of its calendar counts at once.
 * @param {string} id
 * @param {string} value
 * @param {(value: string) => void} changed
 * @param {Props} [props]
 */
export function input(id, value, changed, props = {}) {
    let typing = false, told = value;
    const tell = () => {
        const text = field.value.trim();
        if (text !== told)
            changed(told = text);
    };
    // a field that is taken away with its view is left, too; nobody has entered anything then
    const leave = () => setTimeout(() => field.isConnected && tell());
    const field = h('input', {type: 'text', autocomplete: 'off', spellcheck: 'false', ...props, id, value,
        keydown: (/** @type {KeyboardEvent} */ e) => {
            typing = props.type === 'date' && e.key !== 'Enter';
            if (e.key === 'Enter')
                tell();
        },
        pointerdown: () => { typing = false; }, blur: leave, search: tell, change: () => typing || leave()});
    return field;
}

/**
 * A table that scrolls by itself where it is wider than its place.
 * @param {string} caption
 * @param {Child[]} head
 * @param {HTMLTableRowElement[]} rows
 * @param {Props} [props]
 */
export function table(caption, head, rows, props = {}) {
    return h('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption},
        h('table', props, h('caption', {class: 'unseen'}, caption),
            h('thead', {}, h('tr', {}, head.map(c => h('th', {scope: 'col'}, c)))),
            h('tbody', {}, rows)));
}
