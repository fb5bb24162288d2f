-- What a list of changes is about (see parts/changes_border.sql for $1 to $5); no row: no config.
-- reads
:changes_border
SELECT :changes_asked_columns, NULL::text
:changes_asked_from
