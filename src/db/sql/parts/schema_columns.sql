-- A schema's whole row, of alias s. Of fields of any size, and of columns that older databases lack,
-- see config_columns.sql; where a column would say what can be counted, the count stands outside
-- (schema_counted.sql). A time without a zone is in UTC.
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
s.created_at, s.updated_at,
(SELECT (SELECT record_count::text FROM (SELECT s.*) found)
   FROM (SELECT k.seen[1] AS record_count) without),
(SELECT (SELECT first_seen_at::text || '+00' FROM (SELECT s.*) found)
   FROM (SELECT k.seen[2] AS first_seen_at) without),
(SELECT (SELECT last_seen_at::text || '+00' FROM (SELECT s.*) found)
   FROM (SELECT k.seen[3] AS last_seen_at) without),
(SELECT (SELECT is_wide_table::text FROM (SELECT s.*) found)
   FROM (SELECT chr(1) AS is_wide_table) without),
(SELECT (SELECT CASE WHEN octet_length(x.t) > 1048576 THEN '' ELSE x.t END
           FROM (SELECT date_columns::text AS t FROM (SELECT s.*) found OFFSET 0) x)
   FROM (SELECT chr(1) AS date_columns) without),
(SELECT (SELECT schema_hash::text FROM (SELECT s.*) found)
   FROM (SELECT chr(1) AS schema_hash) without)
