package main

import (
	"context"
	"slices"
	"time"
)

// claim is a statement of one of the documents, and the experiment it is put to. Each stands in a
// file of its own, cNN_name.go; claims.go lists them.
type claim struct {
	ID       int
	Text     string   // as the document says it
	Document string   // "000" or "002"
	Rule     string   // when it holds; written down before anything was measured
	Twins    []string // languages it runs: "go", "python", "rust"

	// How long it takes, about, for the time left; Quick is that with -quick.
	Cost, Quick time.Duration

	Run func(ctx context.Context, l *lab) outcome
}

type verdict string

const (
	holds   verdict = "holds"
	inPart  verdict = "holds in part"
	fails   verdict = "does not hold"
	notHere verdict = "not measurable here"
)

// outcome is what came out of an experiment. The verdict is computed from the figures, by the rule.
type outcome struct {
	Verdict verdict
	Because string // one or two sentences with the figures that decide, and what stopped what could not run
	Figures []figure
	Table   *table // nil if there are only figures
	Plot    *plot  // nil if there is nothing to draw
	Notes   []string
	Err     error // an experiment that could have run, and did not: exit status 1
}

// figure is one number, the median of its rounds.
type figure struct {
	Name      string  `json:"name"`     // "1,000,000 tasks, time each"
	Language  string  `json:"language"` // "Go", "Python threads", "Rust (tokio)", …
	Value     float64 `json:"value"`
	Low       float64 `json:"low"` // the spread over the rounds; equal to Value if there was one
	High      float64 `json:"high"`
	Rounds    int     `json:"rounds"`
	Unit      string  `json:"unit"`                // "ns", "bytes", "×", "requests/s", …
	Missing   string  `json:"missing,omitempty"`   // why there is no value: "stopped by …", "no cargo on this machine"
	Disturbed string  `json:"disturbed,omitempty"` // why the value decides nothing: the control moved
}

// ok tells whether a rule may go by f.
func (f figure) ok() bool { return f.Missing == "" && f.Disturbed == "" }

// why says what is wrong with a figure that is not ok.
func (f figure) why() string {
	if f.Missing != "" {
		return f.Language + ": " + f.Missing
	}
	return f.Language + ": " + f.Disturbed
}

// one is a figure that was measured, or counted, once.
func one(name, language string, value float64, unit string) figure {
	return figure{Name: name, Language: language, Value: value, Low: value, High: value, Rounds: 1, Unit: unit}
}

// missing is a figure that there is not, and why.
func missing(name, language, why string) figure {
	return figure{Name: name, Language: language, Missing: why}
}

// of returns the figure of that name and language. One that is not there is a missing one.
func of(figures []figure, name, language string) figure {
	i := slices.IndexFunc(figures, func(f figure) bool { return f.Name == name && f.Language == language })
	if i < 0 {
		return missing(name, language, notMeasured)
	}
	return figures[i]
}

const notMeasured = "was not measured"

// reason says why the first of the figures that is there decides nothing.
func reason(candidates ...figure) string {
	for _, f := range candidates {
		if f.Missing != notMeasured && !f.ok() {
			return f.why() + "."
		}
	}
	return candidates[0].why() + "."
}

// table is what an experiment found that is no number: a matrix, cell by cell.
type table struct {
	Caption string     `json:"caption"`
	Head    []string   `json:"head"`
	Rows    [][]string `json:"rows"`
}

// plot is a bar chart or lines, drawn as SVG and described in words.
type plot struct {
	Title, Unit string
	Log         bool // the scale of the values; they must be above zero
	Bars        []bar
	Lines       []line
	XLabel      string
	Words       string // what it shows, for those who do not see it
}

type bar struct {
	Label, Language string
	Value           float64
}

type line struct {
	Label, Language string
	X, Y            []float64
}
