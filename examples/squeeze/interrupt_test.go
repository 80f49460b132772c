package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestCtrlCFinishesWhatRuns(t *testing.T) {
	const files = 600 + specialFiles // more than there can be on the way
	for _, workers := range []int{1, 8} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			s := newFixture(t, makeTree(t, 600))
			s.workers = workers
			var begun atomic.Int64
			s.open = func(path string, mode fs.FileMode) (io.ReadCloser, error) {
				source, err := openSource(path, mode)
				if begun.Add(1) != 50 {
					return source, err
				}
				return struct {
					io.Reader
					io.Closer
				}{reader(func(p []byte) (int, error) {
					interrupt()
					return source.Read(p)
				}), source}, err
			}
			require.Equal(t, 130, s.squeeze(ctx))
			packed := int(begun.Load())
			require.GreaterOrEqual(t, packed, 50)
			require.Less(t, packed, files)
			require.Contains(t, s.stderr.String(), fmt.Sprintf("interrupted: %d of %d files were left", files-packed, files))
			require.Contains(t, s.stdout.String(), fmt.Sprintf("out.partial.zip: %d files", packed))
			s.requireOnly(t, "out.partial.zip")
			require.Len(t, contents(t, partialName(s.out)), packed)
		})
	}
}

func TestCtrlCBeforeAnything(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	s := newFixture(t, makeTree(t, 3))
	require.Equal(t, 130, s.squeeze(ctx))
	require.Contains(t, s.stderr.String(), "interrupted")
	s.requireOnly(t)
}

// While one file is stuck, the others are packed ahead of it, but not all of
// them: memory would grow with the tree.
func TestFilesOnTheWayAreBounded(t *testing.T) {
	dir := makeTree(t, 2*ahead)
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, dir)
		release := make(chan struct{})
		var begun atomic.Int64
		s.open = func(path string, mode fs.FileMode) (io.ReadCloser, error) {
			begun.Add(1)
			if filepath.Base(path) == "dangling" { // the first of all
				<-release // closed below
			}
			return openSource(path, mode)
		}
		ended := make(chan int)
		go func() { ended <- s.squeeze(t.Context()) }()
		synctest.Wait()
		require.EqualValues(t, ahead+1, begun.Load(), "those pending, and the one waited for")
		close(release)
		require.Zero(t, <-ended, s.stderr.String())
		require.Contains(t, s.stdout.String(), fmt.Sprintf("%d files", 2*ahead+specialFiles))
	})
}
