package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

func init() { works["sandbox"], works["network"] = labSandbox, labNetwork }

// The things that a program could be kept from. A try returns nil if it has reached what it should
// not, or why it has not. What it reaches for are things of its own.
var reaches = []struct {
	what, confines string // and what Go has to confine it
	try            func(ctx context.Context, dir string) error
}{
	{"a file outside, through os.Root", "os.Root", escapeRoot},
	{"a file outside, beside os.Root", "nothing", openBeside},
	{"memory", "debug.SetMemoryLimit", exceedMemory},
	{theNetwork, "nothing", talk},
	{"system calls: starting a program", "nothing", runCommand},
}

const theNetwork = "the network"

// labSandbox has this process try to reach beyond what Go's standard library confines: sandbox DIR.
// It confines itself with whatever there is for that: os.Root to DIR, and a memory limit.
// It prints why it did not get there, or nothing if it did.
func labSandbox(ctx context.Context, args []string) (answer, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("sandbox DIR, not %q", args)
	}
	a := answer{}
	outside := filepath.Join(args[0], "outside")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		return nil, err
	}
	for _, r := range reaches {
		a[r.what] = ""
		if err := r.try(ctx, args[0]); err != nil {
			a[r.what] = err.Error()
		}
	}
	return a, nil
}

// escapeRoot tries the ways out of a directory that an os.Root is opened on.
func escapeRoot(_ context.Context, dir string) error {
	inside := filepath.Join(dir, "inside")
	if err := errors.Join(
		os.MkdirAll(inside, 0o755),
		os.Symlink("../outside", filepath.Join(inside, "link")),
	); err != nil {
		return err
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		return err
	}
	defer root.Close()
	var refused []string
	for _, name := range []string{"../outside", filepath.Join(dir, "outside"), "link"} {
		file, err := root.Open(name)
		if err == nil {
			return file.Close()
		}
		refused = append(refused, strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
	return errors.New(strings.Join(refused, "; "))
}

// openBeside opens the same file as any code of the program can, which need not know the os.Root.
func openBeside(_ context.Context, dir string) error {
	_, err := os.ReadFile(filepath.Join(dir, "outside"))
	return err
}

// runCommand starts a program.
func runCommand(ctx context.Context, _ string) error {
	return exec.CommandContext(ctx, "true").Run()
}

// exceedMemory takes 32 MB under a limit of one.
func exceedMemory(context.Context, string) error {
	before := debug.SetMemoryLimit(1 << 20)
	defer debug.SetMemoryLimit(before)
	block := make([]byte, 32<<20)
	for i := 0; i < len(block); i += os.Getpagesize() {
		block[i] = 1
	}
	if block[len(block)-os.Getpagesize()] != 1 {
		return errors.New("the memory is not there")
	}
	return nil
}

// talk opens a connection to a port of its own.
func talk(ctx context.Context, _ string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	dialer := net.Dialer{Timeout: time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		return err
	}
	return connection.Close()
}

// labNetwork is the network's try alone, for a process that was started without one: network. To be
// kept from it is a failure.
func labNetwork(ctx context.Context, _ []string) (answer, error) { return answer{}, talk(ctx, "") }
