package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// twin is one run of a language's lab program, in a process of its own.
type twin struct {
	Language string        // "go", "python", "rust"
	Args     []string      // the subcommand and what it is told
	Env      []string      // beside the environment, such as GOMAXPROCS=1
	CPUs     []int         // the cores it may use; none given: all
	Memory   int64         // bytes it may have resident before it is ended; 0: no limit
	Limit    time.Duration // it is ended after this; 0: a minute
	Command  []string      // instead of the language's lab program: another interpreter, say
	Dir      string        // where it runs; none given: here
}

// answer is the one line of JSON that a lab program prints.
type answer map[string]any

// Number returns a member, 0 if there is none.
func (a answer) Number(name string) float64 {
	n, _ := a[name].(float64)
	return n
}

// Numbers returns a member that is an array of numbers.
func (a answer) Numbers(name string) []float64 {
	values, _ := a[name].([]any)
	var all []float64
	for _, v := range values {
		if n, ok := v.(float64); ok {
			all = append(all, n)
		}
	}
	return all
}

// Text returns a member that is a string, or nothing.
func (a answer) Text(name string) string {
	s, _ := a[name].(string)
	return s
}

// Twin runs the lab program of a language once, with these arguments.
func (l *lab) Twin(ctx context.Context, language string, args ...string) (answer, error) {
	return l.RunTwin(ctx, twin{Language: language, Args: args})
}

// RunTwin is Twin with all there is to say.
func (l *lab) RunTwin(ctx context.Context, t twin) (answer, error) {
	if missing := l.Has(t.Language); missing != "" {
		return nil, errors.New(missing)
	}
	if t.Command == nil {
		var err error
		if t.Command, err = l.program(ctx, t.Language); err != nil {
			return nil, err
		}
	}
	line, err := t.output(ctx)
	if err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, fmt.Errorf("%s: printed no line of JSON: %.100q", t.said(), line)
	}
	return a, nil
}

// output runs the command and returns what it prints. It ends with all the processes it started:
// when it does, when ctx does, at its time limit or at that of its memory.
func (t twin) output(ctx context.Context) ([]byte, error) {
	limit := cmp.Or(t.Limit, time.Minute)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("stopped by its limit of %v", limit))
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	c := exec.CommandContext(ctx, t.Command[0], slices.Concat(t.Command[1:], t.Args)...)
	c.Dir, c.Env = t.Dir, append(os.Environ(), t.Env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second // for a child that keeps the pipe open
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := onCores(t.CPUs, c.Start); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { watchMemory(c.Process.Pid, t.Memory, ended, stop) })
	err := c.Wait()
	close(ended)
	watch.Wait()
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // what it left behind; usually nothing
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("%s: %w%s", t.said(), err, lastLine(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// said is the command as an error names it.
func (t twin) said() string {
	return strings.Join(append([]string{filepath.Base(t.Command[0])}, t.Args...), " ")
}

// lastLine is what a program that failed said last, after a colon.
func lastLine(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

// program returns the command of a language's lab program.
func (l *lab) program(ctx context.Context, language string) ([]string, error) {
	switch language {
	case "go":
		self, err := os.Executable()
		return []string{self, "lab"}, err
	case "python":
		sources, err := sources(ctx)
		return []string{"python3", filepath.Join(sources, "python", "lab.py")}, err
	case "rust":
		return []string{l.rustProgram("lab")}, nil
	}
	return nil, fmt.Errorf("no such language: %q", language)
}

// watchMemory ends the process, by stop, when it has more than limit bytes resident.
func watchMemory(pid int, limit int64, ended <-chan struct{}, stop context.CancelCauseFunc) {
	if limit == 0 {
		return
	}
	const interval = 20 * time.Millisecond // a process that allocates 2 GB/s gains 40 MB in it
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			if resident(pid) > limit {
				stop(fmt.Errorf("stopped by the limit of %d MB of memory", limit/1e6))
				return
			}
		}
	}
}

// resident returns the bytes of memory that a process has, 0 where there is no /proc.
func resident(pid int) int64 {
	var total, pages int64
	statm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	_, _ = fmt.Sscan(string(statm), &total, &pages)
	return pages * int64(os.Getpagesize())
}
