-- A schema's whole row, of alias s. Of fields of any size see config_columns.sql.
s.id, s.config_id, s.name, s.version,
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT s.fields::text AS t OFFSET 0) x),
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT s.dimension_fields::text AS t OFFSET 0) x),
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT s.metric_fields::text AS t OFFSET 0) x),
s.is_active, s.generated_by,
(SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
   FROM (SELECT to_json(s.generation_sample_file)::text AS t OFFSET 0) x),
s.created_at, s.updated_at
