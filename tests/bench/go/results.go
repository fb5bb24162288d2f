// Results that come in: a run's CSV, its rows copied in one transaction.
package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
)

type stored struct {
	RunID    int64 `json:"run_id"`
	SchemaID int64 `json:"schema_id"`
	Rows     int64 `json:"rows"`
	Replaced int64 `json:"replaced"`
}

func isNumber(cell string) bool {
	return cell != "" && (cell[0] == '-' || cell[0] >= '0' && cell[0] <= '9') && json.Valid([]byte(cell))
}

// An object of some of a row's cells; what is a number stays as it is written.
func appendObject(out []byte, header []string, columns []int, cells []string, texts *[]string) []byte {
	out = append(out, '{')
	for _, i := range columns {
		number := isNumber(cells[i])
		if !number && texts != nil {
			*texts = append(*texts, header[i])
			continue
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		name, _ := json.Marshal(header[i])
		out = append(append(out, name...), ':')
		if number {
			out = append(out, cells[i]...)
		} else {
			text, _ := json.Marshal(cells[i])
			out = append(out, text...)
		}
	}
	return append(out, '}')
}

// Where in the file the schema's columns are.
func columnsOf(header, names []string) (columns []int) {
	for i, name := range header {
		if slices.Contains(names, name) {
			columns = append(columns, i)
		}
	}
	return columns
}

// The file's rows as pgx copies them.
type rowSource struct {
	reader              *csv.Reader
	header              []string
	dimensions, metrics []int
	config, run, schema int64
	at                  time.Time
	file                string
	values              []any
	err                 error
}

func (s *rowSource) Next() bool {
	cells, err := s.reader.Read()
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return false
	}
	var texts []string
	dimensions := appendObject(nil, s.header, s.dimensions, cells, nil)
	metrics := appendObject(nil, s.header, s.metrics, cells, &texts)
	var raw any
	if texts != nil {
		raw = appendObject(nil, s.header, columnsOf(s.header, texts), cells, nil)
	}
	s.values = []any{s.config, s.run, s.schema, s.at, s.file, dimensions, metrics, raw}
	return true
}

func (s *rowSource) Values() ([]any, error) { return s.values, nil }
func (s *rowSource) Err() error             { return s.err }

// One transaction: of the sendings of one run and file the last one's rows are left.
func store(c *gin.Context, uid string, githubRun int64, source *rowSource, result *stored) (isNew bool, err error) {
	ctx := c.Request.Context()
	err = pgx.BeginFunc(ctx, pool(c), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, $2))`, uid, source.config); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT id FROM github_workflow_runs WHERE config_id = $1 AND workload_uid = $2`,
			source.config, uid).Scan(&source.run)
		if errors.Is(err, pgx.ErrNoRows) {
			isNew = true
			err = tx.QueryRow(ctx, `INSERT INTO github_workflow_runs (config_id, workload_uid, github_run_id, status,
 trigger_source, workload_started_at, workload_completed_at) VALUES ($1, $2, $3, 'completed', 'manual', $4, $4)
 RETURNING id`, source.config, uid, githubRun, source.at).Scan(&source.run)
		}
		if err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, `DELETE FROM github_workflow_metrics WHERE run_id = $1 AND source_file = $2`,
			source.run, source.file)
		if err != nil {
			return err
		}
		result.Replaced = gone.RowsAffected()
		result.Rows, err = tx.CopyFrom(ctx, pgx.Identifier{"github_workflow_metrics"}, []string{"config_id", "run_id",
			"schema_id", "timestamp", "source_file", "dimensions", "metrics", "raw_data"}, source)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE github_workflow_runs r SET files_found = s.files, files_processed = s.files,
 metrics_count = s.n, updated_at = now() FROM (SELECT count(DISTINCT source_file) AS files, count(*) AS n
 FROM github_workflow_metrics WHERE run_id = $1) s WHERE r.id = $1`, source.run)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE github_workflow_configs SET last_checked_at = now(),
 last_processed_workload_uid = $2 WHERE id = $1`, source.config, uid)
		}
		return err
	})
	result.RunID = source.run
	return isNew, err
}

func postResults(c *gin.Context) {
	n := id(c)
	if n == 0 {
		return
	}
	githubRun, err := strconv.ParseInt(c.Query("github_run_id"), 10, 64)
	source := &rowSource{config: n, file: c.Query("source_file"), at: time.Now()}
	if err != nil || githubRun < 1 || source.file == "" {
		refuse(c, http.StatusBadRequest, "github_run_id and source_file are required")
		return
	}
	source.reader = csv.NewReader(http.MaxBytesReader(c.Writer, c.Request.Body, 64<<20))
	source.header, err = source.reader.Read()
	if err != nil {
		refuse(c, http.StatusBadRequest, "the body must be a CSV file")
		return
	}
	var dimensions, metrics []string
	err = pool(c).QueryRow(c.Request.Context(), `SELECT id, dimension_fields, metric_fields`+activeSchema, n).Scan(
		&source.schema, &dimensions, &metrics)
	if err != nil {
		finish(c, err, "config not found", nil)
		return
	}
	source.dimensions, source.metrics = columnsOf(source.header, dimensions), columnsOf(source.header, metrics)
	result := stored{SchemaID: source.schema}
	isNew, err := store(c, "github-"+c.Query("github_run_id")+"-1-", githubRun, source, &result)
	switch {
	case err != nil:
		finish(c, err, "", nil)
	case isNew:
		c.JSON(http.StatusCreated, success{meta{Code: 2000}, &result})
	default:
		answer(c, &result)
	}
}
