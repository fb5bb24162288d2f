/*
 * main.js - runs the suites, one after the other: they share a browser, a demo, and two cores.
 */
import {closeAll} from './harness.js';
import {after} from 'node:test';

const ALL = ['frame', 'overview', 'explore', 'runs', 'compare', 'changes', 'schemas', 'repositories', 'reference', 'texts', 'trouble'];

after(closeAll);
for (const suite of process.env.SUITES ? process.env.SUITES.split(' ') : ALL)
    await import(`./test_${suite}.js`);
