-- The names of schema s, as rows n (name): of its fields and of its lists; what is no list has none.
SELECT CASE jsonb_typeof(e.value) WHEN 'object' THEN e.value ->> 'name' ELSE e.value #>> '{}' END AS name
  FROM jsonb_array_elements(
        CASE jsonb_typeof(s.fields) WHEN 'array' THEN s.fields ELSE '[]' END
            || CASE jsonb_typeof(s.dimension_fields) WHEN 'array' THEN s.dimension_fields ELSE '[]' END
            || CASE jsonb_typeof(s.metric_fields) WHEN 'array' THEN s.metric_fields ELSE '[]' END) e
 WHERE jsonb_typeof(e.value) IN ('object', 'string')
