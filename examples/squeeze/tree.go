package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// source is a file or a symbolic link of the tree.
type source struct {
	path string // to open it by
	name string // in the archive: relative to the tree, with slashes
	info fs.FileInfo
}

type unreadable struct {
	path string
	err  error
}

// list returns what there is to pack under dir, in an order that depends on the
// names alone, without the files in except. It holds the whole list, as an
// archive's directory does too.
func list(ctx context.Context, dir string, except ...string) (files []source, failed []unreadable, err error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, nil, err
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("%s is not a directory", dir)
	}
	root, err := filepath.EvalSymlinks(dir) // WalkDir does not follow a link
	if err != nil {
		return nil, nil, err
	}
	excluded := statAll(except)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && path == root:
			return err
		case err == nil && d.IsDir():
			return nil
		}
		var info fs.FileInfo
		if err == nil {
			info, err = d.Info()
		}
		if err == nil && !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink {
			err = fmt.Errorf("neither a file nor a symbolic link (%v)", info.Mode().Type())
		}
		if err != nil {
			failed = append(failed, unreadable{path, err})
		} else if !sameAsAny(info, excluded) {
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			files = append(files, source{path, filepath.ToSlash(name), info})
		}
		return nil
	})
	return files, failed, err
}

func statAll(paths []string) (infos []fs.FileInfo) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			infos = append(infos, info)
		}
	}
	return infos
}

func sameAsAny(info fs.FileInfo, others []fs.FileInfo) bool {
	for _, other := range others {
		if os.SameFile(info, other) {
			return true
		}
	}
	return false
}

// openSource opens a file, or a link as the text it consists of. It is read to
// its end, wherever that is by then.
func openSource(path string, mode fs.FileMode) (io.ReadCloser, error) {
	if mode.Type() == fs.ModeSymlink {
		target, err := os.Readlink(path)
		return io.NopCloser(strings.NewReader(target)), err
	}
	return os.Open(path)
}
