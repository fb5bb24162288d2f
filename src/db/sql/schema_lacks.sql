-- $1 id, $2 what schema_patch has as $3: the names that the schema lacks, as a JSON array; no row: no schema.
-- reads
SELECT (SELECT coalesce(json_agg(p.value ->> 'name' ORDER BY p.place), '[]')
          FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY p (value, place)
         WHERE NOT EXISTS (SELECT FROM (:schema_names) n WHERE n.name = p.value ->> 'name'))
  FROM github_workflow_metric_schemas s
 WHERE s.id = $1::bigint
