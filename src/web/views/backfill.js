/*
 * backfill.js - runs for finished runners that have none: counted first, then made; and how that goes on.
 */
import {act} from '../act.js';
import {empty, failure, field, h, input, region, said, select, table} from '../dom.js';
import {ago, away, badge, count, duration, github, number, time} from '../format.js';
import {id as idOf} from '../url.js';

/** @typedef {import('../app.js').Context} Context */
/** @typedef {import('../app.js').Config} Config */
/** @typedef {import('#types').Task} Task */
/** @typedef {import('#types').Runner} Runner */

const DAY = 86400e3, AGAIN = 2000;

/** @param {Context} ctx */
export async function view(ctx) {
    const configs = await ctx.configs(), id = idOf(ctx.params, 'config') || configs[0]?.id;
    if (!id)
        return h('section', {}, h('h1', {}, 'Backfill'), empty('There are no configs yet.', h('a', {href: ctx.link('overview')}, 'See the overview')));
    /** @param {number} days */
    const day = days => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
    const from = ctx.params.get('from') ?? day(-7), to = ctx.params.get('to') ?? day(0);
    const range = {start_time: `${from}T00:00:00Z`, end_time: `${to}T23:59:59.999999Z`};
    const known = region(ctx, 'runners', signal => ctx.api.get('/configs/{id}/runners', {path: {id}, query: {since: range.start_time, limit: 100}, signal}),
        found => runners(found, configs.find(c => c.id === id)));
    let running = false;
    const watched = region(ctx, 'tasks', signal => ctx.api.get('/configs/{id}/backfill/tasks', {path: {id}, query: {limit: 20}, signal}), page => {
        const before = running;
        running = page.tasks.some(t => t.status === 'pending' || t.status === 'in_progress');
        if (running) { // until they have ended, or the view is left
            const timer = setTimeout(() => watched.dispatchEvent(new Event('anew')), AGAIN);
            ctx.left.addEventListener('abort', () => clearTimeout(timer));
        } else if (before) // runners have runs now
            known.dispatchEvent(new Event('anew'));
        return tasks(ctx, id, page, running);
    });
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Backfill'), h('p', {class: 'dim'}, 'Makes a pending run of every finished runner that has none, so that its results are collected.')),
        h('div', {class: 'controls'},
            field('Config', select('config', configs.map(c => /** @type {[string, string]} */ ([String(c.id), c.name])), String(id), value => ctx.update({config: value}))),
            field('Ended from (UTC)', input('from', from, value => ctx.update({from: value}), {type: 'date'})),
            field('To (UTC)', input('to', to, value => ctx.update({to: value}), {type: 'date'})),
            ctx.readOnly ? null : start(ctx, id, range)),
        h('h2', {}, 'Tasks'),
        watched,
        h('h2', {}, 'Finished runners'),
        known);
}

/**
 * First counted, then made: the second button comes with the first one's answer.
 * @param {Context} ctx
 * @param {number} id
 * @param {{start_time: string, end_time: string}} range
 */
function start(ctx, id, range) {
    const answer = h('span', {class: 'answer', role: 'status'});
    const make = h('button', {type: 'button', class: 'primary', id: 'make', hidden: true, click: async () => {
        if (await ctx.confirm('Make these runs?', [answer.textContent, 'They become pending, and a collector takes them up.'], 'Make runs'))
            await act(ctx, make, () => ctx.api.post('/configs/{id}/backfill', {path: {id}, body: range}));
    }}, 'Make the runs');
    const dry = h('button', {type: 'button', id: 'dry', click: async () => {
        dry.disabled = true;
        make.hidden = true;
        try {
            const {message, status} = await ctx.api.post('/configs/{id}/backfill', {path: {id}, body: {...range, dry_run: true}, signal: ctx.signal});
            answer.replaceChildren(said(message));
            make.hidden = status === 'completed' && / 0$/.test(message);
        } catch (error) {
            answer.replaceChildren(failure(error));
        }
        dry.disabled = false;
    }}, 'Count what is missing');
    return h('span', {class: 'start'}, dry, ' ', make, ' ', answer);
}

/**
 * @param {Context} ctx
 * @param {number} id
 * @param {{tasks: Task[], total: number}} page
 * @param {boolean} running
 */
function tasks(ctx, id, {tasks: all, total}, running) {
    if (all.length === 0)
        return h('p', {class: 'dim'}, 'None yet.');
    return [
        running && !ctx.readOnly ? cancel(ctx, id) : null,
        table('Tasks', ['Task', 'Status', h('span', {class: 'n'}, 'Missing'), h('span', {class: 'n'}, 'Made'), h('span', {class: 'n'}, 'Cannot have one'), 'Of runners that ended', 'Begun', h('span', {class: 'n'}, 'Took')],
            all.map(t => h('tr', {},
                h('th', {scope: 'row'}, `${t.task_id}${t.dry_run ? ', counted only' : ''}`),
                h('td', {}, badge(t.status), t.error_message ? h('small', {class: 'error'}, said(t.error_message)) : null),
                h('td', {class: 'n'}, number(t.total)), h('td', {class: 'n'}, number(t.processed)), h('td', {class: 'n'}, number(t.failed)),
                h('td', {}, time(t.start_time), ' to ', time(t.end_time), Array.isArray(t.workload_uids) ? h('small', {}, count(t.workload_uids.length, 'runner'), ' named') : null),
                h('td', {}, time(t.created_at), h('small', {}, ago(t.created_at))), h('td', {class: 'n'}, duration(t.started_at, t.completed_at))))),
        total > all.length && h('p', {class: 'dim'}, `The newest ${all.length} of ${total}.`),
    ];
}

/**
 * @param {Context} ctx
 * @param {number} id
 */
function cancel(ctx, id) {
    const button = h('button', {type: 'button', id: 'cancel-tasks', click: async () => {
        if (await ctx.confirm('End the tasks that run?', ['Runs that are made already stay.'], 'End them'))
            await act(ctx, button, () => ctx.api.post('/configs/{id}/backfill/cancel', {path: {id}}));
    }}, 'End the tasks that run');
    return h('p', {}, button);
}

/**
 * @param {{runners: Runner[], total: number, message?: string}} found
 * @param {Config | undefined} config
 */
function runners({runners: all, total, message}, config) {
    if (all.length === 0)
        return empty('No finished runners.', message ? said(message) : 'None has ended since that day: choose an earlier one.');
    return [
        h('p', {class: 'dim'}, total > all.length ? `The newest ${all.length} of ${count(total, 'runner')}` : count(total, 'runner')),
        table('Finished runners', ['Runner', 'Has a run', 'Ended', h('span', {class: 'n'}, 'Took'), 'Workflow', 'Branch', 'GitHub run'], all.map(r => h('tr', {},
            h('th', {scope: 'row'}, said(r.name ?? r.uid)),
            h('td', {}, h('span', {class: `badge ${r.processed ? 'good' : 'busy'}`}, r.processed ? 'yes' : 'missing')),
            h('td', {}, time(r.completed_at)), h('td', {class: 'n'}, duration(r.started_at, r.completed_at)),
            h('td', {}, r.workflow_name ? said(r.workflow_name) : '–'), h('td', {}, r.branch ? said(r.branch) : '–'),
            h('td', {}, r.github_run_id && config ? away(github(config, 'actions', 'runs', r.github_run_id), String(r.github_run_id)) : '–')))),
    ];
}
