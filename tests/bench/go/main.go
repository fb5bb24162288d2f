// The yardstick of the benchmark's Go rows: five of the API's endpoints as a well-made Go service
// has them, with gin, a pgx pool and prepared statements. It checks what comes in, answers the same
// JSON and CSV, and streams exports; entity tags, other clusters and most of the rest it lacks.
//
//	go-service PORT HOST=DSN…
//
// HOST is the Host header's first label ("main" of main.bench); its requests go to that database.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var pools = map[string]*pgxpool.Pool{}

func pool(c *gin.Context) *pgxpool.Pool {
	host, _, _ := strings.Cut(c.Request.Host, ".")
	return pools[host]
}

// ---- answers ----

type meta struct {
	Code    int    `json:"code"`
	Message string `json:"message,omitempty"`
}

type success struct {
	Meta meta `json:"meta"`
	Data any  `json:"data"`
}

type failure struct {
	Meta    meta   `json:"meta"`
	Message string `json:"message"`
}

func answer(c *gin.Context, data any) {
	c.JSON(http.StatusOK, success{meta{Code: 2000}, data})
}

func refuse(c *gin.Context, status int, message string) {
	c.JSON(status, failure{meta{status * 10, message}, message})
}

// What became of a query: an answer, or what is said where there is no row.
func finish(c *gin.Context, err error, missing string, data any) {
	switch {
	case err == nil:
		answer(c, data)
	case errors.Is(err, pgx.ErrNoRows):
		refuse(c, http.StatusNotFound, missing)
	default:
		log.Print(err)
		refuse(c, http.StatusInternalServerError, "internal error")
	}
}

// The path's id; 0: it has been refused.
func id(c *gin.Context) int64 {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || n < 1 {
		refuse(c, http.StatusBadRequest, "id must be a positive integer")
		return 0
	}
	return n
}

// ---- endpoints ----

type schema struct {
	ID              int64           `json:"id"`
	ConfigID        int64           `json:"config_id"`
	Name            string          `json:"name"`
	Version         int32           `json:"version"`
	Fields          json.RawMessage `json:"fields"`
	DimensionFields json.RawMessage `json:"dimension_fields"`
	MetricFields    json.RawMessage `json:"metric_fields"`
	IsActive        bool            `json:"is_active"`
	GeneratedBy     *string         `json:"generated_by"`
	CreatedAt       time.Time       `json:"created_at"`
}

const activeSchema = ` FROM github_workflow_metric_schemas WHERE config_id = $1 AND is_active
 ORDER BY version DESC LIMIT 1`

func getActiveSchema(c *gin.Context) {
	n := id(c)
	if n == 0 {
		return
	}
	var s schema
	err := pool(c).QueryRow(c.Request.Context(), `SELECT id, config_id, name, version, fields, dimension_fields,
 metric_fields, is_active, generated_by, created_at`+activeSchema, n).Scan(&s.ID, &s.ConfigID, &s.Name, &s.Version,
		&s.Fields, &s.DimensionFields, &s.MetricFields, &s.IsActive, &s.GeneratedBy, &s.CreatedAt)
	finish(c, err, "no active schema found for this config", &s)
}

type run struct {
	ID                    int64      `json:"id"`
	ConfigID              int64      `json:"config_id"`
	ConfigName            *string    `json:"config_name"`
	WorkloadUID           string     `json:"workload_uid"`
	WorkloadName          *string    `json:"workload_name"`
	WorkloadNamespace     *string    `json:"workload_namespace"`
	GithubRunID           *int64     `json:"github_run_id"`
	GithubRunNumber       *int32     `json:"github_run_number"`
	GithubJobID           *int64     `json:"github_job_id"`
	HeadSha               *string    `json:"head_sha"`
	HeadBranch            *string    `json:"head_branch"`
	WorkflowName          *string    `json:"workflow_name"`
	Status                string     `json:"status"`
	TriggerSource         string     `json:"trigger_source"`
	FilesFound            int32      `json:"files_found"`
	FilesProcessed        int32      `json:"files_processed"`
	MetricsCount          int32      `json:"metrics_count"`
	WorkloadStartedAt     *time.Time `json:"workload_started_at"`
	WorkloadCompletedAt   *time.Time `json:"workload_completed_at"`
	CollectionStartedAt   *time.Time `json:"collection_started_at"`
	CollectionCompletedAt *time.Time `json:"collection_completed_at"`
	ErrorMessage          *string    `json:"error_message"`
	RetryCount            int32      `json:"retry_count"`
	CreatedAt             time.Time  `json:"created_at"`
	UpdatedAt             time.Time  `json:"updated_at"`
}

type page struct {
	Runs   []run `json:"runs"`
	Total  int64 `json:"total"`
	Offset int   `json:"offset"`
	Limit  int   `json:"limit"`
}

// The first page, and how many there are.
func listRuns(c *gin.Context) {
	p := page{Limit: 20}
	ctx := c.Request.Context()
	err := pool(c).QueryRow(ctx, `SELECT count(*) FROM github_workflow_runs`).Scan(&p.Total)
	if err == nil {
		var rows pgx.Rows
		rows, err = pool(c).Query(ctx, `SELECT r.id, config_id, c.name, workload_uid, workload_name, workload_namespace,
 github_run_id, github_run_number, github_job_id, head_sha, head_branch, workflow_name, status, trigger_source,
 files_found, files_processed, metrics_count, workload_started_at, workload_completed_at, collection_started_at,
 collection_completed_at, error_message, retry_count, r.created_at, r.updated_at FROM github_workflow_runs r
 LEFT JOIN github_workflow_configs c ON c.id = r.config_id ORDER BY r.id DESC LIMIT $1`, p.Limit)
		if err == nil {
			p.Runs, err = pgx.CollectRows(rows, pgx.RowToStructByPos[run])
		}
	}
	finish(c, err, "", &p)
}

type patch struct {
	Name         *string   `json:"name"`
	Enabled      *bool     `json:"enabled"`
	Description  *string   `json:"description"`
	FilePatterns *[]string `json:"file_patterns"`
}

type patched struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Enabled   bool      `json:"enabled"`
	UpdatedAt time.Time `json:"updated_at"`
}

func patchConfig(c *gin.Context) {
	n := id(c)
	if n == 0 {
		return
	}
	var p patch
	body := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, 1<<20))
	body.DisallowUnknownFields()
	if err := body.Decode(&p); err != nil {
		refuse(c, http.StatusBadRequest, "the body must be a JSON object with fields of a config")
		return
	}
	if p.Name != nil && (strings.TrimSpace(*p.Name) == "" || len(*p.Name) > 255) {
		refuse(c, http.StatusBadRequest, "name must have 1 to 255 characters")
		return
	}
	var row patched
	err := pool(c).QueryRow(c.Request.Context(), `UPDATE github_workflow_configs SET name = COALESCE($2, name),
 enabled = COALESCE($3, enabled), description = COALESCE($4, description),
 file_patterns = COALESCE($5, file_patterns), updated_at = now() WHERE id = $1
 RETURNING id, name, enabled, updated_at`, n, p.Name, p.Enabled, p.Description, p.FilePatterns).Scan(
		&row.ID, &row.Name, &row.Enabled, &row.UpdatedAt)
	finish(c, err, "config not found", &row)
}

// ---- the export ----

// A cell: quoted where RFC 4180 says so, and no formula for a spreadsheet.
func appendCell(line, cell []byte) []byte {
	if len(cell) > 0 && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
		if _, err := strconv.ParseFloat(string(cell), 64); err != nil {
			cell = append([]byte{'\''}, cell...)
		}
	}
	if !bytes.ContainsAny(cell, "\",\r\n") {
		return append(line, cell...)
	}
	line = append(line, '"')
	for _, b := range cell {
		if b == '"' {
			line = append(line, '"')
		}
		line = append(line, b)
	}
	return append(line, '"')
}

// Microseconds since 2000, as PostgreSQL sends a timestamptz in binary.
func appendInstant(line, binaryTime []byte) []byte {
	const epoch = 946684800
	seconds := int64(binary.BigEndian.Uint64(binaryTime)) / 1e6
	return time.Unix(epoch+seconds, 0).UTC().AppendFormat(line, time.RFC3339)
}

func statement(dimensions, metrics []string, args []any) (string, []any) {
	sql := `SELECT m."timestamp", m.source_file`
	add := func(column string, names []string) {
		for _, name := range names {
			args = append(args, name)
			sql += fmt.Sprintf(", m.%s ->> $%d::text", column, len(args))
		}
	}
	add("dimensions", dimensions)
	add("metrics", metrics)
	return sql + ` FROM github_workflow_metrics m WHERE m.config_id = $1 ORDER BY m."timestamp" DESC, m.id LIMIT $2`, args
}

func exportRows(c *gin.Context) {
	n := id(c)
	if n == 0 {
		return
	}
	limit, err := strconv.Atoi(c.DefaultQuery("limit", "10000"))
	if err != nil || limit < 1 {
		refuse(c, http.StatusBadRequest, "limit must be a positive integer")
		return
	}
	ctx := c.Request.Context()
	var dimensions, metrics []string
	err = pool(c).QueryRow(ctx, `SELECT dimension_fields, metric_fields`+activeSchema, n).Scan(&dimensions, &metrics)
	if err != nil {
		finish(c, err, "config not found", nil)
		return
	}
	sql, args := statement(dimensions, metrics, []any{n, limit})
	rows, err := pool(c).Query(ctx, sql, args...)
	if err != nil {
		finish(c, err, "", nil)
		return
	}
	defer rows.Close()
	c.Header("Content-Type", "text/csv")
	buffer := make([]byte, 0, 72<<10)
	for _, name := range append(append(dimensions, metrics...), "collected_at") {
		buffer = append(appendCell(buffer, []byte(name)), ',')
	}
	buffer = append(buffer, "source_file\n"...)
	for written := 1; rows.Next(); written++ {
		cells := rows.RawValues()
		for _, cell := range cells[2:] {
			buffer = append(appendCell(buffer, cell), ',')
		}
		buffer = append(appendInstant(buffer, cells[0]), ',')
		buffer = append(appendCell(buffer, cells[1]), '\n')
		if len(buffer) < 64<<10 && written != 16 { // the first rows go out early
			continue
		}
		if _, err := c.Writer.Write(buffer); err != nil {
			return
		}
		if written == 16 {
			c.Writer.Flush()
		}
		buffer = buffer[:0]
	}
	if rows.Err() != nil {
		panic(http.ErrAbortHandler) // the client sees that there should be more
	}
	c.Writer.Write(buffer)
}

// ---- the whole ----

func open(dsn string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["jit"] = "off"
	return pgxpool.NewWithConfig(context.Background(), config)
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: go-service PORT HOST=DSN…")
	}
	for _, arg := range os.Args[2:] {
		host, dsn, _ := strings.Cut(arg, "=")
		p, err := open(dsn)
		if err != nil {
			log.Fatal(err)
		}
		pools[host] = p
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	api := router.Group("/v1/github-workflow-metrics")
	api.GET("/configs/:id/schemas/active", getActiveSchema)
	api.GET("/configs/:id/export", exportRows)
	api.GET("/runs", listRuns)
	api.PATCH("/configs/:id", patchConfig)
	api.POST("/configs/:id/results", postResults)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], router))
}
