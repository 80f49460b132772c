package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// report is what a run leaves: the same in HTML, Markdown and JSON.
type report struct {
	Machine machine
	Quick   bool
	Langs   []string
	Took    time.Duration
	Rows    []row
}

// documents are the texts that the claims were taken from.
var documents = map[string]string{
	"000": "“From Python to Go or Rust?”",
	"002": "the article that begins “If you’re choosing between Python, Go, and Rust for performance and " +
		"scalability”",
}

// rules are those of fair measuring, as the report gives them.
var rules = []string{
	"Each language the way its people write it: Django with gunicorn, axum with tokio, net/http; the same SQLite " +
		"schema and pragmas, read back and compared; the same routes and nothing more. asyncio and processes stand " +
		"beside Python's threads.",
	"In turn and interleaved, several rounds; a figure is the median, with the lowest and the highest beside it. A " +
		"fixed piece of work, the control, is timed between rounds; where it moved by more than 5 % the row says " +
		"“not measurable here”.",
	"Load comes from its own process, at a rate, and each request is timed from when it was meant to be sent. " +
		"Throughput is the highest rate sustained; latency is compared at one common rate. Load and service share " +
		"the cores, so requests per second of the service's own processor time are the primary figure.",
	"Fetching is never timed. The limits of the machine are read first, and named when they end a run.",
	"A verdict is computed from the figures by the rule beside it, and the rule was written down before anything " +
		"was measured.",
}

// write writes the three into dir.
func (r report) write(dir string) error {
	page, err := r.html()
	if err != nil {
		return err
	}
	object, err := r.json()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"report.html": page, "report.md": r.markdown(),
		"report.json": object} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Counted says how many claims came out how: "4 hold, 2 hold in part, 1 does not hold".
func (r report) Counted() string {
	var parts []string
	for _, kind := range []struct {
		v         verdict
		one, many string
	}{
		{holds, "holds", "hold"},
		{inPart, "holds in part", "hold in part"},
		{fails, "does not hold", "do not hold"},
		{notHere, "is not measurable here", "are not measurable here"},
	} {
		n := 0
		for _, row := range r.Rows {
			if row.Verdict == kind.v {
				n++
			}
		}
		if n == 1 {
			parts = append(parts, "1 "+kind.one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprint(n, " ", kind.many))
		}
	}
	return strings.Join(parts, ", ")
}

// Command is what repeats a claim, or with none everything.
func (r report) Command(id int) string {
	command := "go run ./examples/claims"
	if id > 0 {
		command += fmt.Sprint(" -only ", id)
	}
	if r.Quick {
		command += " -quick"
	}
	if len(r.Langs) < len(languages) {
		command += " -lang " + strings.Join(r.Langs, ",")
	}
	return command
}

// group is the figures of one name, which are compared with each other.
type group struct {
	Name    string
	Figures []figure
}

func groups(figures []figure) []group {
	var all []group
	for _, f := range figures {
		i := slices.IndexFunc(all, func(g group) bool { return g.Name == f.Name })
		if i < 0 {
			i, all = len(all), append(all, group{Name: f.Name})
		}
		all[i].Figures = append(all[i].Figures, f)
	}
	return all
}

//go:embed report.html.tmpl
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"groups":   groups,
	"document": func(name string) string { return documents[name] },
	"minutes":  func(d time.Duration) string { return d.Round(time.Second).String() },
	"class":    func(v verdict) string { return strings.ReplaceAll(string(v), " ", "-") },
	"sign": func(v verdict) string {
		return map[verdict]string{holds: "✓", inPart: "◐", fails: "✗", notHere: "–"}[v]
	},
}).Parse(page))

func (r report) html() ([]byte, error) {
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, map[string]any{
		"Report": r, "Rules": rules, "Unmeasured": unmeasured, "Documents": documents,
	})
	return out.Bytes(), err
}

func (r report) json() ([]byte, error) {
	type entry struct {
		ID       int      `json:"id"`
		Claim    string   `json:"claim"`
		Document string   `json:"document"`
		Rule     string   `json:"rule"`
		Verdict  verdict  `json:"verdict"`
		Because  string   `json:"because"`
		Figures  []figure `json:"figures"`
		Table    *table   `json:"table,omitempty"`
		Notes    []string `json:"notes,omitempty"`
		Error    string   `json:"error,omitempty"`
		Seconds  float64  `json:"seconds"`
	}
	type statement struct {
		Text     string `json:"claim"`
		Document string `json:"document"`
		Why      string `json:"why"`
	}
	var object struct {
		Quick      bool        `json:"quick"`
		Command    string      `json:"command"`
		Machine    machine     `json:"machine"`
		Claims     []entry     `json:"claims"`
		Unmeasured []statement `json:"unmeasured"`
	}
	object.Quick, object.Command, object.Machine = r.Quick, r.Command(0), r.Machine
	object.Claims = []entry{}
	for _, row := range r.Rows {
		e := entry{ID: row.ID, Claim: row.Text, Document: row.Document, Rule: row.Rule, Verdict: row.Verdict,
			Because: row.Because, Figures: row.Figures, Table: row.Table, Notes: row.Notes, Seconds: row.Took.Seconds()}
		if e.Figures == nil {
			e.Figures = []figure{}
		}
		if row.Err != nil {
			e.Error = row.Err.Error()
		}
		object.Claims = append(object.Claims, e)
	}
	for _, s := range unmeasured {
		object.Unmeasured = append(object.Unmeasured, statement(s))
	}
	text, err := json.MarshalIndent(object, "", "  ")
	return append(text, '\n'), err
}
