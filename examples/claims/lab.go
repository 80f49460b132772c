package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"
)

// lab is what an experiment has at hand.
type lab struct {
	Quick  bool          // smaller sizes
	Second time.Duration // the unit of what services are driven for; the tests' is shorter than a second
	Out    string        // where the reports go; an experiment may leave profiles there
	Dir    string        // the cache: what was prepared

	tmp   string // removed when the run ends
	start func(ctx context.Context, w wanted, database string) (*endpoint, error)

	asked   []string          // languages, of -lang
	broken  error             // what could not be built, though its tool chain is here
	missing map[string]string // what cannot be used, and why: "rust", "rust service", …
	control func() time.Duration
	log     io.Writer
}

// Has returns why the lab program of a language cannot be run, or nothing if it can: its tool
// chain is not on this machine, was not asked for, or could not be prepared.
func (l *lab) Has(language string) (missing string) {
	if !slices.Contains(l.asked, language) {
		return "left out by -lang"
	}
	return l.missing[language]
}

// HasService is Has for the REST service of a language.
func (l *lab) HasService(language string) (missing string) {
	if !slices.Contains(l.asked, language) {
		return "left out by -lang"
	}
	return l.missing[language+" service"]
}

// Logf says something beside the progress bar.
func (l *lab) Logf(format string, arguments ...any) {
	fmt.Fprintf(l.log, format+"\n", arguments...)
}

// Size returns full, or with -quick the smaller one.
func (l *lab) Size(full, quick int) int {
	if l.Quick {
		return quick
	}
	return full
}

// mostMoved is how far the control may move before what was measured meanwhile decides nothing.
const mostMoved = 0.05

// Control times a fixed piece of work that uses all cores: what the machine gives us just now.
func (l *lab) Control() time.Duration { return l.control() }

// hashed is timed by the control: the best of some short goes. A long go would meet the other
// processes of any machine; the best go tells the machine's speed, unless it is busy throughout.
func hashed() time.Duration {
	const goes, blocks = 7, 300 // 300 blocks of 64 KiB are about 10 ms of SHA-256
	best := time.Duration(math.MaxInt64)
	for range goes {
		began := time.Now()
		var workers sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				var block [64 << 10]byte
				for range blocks {
					sum := sha256.Sum256(block[:])
					copy(block[:], sum[:])
				}
			})
		}
		workers.Wait()
		best = min(best, time.Since(began))
	}
	return best
}

// series is what one contender gave, round by round.
type series struct {
	Values    []float64
	Err       error   // what ended it; it is left out of the rounds after
	Moved     float64 // how far the control moved in these rounds: 0.07 is 7 %
	Disturbed bool    // it moved too far
}

// Interleave runs the contenders in turn, in a number of rounds, and times the control between
// rounds. When the control moves by more than 5 % more rounds are run, up to as many again, and
// those are kept whose controls agree.
//
// A contender that fails is not run again, and the others go on.
func (l *lab) Interleave(ctx context.Context, rounds int, contenders []func() (float64, error)) []series {
	errs := make([]error, len(contenders))
	var done []round
	before := l.Control()
	for len(done) < 2*rounds && ctx.Err() == nil {
		r := round{values: make([]float64, len(contenders))}
		for i, run := range contenders {
			if errs[i] == nil {
				r.values[i], errs[i] = attempt(run)
			}
		}
		after := l.Control()
		r.least, r.most = min(before, after), max(before, after)
		done, before = append(done, r), after
		if kept := quietest(done, rounds); len(done) >= rounds && moved(kept) <= mostMoved {
			break
		}
	}
	kept := quietest(done, rounds)
	all := make([]series, len(contenders))
	for i := range all {
		all[i] = series{Err: errs[i], Moved: moved(kept), Disturbed: moved(kept) > mostMoved}
		if ctx.Err() != nil {
			all[i].Err = errors.Join(errs[i], context.Cause(ctx))
		}
		for _, r := range kept {
			all[i].Values = append(all[i].Values, r.values[i])
		}
	}
	return all
}

// attempt has a contender's panic end that contender alone.
func attempt(run func() (float64, error)) (value float64, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	value, err = run()
	if err == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
		err = errors.New("no number came out: too little was measured")
	}
	return value, err
}

// round is what the contenders gave, and the least and the most that the control took beside it.
type round struct {
	values      []float64
	least, most time.Duration
}

// quietest returns the n rounds, in their order, among which the control moved least.
func quietest(done []round, n int) []round {
	if len(done) <= n {
		return done
	}
	// The best n have some round's least as their floor: of those above it, the n lowest.
	var best []round
	for _, floor := range done {
		above := slices.DeleteFunc(slices.Clone(done), func(r round) bool { return r.least < floor.least })
		if len(above) < n {
			continue
		}
		mosts := make([]time.Duration, len(above))
		for i, r := range above {
			mosts[i] = r.most
		}
		slices.Sort(mosts)
		among := slices.DeleteFunc(above, func(r round) bool { return r.most > mosts[n-1] })[:n]
		if best == nil || moved(among) < moved(best) {
			best = among
		}
	}
	return best
}

func moved(rounds []round) float64 {
	if len(rounds) == 0 {
		return 0
	}
	least, most := rounds[0].least, rounds[0].most
	for _, r := range rounds {
		least, most = min(least, r.least), max(most, r.most)
	}
	return float64(most)/float64(least) - 1
}

// Figure makes a figure of a series: the median of its rounds.
func (s series) Figure(name, language, unit string) figure {
	if s.Err != nil {
		return missing(name, language, s.Err.Error())
	}
	f := median(s.Values)
	f.Name, f.Language, f.Unit = name, language, unit
	if s.Disturbed {
		f.Disturbed = fmt.Sprintf("%s: the control moved by %.0f %%", notHere, 100*s.Moved)
	}
	return f
}

// median has the value, the spread and the number of rounds.
func median(values []float64) figure {
	if len(values) == 0 {
		return figure{Missing: notMeasured}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return figure{Value: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[0], High: sorted[n-1], Rounds: n}
}

// lacks says that a command is not on this machine, or nothing.
func lacks(command string) string {
	if _, err := exec.LookPath(command); err != nil {
		return fmt.Sprintf("no %s on this machine", command)
	}
	return ""
}

// scratch makes a directory that is removed when the run ends.
func (l *lab) scratch() (string, error) { return os.MkdirTemp(l.tmp, "") }
