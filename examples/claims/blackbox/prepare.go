package blackbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// Dir is where Prepare puts what it makes, and where it is looked for: BRAID_CLAIMS_DIR, or a
// directory in the user's cache. Nothing is written to the tree.
func Dir() (string, error) {
	if dir := os.Getenv("BRAID_CLAIMS_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w; BRAID_CLAIMS_DIR can name a directory", err)
	}
	return filepath.Join(cache, "braid-claims"), nil
}

// Missing says which tool chain is missing on this machine, or nothing.
func (s Service) Missing() string {
	if _, err := exec.LookPath(s.tool); err != nil {
		return fmt.Sprintf("no %s on this machine", s.tool)
	}
	return ""
}

// Prepare gets what the service depends on and builds it in Dir, unless that was done. It takes
// minutes the first time. What the tools print goes to log.
func Prepare(ctx context.Context, s Service, log io.Writer) error {
	if len(s.inputs) > 0 {
		if why, err := Unprepared(ctx, s); why == "" || err != nil {
			return err
		}
	}
	dir, err := Dir()
	if err != nil {
		return err
	}
	if err := Fetch(ctx, s, dir, log); err != nil {
		return err
	}
	return Build(ctx, s, dir, log)
}

// Fetch gets what the service depends on. It is the part of Prepare that needs the network.
func Fetch(ctx context.Context, s Service, dir string, log io.Writer) error {
	return s.each(ctx, s.fetch, dir, log)
}

// Build is the part of Prepare that needs the processor. Some of what Fetch has got is in dir. env is
// added to the environment of the tools: GOCACHE, an empty directory, makes a build in Go a cold one.
func Build(ctx context.Context, s Service, dir string, log io.Writer, env ...string) error {
	if err := s.each(ctx, s.build, dir, log, env...); err != nil {
		return err
	}
	p, err := locate(ctx, dir)
	if err != nil {
		return err
	}
	sum, err := s.sum(p)
	if err != nil {
		return err
	}
	return os.WriteFile(s.stamp(p), sum, 0o644)
}

// each runs the commands of fetch or build.
func (s Service) each(
	ctx context.Context, commands func(place) []command, dir string, log io.Writer, env ...string,
) error {
	if missing := s.Missing(); missing != "" {
		return errors.New(missing)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	p, err := locate(ctx, dir)
	if err != nil {
		return err
	}
	for _, c := range commands(p) {
		c.env = append(c.env, env...)
		if err := c.run(ctx, log); err != nil {
			return fmt.Errorf("%s: %w", s.Title, err)
		}
	}
	return nil
}

// run waits for the command, which ends with all its children when ctx does.
func (c command) run(ctx context.Context, log io.Writer) error {
	var said tail
	run := c.in(ctx)
	output := io.MultiWriter(log, &said)
	run.Stdout, run.Stderr = output, output // the same for both, so that one goroutine writes to log
	err := run.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w%s", strings.Join(c.args, " "), err, said.quoted())
}

// in returns the command, ready to start, in a process group of its own that ends with ctx.
func (c command) in(ctx context.Context) *exec.Cmd {
	run := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	run.Dir = c.dir
	run.Env = append(os.Environ(), c.env...)
	ownGroup(run)
	run.Cancel = func() error { return killGroup(run.Process) }
	run.WaitDelay = lastWords
	return run
}

// lastWords is how long to wait for output once a process has ended: a grandchild that has left
// the group may hold its end of the pipe for ever.
const lastWords = time.Second

// Unprepared says what keeps the service from being started, or nothing: its tool chain is not
// here, or Prepare has not been run since its sources have changed. Of the one in Go it does not
// see changes; the go command does, at once, so Prepare always asks that.
func Unprepared(ctx context.Context, s Service) (string, error) {
	if missing := s.Missing(); missing != "" {
		return missing, nil
	}
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	p, err := locate(ctx, dir)
	if err != nil {
		return "", err
	}
	sum, err := s.sum(p)
	if err != nil {
		return "", err
	}
	prepared, err := os.ReadFile(s.stamp(p))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Sprintf("%s is not prepared in %s", s.Title, dir), nil
	case err != nil:
		return "", err
	case !bytes.Equal(prepared, sum):
		return fmt.Sprintf("%s was prepared in %s from other sources", s.Title, dir), nil
	}
	if _, err := os.Stat(s.program(p)); err != nil {
		return fmt.Sprintf("%s is not in %s any more: %v", s.Title, dir, err), nil
	}
	return "", nil
}

func (s Service) stamp(p place) string { return p.path(s.Name + ".sum") }

// sum is a hash of what the service is built of.
func (s Service) sum(p place) ([]byte, error) {
	hash := sha256.New()
	for _, pattern := range s.inputs {
		roots, err := filepath.Glob(filepath.Join(p.claims, pattern))
		if err != nil {
			return nil, err
		}
		for _, root := range roots {
			err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				text, err := os.ReadFile(name)
				fmt.Fprintf(hash, "%s %d\n%s", entry.Name(), len(text), text)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return fmt.Appendf(nil, "%x\n", hash.Sum(nil)), nil
}

func locate(ctx context.Context, dir string) (place, error) {
	sources, err := examples.Sources(ctx, "claims/blackbox")
	return place{claims: filepath.Dir(sources), dir: dir}, err
}
