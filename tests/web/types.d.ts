/*
 * types.d.ts - how src/web/api.js is typed by the API's description (made into wfmetrics.d.ts).
 */
import type { components, paths } from './wfmetrics';

type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

/** Paths that know a method. */
export type With<M extends Method> = {
    [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Inputs<O> = O extends { parameters: infer I } ? I : never;
type Part<O, K extends string> = Inputs<O> extends Record<K, infer V> ? V : unknown;
type Optional<O, K extends string> = Inputs<O> extends { [k in K]?: infer V } ? V : unknown;
type Json<R> = R extends { content: { 'application/json': infer B } } ? B : never;

export type Input<P extends keyof paths, M extends Method> = {
    path?: Part<Operation<P, M>, 'path'>;
    query?: Optional<Operation<P, M>, 'query'>;
    body?: Operation<P, M> extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
    headers?: Record<string, string>;
    signal?: AbortSignal;
};

/** What stands in "data" of a success. */
export type Data<P extends keyof paths, M extends Method> =
    Operation<P, M> extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202)]: Json<R[S]> }[keyof R & (200 | 201 | 202)] extends { data: infer D } ? D : never : never;

export type Config = components['schemas']['Config'];
export type Run = components['schemas']['Run'];
export type RunListed = components['schemas']['RunListed'];
export type MetricRow = components['schemas']['Metric'];
export type Schema = components['schemas']['Schema'];
export type Preview = components['schemas']['SchemaPreview'];
export type Task = components['schemas']['BackfillTaskListed'];
export type Runner = components['schemas']['Runner'];
export type Changes = Data<'/configs/{id}/metrics/changes', 'post'>;
export type Change = Changes['series'][number]['changes'][number];
export type Comparison = Data<'/configs/{id}/compare', 'get'>;
export type ChangesListed = Data<'/configs/{id}/changes', 'get'>;
export type ChangeListed = ChangesListed['changes'][number];
