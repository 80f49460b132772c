package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// An echo service with many open connections, most of which are idle at any moment. The client, in
// Go, is in a process of its own, and the same for all.
var c09 = claim{
	ID:       9,
	Text:     "Go \"can handle multiple connections or processes simultaneously\".",
	Document: "002",
	Rule: "The Go service holds 10,000 open connections, every message comes back, and the p99 of the answers " +
		"is within twice that of the best service. In part if it holds them and is slower.",
	Twins: []string{"go", "python", "rust"},
	Cost:  3 * time.Minute,
	Quick: 30 * time.Second,
	Run:   manyConnections,
}

const (
	manyOpen    = 10_000
	spareFiles  = 100 // beside the connections
	messageRate = 2000
	withinBest  = 2.0
)

var echoes = []struct {
	Label, Language, Kind string
	Threads               bool // of the system, one for each connection
}{
	{"Go (goroutines)", "go", "goroutines", false},
	{"Python (asyncio)", "python", "asyncio", false},
	{"Python (threads)", "python", "threads", true},
	{"Rust (tokio)", "rust", "", false},
}

const (
	heldName = "connections held open"
	heldEach = "memory for each connection"
	answered = "p99 of the answers"
	lostName = "messages that did not come back"
)

func manyConnections(ctx context.Context, l *lab) (o outcome) {
	count, why := manyOpen, ""
	if most := hardLimit() - spareFiles; most < manyOpen {
		count, why = most, fmt.Sprintf("ulimit -n allows %d open files", hardLimit())
		o.Notes = append(o.Notes, fmt.Sprintf("%s: %d connections were opened.", why, count))
	}
	threads, limit := mostThreads()
	exchange := time.Duration(l.Size(5, 2)) * time.Second
	runs := make([]*held, len(echoes))
	var contenders []func() (float64, error)
	for i, e := range echoes {
		runs[i] = &held{}
		contenders = append(contenders, func() (float64, error) {
			if why := l.Has(e.Language); why != "" {
				return 0, absent(why)
			}
			if e.Threads && count > threads {
				return 0, absent(fmt.Sprintf("stopped by %s", limit))
			}
			args := []string{"echo"}
			if e.Kind != "" {
				args = append(args, e.Kind)
			}
			return runs[i].round(ctx, l, e.Language, args, count, exchange)
		})
	}
	o.Plot = &plot{Title: fmt.Sprintf("p99 of an echo, with %d connections open", count), Unit: "ns", Log: true}
	for i, s := range l.Interleave(ctx, l.Size(5, 1), contenders) {
		e := echoes[i]
		f := s.Figure(answered, e.Label, "ns")
		o.Figures = append(o.Figures, f)
		o.Err = errors.Join(o.Err, fault(e.Label, s.Err))
		if f.Missing != "" {
			continue
		}
		bytes := median(runs[i].bytes)
		bytes.Name, bytes.Language, bytes.Unit = heldEach, e.Label, "bytes"
		if runtime.GOOS != "linux" {
			bytes = missing(heldEach, e.Label, "no /proc here to read it from")
		}
		o.Figures = append(o.Figures,
			one(heldName, e.Label, runs[i].open, ""), one(lostName, e.Label, runs[i].lost, ""), bytes)
		o.Plot.Bars = append(o.Plot.Bars, bar{e.Label, e.Language, f.Value})
		o.Plot.Words += fmt.Sprintf("%s: %s. ", e.Label, f.Text())
	}
	o.Verdict, o.Because = judgeConnections(o.Figures)
	if why != "" {
		o.Verdict, o.Because = notHere, fmt.Sprintf("The rule asks for %d connections, "+
			"and %s. %s", manyOpen, why, o.Because)
	}
	return o
}

// held is what the rounds of one service gave.
type held struct {
	open  float64 // in the last round
	lost  float64 // in all rounds
	bytes []float64
}

// round starts the service and the client, each in a process of its own, and returns the p99 in
// nanoseconds.
func (h *held) round(ctx context.Context, l *lab, language string, args []string, count int, exchange time.Duration,
) (p99 float64, err error) {
	const patience = 2 * time.Minute
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("stopped by its limit of %v", patience))
	defer cancel()
	service, err := l.converse(ctx, language, args...)
	if err != nil {
		return 0, err
	}
	defer service.close()
	started, err := service.line()
	if err != nil {
		return 0, fmt.Errorf("the service did not start: %w", err)
	}
	before := resident(service.Process.Pid)
	port := strconv.Itoa(int(started.Number("port")))
	client, err := l.converse(ctx, "go",
		"connections", port, strconv.Itoa(count), strconv.Itoa(messageRate), exchange.String())
	if err != nil {
		return 0, err
	}
	defer client.close()
	opened, err := client.line()
	if err != nil {
		return 0, fmt.Errorf("the connections were not opened: %w", err)
	}
	h.open = opened.Number("open")
	if _, err := io.WriteString(client.in, "\n"); err != nil {
		return 0, err
	}
	sent, err := client.line()
	if err != nil {
		return 0, fmt.Errorf("the client failed: %w", err)
	}
	h.lost += sent.Number("failed")
	h.bytes = append(h.bytes, float64(resident(service.Process.Pid)-before)/h.open)
	return sent.Number("p99") * float64(time.Millisecond), nil
}

// conversation is a lab program that prints more than one line of JSON, and is told when to go on.
type conversation struct {
	*exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *strings.Builder
}

// converse starts one, with as many open files as it may have.
func (l *lab) converse(ctx context.Context, language string, args ...string) (*conversation, error) {
	program, err := l.program(ctx, language)
	if err != nil {
		return nil, err
	}
	// Go gives its children the limit that it was started with, and not the higher one it gave itself.
	shell := []string{"-c", `ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$0" "$@"`}
	c := exec.CommandContext(ctx, "sh", slices.Concat(shell, program, args)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	talk := &conversation{Cmd: c, stderr: new(strings.Builder)}
	c.Stderr = talk.stderr
	if talk.in, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	talk.out = bufio.NewReader(stdout)
	return talk, c.Start()
}

func (c *conversation) line() (a answer, err error) {
	text, err := c.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		_ = c.Cmd.Cancel()
		_ = c.Wait() // so that stderr is all there
		err = fmt.Errorf("printed no line of JSON: %w%s", err, lastLine(c.stderr.String()))
	}
	return a, err
}

// close ends the program.
func (c *conversation) close() {
	_ = c.in.Close()
	_ = c.Cmd.Cancel()
	_ = c.Wait() // it was killed
}

func judgeConnections(figures []figure) (verdict, string) {
	goes := echoes[0].Label
	held, lost, p99 := of(figures, heldName, goes), of(figures, lostName, goes), of(figures, answered, goes)
	for _, f := range []figure{held, lost} {
		if !f.ok() {
			return notHere, "Not all that the rule needs was measured: " + f.why() + "."
		}
	}
	var because said
	because.add("Go held %s connections; %s messages were lost; p99 %s.",
		number(held.Value), number(lost.Value), p99.Text())
	best, others := p99, 0
	for _, e := range echoes[1:] {
		f := of(figures, answered, e.Label)
		because.add("%s: %s.", e.Label, f.Text())
		if f.Missing != "" {
			continue
		}
		others++
		if f.Value < best.Value {
			best = f
		}
	}
	switch {
	case held.Value < manyOpen || lost.Value > 0:
		return fails, because.String()
	case others == 0:
		because.add("There is no other service here to compare it with.")
		return notHere, because.String()
	case !p99.ok():
		because.add("Its p99 decides nothing: %s.", p99.why())
		return notHere, because.String()
	case p99.Value <= withinBest*best.Value:
		return holds, because.String()
	}
	return inPart, because.String()
}

// hardLimit is how many files a process can be allowed to have open.
func hardLimit() int {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return 1024 // what many systems allow
	}
	return int(min(r.Max, 1<<30))
}
