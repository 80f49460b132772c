package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/braidgo/braid/examples/claims/blackbox"
)

// catalogues are the services, by language.
var catalogues = map[string]blackbox.Service{"go": blackbox.Go, "python": blackbox.Python, "rust": blackbox.Rust}

// prepare finds out what can be run, and builds what was not built yet from these sources: the
// services that the selected claims need and, in the same package, Rust's lab program. With again
// it builds everything, and times the cold builds.
func (l *lab) prepare(ctx context.Context, selected []claim, again bool) (err error) {
	for _, language := range l.asked {
		if !slices.ContainsFunc(selected, func(c claim) bool { return slices.Contains(c.Twins, language) }) {
			l.missing[language+" service"] = "the claims that were asked for do not need it"
			continue
		}
		if why := l.prepareOne(ctx, language, again); why != "" {
			l.missing[language+" service"] = why
			l.Logf("%s: %s", names[language], why)
		}
	}
	for language, command := range map[string]string{"python": "python3", "rust": "cargo"} {
		l.missing[language] = lacks(command)
	}
	if why := l.missing["rust service"]; why != "" {
		l.missing["rust"] = why // they are one package
	}
	if again {
		return l.timeCold(ctx)
	}
	return nil
}

// prepareOne returns why a service cannot be run, or nothing.
func (l *lab) prepareOne(ctx context.Context, language string, again bool) (why string) {
	s := catalogues[language]
	if why := s.Missing(); why != "" {
		return why
	}
	// Go's own cache knows best whether there is something to build.
	if language != "go" && !again {
		switch why, err := blackbox.Unprepared(ctx, s); {
		case err != nil:
			return err.Error()
		case why == "":
			return ""
		}
	}
	log := l.log
	if language == "go" {
		log = io.Discard // it lists all its packages, every time; an error says what went wrong anyway
	} else {
		l.Logf("%s: fetching what it depends on, and building it", s.Title)
	}
	if err := blackbox.Fetch(ctx, s, l.Dir, log); err != nil {
		return fmt.Sprintf("cannot be fetched: %v", err)
	}
	if err := blackbox.Build(ctx, s, l.Dir, log); err != nil {
		l.broken = errors.Join(l.broken, fmt.Errorf("%s cannot be built: %w", s.Title, err))
		return fmt.Sprintf("cannot be built: %v", err)
	}
	return ""
}

// startService is how a lab starts a service.
func (l *lab) startService(ctx context.Context, w wanted, database string) (*endpoint, error) {
	p, err := blackbox.Start(ctx, catalogues[w.Language],
		blackbox.Options{Dir: l.Dir, Database: database, Flags: w.Flags})
	if err != nil {
		return nil, err
	}
	return &endpoint{URL: p.URL, Group: p.Group, stop: p.Stop}, nil
}

// rustProgram is where the Rust package is built to, by blackbox.
func (l *lab) rustProgram(name string) string { return filepath.Join(l.Dir, "rust", "release", name) }

// servicePython is the interpreter that has what the service depends on.
func (l *lab) servicePython() string { return filepath.Join(l.Dir, "python", "bin", "python") }
