package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// walk yields the regular files under dir that were not met yet. The search remembers
// them all: memory grows with their number, and not with what is in them.
func (s *search) walk(ctx context.Context, dir string, yield func(file) bool) error {
	root, err := filepath.EvalSymlinks(dir) // WalkDir does not follow a link
	if err != nil {
		return s.skip(ctx, file{path: dir}, err)
	}
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f := file{path: path}
		if err == nil {
			f.info, err = entry.Info()
		}
		if err != nil { // of a directory, after what could be read of it
			return s.skip(ctx, f, err)
		}
		pass, err := s.sort(f.info)
		if pass && !yield(f) {
			err = fs.SkipAll
		}
		return err
	})
}

// sort says whether info is that of a file to compare, and counts it. The error is
// fs.SkipDir for a directory that was walked already.
func (s *search) sort(info fs.FileInfo) (pass bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch mode := info.Mode(); {
	case mode.IsDir() && s.known.before(info):
		return false, fs.SkipDir
	case mode.IsDir():
	case mode.Type() == fs.ModeSymlink:
		s.Totals.Symlinks++
	case !mode.IsRegular():
		s.Totals.Special++
	case info.Size() < s.min:
		s.Totals.Small++
	case s.known.before(info):
		s.Totals.Hardlinks++
	default:
		s.Totals.Files++
		s.Totals.Bytes += info.Size()
		return true, nil
	}
	return false, nil
}

// skip notes why f is left out. It never fails, so that the others go on.
func (s *search) skip(_ context.Context, f file, reason error) error {
	if err, ok := errors.AsType[*fs.PathError](reason); ok {
		reason = err.Err // without the path, which stands beside it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Skipped = append(s.Skipped, skipped{pathname(f.path), reason.Error()})
	return nil
}

// seen are the files and directories met so far, under whatever name. What two of
// them have in common whose names lead to one file keeps the lists short that are
// compared with os.SameFile.
type seen map[struct{ size, modified int64 }][]fs.FileInfo

// before tells whether info was seen before, and notes it.
func (s seen) before(info fs.FileInfo) bool {
	key := struct{ size, modified int64 }{info.Size(), info.ModTime().UnixNano()}
	if slices.ContainsFunc(s[key], func(other fs.FileInfo) bool { return os.SameFile(info, other) }) {
		return true
	}
	s[key] = append(s[key], info)
	return false
}
