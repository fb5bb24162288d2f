-- The fields of schema s: none where they are no list, such as a null.
CASE jsonb_typeof(s.fields) WHEN 'array' THEN s.fields ELSE '[]' END
