/*
 * repositories.js - the GitHub repositories that the cluster's configs are of.
 */
import {empty, field, h, input, said, table} from '../dom.js';
import {ago, away, count, github, number, statuses, time} from '../format.js';

/** @typedef {import('../app.js').Context} Context */

const PAGE = 50;

/** @param {Context} ctx */
export async function view(ctx) {
    const q = ctx.params.get('q') ?? '', offset = Number(ctx.params.get('offset')) || 0;
    const {repositories, total} = await ctx.api.get('/repositories', {query: {q, offset, limit: PAGE}, signal: ctx.signal});
    return h('section', {},
        h('div', {class: 'head'}, h('h1', {}, 'Repositories'), h('p', {class: 'dim', 'data-said': true}, count(total, 'repository', 'repositories'))),
        h('div', {class: 'controls', role: 'search', 'aria-label': 'Filters'},
            field('Name holds', input('q', q, value => ctx.update({q: value, offset: null}), {type: 'search'}))),
        repositories.length === 0
            ? q ? empty('No repository is like that.', h('a', {href: ctx.link('repositories')}, 'Show all'))
                : empty('No repositories yet.', 'A config names the repository that it is of. ', h('a', {href: ctx.link('overview')}, 'See the configs'))
            : table('Repositories', ['Repository', h('span', {class: 'n'}, 'Configs'), 'Runs', h('span', {class: 'n'}, 'Metric rows'), 'Last run'],
                repositories.map(r => h('tr', {},
                    h('th', {scope: 'row'}, h('a', {href: ctx.link('repository', {owner: r.github_owner, repo: r.github_repo})}, said(`${r.github_owner}/${r.github_repo}`)),
                        h('small', {}, away(github(r), 'on GitHub'))),
                    h('td', {class: 'n'}, number(r.configs)),
                    h('td', {}, statuses(r.runs, () => ctx.link('repository', {owner: r.github_owner, repo: r.github_repo}))),
                    h('td', {class: 'n'}, number(r.metrics)),
                    h('td', {}, time(r.last_run_at), h('small', {}, ago(r.last_run_at)))))),
        h('nav', {class: 'pages', 'aria-label': 'Pages'},
            offset > 0 && h('a', {href: ctx.same({offset: Math.max(0, offset - PAGE) || null})}, '← Before'),
            offset + PAGE < total && h('a', {href: ctx.same({offset: offset + PAGE})}, 'After →')));
}
