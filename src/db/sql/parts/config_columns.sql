-- A config's whole row, of alias c, in the order of the API's answer. A field that may be of any
-- size is '' in place of a text of more than 1 MiB: no JSON is '', so that it can be told from one
-- that is there (and from NULL). What older databases lack is looked for in the row first; where
-- that has no such column it is the chr(1) outside.
c.id, c.name,
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT to_json(c.description)::text AS t OFFSET 0) x),
c.runner_set_namespace, c.runner_set_name, c.runner_set_uid,
c.github_owner, c.github_repo, c.workflow_filter, c.branch_filter,
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT c.file_patterns::text AS t OFFSET 0) x),
c.metric_schema_id, c.enabled, c.last_processed_workload_uid, c.last_checked_at, c.cluster_name,
c.created_at, c.updated_at,
(SELECT (SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
           FROM (SELECT display_settings::text AS t FROM (SELECT c.*) found OFFSET 0) x)
   FROM (SELECT chr(1) AS display_settings) without),
(SELECT (SELECT runner_set_id::text FROM (SELECT c.*) found)
   FROM (SELECT chr(1) AS runner_set_id) without)
