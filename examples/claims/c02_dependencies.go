package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// c02 counts what each of the REST services has from third parties: restapi in Go, python (Django)
// and rust (axum).
var c02 = claim{
	ID:       2,
	Text:     "Go has nearly everything that was needed built in: web server, JSON, database access",
	Document: "000",
	Rule: "Go's service has HTTP and JSON from the standard library and nothing from third parties but the SQL " +
		"driver; Rust's has third parties for HTTP, JSON and SQL. Only the first: in part. Python is reported.",
	Twins: []string{"go", "rust", "python"},
	Cost:  5 * time.Second, Quick: 5 * time.Second,
	Run: countDependencies,
}

const (
	directly   = "third-party modules that the service itself uses"
	altogether = "third-party modules in all"
)

// forWhat says what the third parties that the services use are for.
var forWhat = map[string]string{
	"modernc.org/sqlite": "SQL",
	"axum":               "HTTP", "hyper": "HTTP", "tower": "HTTP", "tower-http": "HTTP",
	"serde": "JSON", "serde_json": "JSON",
	"rusqlite": "SQL", "r2d2": "SQL", "r2d2_sqlite": "SQL", "sqlx": "SQL",
	"tokio": "concurrency", "tokio-util": "concurrency", "futures-util": "concurrency", "futures": "concurrency",
	"Django": "HTTP, JSON and SQL", "gunicorn": "HTTP",
}

// ownModule is this repository: no third party, but said.
const ownModule = "github.com/braidgo/braid"

// dependencies are the names of modules.
type dependencies struct{ direct, all []string }

func countDependencies(ctx context.Context, l *lab) (o outcome) {
	found := map[string]dependencies{}
	for _, c := range []struct {
		language string
		list     func(context.Context) (dependencies, error)
	}{{"go", goDependencies}, {"python", l.pythonDependencies}, {"rust", rustDependencies}} {
		name := languages[c.language]
		if why := l.HasService(c.language); why != "" {
			o.Figures = append(o.Figures, missing(directly, name, why), missing(altogether, name, why))
			continue
		}
		d, err := c.list(ctx)
		if err != nil {
			o.Figures = append(o.Figures, missing(directly, name, err.Error()),
				missing(altogether, name, err.Error()))
			o.Err = errors.Join(o.Err, err)
			continue
		}
		found[name] = d
		o.Figures = append(o.Figures, one(directly, name, float64(len(d.direct)), "modules"),
			one(altogether, name, float64(len(d.all)), "modules"))
	}
	o.Verdict, o.Because = judgeDependencies(found, o.Figures)
	o.Table = tabulate(found)
	o.Plot = plotDependencies(o.Figures)
	o.Notes = []string{
		"Counted is what is linked into the service, or for Python installed beside it; not what only builds or " +
			"tests it.",
		"Go's service also uses braid, the packages of this repository, for concurrency. They are not counted, nor " +
			"is what else this repository has.",
	}
	return o
}

// uses returns the modules for a purpose.
func (d dependencies) uses(purpose string) []string {
	return slices.DeleteFunc(slices.Clone(d.direct),
		func(name string) bool { return !strings.Contains(forWhat[name], purpose) })
}

// judgeDependencies is the rule.
func judgeDependencies(found map[string]dependencies, figures []figure) (verdict, string) {
	d, known := found["Go"]
	if !known {
		return notHere, of(figures, directly, "Go").why() + "."
	}
	because := fmt.Sprintf("Go's service uses %s", enumerate(d.direct))
	goAlone := len(d.direct) == 1 && len(d.uses("SQL")) == 1
	rust, known := found["Rust"]
	if !known {
		return notHere, because + ". " + of(figures, directly, "Rust").why() + "."
	}
	var rustNeeds []string
	for _, purpose := range []string{"HTTP", "JSON", "SQL"} {
		if len(rust.uses(purpose)) > 0 {
			rustNeeds = append(rustNeeds, purpose)
		}
	}
	because += fmt.Sprintf(", and with what that needs %d modules; Rust's uses %s, %d in all", len(d.all),
		enumerate(rust.direct), len(rust.all))
	if python, known := found["Python"]; known {
		because += fmt.Sprintf("; Python's %s, %d in all", enumerate(python.direct), len(python.all))
	}
	because += "."
	switch {
	case !goAlone:
		return fails, because
	case len(rustNeeds) < 3:
		return inPart, because
	}
	return holds, because
}

func enumerate(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

const notCounted = "not counted"

func tabulate(found map[string]dependencies) *table {
	t := table{Caption: "What is from third parties", Head: []string{"for", "Go", "Python", "Rust"}}
	for _, purpose := range []string{"HTTP", "JSON", "SQL", "concurrency"} {
		row := []string{purpose}
		for _, name := range t.Head[1:] {
			d, known := found[name]
			switch uses := d.uses(purpose); {
			case !known:
				row = append(row, notCounted)
			case len(uses) == 0:
				row = append(row, "standard library")
			default:
				row = append(row, strings.Join(uses, ", "))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	rest := []string{"anything else"}
	for _, name := range t.Head[1:] {
		d, known := found[name]
		if !known {
			rest = append(rest, notCounted)
			continue
		}
		rest = append(
			rest,
			enumerate(
				slices.DeleteFunc(slices.Clone(d.direct), func(module string) bool { return forWhat[module] != "" })),
		)
	}
	t.Rows = append(t.Rows, rest)
	return &t
}

func plotDependencies(figures []figure) *plot {
	p := plot{Title: "Third-party modules", Unit: "modules"}
	for _, name := range []string{directly, altogether} {
		for _, language := range []string{"Go", "Python", "Rust"} {
			if f := of(figures, name, language); f.ok() {
				p.Bars = append(p.Bars, bar{name, language, f.Value})
			}
		}
	}
	if len(p.Bars) == 0 {
		return nil
	}
	p.Words = inWords(p.Bars, p.Unit)
	return &p
}

// lines runs a command and returns the lines it prints.
func lines(ctx context.Context, dir string, command ...string) ([]string, error) {
	text, err := twin{Command: command[:1], Args: command[1:], Dir: dir}.output(ctx)
	return strings.Split(strings.TrimSpace(string(text)), "\n"), err
}

func goDependencies(ctx context.Context) (d dependencies, err error) {
	const service = "github.com/braidgo/braid/examples/restapi"
	dir, err := sources(ctx)
	if err != nil {
		return d, err
	}
	packages, err := lines(ctx, dir, "go", "list", "-deps", "-f", "{{with .Module}}{{$.ImportPath}} {{.Path}}{{end}}",
		service)
	if err != nil {
		return d, err
	}
	imports, err := lines(ctx, dir, "go", "list", "-f", `{{join .Imports "\n"}}`, service)
	if err != nil {
		return d, err
	}
	direct, all := map[string]bool{}, map[string]bool{}
	for _, line := range packages {
		path, module, _ := strings.Cut(line, " ")
		if module == "" || module == ownModule || strings.HasPrefix(module, ownModule+"/") {
			continue
		}
		all[module] = true
		if slices.Contains(imports, path) {
			direct[module] = true
		}
	}
	return dependencies{slices.Sorted(maps.Keys(direct)), slices.Sorted(maps.Keys(all))}, nil
}

func rustDependencies(ctx context.Context) (d dependencies, err error) {
	dir, err := sources(ctx)
	if err != nil {
		return d, err
	}
	// Each line is the depth, at once followed by the name: "1axum v0.8.9".
	tree, err := lines(ctx, filepath.Join(dir, "rust"), "cargo", "tree", "--offline", "--locked", "--edges", "normal",
		"--prefix", "depth", "--no-dedupe")
	if err != nil {
		return d, err
	}
	direct, all := map[string]bool{}, map[string]bool{}
	for _, line := range tree {
		name := strings.TrimLeft(line, "0123456789")
		depth := line[:len(line)-len(name)]
		name, _, _ = strings.Cut(name, " ")
		if depth == "0" {
			continue // the service
		}
		all[name] = true
		if depth == "1" {
			direct[name] = true
		}
	}
	return dependencies{slices.Sorted(maps.Keys(direct)), slices.Sorted(maps.Keys(all))}, nil
}

// pythonDependencies are those that pip has installed for the service: pip itself is not one.
func (l *lab) pythonDependencies(ctx context.Context) (d dependencies, err error) {
	list := func(more ...string) (names []string, err error) {
		command := append(
			[]string{l.servicePython(), "-m", "pip", "list", "--disable-pip-version-check", "--format=freeze",
				"--exclude", "pip", "--exclude", "setuptools", "--exclude", "wheel"},
			more...)
		all, err := lines(ctx, "", command...)
		for _, line := range all {
			name, _, _ := strings.Cut(line, "==")
			names = append(names, name)
		}
		return names, err
	}
	if d.all, err = list(); err != nil {
		return d, err
	}
	d.direct, err = list("--not-required")
	return d, err
}
