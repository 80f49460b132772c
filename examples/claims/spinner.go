package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/braidgo/braid/examples/internal/probe"
	"github.com/braidgo/braid/fanout"
)

// spinner is one way to keep cores busy, in one language: `lab spin`.
type spinner struct {
	Label    string // "Go (fanout.Map)"
	Language string
	Kind     string   // the subcommand's first argument
	Command  []string // instead of the language's usual lab program
	Chunks   int      // for each worker; settle finds out
	NoLimit  bool     // its workers are processes already: there is nothing to compare them with
}

// startUp is how long the processes have until all of them begin at once.
const startUp = 600 * time.Millisecond

// spin has so many processes, with so many workers each, do the same work for each worker, and
// returns how many chunks there were in a second.
func (l *lab) spin(ctx context.Context, s *spinner, processes, workers int) (rate float64, err error) {
	chunks, start := s.Chunks*workers, 0.0
	if processes > 1 {
		start = epoch(time.Now().Add(startUp))
	}
	run := func(ctx context.Context, _ int) (answer, error) {
		return l.RunTwin(ctx, twin{
			Language: s.Language, Command: s.Command, Env: []string{"GOMAXPROCS=" + strconv.Itoa(workers)},
			Args: []string{"spin", s.Kind, strconv.Itoa(workers), strconv.Itoa(chunks), fmt.Sprintf("%f", start)},
		})
	}
	answers, err := fanout.Map(ctx, processes, make([]int, processes), run)
	if err != nil {
		return 0, err
	}
	began, ended := answers[0].Number("began"), answers[0].Number("ended")
	for _, a := range answers {
		if a.Number("sum") != answers[0].Number("sum") {
			return 0, errors.New("two processes did the same work, with different results")
		}
		began, ended = min(began, a.Number("began")), max(ended, a.Number("ended"))
	}
	if ended <= began {
		return 0, fmt.Errorf("%d chunks took no time", processes*chunks)
	}
	return float64(processes*chunks) / (ended - began), nil
}

// settle finds how many chunks take one worker about that long. A few chunks first show that
// their sum is what it is everywhere.
func (l *lab) settle(ctx context.Context, s *spinner, wanted time.Duration) error {
	const few = 20
	a, err := l.RunTwin(ctx, twin{
		Language: s.Language, Command: s.Command, Args: []string{"spin", s.Kind, "1", strconv.Itoa(few), "0"},
	})
	if err != nil {
		return err
	}
	right, err := probe.Spin(ctx, "map", 1, few)
	if err != nil {
		return err
	}
	if a.Number("sum") != float64(right.Sum) {
		return fmt.Errorf("does other work: the sum of %d chunks is %.0f, not %d", few, a.Number("sum"), right.Sum)
	}
	for s.Chunks = few; ; {
		rate, err := l.spin(ctx, s, 1, 1)
		if err != nil {
			return err
		}
		took := float64(s.Chunks) / rate
		s.Chunks = max(few, int(rate*wanted.Seconds()))
		if took > wanted.Seconds()/10 { // long enough to tell
			return nil
		}
	}
}

// coreCount is how many a process of ours may use.
func coreCount() int { return runtime.NumCPU() }

// workerCounts are 1, 2, 4 and so on, up to the number of cores, which is the last.
func workerCounts(cores int) (counts []int) {
	for n := 1; n < cores; n *= 2 {
		counts = append(counts, n)
	}
	return append(counts, cores)
}

// scaling is what more workers brought, round by round.
type scaling struct {
	Counts []int
	Gains  []series // for each count: the rate over that of one worker in the same round
	Limit  series   // as many independent processes as there are cores, over one
	Share  series   // the last gain, divided by the limit
}

// scale measures the spinners, interleaved.
func (l *lab) scale(ctx context.Context, rounds int, spinners []*spinner) []scaling {
	counts := workerCounts(coreCount())
	var contenders []func() (float64, error)
	for _, s := range spinners {
		for _, n := range counts {
			contenders = append(contenders, func() (float64, error) { return l.spin(ctx, s, 1, n) })
		}
		contenders = append(contenders, func() (float64, error) {
			if s.NoLimit {
				return 0, absent("is the limit itself")
			}
			return l.spin(ctx, s, coreCount(), 1)
		})
	}
	measured := l.Interleave(ctx, rounds, contenders)
	var all []scaling
	for of := range slices.Chunk(measured, len(counts)+1) {
		one, limit := of[0], of[len(counts)]
		sc := scaling{Counts: counts, Limit: limit.over(one), Share: of[len(counts)-1].over(limit)}
		for i := range counts {
			sc.Gains = append(sc.Gains, of[i].over(one))
		}
		all = append(all, sc)
	}
	return all
}

// over divides two series, round by round. What disturbs one disturbs the quotient.
func (s series) over(other series) series {
	quotient := series{
		Err: cmp.Or(s.Err, other.Err), Moved: max(s.Moved, other.Moved), Disturbed: s.Disturbed || other.Disturbed,
	}
	for i := range min(len(s.Values), len(other.Values)) {
		if other.Values[i] != 0 {
			quotient.Values = append(quotient.Values, s.Values[i]/other.Values[i])
		}
	}
	return quotient
}

// Figures names the last gain, the machine's limit and the share of it, and the gains as a line.
func (sc scaling) Figures(label string) (figures []figure, gains line) {
	last := len(sc.Counts) - 1
	figures = []figure{sc.Gains[last].Figure(gainName(sc.Counts[last]), label, "×")}
	if _, none := sc.Limit.Err.(absent); !none {
		figures = append(figures,
			sc.Limit.Figure(limitName(sc.Counts[last]), label, "×"), sc.Share.Figure(shareName, label, "×"))
	}
	gains = line{Label: label, Language: label}
	for i, n := range sc.Counts {
		if f := sc.Gains[i].Figure("", "", ""); f.Missing == "" {
			gains.X, gains.Y = append(gains.X, float64(n)), append(gains.Y, f.Value)
		}
	}
	return figures, gains
}

const shareName = "gain, divided by the machine's limit"

func gainName(n int) string { return fmt.Sprintf("gain of %d workers over one", n) }

func limitName(n int) string {
	return fmt.Sprintf("the machine's limit: %d independent processes over one", n)
}
