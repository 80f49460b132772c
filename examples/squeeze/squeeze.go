package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/braidgo/braid/workerpool"
)

// ahead is how many files may be on their way into the archive at once. It
// bounds the memory: each holds at most packedInMemory bytes, the rest of it is
// on disk. It is this large so that the workers find small files to do while
// the archive waits for a large one.
const ahead = 256

type config struct {
	dir, out string
	workers  int
	open     opener
	create   creator
}

// The two ways to the disk. The tests have files vanish, grow and fail in the one,
// and the disk fill up in the other.
type (
	opener  func(path string, mode fs.FileMode) (io.ReadCloser, error)
	creator func(path string) (file, error)
)

// entry is a file on its way into the archive.
type entry struct {
	source
	packed     spool // what has become of its content
	size       int64
	checksum   uint32
	unreadable error         // this file's fault: it is listed, the others go on
	err        error         // everybody's: the disk is full, or it is time to stop
	done       chan struct{} // closed when all of the above is final
}

// outcome is what pack has done with the files it was given.
type outcome struct {
	files      int
	bytes      int64
	unreadable []unreadable
	left       int // not begun, because ctx ended
}

// pack compresses files on the workers and appends them to the archive in the
// order given, whatever order they are finished in:
//
//	          ┌─► pending, in order, at most ahead ─► wait until done ─► archive
//	files ────┤                                              ▲
//	          └─► a goroutine each ─► a worker's compressor ─┘
//
// The channel keeps the order, so nothing has to be sorted again, and no worker
// ever waits for the archive. Do waits for its task, which is why each file has a
// goroutine; ahead + 1 of them exist at most. When ctx ends, what no worker has begun is
// refused by Do, and what one has begun is finished and appended.
func pack(ctx context.Context, cfg config, work string, files []source, archive *zip.Writer, advance func(int64)) (outcome, error) {
	compressors := workerpool.NewStateful(cfg.workers, newCompressor, nil, workerpool.Name("squeeze"))
	defer compressors.Close()
	ctx, abandon := context.WithCancelCause(ctx)
	defer abandon(nil)

	pending := make(chan *entry, ahead)
	go func() {
		defer close(pending) // ends the loop below
		for i, f := range files {
			e := &entry{source: f, done: make(chan struct{})}
			e.packed.create = func() (file, error) { return cfg.create(filepath.Join(work, strconv.Itoa(i))) }
			select {
			case pending <- e:
			case <-ctx.Done():
				return
			}
			go func() {
				defer close(e.done)
				e.err = compressors.Do(ctx, func(_ context.Context, c *compressor) error {
					return c.compress(e, cfg.open, advance)
				})
			}()
		}
	}()

	var result outcome
	var failure error
	for e := range pending { // to the end, also after a failure: so no goroutine is left
		<-e.done
		if e.err == nil && e.unreadable == nil && failure == nil {
			e.err = e.appendTo(archive)
		}
		e.packed.close()
		switch {
		case failure != nil: // what follows does not count
		case e.unreadable != nil:
			result.unreadable = append(result.unreadable, unreadable{e.path, e.unreadable})
		case e.err == nil:
			result.files++
			result.bytes += e.size
		case !errors.Is(e.err, context.Cause(ctx)):
			failure = e.err
			abandon(failure)
		}
	}
	result.left = len(files) - result.files - len(result.unreadable)
	return result, failure
}

// produce packs files into an archive that has its name only when it is whole.
// Until then it is in a directory beside it, which is removed in any case.
// If ctx ends before all files are packed, the name is that of a partial archive.
func produce(ctx context.Context, cfg config, files []source, advance func(int64)) (result outcome, size int64, err error) {
	work, err := os.MkdirTemp(filepath.Dir(cfg.out), ".squeeze-")
	if err != nil {
		return result, 0, err
	}
	defer os.RemoveAll(work)
	temporary := filepath.Join(work, "archive")
	output, err := cfg.create(temporary)
	if err != nil {
		return result, 0, err
	}
	defer output.Close() // a second time, unless an error comes first

	archive := zip.NewWriter(output)
	if result, err = pack(ctx, cfg, work, files, archive, advance); err != nil {
		return result, 0, err
	}
	if err := archive.Close(); err != nil {
		return result, 0, err
	}
	if size, err = output.Seek(0, io.SeekCurrent); err != nil {
		return result, 0, err
	}
	if err := errors.Join(output.Sync(), output.Close()); err != nil {
		return result, 0, err
	}
	if result.files == 0 {
		return result, 0, nil // no use for an empty archive
	}
	name := cfg.out
	if result.left > 0 {
		name = partialName(name)
	}
	return result, size, os.Rename(temporary, name)
}

// checkOutput makes sure that the archive would replace a file at most: a
// directory would fail at the end of all the work, and a device would be lost.
func checkOutput(out string) error {
	if info, err := os.Stat(out); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file (%v)", out, info.Mode().Type())
	}
	return nil
}
