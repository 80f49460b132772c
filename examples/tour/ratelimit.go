package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/ratelimit"
	"golang.org/x/sync/errgroup"
)

// # No more often than the other side can bear
//
// An index takes documents from many authors. So that none of them takes it from
// the others, each may send ten at once, and after that one in a millisecond.
// What is too much is refused, and told when to come again. Here a directory is an
// author, and a file is a document.
//
// One goroutine that does as it is told is polite, and slow: while it waits for one
// author's turn, those of the others pass. A goroutine for each file is as quick as
// can be, but see what the index has to bear. A hundred documents of one author are
// refused and told the same time to come again, so they come at the same time: one is
// admitted, and ninety-nine are refused. That is a stampede. Longer pauses, or pauses
// left to chance, make it smaller and the work slower.
//
// The third way asks a limiter of its own before it sends anything, a second attempt
// included. Wait lets one document after the other go, evenly, as they may be sent. Nothing
// is refused, and no goroutine of the limiter's is needed for that: whoever waits
// sleeps until its time, and wakes the next in the line.
//
// Both sides have a Keyed, which is a limiter for each author. The index asks Take, which
// answers at once and says when to come again; who sends asks Wait. The index cannot
// believe that everybody is polite, so the one does not make up for the other. It admits
// ten at once and only five are sent, for some are longer on the way than others.
//
// How often is one limit, and how many at once is another. The second is why this way
// has few goroutines and little in memory: there are 64 workers, many, because they
// mostly wait. ByKey has them take one author's documents one after the other, so
// that an author with many of them holds up nobody else.
//
// When not: if the index does not say what it admits, ratelimit.Adaptive finds out how
// many at once are good for it.
func init() {
	register(lesson{
		name:  "ratelimit",
		title: "no more often than the other side can bear",
		work: "The first 1,000 files sent to an index, which admits from each directory ten at\n" +
			"once and then one in a millisecond. Look at how many it has to refuse.",
		item:    "file",
		read:    []string{"examples/ladder/ratelimit", "ratelimit/limit.go", "ratelimit/line.go"},
		alone:   sendAlone,
		perItem: sendPerFile,
		pattern: sendInTurn,
	})
}

func sendAlone(ctx context.Context, in *input) (string, error) {
	index := openIndex(in)
	for _, file := range first(in) {
		content, err := in.read(ctx, file.path)
		if err == nil {
			err = index.send(ctx, file, content)
		}
		if err != nil {
			return "", err
		}
	}
	return index.answer(), nil
}

func sendPerFile(ctx context.Context, in *input) (string, error) {
	index := openIndex(in)
	group, ctx := errgroup.WithContext(ctx)
	for _, file := range first(in) {
		group.Go(func() error {
			content, err := in.read(ctx, file.path)
			if err != nil {
				return err
			}
			return index.send(ctx, file, content)
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return index.answer(), nil
}

func sendInTurn(ctx context.Context, in *input) (string, error) {
	index := openIndex(in)
	limit := ratelimit.NewKeyed[string](perAuthor, atOnce/2, len(in.files))
	files := first(in)
	err := fanout.ByKey(ctx, 64, len(files), slices.Values(files), authorOf, func(ctx context.Context, file file) error {
		for {
			if err := limit.Wait(ctx, authorOf(file)); err != nil {
				return err
			}
			content, err := in.read(ctx, file.path)
			if err != nil || index.put(file, content).OK {
				return err
			}
		}
	})
	if err != nil {
		return "", err
	}
	return index.answer(), nil
}

// index stands for a service somewhere else, with a limit of its own.
type index struct {
	limit   *ratelimit.Keyed[string]
	traffic *traffic

	mu        sync.Mutex
	documents map[string]checksum // by path
}

// What the index admits from an author.
var perAuthor = ratelimit.Every(time.Millisecond)

const atOnce = 10

func openIndex(in *input) *index {
	in.traffic = newTraffic()
	return &index{
		limit:     ratelimit.NewKeyed[string](perAuthor, atOnce, len(in.files)),
		traffic:   in.traffic,
		documents: map[string]checksum{},
	}
}

func authorOf(file file) string { return path.Dir(file.path) }

// send sends the file until it is admitted, as often as it is told to.
func (x *index) send(ctx context.Context, file file, content []byte) error {
	for {
		answer := x.put(file, content)
		if answer.OK {
			return nil
		}
		select {
		case <-time.After(answer.RetryAfter):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// put is a request, as the index sees it.
func (x *index) put(file file, content []byte) ratelimit.Decision {
	decision := x.limit.Take(authorOf(file), 1)
	x.traffic.record(decision.OK)
	if decision.OK {
		sum := sha256.Sum256(content)
		x.mu.Lock()
		defer x.mu.Unlock()
		x.documents[file.path] = sum
	}
	return decision
}

func (x *index) answer() string {
	var sums []checksum
	authors := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(x.documents)) {
		sums = append(sums, x.documents[name])
		authors[path.Dir(name)] = true
	}
	return fmt.Sprintf("%s documents by %s authors, with the checksum %.8x...",
		thousands(len(sums)), thousands(len(authors)), together(sums))
}
