package main

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
)

// input is a tree of files, the real input of all lessons.
type input struct {
	tree        fs.FS
	files       []file // of the whole tree, in the order of a walk
	bytes       int64
	root        *directory
	directories int
	unreadable  []error
	cut         bool // there was more than the tour takes

	traffic *traffic // what a way of doing the work has to show beside its answer
}

type file struct {
	path string
	size int64
}

type directory struct {
	files []file
	below []*directory
}

// The tour takes no more than this, so that it ends soon whatever -dir names,
// and so that a goroutine per file stays below the 10,000 threads at which the
// runtime gives up even if most of them block in a read.
const (
	mostFiles = 9_000
	mostBytes = 256_000_000
)

// gather walks tree and reads every file once. That warms the file cache,
// without which the first way of doing the work would pay for all others, and
// finds the files that cannot be read: they are listed and left out.
func gather(ctx context.Context, tree fs.FS) (*input, error) {
	in := &input{tree: tree, root: &directory{}, directories: 1}
	folders := map[string]*directory{".": in.root}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		folder := folders[path.Dir(name)]
		switch {
		case err != nil:
			in.unreadable = append(in.unreadable, err)
		case name == ".":
		case entry.IsDir() && passedOver(entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			folders[name] = &directory{}
			folder.below = append(folder.below, folders[name])
			in.directories++
		case !entry.Type().IsRegular(): // a pipe could be read for ever
		case len(in.files) == mostFiles:
			in.cut = true
			return fs.SkipAll
		default:
			return in.add(ctx, folder, name, entry)
		}
		return nil
	})
	if err == nil && len(in.files) == 0 {
		err = errors.Join(append(in.unreadable, errors.New("no file that can be read"))...)
	}
	return in, err
}

// passedOver tells the directories that the go command leaves out, too.
func passedOver(name string) bool {
	return name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func (in *input) add(ctx context.Context, folder *directory, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err == nil && in.bytes+info.Size() > mostBytes {
		in.cut = true
		return nil
	}
	content, err := in.read(ctx, name)
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		in.unreadable = append(in.unreadable, err)
	default:
		found := file{name, int64(len(content))}
		in.files = append(in.files, found)
		folder.files = append(folder.files, found)
		in.bytes += found.size
	}
	return nil
}

// read returns the content of a file. A dead context reads nothing.
func (in *input) read(ctx context.Context, path string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return fs.ReadFile(in.tree, path)
}
