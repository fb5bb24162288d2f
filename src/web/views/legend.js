/*
 * legend.js - which of Explore's series are shown: how many at all, and which of these have a line.
 *
 * The address names the fewer ones: those without a line (off), or those with one (only; the empty name is none's).
 */
import {swatch} from '../chart.js';
import {h, said} from '../dom.js';
import {count, number, percent} from '../format.js';
import {box} from '../pick.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../chart.js').Series} Series */

// More lines nobody can tell apart, and a browser takes seconds for the table of some thousand.
const MOST = 100;

/**
 * As many series as are shown of all, and where the others are.
 * @param {Context} ctx
 * @param {Series[]} all
 */
export function first(ctx, all) {
    const most = Number(ctx.params.get('lines')) || MOST, series = all.slice(0, most);
    return {series, rest: all.length > most && h('div', {class: 'note'}, h('p', {}, h('strong', {'data-said': true}, `${number(most)} of ${count(all.length, 'series', 'series')} are shown. `),
        'Filter, or group by less; or ', h('a', {href: ctx.same({lines: most * 4})}, `show ${number(Math.min(all.length, most * 4))}`), '.'))};
}

/** Which series have a line. */
export class Lines {
    /** @param {Context} ctx @param {Series[]} series */
    constructor(ctx, series) {
        const only = ctx.params.getAll('only'), off = new Set(ctx.params.getAll('off'));
        this.ctx = ctx;
        this.names = series.map(s => s.name);
        this.on = new Set(this.names.filter(n => only.length > 0 ? only.includes(n) : !off.has(n)));
    }

    /** @param {Series} s */
    has(s) {
        return this.on.has(s.name);
    }

    /** @param {string[]} names @param {boolean} on */
    set(names, on) {
        for (const name of names)
            if (on)
                this.on.add(name);
            else
                this.on.delete(name);
        const off = this.names.filter(n => !this.on.has(n)), only = this.on.size > 0 ? [...this.on] : [''];
        this.ctx.note(off.length <= only.length ? {off, only: null} : {off: null, only});
    }
}

/** What of a series' name the choice of colours and rows does not say already. @param {Series} s */
export function title(s) {
    const group = Object.values(s.dimensions);
    return group.length === 0 ? s.field : group.map(v => v ?? 'none').join(' · ');
}

/**
 * Every series: its line, what it is, where it stands. The boxes show and hide lines.
 * @param {string[]} metrics
 * @param {Series[]} series
 * @param {(s: Series) => string} unit
 * @param {Lines} lines
 * @param {() => void} changed
 */
export function legend(metrics, series, unit, lines, changed) {
    const places = new Map(metrics.flatMap(m => series.filter(s => s.field === m).map((s, i) => /** @type {[Series, number]} */ ([s, i]))));
    const list = h('ul', {}, series.map((s, i) => {
        const known = /** @type {number[]} */ (s.values.filter(v => v !== null)), last = known.at(-1) ?? null, from = known[0] ?? null;
        return h('li', {}, box(`series-${i}`, h('span', {class: 'entry'}, swatch(places.get(s) ?? 0), h('span', {},
            metrics.length > 1 && Object.keys(s.dimensions).length > 0 ? [said(s.field), ': '] : '', said(title(s))),
        h('strong', {}, number(last, unit(s))), h('span', {class: 'dim'}, from && last !== null && known.length > 1 ? percent((last - from) * 100 / Math.abs(from)) : '')),
        lines.has(s), on => {
            lines.set([s.name], on);
            changed();
        }));
    }));
    /** @param {string} text @param {string} rest @param {boolean} on */
    const every = (text, rest, on) => h('button', {type: 'button', class: 'link', click: () => {
        lines.set(lines.names, on);
        list.querySelectorAll('input').forEach(i => { i.checked = on; });
        changed();
    }}, text, h('span', {class: 'unseen'}, rest));
    return h('details', {class: 'legend', id: 'legend', open: true}, h('summary', {'data-said': true}, count(series.length, 'series', 'series')),
        series.length > 1 && h('p', {class: 'parts'}, every('All', ' lines are drawn', true), every('None', ' of the lines is drawn', false)), list);
}
