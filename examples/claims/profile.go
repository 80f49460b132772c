package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// profileName is the file of the profile.
const profileName = "restapi.cpu.prof"

// driverShares profiles the Go service on the route with SQL, and says how much of its processor
// time is the SQL driver's: SQLite itself, which modernc.org has translated from C to Go, and what
// adapts it to database/sql. It is no part of Go, and the twins run the C original.
func (l *lab) driverShares(ctx context.Context) ([]figure, error) {
	driver, both := fmt.Sprintf(driverShare, withSQL.Name), fmt.Sprintf(sqlShare, withSQL.Name)
	language := names["go"]
	if why := l.HasService("go"); why != "" {
		return []figure{missing(driver, language, why)}, nil
	}
	taken, err := l.profileService(ctx)
	if err != nil {
		return []figure{missing(driver, language, err.Error())}, err
	}
	return []figure{
		one(driver, language, 100*share(taken, "modernc.org/"), "%"),
		one(both, language, 100*share(taken, "modernc.org/", "database/sql."), "%"),
	}, nil
}

// profileService takes the profile, and leaves it beside the reports.
func (l *lab) profileService(ctx context.Context) (*profile.Profile, error) {
	at, err := freePort()
	if err != nil {
		return nil, err
	}
	s, err := l.Serve(ctx, wanted{Language: "go", Books: catalogued, Flags: []string{"-pprof", at}})
	if err != nil {
		return nil, err
	}
	defer s.stop()

	seconds := l.Size(5, 2)
	type result struct {
		profile *profile.Profile
		err     error
	}
	done := make(chan result, 1) // so that it ends if the load fails
	go func() {
		p, err := fetchProfile(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", at, seconds))
		done <- result{p, err}
	}()
	o := load{
		Route:  withSQL.Path,
		Books:  catalogued,
		Rate:   everything,
		For:    time.Duration(seconds) * time.Second,
		AtOnce: answering,
		Within: time.Second,
	}
	_, err = s.drive(ctx, o)
	r := <-done
	if err != nil || r.err != nil {
		return nil, errors.Join(err, r.err)
	}
	file, err := os.Create(filepath.Join(l.Out, profileName))
	if err != nil {
		return nil, err
	}
	return r.profile, errors.Join(r.profile.Write(file), file.Close())
}

func fetchProfile(ctx context.Context, url string) (*profile.Profile, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return profile.Parse(response.Body)
}

// share is that of the samples with a function of these packages anywhere in their stack.
func share(p *profile.Profile, packages ...string) float64 {
	var all, within int64
	for _, sample := range p.Sample {
		value := sample.Value[len(sample.Value)-1] // of a CPU profile: nanoseconds
		all += value
		if inPackages(sample, packages) {
			within += value
		}
	}
	if all == 0 {
		return 0
	}
	return float64(within) / float64(all)
}

func inPackages(sample *profile.Sample, packages []string) bool {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if line.Function != nil && slices.ContainsFunc(packages, func(prefix string) bool {
				return strings.HasPrefix(line.Function.Name, prefix)
			}) {
				return true
			}
		}
	}
	return false
}
