-- As repositories, from the summaries.
-- reads
WITH :repositories_picked
:repository_counts_summed
:repository_newest
:repositories_rows
