/*
 * repository.js - one GitHub repository: its configs, and what GitHub ran last.
 */
import {empty, h, said, table} from '../dom.js';
import {ago, away, count, duration, github, number, onGithub, statuses, time} from '../format.js';

/** @typedef {import('../app.js').Context} Context */

/** @param {Context} ctx */
export async function view(ctx) {
    const owner = ctx.params.get('owner') ?? '', repo = ctx.params.get('repo') ?? '';
    if (!owner || !repo)
        return empty('Which repository?', h('a', {href: ctx.link('repositories')}, 'Choose one of the list'));
    const found = await ctx.api.get('/repositories/{owner}/{repo}', {path: {owner, repo}, signal: ctx.signal});
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, said(`${owner}/${repo}`)), away(github(found), 'on GitHub'),
            h('p', {class: 'dim'}, count(found.configs, 'config'), ', ', count(found.metrics, 'metric row'))),
        h('h2', {}, 'Configs'),
        table('Configs', ['Config', 'Runs', h('span', {class: 'n'}, 'Metric rows'), 'Last run', 'More'], found.config_list.map(c => h('tr', {},
            h('th', {scope: 'row'}, h('a', {href: ctx.link('explore', {config: c.id})}, said(c.name)), h('small', {}, said(c.runner_set_name), c.enabled ? '' : ', disabled')),
            h('td', {}, statuses(c.runs, status => ctx.link('runs', {config: c.id, status}))),
            h('td', {class: 'n'}, number(c.metrics)),
            h('td', {}, time(c.last_run_at), h('small', {}, ago(c.last_run_at))),
            h('td', {}, h('span', {class: 'parts'}, h('a', {href: ctx.link('runs', {config: c.id})}, 'Runs'), h('a', {href: ctx.link('schemas', {config: c.id})}, 'Schemas'),
                h('a', {href: ctx.link('backfill', {config: c.id})}, 'Backfill')))))),
        h('h2', {}, 'What GitHub ran last'),
        found.github_runs.length === 0 ? empty('None of the runs is known to be GitHub’s.', 'A run that a collector or a workflow makes names its GitHub run.')
            : table('What GitHub ran last', ['Run', 'Workflow', 'Runs here', h('span', {class: 'n'}, 'Rows'), 'Started', h('span', {class: 'n'}, 'Took')], found.github_runs.map(r => h('tr', {},
                h('th', {scope: 'row'}, onGithub(r, found)),
                h('td', {}, r.workflow_name ? said(r.workflow_name) : '–'),
                h('td', {}, statuses(r.runs, status => ctx.link('runs', {github_run_id: r.github_run_id, status}))),
                h('td', {class: 'n'}, number(r.metrics_count)),
                h('td', {}, time(r.started_at), h('small', {}, ago(r.started_at))),
                h('td', {class: 'n'}, duration(r.started_at, r.completed_at))))));
}
