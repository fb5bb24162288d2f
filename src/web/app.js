/*
 * app.js - the frame: finds the API, draws the view that the address names, and the next one when the
 * address changes.
 *
 * A view is a function of its state: it gets a context (below), and answers an element. What it still
 * loads then, it loads in regions. The view before it stays until the element is there, and what it
 * still waits for is given up.
 */
import {Api, ApiError, find} from './api.js';
import {confirm, empty, failure, h, inHand, select} from './dom.js';
import {change, read, write} from './url.js';

/** @typedef {import('#types').Config} Config */
/** @typedef {{name: string, own: boolean, read_only: boolean, takes_results: boolean}} Cluster */
/** @typedef {import('./url.js').Patch} Patch */
/**
 * @typedef {object} Context
 * @property {URLSearchParams} params the view's state
 * @property {Api} api
 * @property {string} cluster
 * @property {boolean} readOnly
 * @property {boolean} takesResults
 * @property {AbortSignal} signal for what is asked now: aborted when somebody cancels, or the view is left
 * @property {AbortSignal} left aborted when the view is left, or drawn anew: what it listens to ends
 * @property {(view: string, patch?: Patch) => string} link to a view, with these parameters
 * @property {(patch: Patch) => string} same this view's address with some parameters changed
 * @property {(patch: Patch) => void} update goes there
 * @property {(patch: Patch) => void} note the same, without a step of history and without drawing anew
 * @property {() => void} reload what is stored is another: the view is drawn anew, if it is there still
 * @property {<T>(key: string, load: () => Promise<T>) => Promise<T>} keep what a view has asked already, until it is left or reloaded
 * @property {() => Promise<Config[]>} configs of the cluster
 * @property {(text: string) => void} say for those who do not see it change
 * @property {(title: string, text: import('./dom.js').Child[], yes: string) => Promise<boolean>} confirm
 */
/** @typedef {(ctx: Context) => Promise<Element> | Element} View */

/** @type {Record<string, {title: string, nav: boolean, load: () => Promise<{view: View}>}>} */
const VIEWS = {
    overview: {title: 'Overview', nav: true, load: () => import('./views/overview.js')},
    explore: {title: 'Explore', nav: true, load: () => import('./views/explore.js')},
    runs: {title: 'Runs', nav: true, load: () => import('./views/runs.js')},
    compare: {title: 'Compare', nav: true, load: () => import('./views/compare.js')},
    changes: {title: 'Changes', nav: true, load: () => import('./views/changed.js')},
    schemas: {title: 'Schemas', nav: true, load: () => import('./views/schemas.js')},
    repositories: {title: 'Repositories', nav: true, load: () => import('./views/repositories.js')},
    repository: {title: 'Repository', nav: false, load: () => import('./views/repository.js')},
    backfill: {title: 'Backfill', nav: false, load: () => import('./views/backfill.js')},
    api: {title: 'API', nav: true, load: () => import('./views/reference.js')},
    run: {title: 'Run', nav: false, load: () => import('./views/run.js')},
};

// What says which page of a list it is.
const PLACE = {cursor: null, offset: null};
const THEMES = ['auto', 'light', 'dark'];

/** @param {string} id */
function byId(id) {
    return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** What the browser remembers, if it is let. @returns {string} */
function theme() {
    try {
        return localStorage.getItem('wfmetrics.theme') ?? 'auto';
    } catch {
        return 'auto';
    }
}

/** @param {string} name */
function paint(name) {
    document.documentElement.dataset.theme = name;
    try {
        localStorage.setItem('wfmetrics.theme', name);
    } catch {
        // then for this page alone
    }
    // A canvas has its colours from what was computed.
    dispatchEvent(new Event('wfmetrics-theme'));
}

/**
 * A view's own file: it may be out of reach, or newer than what is there of the page.
 * @template T
 * @param {() => Promise<T>} load
 */
async function part(load) {
    try {
        return await load();
    } catch (error) {
        console.warn(error);
        throw new ApiError('a part of the page cannot be loaded: try again, or reload the page', 0);
    }
}

/** @param {string} text */
function say(text) {
    const said = byId('said');
    said.append(h('p', {}, text)); // one may follow the other at once
    while (said.childElementCount > 3)
        said.firstElementChild?.remove();
}

class Page {
    /**
     * @param {string} root
     * @param {Cluster[]} clusters
     */
    constructor(root, clusters) {
        this.root = root;
        this.clusters = clusters;
        this.leaving = new AbortController();
        this.asking = new AbortController();
        /** @type {Map<string, {coming: Promise<any>, there: boolean}>} */
        this.kept = new Map();
        /** @type {string | null} */
        this.drawn = null; // the address
        this.running = 0;
        this.own = clusters.find(c => c.own)?.name ?? '';
    }

    /**
     * One more or one less is under way, a request or a view.
     * @param {number} more
     */
    progress(more) {
        this.running += more;
        byId('progress').hidden = this.running === 0;
    }

    /** What is waited for is given up. The view stays, and may ask again. */
    cancel() {
        this.asking.abort();
        this.asking = new AbortController();
    }

    /** @returns {Context} */
    context() {
        const {view, params} = read(location.hash), page = this, left = this.leaving.signal;
        const cluster = params.get('cluster') ?? '';
        const api = new Api(this.root, cluster, more => this.progress(more));
        const serving = this.clusters.find(c => c.own);
        /** @type {Map<string, Patch>} */
        const links = new Map();
        /** @param {Patch} patch */
        const same = patch => {
            const now = read(location.hash); // not what this view was drawn from: controls meanwhile changed it
            const address = write(now.view, change(now.params, patch));
            links.set(address, patch);
            return address;
        };
        // An answer may come when somebody has gone on: it is no business of the view that he is at.
        const here = () => read(location.hash).view === view;
        return {
            params, api, cluster: cluster || this.own, left, say, same,
            get signal() {
                return left.aborted ? left : page.asking.signal;
            },
            confirm: (title, text, yes) => confirm(title, text, yes, left),
            readOnly: serving?.read_only ?? false, takesResults: serving?.takes_results ?? false,
            link: (view, patch = {}) => write(view, change(new URLSearchParams(), {...patch, cluster})),
            update: patch => {
                if (here())
                    location.hash = same(patch);
            },
            note: patch => {
                if (left.aborted || location.hash !== this.drawn)
                    return; // another view is on its way
                history.replaceState(null, '', same(patch));
                this.drawn = location.hash;
                // links that are there lead from here, too
                for (const a of byId('main').querySelectorAll('a')) {
                    const to = links.get(a.getAttribute('href') ?? '');
                    if (to)
                        a.href = same(to);
                }
            },
            reload: () => {
                if (here())
                    this.draw(true);
            },
            keep: (key, load) => this.keep(`${cluster} ${key}`, load),
            configs: () => this.keep(`${cluster} configs`, () => configs(api, page.asking.signal)),
        };
    }

    /**
     * What failed is not kept.
     * @template T
     * @param {string} key
     * @param {() => Promise<T>} load
     * @returns {Promise<T>}
     */
    keep(key, load) {
        const known = this.kept.get(key);
        if (known)
            return known.coming;
        const coming = load(), entry = {coming, there: false};
        this.kept.set(key, entry);
        coming.then(() => {
            entry.there = true;
        }, () => this.kept.get(key) === entry && this.kept.delete(key));
        return coming;
    }

    /**
     * What is still waited for is given up, and some of what is there is not wanted any more.
     * @param {boolean} all
     */
    forget(all) {
        this.leaving.abort();
        this.asking.abort();
        this.leaving = new AbortController();
        this.asking = new AbortController();
        for (const [key, {there}] of this.kept)
            if (all || !there)
                this.kept.delete(key);
    }

    /** @param {boolean} [anew] */
    async draw(anew = false) {
        const {view: name, params} = read(location.hash), known = VIEWS[name], before = this.drawn === null ? null : read(this.drawn);
        const same = before?.view === name && (before.params.get('cluster') ?? '') === (params.get('cluster') ?? '');
        const turned = same && !anew && write(name, change(before.params, PLACE)) === write(name, change(params, PLACE));
        this.forget(anew || !same);
        this.drawn = location.hash;
        const ctx = this.context(), {left} = ctx; // now: the address may be another one when the view's file is there
        this.navigation(name, params);
        this.progress(1);
        /** @type {Element} */
        let element;
        try {
            element = known ? await (await part(known.load)).view(ctx)
                : empty('There is no such view.', h('a', {href: '#/overview'}, 'Go to the overview'));
        } catch (error) {
            if (left.aborted)
                return; // another view is on its way
            const again = failure(error, () => this.draw(true)), cluster = params.get('cluster') ?? '';
            // What the address names is not there: the way to what is.
            element = error instanceof ApiError && error.status === 404 ? h('div', {}, again, h('p', {},
                h('a', {href: write('overview', change(new URLSearchParams(), {cluster: this.clusters.some(c => c.name === cluster) ? cluster : ''}))}, 'Go to the overview'))) : again;
        } finally {
            this.progress(-1);
        }
        if (!left.aborted)
            this.show(element, known?.title ?? 'Not found', before === null ? 'first' : turned ? 'page' : same ? 'same' : 'other');
    }

    /**
     * @param {Element} element
     * @param {string} title
     * @param {'first' | 'other' | 'same' | 'page'} which whether the view is another one, the same with another state, or only another page of a list;
     * who has just come is at the page's beginning, where its links are
     */
    show(element, title, which) {
        const main = byId('main'), restore = inHand(main), list = main.querySelector('[aria-busy][id]:focus-within')?.id;
        const before = new Map([...main.querySelectorAll('[aria-busy][id]')].map(r => [r.id, r]));
        const known = new Set([...main.querySelectorAll('details[id]')].map(d => d.id));
        const open = new Set([...main.querySelectorAll('details[open][id]')].map(d => d.id));
        const typed = new Map([...main.querySelectorAll('input[data-keep][id]')].map(i => [i.id, /** @type {HTMLInputElement} */ (i).value]));
        document.title = `${title} – Workflow metrics`;
        main.replaceChildren(element);
        if (!element.querySelector('h1'))
            element.before(h('h1', {}, title));
        if (which === 'first')
            return;
        // regions say theirs when they have it
        const found = [...main.querySelectorAll('[data-said]')].find(e => !e.closest('[aria-busy]'))?.textContent;
        if (found)
            say(found);
        if (which === 'other' || which === 'page')
            main.focus({preventScroll: true});
        if (which === 'other')
            return scrollTo(0, 0);
        // What loads shows what it showed before, and what was open and in hand stays so.
        for (const region of main.querySelectorAll('[aria-busy="true"][id]')) {
            const old = before.get(region.id);
            if (old && old.childNodes.length > 0)
                region.replaceChildren(...old.childNodes);
        }
        for (const details of main.querySelectorAll('details[id]'))
            details.toggleAttribute('open', open.has(details.id) || (!known.has(details.id) && details.hasAttribute('open')));
        if (which === 'page') // from its beginning
            return (list ? byId(list) : document.body).scrollIntoView();
        // once what is open has its content
        setTimeout(() => this.restore(typed, restore));
    }

    /**
     * What was typed without effect on the address yet, and the focus.
     * @param {Map<string, string>} typed
     * @param {() => void} focus
     */
    restore(typed, focus) {
        for (const [id, text] of typed) {
            const input = document.getElementById(id);
            if (input instanceof HTMLInputElement && text !== '') {
                input.value = text;
                input.dispatchEvent(new Event('input'));
            }
        }
        focus();
    }

    /**
     * @param {string} name
     * @param {URLSearchParams} params
     */
    navigation(name, params) {
        const cluster = params.get('cluster') ?? '';
        /** @param {string} view */
        const to = view => write(view, change(new URLSearchParams(), {cluster}));
        byId('nav').replaceChildren(...Object.entries(VIEWS).filter(([, v]) => v.nav).map(([view, {title}]) =>
            h('a', {href: to(view), 'aria-current': view === name ? 'page' : null}, title)));
        const focused = document.activeElement?.id ?? '';
        byId('tools').replaceChildren(
            ...(this.clusters.length < 2 ? [] : [h('label', {}, 'Cluster ', select('cluster', this.clusters.map(c => [c.own ? '' : c.name, c.name]),
                cluster === this.own ? '' : cluster, value => this.choose(name, value)))]),
            ...(this.clusters.find(c => c.own)?.read_only ? [h('span', {class: 'badge idle'}, 'read-only')] : []),
            select('theme', THEMES.map(t => [t, t === 'auto' ? 'Auto' : t === 'light' ? 'Light' : 'Dark']), theme(), paint,
                {'aria-label': 'Colours'}));
        if (focused === 'cluster' || focused === 'theme')
            byId(focused)?.focus();
    }

    /**
     * Another cluster has other configs and runs: of the state only the view stays.
     * @param {string} view
     * @param {string} cluster
     */
    choose(view, cluster) {
        location.hash = write(VIEWS[view]?.nav ? view : 'overview', change(new URLSearchParams(), {cluster}));
    }
}

/**
 * All of a cluster's configs, as far as a person can choose among them.
 * @param {Api} api
 * @param {AbortSignal} signal
 * @returns {Promise<Config[]>}
 */
async function configs(api, signal) {
    /** @type {Config[]} */
    const all = [];
    for (;;) {
        const {configs: some, total} = await api.get('/configs', {query: {limit: 100, offset: all.length}, signal});
        all.push(...some);
        if (some.length === 0 || all.length >= total || all.length >= 1000)
            return all;
    }
}

/** @param {string[]} candidates */
async function start(candidates) {
    const main = byId('main');
    main.replaceChildren(h('p', {class: 'loading'}, 'Loading…'));
    VIEWS[read(location.hash).view]?.load().catch(() => {}); // meanwhile; whether it can be had is said when it is drawn
    try {
        const {root, clusters} = await find(candidates);
        const page = new Page(root, clusters);
        byId('cancel').addEventListener('click', () => page.cancel());
        addEventListener('hashchange', () => {
            if (location.hash !== page.drawn)
                page.draw();
        });
        byId('foot').replaceChildren('API: ', h('a', {href: root}, root));
        page.draw();
    } catch (error) {
        main.replaceChildren(failure(error, () => start(candidates)));
    }
}

document.documentElement.dataset.theme = theme();
byId('skip').addEventListener('click', event => {
    event.preventDefault();
    byId('main').focus();
});
start((document.querySelector('meta[name=wfmetrics-api]')?.getAttribute('content') ?? '').split(/\s+/).filter(c => c));
