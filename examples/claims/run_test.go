package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toolChains makes a PATH of the go command and these shell scripts.
func toolChains(t *testing.T, scripts map[string]string) {
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goCommand, filepath.Join(bin, "go")))
	for name, script := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o755))
	}
	goroot, err := exec.Command(goCommand, "env", "GOROOT").Output()
	require.NoError(t, err)
	t.Setenv("GOROOT", strings.TrimSpace(string(goroot))) // through a link, it would not be found
	t.Setenv("PATH", bin)
	t.Setenv("BRAID_CLAIMS_DIR", t.TempDir())
}

// claims runs the program with other claims, and returns the report it wrote.
func runClaims(
	t *testing.T,
	ctx context.Context,
	all []claim,
	args ...string,
) (status int, written map[string]entryOfReport, output string) {
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	status = run(ctx, append(args, "-out", out), all, &stdout, &stderr)
	text, err := os.ReadFile(filepath.Join(out, "report.json"))
	if err != nil {
		return status, nil, stdout.String() + stderr.String()
	}
	var object struct{ Claims []entryOfReport }
	require.NoError(t, json.Unmarshal(text, &object))
	written = map[string]entryOfReport{}
	for _, e := range object.Claims {
		written[e.Claim] = e
	}
	return status, written, stdout.String() + stderr.String()
}

type entryOfReport struct {
	ID                             int
	Claim, Verdict, Because, Error string
	Figures                        []figure
}

func claimOf(id int, text string, run func(ctx context.Context, l *lab) outcome) claim {
	return claim{ID: id, Text: text, Document: "002", Twins: []string{"python", "rust"}, Cost: time.Second,
		Quick: time.Second, Run: run}
}

func TestWhatFailsDoesNotStopTheRest(t *testing.T) {
	toolChains(t, nil)
	good := claimOf(3, "good",
		func(context.Context, *lab) outcome { return outcome{Verdict: holds, Because: "It does."} })
	all := []claim{
		claimOf(1, "panics", func(context.Context, *lab) outcome { panic("at once") }),
		claimOf(2, "fails",
			func(context.Context, *lab) outcome { return outcome{Err: errors.New("the service crashed")} }),
		good,
	}
	status, written, output := runClaims(t, t.Context(), all, "-lang", "rust")
	require.Equal(t, 1, status)
	require.Contains(t, written["panics"].Error, "panic: at once")
	require.Equal(t, "not measurable here", written["panics"].Verdict)
	require.Equal(t, "the service crashed", written["fails"].Error)
	require.Equal(t, "The experiment failed: the service crashed", written["fails"].Because)
	require.Equal(t, "holds", written["good"].Verdict)
	require.Contains(t, output, " 3  holds                It does.\n")
	require.Contains(t, output, "3/3, about ")

	status, written, _ = runClaims(t, t.Context(), all, "-lang", "rust", "-only", "3")
	require.Zero(t, status)
	require.Len(t, written, 1)
}

func TestInterrupted(t *testing.T) {
	toolChains(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	status, written, _ := runClaims(t, ctx, []claim{
		claimOf(1, "before", func(context.Context, *lab) outcome { return outcome{Verdict: fails, Because: "So."} }),
		claimOf(2, "during", func(ctx context.Context, _ *lab) outcome {
			cancel()
			return outcome{Verdict: holds, Because: "Hardly."}
		}),
		claimOf(3, "after", func(context.Context, *lab) outcome { return outcome{Verdict: holds} }),
	}, "-lang", "rust")
	require.Equal(t, 130, status)
	require.Len(t, written, 2, "what was measured so far")
	require.Equal(t, "does not hold", written["before"].Verdict)
	require.Equal(t, "It was interrupted.", written["during"].Because)
}

// missingOnes is a claim that reports why each language is missing.
var missingOnes = claimOf(1, "says", func(_ context.Context, l *lab) (o outcome) {
	for _, language := range []string{"go", "python", "rust"} {
		o.Figures = append(o.Figures, missing("lab", language, l.Has(language)),
			missing("service", language, l.HasService(language)))
	}
	o.Verdict, o.Because = notHere, "It only says."
	return o
})

func TestToolChains(t *testing.T) {
	for name, c := range map[string]struct {
		scripts      map[string]string
		lang         string
		lab, service map[string]string // what must be in the reason; nothing: it can be run
		status       int
		say          string
	}{
		"none": {
			scripts: nil, lang: "python,rust",
			lab: map[string]string{"go": "left out by -lang", "python": "no python3 on this machine",
				"rust": "no cargo on this machine"},
			service: map[string]string{"go": "left out by -lang", "python": "no python3 on this machine",
				"rust": "no cargo on this machine"},
		},
		"no network": {
			scripts: map[string]string{"python3": "echo cannot reach the index >&2; exit 1",
				"cargo": "echo cannot reach the index >&2; exit 101"}, lang: "python,rust",
			lab: map[string]string{"python": "",
				"rust": "cannot be fetched"}, // Python's lab program needs nothing but Python
			service: map[string]string{"python": "cannot be fetched", "rust": "cannot reach the index"},
		},
		"what cannot be built is an error": {
			scripts: map[string]string{"cargo": `test "$1" = fetch || { echo "error[E0000]: no such thing" >&2; exit 101; }`}, lang: "rust",
			lab:     map[string]string{"rust": "cannot be built", "python": "left out by -lang"},
			service: map[string]string{"rust": "E0000"},
			status:  1, say: "Rust (axum) cannot be built",
		},
	} {
		t.Run(name, func(t *testing.T) {
			toolChains(t, c.scripts)
			status, written, output := runClaims(t, t.Context(), []claim{missingOnes}, "-lang", c.lang)
			require.Equal(t, c.status, status, output)
			require.Contains(t, output, c.say)
			for _, f := range written["says"].Figures {
				want, asked := map[string]map[string]string{"lab": c.lab, "service": c.service}[f.Name][f.Language]
				switch {
				case asked && want == "":
					require.Empty(t, f.Missing, "%s %s", f.Language, f.Name)
				case asked:
					require.Contains(t, f.Missing, want, "%s %s", f.Language, f.Name)
				}
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		say    string
	}{
		{[]string{"-h"}, 0, "Usage: claims"},
		{[]string{"-only", "99"}, 2, `-only: no claim "99"`},
		{[]string{"-only", "x"}, 2, `-only: no claim "x"`},
		{[]string{"-lang", "go,cobol"}, 2, `-lang: no language "cobol"`},
		{[]string{"-lang", ","}, 2, "-lang: no language"},
		{[]string{"repair"}, 2, `unknown command "repair"`},
		{[]string{"-nonsense"}, 2, "flag provided but not defined"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, c.status, run(t.Context(), c.args, claims(), &stderr, &stderr), c.args)
		require.Contains(t, stderr.String(), c.say)
	}
	o, err := parse([]string{"prepare", "-lang", "go", "-quick", "-only", "2, 1"}, claims(), &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, options{quick: true, prepare: true, only: []int{2, 1}, languages: []string{"go"}}, o)
	o, err = parse([]string{"-quick", "prepare"}, claims(), &bytes.Buffer{})
	require.NoError(t, err)
	require.True(t, o.prepare && o.quick)
}

// A twin may crash, hang, eat the memory or print nonsense; a child of it may stay.
func TestTwinsThatFail(t *testing.T) {
	l := &lab{asked: []string{"python"}, missing: map[string]string{}}
	for name, c := range map[string]struct {
		script string
		twin   twin
		want   string
	}{
		"crashes": {"echo Traceback >&2; echo NameError: x >&2; exit 1", twin{},
			"python: exit status 1: NameError: x"},
		"is killed":        {"kill -9 $$", twin{}, "python: signal: killed"},
		"prints nonsense":  {"echo hello", twin{}, `python: printed no line of JSON: "hello\n"`},
		"hangs":            {"exec sleep 60", twin{Limit: 50 * time.Millisecond}, "stopped by its limit of 50ms"},
		"hangs in a child": {"sleep 60 & wait", twin{Limit: 50 * time.Millisecond}, "stopped by its limit of 50ms"},
		"uses much memory": {"exec sleep 60", twin{Memory: 1}, "stopped by the limit of 0 MB of memory"},
		"cannot be started": {"", twin{Command: []string{"/no/such/program"}},
			"fork/exec /no/such/program: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "python")
			require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+c.script), 0o755))
			if c.twin.Command == nil {
				c.twin.Command = []string{path}
			}
			c.twin.Language = "python"
			_, err := l.RunTwin(t.Context(), c.twin)
			require.EqualError(t, err, c.want)
		})
	}
}

// A twin that leaves a process behind is no reason to wait for that.
func TestTwinLeavesNothing(t *testing.T) {
	l := &lab{asked: []string{"python"}, missing: map[string]string{}}
	path := filepath.Join(t.TempDir(), "python")
	require.NoError(t,
		os.WriteFile(path, []byte("#!/bin/sh\nsleep 60 >/dev/null 2>&1 &\necho {\\\"pid\\\": $!}"), 0o755))
	a, err := l.RunTwin(t.Context(), twin{Language: "python", Command: []string{path}})
	require.NoError(t, err)
	require.Eventually(t, func() bool { // the kernel ends it when it likes
		state := strings.Fields(first(fmt.Sprintf("/proc/%d/stat", int(a.Number("pid")))))
		return len(state) == 0 || state[2] == "Z" || syscall.Kill(int(a.Number("pid")), 0) != nil
	}, 10*time.Second, time.Millisecond)
}

// catalogue is a service in this process, which counts as its group.
func catalogue(t *testing.T, l *lab, broken string) {
	l.start = func(_ context.Context, w wanted, _ string) (*endpoint, error) {
		if w.Language == broken {
			return nil, errors.New("listen tcp 127.0.0.1:1: bind: address already in use")
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/import" {
				fmt.Fprintf(w, "{\"batch\": 1}\n{\"imported\": %d}\n", catalogued)
			}
		}))
		return &endpoint{URL: s.URL, Group: syscall.Getpgrp(), stop: func() error { s.Close(); return nil }}, nil
	}
}

// The experiments with services, with stand-ins and for an instant: one of them has its port taken.
func TestServiceThatDoesNotStart(t *testing.T) {
	for _, c := range []claim{c03, c13} {
		l := &lab{
			Quick:  true,
			Second: 50 * time.Millisecond,
			Out:    t.TempDir(),
			tmp:    t.TempDir(),
			asked:  []string{"go", "python", "rust"},
			missing: map[string]string{
				"rust service": "no cargo on this machine",
			},
			control: func() time.Duration { return 1 },
			log:     &bytes.Buffer{},
		}
		catalogue(t, l, "python")
		o := c.Run(t.Context(), l)
		require.Equal(t, notHere, o.Verdict)
		require.ErrorContains(t, o.Err, "address already in use", "it could have run")
		said := map[string]bool{}
		for _, f := range o.Figures {
			said[f.Language+": "+f.Missing] = true
		}
		require.True(t, said[names["rust"]+": no cargo on this machine"], "the report says why each is not there")
		require.True(t, said[names["python"]+": listen tcp 127.0.0.1:1: bind: address already in use"])
	}
}

func TestISBN(t *testing.T) {
	for n := range 20 { // every check digit
		require.Len(t, isbn(n), 13)
	}
	require.Equal(t, "9780000000002", isbn(0))
	require.Equal(t, "9780131103627", isbn(13110362))
}

// A service that does not survive an overload has answered nothing, and runs for the offers to come.
func TestServiceThatEndsUnderLoad(t *testing.T) {
	dead := exec.Command("true")
	dead.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := dead.Run(); err != nil {
		t.Skip("no true on this machine")
	}
	l := &lab{Quick: true, Second: 50 * time.Millisecond, tmp: t.TempDir(), asked: []string{"python"},
		missing: map[string]string{}}
	catalogue(t, l, "none")
	start := wanted{Language: "python", Books: catalogued}
	first, err := l.Serve(t.Context(), start)
	require.NoError(t, err)
	running := first.Group
	first.Group = dead.Process.Pid
	c := &contender{endpoint: first, name: names["python"], start: start, capacity: 10}
	defer func() { require.NoError(t, c.stop()) }()

	d, err := c.offer(t.Context(), l, 4, nil)
	require.NoError(t, err)
	require.Zero(t, d.Good)
	require.Equal(t, []string{"ended when it was offered 4 × its capacity"}, c.troubles)
	require.Equal(t, running, c.Group, "it was started again")
	d, err = c.offer(t.Context(), l, 4, nil)
	require.NoError(t, err)
	require.Equal(t, 4, d.Meant, "40 a second for a tenth of one")
	require.Len(t, c.troubles, 1)
}
