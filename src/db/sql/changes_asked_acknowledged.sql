-- The same, and behind it which changes from the border on were acknowledged, the newest last, as an
-- array of arrays: as many as 4 MiB have room for.
-- reads
:changes_border
SELECT :changes_asked_columns,
       (SELECT json_agg(json_build_array(k.id::text, k.field, k.dimensions, k.run_id::text, k.at,
                                         k.rise, k.note, k.acknowledged_by, k.acknowledged_at)
                        ORDER BY k.id)::text
          FROM (SELECT w.*, sum(octet_length(w::text)) OVER (ORDER BY w.id DESC) AS bytes
                  FROM wfm_acknowledged_changes w
                 WHERE w.config_id = a.id
                   AND w.at >= coalesce((SELECT at FROM border), '-infinity')) k
         WHERE k.bytes <= 4194304)
:changes_asked_from
