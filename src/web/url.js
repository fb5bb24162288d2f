/*
 * url.js - what the page shows, as the address says it: #/VIEW?NAME=VALUE&…
 *
 * The address is all the state that there is; whoever opens a link sees what its sender saw. Names
 * that may be anything are values here, never keys.
 */

/** @typedef {{view: string, params: URLSearchParams}} State */
/** @typedef {Record<string, string | number | boolean | string[] | null | undefined>} Patch */

/**
 * @param {string} hash
 * @returns {State}
 */
export function read(hash) {
    const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''), '?');
    return {view: path || 'overview', params: new URLSearchParams(query)};
}

/**
 * @param {string} text
 * @param {string} at
 */
function split(text, at) {
    const i = text.indexOf(at);
    return i < 0 ? [text] : [text.slice(0, i), text.slice(i + at.length)];
}

/**
 * The parameters with some changed: null, undefined, '' and [] take one away.
 * @param {URLSearchParams} params
 * @param {Patch} patch
 */
export function change(params, patch) {
    const changed = new URLSearchParams(params);
    for (const [name, value] of Object.entries(patch)) {
        changed.delete(name);
        if (Array.isArray(value))
            value.forEach(v => changed.append(name, v));
        else if (value !== null && value !== undefined && value !== '')
            changed.set(name, String(value));
    }
    return changed;
}

/**
 * @param {string} view
 * @param {URLSearchParams} params
 */
export function write(view, params) {
    const query = params.toString();
    return `#/${view}${query && '?'}${query}`;
}

/**
 * A number of the address' that somebody may have edited: 0 where it is none.
 * @param {URLSearchParams} params
 * @param {string} name
 */
export function id(params, name) {
    const text = params.get(name) ?? '';
    return /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : 0;
}

/**
 * JSON of the address'; the fallback where it is none.
 * @template T
 * @param {URLSearchParams} params
 * @param {string} name
 * @param {T} fallback
 * @returns {T}
 */
export function json(params, name, fallback) {
    try {
        return JSON.parse(params.get(name) ?? '') ?? fallback;
    } catch {
        return fallback;
    }
}
