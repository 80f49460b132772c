package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/braidgo/braid/pipeline"
)

// search is one search for duplicates: what was asked for, and what it has met.
type search struct {
	dirs    []string
	min     int64 // bytes
	workers int
	open    opener

	known seen       // of the walk alone
	mu    sync.Mutex // guards found
	found
}

// opener is the way to the files. The tests have files vanish and change there.
type opener func(path string) (fs.File, error)

type file struct {
	path      string
	info      fs.FileInfo // as the walk has seen it
	head, sum digest      // of its first bytes, and of all
}

type digest [sha256.Size]byte

// find runs the search. It asks what is cheap first, and then of those that it could
// not tell apart what is dearer:
//
//	walk ─▶ size ─▶ head ─▶ twins ─▶ whole ─▶ groups
//	               workers          workers
//
// The stages size and twins hold back what is alone so far, see together. So a file
// is not opened as long as no other has its size, and of the others only the first
// bytes are read as long as they differ there.
//
// A file that cannot be read is a dead letter: it is noted, and the others go on.
// Unordered, a file of many gigabytes holds up nobody; the output is sorted anyway.
func (s *search) find(ctx context.Context, report *pipeline.Report) (found, error) {
	began := time.Now()
	parallel := func(name string) []pipeline.Option {
		return []pipeline.Option{pipeline.Name(name), pipeline.Workers(s.workers), pipeline.Unordered()}
	}
	walked := pipeline.FlatMap(pipeline.From(slices.Values(s.dirs)), s.walk, pipeline.Name("walk"))
	sameSize := pipeline.FlatMap(walked, together(file.bySize), pipeline.Name("size"))
	begun := pipeline.Map(sameSize, pipeline.DeadLetter(s.readHead, s.skip), parallel("head")...)
	twins := pipeline.FlatMap(begun, together(file.byHead), pipeline.Name("twins"))
	hashed := pipeline.Map(twins, pipeline.DeadLetter(s.readAll, s.skip), parallel("whole")...)

	bySum := map[digest][]file{}
	err := pipeline.ForEach(ctx, pipeline.Observe(hashed, report), func(_ context.Context, f file) error {
		bySum[f.sum] = append(bySum[f.sum], f)
		return nil
	})
	s.conclude(bySum, time.Since(began))
	return s.found, err
}

// together is a stage that holds an item back until another has the same key. Then it
// lets both pass, and from there on all that follow. Nobody has to wait for the end of
// the walk, as one would for a list that is to be sorted by the key.
//
// It needs no lock, because a stage without Workers is run by one goroutine.
func together[T any, K comparable](key func(T) K) func(context.Context, T, func(T) bool) error {
	alone := map[K]*T{} // nil for a key that two have
	return func(_ context.Context, item T, yield func(T) bool) error {
		k := key(item)
		first, known := alone[k]
		switch {
		case !known:
			alone[k] = &item
		case first == nil:
			yield(item)
		default:
			alone[k] = nil
			_ = yield(*first) && yield(item)
		}
		return nil
	}
}

func (f file) bySize() int64 { return f.info.Size() }

func (f file) byHead() beginning { return beginning{f.info.Size(), f.head} }

type beginning struct {
	size int64
	head digest
}

// headSize is how many bytes of a file are read before the rest. In the source tree of
// Go 1.26, 11 MB are read so, instead of 20.
const headSize = 1 << 10

func (s *search) readHead(ctx context.Context, f file) (_ file, err error) {
	f.head, err = s.hash(ctx, f, headSize)
	return f, err
}

func (s *search) readAll(ctx context.Context, f file) (_ file, err error) {
	if f.info.Size() <= headSize {
		f.sum = f.head // was all of it
		return f, nil
	}
	f.sum, err = s.hash(ctx, f, f.info.Size())
	return f, err
}

var errChanged = errors.New("has changed since it was found")

// hash reads at most limit bytes of f, in blocks, whatever its size.
func (s *search) hash(ctx context.Context, f file, limit int64) (sum digest, err error) {
	content, err := s.open(f.path)
	if err != nil {
		return sum, err
	}
	defer content.Close()
	if err := f.unchanged(content); err != nil {
		return sum, err
	}
	limit = min(limit, f.info.Size())
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(reader(func(p []byte) (int, error) {
		if ctx.Err() != nil { // Ctrl-C does not wait for the end of a large file
			return 0, context.Cause(ctx)
		}
		return content.Read(p)
	}), limit))
	s.mu.Lock()
	s.Totals.Read += n
	s.mu.Unlock()
	if err != nil {
		return sum, err
	}
	if n < limit {
		return sum, errChanged
	}
	hash.Sum(sum[:0])
	return sum, f.unchanged(content)
}

type reader func(p []byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// unchanged tells whether content is what the walk has found.
func (f file) unchanged(content fs.File) error {
	now, err := content.Stat()
	if err == nil && !(os.SameFile(now, f.info) && now.Size() == f.info.Size() && now.ModTime().Equal(f.info.ModTime())) {
		err = errChanged
	}
	return err
}

// openFile does not wait for a writer if there is a named pipe by now where the
// walk has found a file.
func openFile(path string) (fs.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
