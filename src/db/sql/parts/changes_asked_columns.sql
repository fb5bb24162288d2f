-- The schema in force (NULLs: none) with its names (NULL: too long a list), since, border.
s.id,
(SELECT CASE WHEN octet_length(x.t) <= 1048576 THEN x.t END
   FROM (SELECT s.dimension_fields::text AS t OFFSET 0) x),
(SELECT CASE WHEN octet_length(x.t) <= 1048576 THEN x.t END
   FROM (SELECT s.metric_fields::text AS t OFFSET 0) x),
a.since, (SELECT at FROM border)
