/*
 * format.js - how values look: numbers with units, times here and in UTC, statuses, what is on GitHub.
 */
import {h, said, svg} from './dom.js';

/** @typedef {import('./dom.js').Child} Child */

/*
 * Intl says the same, but to make its formats takes longer than all else that the first view has to do.
 */

/**
 * With commas between thousands.
 * @param {string} digits
 */
function grouped(digits) {
    const [whole = '', rest] = digits.split('.');
    return whole.replace(/\B(?=([0-9]{3})+$)/g, ',') + (rest === undefined ? '' : `.${rest}`);
}

/** Five digits that say something. @param {number} value */
function general(value) {
    return grouped(String(Number(value.toPrecision(5))));
}

/** Whether its digits would be too many. @param {number} size */
function far(size) {
    return size >= 1e15 || (size > 0 && size < 1e-4);
}

/** @param {number} value @param {number} digits */
function power(value, digits) {
    return value.toExponential(Math.max(0, Math.min(15, digits))).replace(/\.?0+e/, 'e');
}

/**
 * A number among others that lie so far apart: with the digits that tell them apart, in thousandths of that.
 * @param {number} value
 * @param {number} span
 * @param {number} [digits] 1: in tenths
 */
export function among(value, span, digits = 3) {
    if (value === 0 || !(span > 0) || !Number.isFinite(span))
        return number(value);
    const size = Math.abs(value), place = Math.floor(Math.log10(span)) - digits;
    return far(size) ? power(value, Math.floor(Math.log10(size)) - place) : grouped(value.toFixed(Math.max(0, Math.min(15, -place))));
}

/**
 * How the numbers of a column look.
 * @param {(number | null)[]} values
 */
export function alike(values) {
    const known = /** @type {number[]} */ (values.filter(v => v !== null));
    const span = known.reduce((a, b) => Math.max(a, b), -Infinity) - known.reduce((a, b) => Math.min(a, b), Infinity);
    /** Zeros that all of them end with say nothing. @param {number} digits @returns {number} */
    const needed = digits => digits > 0 && known.every(v => /\.[0-9]*0$/.test(among(v, span, digits)) || v === 0) ? needed(digits - 1) : digits;
    const digits = needed(3);
    return (/** @type {number | null} */ value) => value === null ? '–' : among(value, span, digits);
}

/** @param {number} value */
function whole(value) {
    return grouped(value.toFixed(0));
}

/**
 * @param {number | null | undefined} value
 * @param {string} [unit]
 */
export function number(value, unit) {
    if (value === null || value === undefined || Number.isNaN(value))
        return '–';
    const size = Math.abs(value);
    const text = far(size) ? power(value, 3)
        : size >= 1e5 || Number.isInteger(value) ? whole(value) : general(value);
    return unit ? `${text} ${unit}` : text;
}

/**
 * @param {number | null | undefined} n
 * @param {string} one
 * @param {string} [many]
 */
export function count(n, one, many = `${one}s`) {
    return `${n === null || n === undefined ? '?' : whole(n)} ${n === 1 ? one : many}`;
}

/** @param {number | null} part */
export function percent(part) {
    if (part === null || !Number.isFinite(part))
        return '–';
    const size = Number(Math.abs(part).toPrecision(Math.abs(part) < 0.1 ? 2 : 3));
    return `${part > 0 ? '+' : part < 0 ? '−' : ''}${size >= 1e6 || (size > 0 && size < 1e-4) ? power(size, 2) : general(size)} %`;
}

/** @param {string} zone */
export function zoneIsUtc(zone) {
    return /^(Etc\/)?(UTC|GMT|UCT|Zulu|Universal)$|^$/.test(zone);
}

/** A zone of the address' that this browser knows the clocks of; else UTC. @param {string} zone */
export function zoneOf(zone) {
    try {
        return new Intl.DateTimeFormat('sv-SE', {timeZone: zone || 'UTC'}) && zone;
    } catch {
        return '';
    }
}

export function viewersZone() {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/**
 * 2026-11-28 14:03, by the clocks of a zone. Undefined: the viewer's.
 * @param {Date} date
 * @param {string} [zone]
 * @param {boolean} [seconds]
 */
export function clock(date, zone, seconds = false) {
    const shown = zone === undefined ? new Date(date.getTime() - date.getTimezoneOffset() * 60e3) : zoneIsUtc(zone) ? date : null;
    if (shown)
        return shown.toISOString().replace('T', ' ').slice(0, seconds ? -'.000Z'.length : -':00.000Z'.length);
    const text = new Intl.DateTimeFormat('sv-SE', {
        year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
        ...(seconds ? {second: '2-digit'} : {}), timeZone: zone}).format(date);
    return text.replace(',', '');
}

/**
 * A time of the API's: by the viewer's clock, and UTC beside it.
 * @param {string | null | undefined} text
 * @returns {Child}
 */
export function time(text) {
    if (!text)
        return '–';
    const date = new Date(text), utc = clock(date, 'UTC'), here = clock(date);
    if (utc === here)
        return h('time', {datetime: text, title: text}, `${utc} UTC`);
    const day = utc.slice(0, 10) === here.slice(0, 10) ? utc.slice(11) : utc.slice(5);
    return h('time', {datetime: text, title: text}, here, ' ', h('small', {}, `${day} UTC`));
}

/**
 * How long ago, in one unit.
 * @param {string | null} text
 */
export function ago(text) {
    if (!text)
        return '';
    const seconds = (Date.now() - Date.parse(text)) / 1000;
    for (const [unit, size] of /** @type {[string, number][]} */ ([['day', 86400], ['hour', 3600], ['minute', 60]])) {
        const n = Math.round(Math.abs(seconds) / size);
        if (Math.abs(seconds) < size)
            continue;
        if (unit === 'day' && n === 1)
            return seconds > 0 ? 'yesterday' : 'tomorrow';
        return seconds > 0 ? `${count(n, unit)} ago` : `in ${count(n, unit)}`;
    }
    return 'just now';
}

/**
 * @param {string | null} from
 * @param {string | null} to
 */
export function duration(from, to) {
    if (!from || !to)
        return '–';
    const s = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
    if (s < 0)
        return '–';
    if (s < 60)
        return parts(s, 's');
    return s < 3600 ? parts(Math.floor(s / 60), 'min', s % 60, 's') : parts(Math.floor(s / 3600), 'h', Math.floor(s % 3600 / 60), 'min');
}

/** No line ends within it. @param {...(string | number)} words */
function parts(...words) {
    return words.join('\u00a0');
}

/** @param {string} status */
function kind(status) {
    return status === 'failed' ? 'bad' : status === 'completed' ? 'good' : status === 'skipped' ? 'idle' : 'busy';
}

/** @param {string} status */
export function badge(status) {
    return h('span', {class: `badge ${kind(status)}`}, said(status));
}

/** @param {string} text of a change: regression, improvement, changed … */
export function verdict(text) {
    return h('span', {class: `badge ${text === 'regression' ? 'bad' : text === 'improvement' ? 'good' : 'idle'}`}, said(text));
}

/**
 * Whether no change says something: by fewer runs than three before and three after, hardly one can be told from chance.
 * @param {{n: number}[]} series
 */
export function enough(series) {
    return series.some(s => s.n >= 6);
}

const ORDER = ['completed', 'failed', 'skipped'];

/**
 * Counts by status: a bar, and the numbers in words.
 * @param {Record<string, number>} counts
 * @param {(status: string) => string} link
 */
export function statuses(counts, link) {
    const entries = Object.entries(counts).filter(([, n]) => n > 0)
        .sort(([a], [b]) => (ORDER.indexOf(a) + 9) % 9 - (ORDER.indexOf(b) + 9) % 9);
    if (entries.length === 0)
        return h('p', {class: 'dim'}, 'No runs yet');
    return h('div', {class: 'statuses'},
        h('div', {class: 'bar', 'aria-hidden': 'true'},
            entries.map(([status, n]) => h('span', {class: kind(status), style: {'flex-grow': String(n)}}))),
        h('ul', {}, entries.map(([status, n]) =>
            h('li', {}, h('a', {href: link(status)}, h('span', {class: `dot ${kind(status)}`}), ' ', number(n), ' ', said(status))))));
}

/**
 * A line of values without axes; null is a gap.
 * @param {(number | null)[]} values
 * @param {string} label
 */
export function sparkline(values, label) {
    const known = /** @type {number[]} */ (values.filter(v => v !== null));
    const low = Math.min(...known), high = Math.max(...known);
    const width = 200, height = 40;
    /** @param {number} i */
    const x = i => 3 + (values.length < 2 ? 0 : i * (width - 6) / (values.length - 1));
    /** @param {number} v */
    const y = v => high === low ? height / 2 : height - 3 - (v - low) * (height - 6) / (high - low);
    const points = values.map((v, i) => v === null ? null : `${x(i).toFixed(1)} ${y(v).toFixed(1)}`);
    const path = points.filter(p => p !== null).map((p, i) => `${i ? 'L' : 'M'}${p}`).join('');
    const last = points.findLast(p => p !== null)?.split(' ') ?? ['0', '0'];
    return svg('svg', {class: 'spark', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label,
        preserveAspectRatio: 'none'},
    // the last point: a line of no length, since a circle would be stretched
    svg('path', {d: path}), svg('path', {class: 'last', d: `M${last.join(' ')}h0`}));
}

/** @typedef {{github_owner: string, github_repo: string}} Repository */

/**
 * @param {Repository} repository
 * @param {...(string | number)} parts
 */
export function github({github_owner: owner, github_repo: repo}, ...parts) {
    const path = [owner, repo, ...parts].map(p => String(p).split('/').map(encodeURIComponent).join('/'));
    return `https://github.com/${path.join('/')}`;
}

/**
 * A link that leaves the page.
 * @param {string} href
 * @param {Child} text
 */
export function away(href, text) {
    return h('a', {href, rel: 'noreferrer', target: '_blank', class: 'away'}, text);
}

/**
 * What a run is called: by its name, else by what it is of, else by its uid.
 * @param {{workload_name: string | null, workload_uid: string, github_run_id: number | null}} run
 */
export function titled({workload_name: name, workload_uid: uid, github_run_id: id}) {
    // what the API makes the uid of where a sender names none
    const [, attempt, job] = id ? new RegExp(`^github-${id}-([0-9]+)-(.*)$`).exec(uid) ?? [] : [];
    return name ?? (attempt ? `GitHub run ${id}, attempt ${attempt}${job && `, ${job}`}` : uid);
}

/**
 * What a run has on GitHub: its number, branch and commit.
 * @param {{github_run_id: number | null, github_run_number?: number | null, head_branch: string | null, head_sha: string | null}} run
 * @param {Repository | undefined} repository
 */
export function onGithub(run, repository) {
    /**
     * @param {Child} text
     * @param {...(string | number)} parts
     */
    const link = (text, ...parts) => repository ? away(github(repository, ...parts), text) : text;
    const parts = [
        run.github_run_id ? link(`#${run.github_run_number ?? run.github_run_id}`, 'actions', 'runs', run.github_run_id) : null,
        run.head_branch ? link(said(run.head_branch), 'tree', run.head_branch) : null,
        run.head_sha ? link(h('code', {}, run.head_sha.slice(0, 8)), 'commit', run.head_sha) : null,
    ].filter(p => p !== null);
    return parts.length === 0 ? '–' : h('span', {class: 'parts'}, parts.map(p => h('span', {}, p)));
}
