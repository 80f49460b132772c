package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// c01 builds the REST services: restapi in Go, the package in rust in Rust; both the way one does
// while one writes them, without optimisation in Rust. Python compiles to bytecode when it runs.
var c01 = claim{
	ID:       1,
	Text:     "Go builds in about 1 s where Rust takes 7 (dev build)",
	Document: "000",
	Rule: "After one changed line Rust's build takes at least three times as long as Go's, the case that the " +
		"author saw. Longer, but less than three times: in part. The other builds are reported.",
	Twins: []string{"go", "rust", "python"},
	Cost:  2 * time.Minute, Quick: 25 * time.Second,
	Run: measureBuilds,
}

// The figures of the experiment.
const (
	coldBuild   = "everything cold"
	coldDriver  = "everything cold: of it the SQL driver and what that needs"
	ownBuild    = "own code, dependencies warm"
	lineBuild   = "one changed line"
	rustToGo    = "one changed line: Rust to Go in each round"
	bytecode    = "own code to bytecode"
	buildLimit  = 9 * time.Minute // a cold build on a slow machine
	buildsTimed = "cold-builds.json"
)

// buildable is a service that is built here. What it needs has been fetched.
type buildable struct {
	language string
	warmed   string // the directory with what was built of the dependencies

	// cold builds everything into dir/all, and the driver once more into another place there.
	cold func(ctx context.Context, dir string) (all, driver time.Duration, err error)
	warm func(ctx context.Context) error // until nothing is left to do
	own  func(ctx context.Context, nth int) (time.Duration, error)
	line func(ctx context.Context, nth int) (time.Duration, error)
}

// changedLine is in every service's own code, and nowhere else: the type of every error it answers.
const changedLine = "about:blank"

func measureBuilds(ctx context.Context, l *lab) (o outcome) {
	var able []buildable
	for _, b := range l.buildables() {
		why := l.HasService(b.language)
		if why == "" {
			if err := b.warm(ctx); err != nil {
				why = err.Error()
				o.Err = errors.Join(o.Err, err)
			}
		}
		if why != "" {
			o.Figures = append(o.Figures, missing(lineBuild, languages[b.language], why))
			continue
		}
		able = append(able, b)
	}

	nth := int(time.Now().Unix()) // no build may find what an earlier run has left
	took := map[string]float64{}
	var contenders []func() (float64, error)
	for _, b := range able {
		contenders = append(contenders,
			func() (float64, error) {
				nth++
				d, err := b.line(ctx, nth)
				took[b.language] = d.Seconds()
				return d.Seconds(), err
			},
			func() (float64, error) {
				nth++
				d, err := b.own(ctx, nth)
				return d.Seconds(), err
			})
	}
	contenders = append(contenders,
		func() (float64, error) { return took["rust"] / took["go"], nil },
		func() (float64, error) { return l.toBytecode(ctx) })
	all := l.Interleave(ctx, l.Size(5, 2), contenders)
	for i, b := range able {
		o.Figures = append(o.Figures, all[2*i].Figure(lineBuild, languages[b.language], "s"),
			all[2*i+1].Figure(ownBuild, languages[b.language], "s"))
		o.Err = errors.Join(o.Err, all[2*i].Err, all[2*i+1].Err)
	}
	if len(able) == 2 {
		o.Figures = append(o.Figures, all[4].Figure(rustToGo, "Rust", "×"))
	}
	if why := l.Has("python"); why != "" {
		o.Figures = append(o.Figures, missing(bytecode, "Python", why))
	} else {
		o.Figures = append(o.Figures, all[len(all)-1].Figure(bytecode, "Python", "s"))
		o.Err = errors.Join(o.Err, all[len(all)-1].Err)
	}
	o.Figures = append(o.Figures, l.coldBuilds()...)
	o.Verdict, o.Because = judgeBuilds(o.Figures)
	o.Plot = plotBuilds(o.Figures)
	o.Notes = []string{
		"The line is the one that says " + changedLine + ". Go builds with a cache of its own; everything cold " +
			"begins with it empty and compiles what it needs of the standard library, too. Rust's standard library " +
			"comes compiled.",
		"What has to be fetched was fetched before. The cold builds are timed by prepare, once.",
		"Rust's build is the dev profile, as in the document, and incremental. Go has one way to build.",
	}
	return o
}

// languages are the languages as the report calls them.
var languages = map[string]string{"go": "Go", "python": "Python", "rust": "Rust"}

// judgeBuilds is the rule: Rust / Go ≥ 3 after one changed line.
func judgeBuilds(figures []figure) (verdict, string) {
	for _, language := range []string{"Go", "Rust"} {
		if f := of(figures, lineBuild, language); !f.ok() {
			return notHere, f.why() + "."
		}
	}
	ratio := of(figures, rustToGo, "Rust")
	because := fmt.Sprintf("After one changed line Go takes %s and Rust %s: %s times as long.",
		of(figures, lineBuild, "Go").Text(), of(figures, lineBuild, "Rust").Text(), number(ratio.Value))
	if cold, driver := of(figures, coldBuild, "Go"), of(figures, coldDriver, "Go"); cold.ok() && driver.ok() {
		because += fmt.Sprintf(" With everything cold Go takes %s, of which the SQL driver and what it needs take %s",
			cold.Text(), driver.Text())
		if rust := of(figures, coldBuild, "Rust"); rust.ok() {
			because += fmt.Sprintf("; Rust takes %s", rust.Text())
		}
		because += "."
	}
	const enough = 3
	switch {
	case !ratio.ok():
		return notHere, ratio.why() + "."
	case ratio.Value >= enough:
		return holds, because
	case ratio.Value > 1:
		return inPart, because
	}
	return fails, because
}

func plotBuilds(figures []figure) *plot {
	p := plot{Title: "Time of a dev build", Unit: "s", Log: true}
	for _, name := range []string{lineBuild, ownBuild, coldBuild, coldDriver} {
		for _, language := range []string{"Go", "Rust"} {
			if f := of(figures, name, language); f.Missing == "" {
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

// timed runs a command and says how long it took.
func timed(ctx context.Context, dir string, env []string, command ...string) (time.Duration, error) {
	began := time.Now()
	_, err := twin{Command: command[:1], Args: command[1:], Dir: dir, Env: env, Limit: buildLimit}.output(ctx)
	return time.Since(began), err
}

func (l *lab) buildables() []buildable { return []buildable{l.goBuild(), l.rustBuild()} }

func (l *lab) builds(names ...string) string {
	return filepath.Join(append([]string{l.Dir, "builds"}, names...)...)
}

// goBuild builds restapi with a cache of its own. What is changed is changed by an overlay: the
// sources stay as they are.
func (l *lab) goBuild() buildable {
	const service, driver = "github.com/braidgo/braid/examples/restapi", "modernc.org/sqlite"
	build := func(ctx context.Context, cache string, args ...string) (time.Duration, error) {
		dir, err := sources(ctx)
		if err != nil {
			return 0, err
		}
		command := append([]string{"go", "build", "-buildvcs=false", "-o", l.builds("restapi")}, args...)
		return timed(ctx, dir, []string{"GOCACHE=" + cache}, command...)
	}
	warmed := l.builds("go-cache")
	changed := func(ctx context.Context, nth int, which func(source string) bool) (time.Duration, error) {
		overlay, err := l.overlay(ctx, nth, which)
		if err != nil {
			return 0, err
		}
		return build(ctx, warmed, "-overlay", overlay, service)
	}
	return buildable{
		language: "go",
		warmed:   warmed,
		cold: func(ctx context.Context, dir string) (all, part time.Duration, err error) {
			if all, err = build(ctx, filepath.Join(dir, "all"), service); err != nil {
				return 0, 0, err
			}
			part, err = build(ctx, filepath.Join(dir, "driver"), driver)
			return all, part, err
		},
		warm: func(ctx context.Context) error {
			_, err := build(ctx, warmed, service)
			return err
		},
		own: func(ctx context.Context, nth int) (time.Duration, error) {
			return changed(ctx, nth, func(string) bool { return true })
		},
		line: func(ctx context.Context, nth int) (time.Duration, error) {
			took, err := changed(ctx, nth, func(source string) bool { return strings.Contains(source, changedLine) })
			return took, errors.Join(err, says(l.builds("restapi"), nth))
		},
	}
}

// overlay writes changed copies of some of restapi's files, and the file that has go build take
// those instead. The change is one in what is compiled: Go does not link again for a comment.
func (l *lab) overlay(ctx context.Context, nth int, which func(source string) bool) (path string, err error) {
	dir, err := sources(ctx)
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, "..", "restapi", "*.go"))
	if err != nil {
		return "", err
	}
	var o struct{ Replace map[string]string }
	o.Replace = map[string]string{}
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		source := string(text)
		if strings.HasSuffix(file, "_test.go") || !which(source) {
			continue
		}
		source = edited(source, nth)
		if !strings.Contains(source, changedLine) {
			source += fmt.Sprintf("\nvar changed%d = %d\n", i, nth)
		}
		copied := l.builds("changed", filepath.Base(file))
		if err := write(copied, source); err != nil {
			return "", err
		}
		o.Replace[file] = copied
	}
	if len(o.Replace) == 0 {
		return "", fmt.Errorf("no file of restapi says %q", changedLine)
	}
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	path = l.builds("overlay.json")
	return path, write(path, string(text))
}

// edited changes one line, to what it has never been.
func edited(source string, nth int) string {
	return strings.Replace(source, changedLine, marked(nth), 1)
}

func marked(nth int) string { return fmt.Sprintf("%s#%d", changedLine, nth) }

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// rustBuild builds a copy of the Rust package, which lies to that of the schema as the originals do.
func (l *lab) rustBuild() buildable {
	const schema = "schema.sql"
	copied := l.builds("sources", "claims", "rust")
	build := func(ctx context.Context, target string, args ...string) (time.Duration, error) {
		command := append([]string{"cargo", "build", "--offline", "--locked", "--quiet"}, args...)
		return timed(ctx, copied, []string{"CARGO_TARGET_DIR=" + target}, command...)
	}
	warmed := l.builds("rust-target")
	service := []string{"--bin", "books"}
	refresh := func(ctx context.Context) error {
		dir, err := sources(ctx)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(l.builds("sources")); err != nil {
			return err
		}
		if err := copyTree(copied, filepath.Join(dir, "rust")); err != nil {
			return err
		}
		return copyTree(l.builds("sources", "restapi", schema), filepath.Join(dir, "..", "restapi", schema))
	}
	return buildable{
		language: "rust",
		warmed:   warmed,
		cold: func(ctx context.Context, dir string) (all, part time.Duration, err error) {
			if err := refresh(ctx); err != nil {
				return 0, 0, err
			}
			if all, err = build(ctx, filepath.Join(dir, "all"), service...); err != nil {
				return 0, 0, err
			}
			part, err = build(ctx, filepath.Join(dir, "driver"), "--package", "rusqlite")
			return all, part, err
		},
		warm: func(ctx context.Context) error {
			if err := refresh(ctx); err != nil {
				return err
			}
			_, err := build(ctx, warmed, service...)
			return err
		},
		own: func(ctx context.Context, _ int) (time.Duration, error) {
			if _, err := timed(ctx, copied, []string{"CARGO_TARGET_DIR=" + warmed}, "cargo", "clean", "--offline",
				"--quiet", "--package", "books"); err != nil {
				return 0, err
			}
			return build(ctx, warmed, service...)
		},
		line: func(ctx context.Context, nth int) (time.Duration, error) {
			if err := l.editRust(ctx, copied, nth); err != nil {
				return 0, err
			}
			took, err := build(ctx, warmed, service...)
			return took, errors.Join(err, says(filepath.Join(warmed, "debug", "books"), nth))
		},
	}
}

// says makes sure that what was built is what was changed.
func says(program string, nth int) error {
	text, err := os.ReadFile(program)
	if err == nil && !bytes.Contains(text, []byte(marked(nth))) {
		err = fmt.Errorf("%s was not built from the changed line", program)
	}
	return err
}

// editRust changes the line in the copy.
func (l *lab) editRust(ctx context.Context, copied string, nth int) error {
	dir, err := sources(ctx)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "rust", "src", "*.rs"))
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), changedLine) {
			return write(filepath.Join(copied, "src", filepath.Base(file)), edited(string(text), nth))
		}
	}
	return fmt.Errorf("no file of the Rust service says %q", changedLine)
}

// copyTree copies a file or a tree, without what was built there.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if name == "target" {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return write(filepath.Join(to, name), string(text))
	})
}

// toBytecode times what Python does at the first import of its own code.
func (l *lab) toBytecode(ctx context.Context) (float64, error) {
	if why := l.Has("python"); why != "" {
		return 0, errors.New(why)
	}
	dir, err := sources(ctx)
	if err != nil {
		return 0, err
	}
	took, err := timed(ctx, dir, []string{"PYTHONPYCACHEPREFIX=" + l.builds("pycache")}, "python3", "-m",
		"compileall", "-q", "-f", "python")
	return took.Seconds(), err
}

// coldTimes are seconds.
type coldTimes struct{ All, Driver float64 }

// timeCold times the cold builds, for the runs to come.
func (l *lab) timeCold(ctx context.Context) error {
	var errs []error
	for _, b := range l.buildables() {
		if l.HasService(b.language) == "" { // otherwise the reason has been said
			errs = append(errs, l.timeColdOf(ctx, b))
		}
	}
	return errors.Join(errs...)
}

func (l *lab) timeColdOf(ctx context.Context, b buildable) error {
	l.Logf("%s: building with everything cold, twice: all of it, and the SQL driver alone", languages[b.language])
	dir := l.builds("cold-" + b.language)
	defer os.RemoveAll(dir) // some hundred megabytes
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	all, driver, err := b.cold(ctx, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", languages[b.language], err)
	}
	// What was built is what the other builds begin with.
	if err := errors.Join(os.RemoveAll(b.warmed), os.Rename(filepath.Join(dir, "all"), b.warmed)); err != nil {
		return err
	}
	times, _ := l.timesCold() // of other languages, if there are any
	times[b.language] = coldTimes{all.Seconds(), driver.Seconds()}
	text, err := json.MarshalIndent(times, "", "  ")
	if err != nil {
		return err
	}
	return write(l.builds(buildsTimed), string(text)+"\n")
}

// timesCold reads what prepare has measured, by language.
func (l *lab) timesCold() (times map[string]coldTimes, err error) {
	times = map[string]coldTimes{}
	text, err := os.ReadFile(l.builds(buildsTimed))
	if err == nil {
		err = json.Unmarshal(text, &times)
	}
	return times, err
}

// coldBuilds are the figures of what prepare has measured.
func (l *lab) coldBuilds() (figures []figure) {
	times, err := l.timesCold()
	for _, b := range l.buildables() {
		name := languages[b.language]
		t, known := times[b.language]
		why := l.HasService(b.language)
		if why == "" && (err != nil || !known) {
			why = "is timed by prepare, which was not run"
		}
		if why != "" {
			figures = append(figures, missing(coldBuild, name, why))
			continue
		}
		figures = append(figures, one(coldBuild, name, t.All, "s"), one(coldDriver, name, t.Driver, "s"))
	}
	return figures
}
