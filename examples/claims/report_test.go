package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// sample has a row of each kind.
func sample() report {
	time1 := func(language string, value float64) figure {
		return figure{
			Name:     "a task & its <end>, 1,000,000 of them",
			Language: language,
			Value:    value,
			Low:      value * 0.9,
			High:     value * 1.2,
			Rounds:   5,
			Unit:     "ns",
		}
	}
	moved := time1("Rust (tokio)", 900)
	moved.Disturbed = "not measurable here: the control moved by 7 %"
	return report{
		Machine: machine{
			Began:    time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC),
			Facts:    []fact{{"processor", "A Processor <of> 2 GHz"}},
			Limits:   []fact{{"open files", "1,024, at most 4,096"}},
			Versions: []fact{{"Go", "go1.26"}},
		},
		Quick: true, Langs: []string{"go", "rust"}, Took: 83 * time.Second,
		Rows: []row{
			{
				claim{
					ID:       1,
					Text:     "it builds in about 1 s where Rust takes 7",
					Document: "000",
					Rule:     "Rust / Go ≥ 3",
				},
				outcome{
					Verdict: holds, Because: "Rust takes 4.2 times as long after one changed line.",
					Figures: []figure{time1("Go", 350), time1("Python threads", 1.8e6), moved,
						missing("a task & its <end>, 1,000,000 of them", "Rust threads",
							"stopped by 65,530 memory mappings of a process"),
						one("modules", "Go", 2, "modules")},
					Plot: &plot{
						Title: "Time for a task",
						Unit:  "ns",
						Log:   true,
						Words: "Go's bar is the shortest.",
						Bars: []bar{
							{
								"10,000 tasks alive at once, in blocking style, each of which waits for the same " +
									"signal",
								"Go",
								350,
							},
							{
								"10,000 tasks alive at once, in blocking style, each of which waits for the same " +
									"signal",
								"Python threads",
								1.8e6,
							},
							{
								"1,000,000 tasks",
								"Go",
								480,
							}, {"1,000,000 tasks", "Rust (tokio)", 900}, {"1,000,000 tasks", "Python asyncio", 9000}},
					},
					Notes: []string{"A note | with a bar."},
				},
				time.Second,
			},
			{
				claim{
					ID:       13,
					Text:     "Python “struggles with high concurrency”",
					Document: "002",
					Rule:     "Go keeps ≥ 80 %",
				},
				outcome{
					Verdict: inPart, Because: "Go keeps 96 %, Django 99 %.",
					Plot: &plot{
						Title:  "Answers in time",
						Unit:   "requests/s",
						XLabel: "offered, as a multiple of the capacity",
						Words:  "All lines rise to 1 and stay level.",
						Lines: []line{
							{"", "Go", []float64{0.5, 1, 2, 4}, []float64{6200, 11800, 11900, 11400}},
							{"with shedding", "Go", []float64{0.5, 1, 2, 4}, []float64{6100, 11500, 11800, 11900}},
							{"", "Python (Django, gunicorn)", []float64{0.5, 1, 2, 4}, []float64{500, 950, 940, 930}},
							{"", "Rust (axum)", []float64{0.5, 1, 2, 4}, []float64{9200, 16800, 15900, 15400}}},
					},
				},
				time.Second,
			},
			{
				claim{ID: 7, Text: "goroutines communicate safely", Document: "002", Rule: "every bug is caught"},
				outcome{
					Verdict: fails, Because: "Two of four are not caught.",
					Table: &table{
						Caption: "Who catches which bug",
						Head:    []string{"bug", "go vet", "go test -race", "rustc", "Python"},
						Rows: [][]string{
							{"unlocked counter", "no", "caught", "does not compile", "wrong result, silently"},
						},
					},
				},
				time.Second,
			},
			{claim{ID: 9, Text: "many connections at once", Document: "002", Rule: "Go holds all"}, outcome{
				Verdict: notHere, Because: "The experiment failed: no port.", Err: errors.New("no port"),
			}, time.Second},
		},
	}
}

func TestReports(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, sample().write(dir))
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(content)
	}
	page, markdown := read("report.html"), read("report.md")
	for _, said := range []string{
		"1 holds, 1 holds in part, 1 does not hold, 1 is not measurable here", // the summary
		"Go&#39;s bar is the shortest.", "Rust / Go ≥ 3", "not measurable here: the control moved by 7 %",
		"a task &amp; its &lt;end&gt;, 1,000,000 of them", "stopped by 65,530 memory mappings of a process",
		"350 ns", "1.80 ms", "315 to 420 ns, 5 rounds", "A Processor &lt;of&gt; 2 GHz",
		"The experiment failed: no port",
		"go run ./examples/claims -only 13 -quick -lang go,rust", "does not compile", "-quick", "1m23s",
	} {
		require.Contains(t, page, said)
	}
	for _, said := range []string{
		"1 holds, 1 holds in part, 1 does not hold, 1 is not measurable here",
		"| 7 | goroutines communicate safely | 002 | **does not hold**. Two of four are not caught. |",
		"| a task & its <end>, 1,000,000 of them | Go | 350 ns | 315 to 420 ns, 5 rounds |",
		"| unlocked counter | no | caught | does not compile | wrong result, silently |",
		"Time for a task: Go's bar is the shortest.",
	} {
		require.Contains(t, markdown, said)
	}
	for _, s := range unmeasured {
		require.Contains(t, markdown, s.Text)
	}

	var object struct {
		Claims []struct {
			ID                                    int
			Claim, Document, Rule, Verdict, Error string
			Figures                               []figure
		}
		Unmeasured []struct{ Claim, Why string }
	}
	require.NoError(t, json.Unmarshal([]byte(read("report.json")), &object))
	require.Len(t, object.Claims, 4)
	require.Equal(t, sample().Rows[0].Figures, object.Claims[0].Figures)
	require.Equal(t, "holds", object.Claims[0].Verdict)
	require.Equal(t, "Rust / Go ≥ 3", object.Claims[0].Rule)
	require.Equal(t, "no port", object.Claims[3].Error)
	require.Len(t, object.Unmeasured, len(unmeasured))
}

// The page is one file: it loads nothing, and it is well formed enough for a parser to find every
// claim and its plot.
func TestPageStandsAlone(t *testing.T) {
	page, err := sample().html()
	require.NoError(t, err)
	require.NotRegexp(t, `<script|<link|<img|@import|url\(|https?://`, string(page))
	require.Equal(t, 2, strings.Count(string(page), "</svg>"))
	document, err := html.Parse(strings.NewReader(string(page)))
	require.NoError(t, err)
	ids := map[string]bool{}
	for node := range document.Descendants() {
		for _, a := range node.Attr {
			if a.Key == "id" {
				ids[a.Val] = true
			}
			if node.Data == "svg" && a.Key == "aria-label" {
				require.NotEmpty(t, a.Val)
			}
		}
	}
	require.Equal(t, map[string]bool{"claim-1": true, "claim-13": true, "claim-7": true, "claim-9": true}, ids)
}

func TestShow(t *testing.T) {
	for want, c := range map[string]struct {
		value float64
		unit  string
	}{
		"0 ns": {0, "ns"}, "1.50 µs": {1500, "ns"}, "2.50 s": {2.5, "s"}, "350 µs": {350e-6, "s"},
		"4,000 s": {4000, "s"},
		"1,023 B": {1023, "bytes"}, "2.50 KiB": {2560, "bytes"}, "3 GiB": {3 << 30, "bytes"},
		"12,345 requests/s": {12345.4, "requests/s"},
		"0.97 ×":            {0.97, "×"}, "99.5 %": {99.5, "%"}, "0.0012": {0.0012, ""},
	} {
		require.Equal(t, want, show(c.value, c.unit))
	}
	require.Equal(t, "-1,234,567", number(-1234567.2))
}

func TestTicks(t *testing.T) {
	require.Equal(t, []float64{0, 1, 2, 3, 4}, scale{low: 0, high: 4}.ticks())
	require.Equal(t, []float64{0, 5000, 10000, 15000}, scale{low: 0, high: 16800}.ticks())
	require.Equal(t, []float64{100, 1000, 10000}, scale{log: true, low: 100, high: 10000}.ticks())
	require.Equal(t, []float64{0}, scale{}.ticks(), "a plot of zeros")
	require.InDelta(t, 180, scale{log: true, low: 1, high: 100, from: 0, to: 360}.at(10), 1e-9)
	require.Equal(t, []string{"one two", "three", "elephantine"}, wrap("one two three elephantine", 7))
}

func TestHue(t *testing.T) {
	for language, want := range map[string]string{
		"Go": "go", "braid": "go", "goroutines": "go",
		"Python threads": "python", "asyncio": "python", "Django": "python",
		"Rust (tokio)": "rust", "tokio": "rust", "the machine": "other",
	} {
		require.Equal(t, want, hue(language), language)
	}
}
