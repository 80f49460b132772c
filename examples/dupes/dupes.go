package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

func (d digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// find runs the search: the cheap questions first, and the next one only to those
// whom it can still tell apart.
//
//	walk ─▶ size ─▶ head ─▶ twins ─▶ whole ─▶ groups
//	                 ║                ║
//	               workers          workers
//
// The stages size and twins hold back what is alone so far, see together. So a file
// of a size that no other has is never opened, and one whose beginning no other
// has is not read any further.
//
// The order between files does not matter, since the output is sorted. Unordered,
// a file of many gigabytes holds up nobody.
func (s *search) find(ctx context.Context, report *pipeline.Report) (found, error) {
	began := time.Now()
	many := []pipeline.Option{pipeline.Workers(s.workers), pipeline.Unordered()}
	read := func(f func(context.Context, file) (file, error)) func(context.Context, file) (file, error) {
		return pipeline.DeadLetter(f, s.skip)
	}

	walked := pipeline.FlatMap(pipeline.From(slices.Values(s.dirs)), s.walk, pipeline.Name("walk"))
	sameSize := pipeline.FlatMap(walked, together(file.bySize), pipeline.Name("size"))
	begun := pipeline.Map(sameSize, read(s.readHead), append(many, pipeline.Name("head"))...)
	twins := pipeline.FlatMap(begun, together(file.byHead), pipeline.Name("twins"))
	hashed := pipeline.Map(twins, read(s.readAll), append(many, pipeline.Name("whole"))...)

	bySum := map[digest][]file{}
	err := pipeline.ForEach(ctx, pipeline.Observe(hashed, report), func(_ context.Context, f file) error {
		bySum[f.sum] = append(bySum[f.sum], f)
		return nil
	})
	s.conclude(bySum, time.Since(began))
	return s.found, err
}

// together is a stage that holds an item back until there is another with the same
// key. Then it lets both pass, and from there on all that follow. No other stage has
// to wait for the end of the input, as it would for a list sorted by the key.
//
// It needs no lock: a stage without Workers is run by one goroutine at a time.
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

// headSize is how many bytes of a file are looked at before the rest.
const headSize = 1 << 10

// readHead is all there is to read of a small file.
func (s *search) readHead(ctx context.Context, f file) (_ file, err error) {
	f.head, err = s.hash(ctx, f, headSize)
	return f, err
}

func (s *search) readAll(ctx context.Context, f file) (_ file, err error) {
	if f.info.Size() <= headSize {
		f.sum = f.head
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
