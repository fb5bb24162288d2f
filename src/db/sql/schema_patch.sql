-- $1 id, $2 versions as in config_put, $3 what to say of fields, an array of objects with names: the id; no
-- row: no such schema or version, or it lacks a name. A field that is a name alone becomes an object, one
-- that only a list names is added. The row is read as it is when the lock is got, so that patches at
-- once all survive.
-- writes
UPDATE github_workflow_metric_schemas s
   SET fields = (
        SELECT jsonb_agg(f.value ORDER BY f.place)
          FROM (SELECT e.place,
                       CASE WHEN p.value IS NULL THEN e.value
                            WHEN jsonb_typeof(e.value) = 'object' THEN e.value || jsonb_strip_nulls(p.value)
                            ELSE jsonb_strip_nulls(p.value) END AS value
                  FROM jsonb_array_elements(:schema_fields) WITH ORDINALITY e (value, place)
                  LEFT JOIN jsonb_array_elements($3::jsonb) p ON p.value ->> 'name' =
                       CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value ->> 'name'
                            WHEN 'string' THEN e.value #>> '{}' END
                 UNION ALL
                SELECT jsonb_array_length(:schema_fields) + p.place, jsonb_strip_nulls(p.value)
                  FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY p (value, place)
                 WHERE NOT EXISTS (
                    SELECT FROM jsonb_array_elements(:schema_fields) e
                     WHERE p.value ->> 'name' =
                           CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value ->> 'name'
                                WHEN 'string' THEN e.value #>> '{}' END)) f),
       updated_at = now()
 WHERE s.id = $1::bigint
   AND ($2::text[] IS NULL OR s.xmin::text = ANY ($2::text[]))
   AND NOT EXISTS (
        SELECT FROM jsonb_array_elements($3::jsonb) p
         WHERE NOT EXISTS (SELECT FROM (:schema_names) n WHERE n.name = p.value ->> 'name'))
RETURNING s.id
