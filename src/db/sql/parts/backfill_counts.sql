-- What became of the portion. How many there are is counted only where it does not show: by a dry run,
-- and by the first portion of several.
found AS (
    SELECT count(*) > $2::bigint AS more, (SELECT dry_run FROM t) AS dry,
           (SELECT place_end_at IS NULL FROM t) AS first
      FROM ahead),
counted AS (
    SELECT count(DISTINCT uid) AS total, count(DISTINCT uid) FILTER (WHERE NOT fits) AS failed
      FROM due
     WHERE (SELECT dry OR more AND first FROM found)),
k AS (
    SELECT f.more, f.first, f.dry, counted.total, l.end_at, l.uid,
           CASE WHEN f.dry THEN 0 ELSE p.processed END AS processed,
           CASE WHEN f.dry THEN counted.failed ELSE p.failed END AS failed,
           (SELECT count(*) FROM made) AS made
      FROM found f
     CROSS JOIN counted
     CROSS JOIN (
        SELECT count(DISTINCT uid) FILTER (WHERE fits) AS processed,
               count(DISTINCT uid) FILTER (WHERE NOT fits) AS failed
          FROM portion) p
      LEFT JOIN (
        SELECT end_at, uid FROM portion ORDER BY end_at DESC, uid DESC LIMIT 1) l ON true)
