-- shape.sql - the 68 metric rows of a run: a temporary table, a row for each line of its two
-- summary.csv (34 lines each), with the throughput that the kernel has without noise.

CREATE TEMPORARY TABLE model (m INT, name TEXT, batch_size INT, seq_len INT);
INSERT INTO model VALUES
    (1, 'Llama-2-7B', 4, 4096), (2, 'Llama-2-70B', 2, 4096), (3, 'Llama-3.1-8B', 4, 8192),
    (4, 'Llama-3.1-70B', 1, 8192), (5, 'Llama-3.1-405B', 1, 8192), (6, 'Mixtral-8x7B', 8, 4096),
    (7, 'DeepSeek-V3', 8, 8192), (8, 'Qwen2.5-72B', 16, 4096), (9, 'GPT-OSS-120B', 32, 8192);

CREATE TEMPORARY TABLE shape AS
SELECT row_number() OVER (ORDER BY k.n, m.m, stage) AS n, k.file, k.op,
    k.backend || ':' || stage AS backend_stage, m.name AS model, m.batch_size, m.seq_len,
    k.base * (0.9 + 0.015 * m.m) * CASE stage WHEN 'Bwd' THEN 0.78 ELSE 1 END AS throughput
FROM (VALUES
    (1, 'attention', 'Attention', 'Aiter/CK', 5, 640.0),
    (2, 'attention', 'Attention', 'Triton', 5, 520.0),
    (3, 'attention', 'Attention-FP8', 'Aiter/CK', 7, 900.0),
    (4, 'gemm', 'GEMM', 'Hipblaslt', 9, 700.0),
    (5, 'gemm', 'GEMM-FP8', 'Hipblaslt', 8, 1080.0)
) AS k (n, file, op, backend, models, base)
JOIN model m ON m.m <= k.models
CROSS JOIN unnest(ARRAY['Fwd', 'Bwd']) AS stage;
