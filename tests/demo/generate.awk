# generate.awk - writes a cluster's demo data as CSV files, the same ones for the same inputs.
#
#     awk -v dir=DIR -v cluster=NAME -v scale=1.0 -v seed=1 -v end=EPOCH -v api=URL -f generate.awk
#
# configs.csv, schemas.csv and runs.csv have a table's columns; a run's two summary.csv look like
# what the benchmark leaves in its output directory. results.curl has the requests that send those to the cluster's API.
# sandbox.csv has the metric rows of a runner set that nobody has tidied up. `scale` is the cluster's speed, `end` (seconds since 1970) the end of the 30 days of history.

# Park and Miller's generator: awk's own differs from one awk to the next.
function random() {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
}

function pad(n, width) { return sprintf("%0" width "d", n) }

# RFC 3339 of seconds since 1970 (Hinnant's civil_from_days, for years from 1970 on).
function iso(t,    day, s, era, doe, yoe, doy, mp, d, m, y) {
    t = int(t); day = int(t / 86400); s = t - day * 86400
    day += 719468; era = int(day / 146097); doe = day - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
    d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9
    y = yoe + era * 400 + (m <= 2)
    return y "-" pad(m, 2) "-" pad(d, 2) "T" pad(int(s / 3600), 2) ":" pad(int(s / 60) % 60, 2) ":" pad(s % 60, 2) "Z"
}

function quote(s) { gsub(/"/, "\"\"", s); return "\"" s "\"" }

function sha(    s, n) {
    for (n = 0; n < 40; n++)
        s = s substr("0123456789abcdef", 1 + int(random() * 16), 1)
    return s
}

function write_configs(    file, patterns) {
    file = dir "/configs.csv"
    patterns = quote("[\"**/attention/summary.csv\", \"**/gemm/summary.csv\"]")
    print "name,description,runner_set_namespace,runner_set_name,github_owner,github_repo,workflow_filter,branch_filter,file_patterns,metric_schema_id,enabled,cluster_name" > file
    print "Primus-Turbo benchmark," quote("Attention and GEMM kernels, every merge to main") ",primus,turbo-" cluster ",AMD-AGI,Primus-Turbo,benchmark.yml,main," patterns ",3,true," cluster > file
    print quote("Nightly kernels – 夜间基准") ",\"\",primus,nightly-" cluster ",AMD-AGI,Primus-Turbo,nightly.yml,," patterns ",4,true," cluster > file
    print "New runner set (schema not confirmed yet),,research,sandbox-" cluster ",AMD-AGI,Primus,,,[],,false," cluster > file
    close(file)
}

# Names separated by commas as JSON: each between `before` and `after`.
function json_list(names, before, after) {
    gsub(/,/, after "," before, names)
    return before names after
}

# With that dimension being a whole number.
function whole_number(fields, name) {
    sub("\"" name "\",\"type\":\"string", "\"" name "\",\"type\":\"int", fields)
    return fields
}

function schema(config, name, version, dims, metrics, active, by, age, sample,    fields) {
    fields = "[" json_list(dims, "{\"name\":\"", "\",\"type\":\"string\"}") "," json_list(metrics, "{\"name\":\"", "\",\"type\":\"float\"}") "]"
    fields = whole_number(whole_number(fields, "batch_size"), "seq_len")
    print config "," quote(name) "," version "," quote(fields) "," quote("[" json_list(dims, "\"", "\"") "]") "," quote("[" json_list(metrics, "\"", "\"") "]") "," active "," by "," sample "," iso(end - age * 86400) > (dir "/schemas.csv")
}

function write_schemas() {
    print "config_id,name,version,fields,dimension_fields,metric_fields,is_active,generated_by,generation_sample_file,created_at" > (dir "/schemas.csv")
    schema(1, "Guessed from the first file", 1, "Op,Model", "throughput", "false", "ai", 31, "turbo-bench-0001/attention/summary.csv")
    schema(1, "Kernel throughput", 2, dimensions, "throughput", "false", "user", 30.5)
    schema(1, "Kernel throughput", 3, dimensions, metrics, "true", "user", 20)
    schema(2, "Nightly kernels", 1, dimensions, metrics, "true", "system", 30.5)
    schema(3, "Guessed from the first file", 1, "Op", "throughput", "false", "ai", 2)
    close(dir "/schemas.csv")
}

# The newest runs of the branch: what it does for one operator, and to another one.
function branch_factor(op) { return !on_branch ? 1 : op == "GEMM" ? 1.09 : op == "Attention" ? 0.93 : 1 }

# A row of a summary.csv; about one in 150 measurements was lost.
function row(file, op, backend, stage, m, base,    tflops, lost) {
    tflops = base * scale * (stage == "Bwd" ? 0.78 : 1) * (0.9 + 0.015 * m) * trend * branch_factor(op) * (0.97 + 0.06 * random())
    tflops = tflops < 157 ? 157 : tflops > 1103 ? 1103 : tflops
    lost = random() < 1 / 150
    print op "," backend ":" stage "," model[m] "," batch[m] "," seqlen[m] "," (lost ? "N/A," : sprintf("%.2f,%.4f", tflops, 6.2e5 / tflops / batch[m])) > file
}

function write_attention(file,    m) {
    for (m = 1; m <= 5; m++) {
        row(file, "Attention", "Aiter/CK", "Fwd", m, 640)
        row(file, "Attention", "Aiter/CK", "Bwd", m, 610)
        row(file, "Attention", "Triton", "Fwd", m, 520)
        row(file, "Attention", "Triton", "Bwd", m, 470)
    }
    for (m = 1; m <= 7; m++) {
        row(file, "Attention-FP8", "Aiter/CK", "Fwd", m, 900)
        row(file, "Attention-FP8", "Aiter/CK", "Bwd", m, 830)
    }
}

function write_gemm(file,    m) {
    for (m = 1; m <= 9; m++) {
        row(file, "GEMM", "Hipblaslt", "Fwd", m, 700)
        row(file, "GEMM", "Hipblaslt", "Bwd", m, 690)
    }
    for (m = 1; m <= 8; m++) {
        row(file, "GEMM-FP8", "Hipblaslt", "Fwd", m, 1080)
        row(file, "GEMM-FP8", "Hipblaslt", "Bwd", m, 1040)
    }
}

# One of a run's two files, 34 rows, and the request that sends it. Older versions of the schema have not all of the columns.
function write_summary(config, run, kind,    path, file, requests) {
    path = workload[run] "/" kind "/summary.csv"
    file = dir "/" path
    system("mkdir -p '" dir "/" workload[run] "/" kind "'")
    print dimensions "," metrics > file
    if (kind == "attention") write_attention(file); else write_gemm(file)
    close(file)
    requests = dir "/results.curl"
    print (sent++ ? "next\n" : "") "url = \"" api "/configs/" config "/results?workload_uid=" cluster "-" pad(run, 6) "&source_file=" path "&dimensions=" dimensions "&metrics=" metrics "\"" > requests
    print "data-binary = \"@" path "\"\nheader = \"Host: " cluster ".localhost\"\nheader = \"Content-Type: text/csv\"" > requests
    print "output = \"/dev/null\"\nfail" > requests
}

function sandbox_row(run, file, dims, metrics) {
    print run "," file "," quote(dims) "," quote(metrics) > (dir "/sandbox.csv")
}

# Holes, nulls, text where a number belongs and numbers where text does, a name used twice, a formula.
function write_sandbox(run,    file) {
    file = workload[run] "/results.csv"
    print "run_id,source_file,dimensions,metrics" > (dir "/sandbox.csv")
    sandbox_row(run, file, "{\"Op\":\"GEMM\",\"batch_size\":32,\"note\":\"=1+1\",\"tuned\":null}", "{\"Op\":1,\"latency_ms\":null,\"throughput\":1102.75}")
    sandbox_row(run, "", "{\"Op\":\"Attention, \\\"FP8\\\"\",\"note\":\"\",\"tuned\":true}", "{\"throughput\":\"N/A\"}")
    sandbox_row(run, file, "{\"Op\":\"GEMM\",\"batch_size\":\"32\"}", "{\"latency_ms\":27.90,\"throughput\":\"698.10\"}")
    sandbox_row(run, file, "{\"Op\":\"GEMM\",\"batch_size\":\"32\"}", "{\"latency_ms\":28.05,\"throughput\":704.5}")
    sandbox_row(run, file, "{\"Op\":\"GEMM\",\"batch_size\":null}", "{\"throughput\":655}")
    close(dir "/sandbox.csv")
    return 5
}

# What became of a run; most have completed.
function fate(run) {
    if (run == 12) return "skipped"
    if (run == 23 || run == 37 || run == 50 || run == 63) return "failed"
    if (run == 64) return "extracting"
    if (run == 65) return "collecting"
    return run == 66 ? "pending" : "completed"
}

# Where there is no message, the deployed tables hold NULL here and '' there.
function message(run) {
    if (run == 23) return quote("timeout after 300 s while reading /shared/out/" workload[run] "/gemm/summary.csv")
    if (run == 37) return quote("gemm/summary.csv, line 12: expected 7 fields, found 6\nline was: \"GEMM,Hipblaslt:Fwd,Mixtral-8x7B\"")
    return run == 50 || (run % 3 == 0 && run != 63) ? "\"\"" : ""
}

function write_run(run,    status, files, rows, config, started, done, found, collected) {
    status = fate(run)
    config = run == 12 || run == 67 ? 3 : run % 6 == 5 ? 2 : 1
    started = end - 30 * 86400 + (run - 1) * 38600 + int(random() * 3600)
    done = started + 1500 + int(random() * 1200)
    workload[run] = (config == 1 ? "turbo-bench-" : config == 2 ? "nightly-" : "sandbox-") pad(run, 4)
    trend = 1 + 0.002 * run - (run > 40 && run < 46 ? 0.12 : 0)
    on_branch = run % 9 == 4 && run >= 40
    files = status == "completed" ? (config == 3 ? 1 : 2) : run == 37 || run == 64 ? 1 : 0
    rows = config == 3 && files ? write_sandbox(run) : files * 34
    if (config != 3 && files > 0) write_summary(config, run, "attention")
    if (config != 3 && files > 1) write_summary(config, run, "gemm")
    found = status == "pending" || status == "skipped" ? 0 : config == 3 ? 1 : 2
    collected = status == "completed" || status == "failed" || status == "skipped"
    print config "," cluster "-" pad(run, 6) "," workload[run] ",primus," sprintf("%.0f,%d,%.0f", 16000000000 + run * 7919, 400 + run, 44000000000 + run * 6151) "," sha() "," (run % 9 == 4 ? "feature/fp8-gemm" : "main") "," (config == 2 ? "nightly.yml" : "benchmark.yml") "," status "," (run % 11 == 0 ? "manual" : run < 8 ? "backfill" : "realtime") "," found "," files "," rows "," iso(started) "," iso(done) "," (status == "pending" ? "" : iso(done + 20)) "," (collected ? iso(done + 65) : "") "," message(run) "," (status == "failed" ? run % 4 : 0) "," iso(done + 5) "," iso(done + 65) > (dir "/runs.csv")
}

BEGIN {
    dimensions = "Op,Backend:Stage,Model,batch_size,seq_len"
    metrics = "throughput,latency_ms"
    n = split("DeepSeek-V3|Llama-3.1-70B|Qwen2.5-72B|Mixtral-8x7B|\"Llama-3.1-8B, GQA\"|通义千问-14B|GPT-OSS-120B 🚀|Mistral-Большой|\"Phi-4 \"\"mini\"\"\"", model, "|")
    split("8|16|16|32|64|32|8|16|128", batch, "|")
    split("8192|4096|4096|8192|2048|2048|16384|4096|1024", seqlen, "|")
    write_configs()
    write_schemas()
    print "config_id,workload_uid,workload_name,workload_namespace,github_run_id,github_run_number,github_job_id,head_sha,head_branch,workflow_name,status,trigger_source,files_found,files_processed,metrics_count,workload_started_at,workload_completed_at,collection_started_at,collection_completed_at,error_message,retry_count,created_at,updated_at" > (dir "/runs.csv")
    for (run = 1; run <= 67; run++)
        write_run(run)
}
