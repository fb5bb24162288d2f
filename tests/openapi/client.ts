// client.ts - a small client against the types that openapi-typescript makes of the description: that
// it compiles shows that the types can be worked with, that it runs that they are true.

import assert from "node:assert/strict";
import type { components, operations, paths } from "./wfmetrics.js";

type Run = components["schemas"]["RunListed"];
type Method = "get" | "post" | "put" | "patch" | "delete";

// The JSON that an operation answers with when nothing is wrong.
type Json<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201)]: R[S] extends { content: { "application/json": infer J } } ? J : never }[keyof R & (200 | 201)]
  : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;

const api = process.argv[2];
assert(api, "usage: client.js URL-OF-THE-API");

async function call<P extends keyof paths, M extends Method & keyof paths[P]>(
  method: M,
  path: P,
  ids: Record<string, number | string>,
  query?: Query<paths[P][M]>,
  body?: Body<paths[P][M]>,
): Promise<Json<paths[P][M]>> {
  const url = new URL(api + path.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(String(ids[name]))));
  for (const [key, value] of Object.entries(query ?? {}))
    url.searchParams.set(key, typeof value === "object" ? JSON.stringify(value) : String(value));
  const answer = await fetch(url, {
    method: method.toUpperCase(),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(((await answer.json()) as components["schemas"]["Error"]).message);
  return (await answer.json()) as Json<paths[P][M]>;
}

// All runs that are done, page by page.
async function completedRuns(): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | null | undefined;
  do {
    const { data } = await call("get", "/runs", {}, { status: "completed", limit: 20, ...(cursor ? { cursor } : {}) });
    runs.push(...data.runs);
    cursor = data.next_cursor;
  } while (cursor);
  return runs;
}

const { data: root } = await call("get", "/", {});
assert.equal(root.name, "mod_wfmetrics");

const { data: configs } = await call("get", "/configs", {}, { limit: 1, offset: 0 });
assert.equal(configs.configs.length, 1);

const runs = await completedRuns();
assert(runs.length > 20 && runs.every((run) => run.status === "completed"));
assert.equal(new Set(runs.map((run) => run.id)).size, runs.length);

const trends = await call("post", "/configs/{id}/metrics/trends", { id: 1 }, undefined, {
  metric_fields: ["throughput"],
  group_by: ["Op"],
  interval: "1w",
  dimensions: { Op: ["GEMM", "Attention"] },
});
for (const series of trends.data.series) {
  const mean: number | null | undefined = series.values[0];
  assert(mean === null || typeof mean === "number");
  assert.equal(series.values.length, trends.data.timestamps.length);
}
assert(trends.data.series.some((series) => series.dimensions["Op"] === "GEMM"));

const values = await call("get", "/configs/{id}/dimensions/{dimension}/values", { id: 1, dimension: "Backend:Stage" });
assert(values.data.values.length > 0);

// Two editors, one of whom comes too late.
const created = await call("post", "/configs", {}, undefined, {
  name: "client.ts",
  runner_set_namespace: "tests",
  runner_set_name: "client-ts",
  github_owner: "o",
  github_repo: "r",
  file_patterns: ["**/*.csv"],
});
const id = created.data.config_id;
const config = await call("get", "/configs/{id}", { id });
assert(Array.isArray(config.data.file_patterns)); // jsonb may hold anything; an array of it has texts
const patterns: string[] = config.data.file_patterns;
assert.deepEqual(patterns, ["**/*.csv"]);
const patched = await call("patch", "/configs/{id}", { id }, undefined, { description: "", enabled: false });
const enabled: operations["patch_configs_id"]["responses"][200]["content"]["application/json"]["data"]["enabled"] =
  patched.data.enabled;
assert.equal(enabled, false);
await assert.rejects(
  call("post", "/configs/{id}/schemas", { id }, undefined, { name: " ", fields: [] }),
  /name must not be blank/,
);
assert.equal((await call("delete", "/configs/{id}", { id })).data.deleted, true);
console.log(`client.ts: ${runs.length} runs, ${trends.data.series.length} series`);
