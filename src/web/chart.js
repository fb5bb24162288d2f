/*
 * chart.js - lines over time, drawn by dygraphs (a package of the distributions', loaded when a chart is wanted).
 *
 * dygraphs is given no text of anybody's: series are s0, s1, … to it. What it draws is for the eye; the table
 * beneath says the same.
 */
import {h, said, svg} from './dom.js';
import {among, clock, number, zoneIsUtc} from './format.js';

/** @typedef {{name: string, field: string, dimensions: Record<string, string | null>, values: (number | null)[]}} Series */
/**
 * @typedef {object} Options
 * @property {string} label
 * @property {string} unit
 * @property {string[]} timestamps
 * @property {Series[]} series
 * @property {number[]} places each series' place among all: its colour
 * @property {(series: Series) => boolean} shown
 * @property {string} zone
 * @property {[number, number] | null} window what of the time is zoomed to
 * @property {{time: number, verdict: string}[]} marks change points
 * @property {AbortSignal} left
 * @property {(window: [number, number] | null) => void} zoomed
 * @property {(timestamp: string, series: Series) => void} chosen
 */

const DAY = 86400e3;
// Told apart by most who cannot tell all colours apart, on both grounds; then the same dashed, and dotted.
const COLOURS = ['#2a78c4', '#d9780b', '#1d9a6c', '#c4479a', '#7a6cd6', '#b58a00', '#d2453d', '#2a9db0'];
const DASHES = [null, [7, 4], [2, 3], [10, 3, 2, 3], [14, 5], [4, 8], [1, 6]];

/** @param {number} place */
export function colour(place) {
    return COLOURS[place % COLOURS.length] ?? '';
}

/** @param {number} place */
function dashes(place) {
    return DASHES[Math.floor(place / COLOURS.length) % DASHES.length] ?? null;
}

/**
 * How a series' line looks.
 * @param {number} place
 */
export function swatch(place) {
    return svg('svg', {class: 'swatch', viewBox: '0 0 24 8', width: 24, height: 8, 'aria-hidden': 'true'},
        svg('path', {d: 'M0 4h24', stroke: colour(place), 'stroke-width': 3, 'stroke-dasharray': dashes(place)?.join(' ') ?? null}));
}

/** How a change point looks, also to those who cannot tell red from green. @param {string} verdict @returns {[string, number[]]} */
function markOf(verdict) {
    return verdict === 'regression' ? ['#d2453d', [7, 3]] : verdict === 'improvement' ? ['#1d9a6c', [2, 3]] : ['#8a8f98', [3, 3]];
}

/** @param {string} verdict */
export function markSwatch(verdict) {
    const [stroke, dash] = markOf(verdict);
    return svg('svg', {class: 'swatch', viewBox: '0 0 8 18', width: 8, height: 18, 'aria-hidden': 'true'},
        svg('path', {d: 'M4 0v18', stroke, 'stroke-width': 2, 'stroke-dasharray': dash.join(' ')}));
}

/** @type {(url: string) => Promise<void>} */
function script(url) {
    return new Promise((resolve, reject) => document.head.append(h('script', {src: url, load: () => resolve(), error: reject})));
}

/** The library, once a page. False where the package is not there. */
export async function library() {
    if ('Dygraph' in window)
        return true;
    document.head.append(h('link', {rel: 'stylesheet', href: './dygraphs/dygraph.min.css'}));
    try {
        await script('./dygraphs/dygraph.min.js');
    } catch {
        return false;
    }
    if (!('Dygraph' in window))
        return false;
    // Of its parts only these: the legend has inline styles, and none of the others is wanted.
    const {Plugins} = /** @type {any} */ (window.Dygraph);
    /** @type {any} */ (window.Dygraph).PLUGINS = [Plugins.Axes, Plugins.Grid];
    return true;
}

/** Colours of the scheme in use. */
function scheme() {
    const style = getComputedStyle(document.body);
    const probe = document.body.appendChild(h('i', {hidden: true, style: {color: 'var(--line)'}}));
    const line = getComputedStyle(probe).color;
    probe.remove();
    return {axisLineColor: line, gridLineColor: line, axisLabelColor: style.color};
}

/**
 * What stands at a tick of the time axis.
 * @param {string} zone
 * @returns {(value: number | Date, granularity: number) => string}
 */
function tick(zone) {
    return (value, granularity) => {
        const text = clock(new Date(Number(value)), zone || 'UTC'), {Granularity} = /** @type {any} */ (window).Dygraph;
        const day = granularity >= Granularity.DAILY || text.endsWith(' 00:00');
        return granularity >= Granularity.MONTHLY ? text.slice(0, 7) : day ? text.slice(5, 10) : text.slice(11);
    };
}

/**
 * What is shown where nobody has zoomed: all of it, which dygraphs sees to; a single point would stand on the axis.
 * @param {Options} options
 * @returns {[number, number] | null}
 */
function whole({timestamps: [first = '', ...others]}) {
    return others.length > 0 ? null : [Date.parse(first) - DAY, Date.parse(first) + DAY];
}

/**
 * The chart, and above it what lies beneath the pointer.
 * @param {Options} options
 */
export function chart(options) {
    const place = h('div', {class: 'chart'});
    const readout = h('p', {class: 'readout dim', 'aria-hidden': 'true'}, matchMedia('(hover: none)').matches ? 'Tap a point for its runs.' : 'Drag to zoom, click a point for its runs.');
    const figure = h('figure', {class: 'plot'},
        h('figcaption', {}, h('span', {}, said(options.label), options.unit ? [' in ', said(options.unit)] : ''), readout),
        h('div', {role: 'img', 'aria-label': `Chart of ${options.label}; the table beneath has its values`}, place));
    /** @type {any} */
    let graph = null;
    // dygraphs measures its place, so that must have a size.
    const sized = new ResizeObserver(() => {
        if (place.clientWidth > 0 && !graph)
            graph = drawn(place, readout, options);
        else
            graph?.resize();
    });
    sized.observe(place);
    const repaint = () => graph?.updateOptions(scheme());
    const dark = matchMedia('(prefers-color-scheme: dark)');
    addEventListener('wfmetrics-theme', repaint);
    dark.addEventListener('change', repaint);
    options.left.addEventListener('abort', () => {
        sized.disconnect();
        removeEventListener('wfmetrics-theme', repaint);
        dark.removeEventListener('change', repaint);
    });
    return {figure, field: options.series[0]?.field ?? '',
        /** @param {[number, number] | null} to */
        zoom: to => graph?.updateOptions({dateWindow: to ?? whole(options)}),
        /** @param {{time: number, verdict: string}[]} found */
        mark: found => {
            options.marks = found;
            graph?.updateOptions({});
        },
        /** @param {(series: Series) => boolean} shown */
        show: shown => graph?.setVisibility(Object.fromEntries(options.series.map((s, i) => [i, shown(s)])))};
}

/** How far the values that are shown lie apart. @param {any} graph */
function span(graph) {
    const [low, high] = graph.yAxisRange();
    return high - low;
}

/** By the mouse alone: dygraphs takes every touch for itself, and nobody could scroll past a chart. A tap is a click. */
function touched() {
    const {touchstart, touchmove, touchend, ...model} = /** @type {any} */ (window).Dygraph.defaultInteractionModel;
    return model;
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} readout
 * @param {Options} options
 */
function drawn(place, readout, options) {
    const {series, timestamps, unit, zone} = options;
    const times = timestamps.map(t => Date.parse(t)), labels = series.map((_, i) => `s${i}`);
    /** @param {string} label */
    const of = label => series[Number(label.slice(1))];
    const graph = new /** @type {any} */ (window).Dygraph(place, times.map((t, row) => [new Date(t), ...series.map(s => s.values[row] ?? null)]), {
        labels: ['time', ...labels], legend: 'never', visibility: series.map(options.shown),
        colors: options.places.map(colour), strokeWidth: 1.5, connectSeparatedPoints: true,
        series: Object.fromEntries(labels.map((label, i) => [label, {strokePattern: dashes(options.places[i] ?? 0)}])),
        drawPoints: timestamps.length * series.length <= 400 || timestamps.length === 1, pointSize: 2.5, yRangePad: 12, xRangePad: 8,
        interactionModel: touched(), labelsUTC: zoneIsUtc(zone), dateWindow: options.window ?? whole(options), ...scheme(), animatedZooms: false,
        highlightCircleSize: 4, highlightSeriesOpts: {strokeWidth: 3, highlightCircleSize: 5}, highlightSeriesBackgroundAlpha: 1,
        axes: {x: {axisLabelFormatter: tick(zone), pixelsPerLabel: 48}, y: {axisLabelFormatter: (/** @type {number} */ v, /** @type {number} */ _, /** @type {any} */ __, /** @type {any} */ g) => among(v, span(g), 1), axisLabelWidth: 68}},
        highlightCallback: (/** @type {Event} */ _, /** @type {number} */ time, /** @type {{name: string, yval: number}[]} */ points, /** @type {number} */ __, /** @type {string} */ name) => {
            const point = points.find(p => p.name === name);
            if (point)
                readout.replaceChildren(clock(new Date(time), zone || 'UTC'), ' · ', said(of(name)?.name ?? ''), ' · ', h('strong', {}, among(point.yval, span(graph)), unit ? ` ${unit}` : ''));
        },
        clickCallback: (/** @type {Event} */ _, /** @type {number} */ time) => {
            const chosen = of(graph.getHighlightSeries() ?? 's0'), row = times.indexOf(time);
            if (chosen && chosen.values[row] !== null)
                options.chosen(timestamps[row] ?? '', chosen);
        },
        zoomCallback: () => options.zoomed(graph.isZoomed('x') ? graph.xAxisRange() : null),
        underlayCallback: (/** @type {CanvasRenderingContext2D} */ canvas, /** @type {any} */ area, /** @type {any} */ g) => marks(canvas, area, g, options),
    });
    options.left.addEventListener('abort', () => graph.destroy());
    return graph;
}

/**
 * Change points: a line from top to bottom, as their verdict is.
 * @param {CanvasRenderingContext2D} canvas
 * @param {{y: number, h: number}} area
 * @param {any} graph
 * @param {Options} options
 */
function marks(canvas, area, graph, options) {
    canvas.save();
    canvas.lineWidth = 1.5;
    for (const mark of options.marks) {
        const x = graph.toDomXCoord(mark.time);
        const [colour, dash] = markOf(mark.verdict);
        canvas.strokeStyle = colour;
        canvas.setLineDash(dash);
        canvas.beginPath();
        canvas.moveTo(x, area.y);
        canvas.lineTo(x, area.y + area.h);
        canvas.stroke();
    }
    canvas.restore();
}
