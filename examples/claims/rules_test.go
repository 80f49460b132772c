package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// between is a figure with a spread.
func between(name, language string, low, value, high float64) figure {
	return figure{Name: name, Language: language, Value: value, Low: low, High: high, Rounds: 3}
}

// moved is a figure that decides nothing.
func disturbed(f figure) figure {
	f.Disturbed = "not measurable here: the control moved by 9 %"
	return f
}

func TestRuleOfBuilds(t *testing.T) {
	both := []figure{one(lineBuild, "Go", 1, "s"), one(lineBuild, "Rust", 4, "s")}
	for name, c := range map[string]struct {
		figures []figure
		want    verdict
		says    string
	}{
		"three times": {append(both, one(rustToGo, "Rust", 3, "×")), holds,
			"Go takes 1 s and Rust 4 s: 3 times as long"},
		"less":    {append(both, one(rustToGo, "Rust", 2.9, "×")), inPart, "2.90 times"},
		"as long": {append(both, one(rustToGo, "Rust", 1, "×")), fails, "1 times"},
		"disturbed": {append(both, disturbed(one(rustToGo, "Rust", 5, "×"))), notHere,
			"the control moved by 9 %"},
		"no Rust": {[]figure{one(lineBuild, "Go", 1, "s"),
			missing(lineBuild, "Rust", "no cargo on this machine")}, notHere, "Rust: no cargo on this machine."},
		"Go does not run": {[]figure{missing(lineBuild, "Go", "left out by -lang"), one(lineBuild, "Rust", 4, "s")},
			notHere, "Go: left out by -lang."},
		"with cold ones": {append(both, one(rustToGo, "Rust", 3, "×"), one(coldBuild, "Go", 38, "s"),
			one(coldDriver, "Go", 34, "s"), one(coldBuild, "Rust", 60, "s")), holds,
			"With everything cold Go takes 38 s, of which the SQL driver and what it needs take 34 s; Rust takes " +
				"60 s."},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeBuilds(c.figures)
			require.Equal(t, c.want, got)
			require.Contains(t, because, c.says)
		})
	}
}

func TestRuleOfDependencies(t *testing.T) {
	driverAlone := dependencies{[]string{"modernc.org/sqlite"}, []string{"modernc.org/libc", "modernc.org/sqlite"}}
	rust := dependencies{[]string{"axum", "r2d2_sqlite", "serde_json", "tokio"}, make([]string, 90)}
	for name, c := range map[string]struct {
		found   map[string]dependencies
		figures []figure
		want    verdict
		says    string
	}{
		"the driver alone": {map[string]dependencies{"Go": driverAlone, "Rust": rust,
			"Python": {[]string{"Django", "gunicorn"}, make([]string, 4)}}, nil, holds,
			"Go's service uses modernc.org/sqlite, and with what that needs 2 modules; Rust's uses axum, " +
				"r2d2_sqlite, serde_json, tokio, 90 in all; Python's Django, gunicorn, 4 in all."},
		"Rust has JSON built in": {map[string]dependencies{"Go": driverAlone,
			"Rust": {[]string{"axum", "r2d2_sqlite"}, nil}}, nil, inPart, "Rust's uses axum, r2d2_sqlite"},
		"Go uses a router": {map[string]dependencies{"Go": {[]string{"github.com/a/router",
			"modernc.org/sqlite"}, nil}, "Rust": rust}, nil, fails, "github.com/a/router"},
		"Go has another one for the driver": {map[string]dependencies{"Go": {[]string{"github.com/a/router"}, nil},
			"Rust": rust}, nil, fails, "router"},
		"no Rust": {map[string]dependencies{"Go": driverAlone},
			[]figure{missing(directly, "Rust", "no cargo on this machine")}, notHere,
			"Rust: no cargo on this machine."},
		"no Go": {map[string]dependencies{"Rust": rust}, []figure{missing(directly, "Go", "left out by -lang")},
			notHere, "Go: left out by -lang."},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeDependencies(c.found, c.figures)
			require.Equal(t, c.want, got)
			require.Contains(t, because, c.says)
		})
	}
}

func TestTableOfDependencies(t *testing.T) {
	got := tabulate(map[string]dependencies{
		"Go":     {[]string{"modernc.org/sqlite"}, nil},
		"Python": {[]string{"Django", "gunicorn"}, nil},
	})
	require.Equal(t, [][]string{
		{"HTTP", "standard library", "Django, gunicorn", "not counted"},
		{"JSON", "standard library", "Django", "not counted"},
		{"SQL", "modernc.org/sqlite", "Django", "not counted"},
		{"concurrency", "standard library", "standard library", "not counted"},
		{"anything else", "none", "none", "not counted"},
	}, got.Rows)
}

func TestRuleOfServices(t *testing.T) {
	ahead := func(r route, low, value float64) figure {
		return between(fmt.Sprintf(aheadOf, r.Name, names["python"]), names["go"], low, value, value+1)
	}
	absent := missing(fmt.Sprintf(perCPU, withSQL.Name), names["python"], "no python3 on this machine")
	for name, c := range map[string]struct {
		figures []figure
		want    verdict
		says    string
	}{
		"in every round, on both": {[]figure{ahead(withSQL, 9, 10), ahead(withoutSQL, 20, 22),
			between(fmt.Sprintf(aheadOf, withSQL.Name, names["rust"]), names["go"], 0.4, 0.5, 0.6)}, holds,
			"GET /books/{id}: 10 times as many requests per second of processor time as Django (9 to 11), and 0.50 " +
				"times as many as axum."},
		"not in every round":  {[]figure{ahead(withSQL, 0.9, 10), ahead(withoutSQL, 20, 22)}, inPart, "(0.90 to 11)"},
		"no more than Django": {[]figure{ahead(withSQL, 1, 1), ahead(withoutSQL, 1, 1)}, fails, "1 times as many"},
		"disturbed": {[]figure{ahead(withSQL, 9, 10), disturbed(ahead(withoutSQL, 20, 22))}, notHere,
			"the control moved"},
		"no Django": {[]figure{absent}, notHere, "Python (Django, gunicorn): no python3 on this machine."},
		"nothing":   {nil, notHere, "was not measured"},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeServices(c.figures)
			require.Equal(t, c.want, got)
			require.Contains(t, because, c.says)
		})
	}
}

func TestRuleOfOverload(t *testing.T) {
	keeping := func(language string, percent float64) figure { return one(kept, language, percent, "%") }
	for name, c := range map[string]struct {
		figures []figure
		want    verdict
		says    string
	}{
		"Go keeps, Django does not": {[]figure{keeping(names["go"], 80), keeping(names["python"], 79.9),
			keeping(names["rust"], 90)}, holds,
			"Go keeps 80 % of its peak, Django 79.9 %; axum 90 %."},
		"both keep": {[]figure{keeping(names["go"], 97), keeping(names["python"], 98)}, inPart,
			"Django 98 %"},
		"Django just so, too": {[]figure{keeping(names["go"], 80), keeping(names["python"], 80)}, inPart,
			"Django 80 %"},
		"neither keeps": {[]figure{keeping(names["go"], 3), keeping(names["python"], 2)}, inPart,
			"Go keeps 3 %"},
		"Go only with its limits": {[]figure{keeping(names["go"], 3), keeping(names["python"], 2),
			keeping(goLimited, 88)}, inPart, "Go with httplimit keeps 88 %"},
		"Django alone keeps": {[]figure{keeping(names["go"], 3), keeping(names["python"], 95),
			keeping(goLimited, 8)}, fails, "Django 95 %"},
		"disturbed": {[]figure{disturbed(keeping(names["go"], 90)), keeping(names["python"], 2)},
			notHere, "the control moved"},
		"no Django": {[]figure{keeping(names["go"], 90),
			missing(capacityOf, names["python"], "no python3 on this machine")}, notHere,
			"Python (Django, gunicorn): no python3 on this machine."},
		"the load was not offered": {[]figure{keeping(names["go"], 90), one(capacityOf, names["python"], 50, ""),
			missing(kept, names["python"], "the load's own process could not send")},
			notHere, "could not send"},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeOverload(c.figures)
			require.Equal(t, c.want, got)
			require.Contains(t, because, c.says)
		})
	}
}
