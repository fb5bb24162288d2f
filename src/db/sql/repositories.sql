-- $1 cluster, $2 owner, $3 pattern of owner/repository (NULL: any), $4 offset, $5 limit: as a page's
-- result, total, number and place of each repository before its columns. A row without a number
-- stands for none.
-- reads
WITH :repositories_picked
:repository_counts
:repository_newest
:repositories_rows
