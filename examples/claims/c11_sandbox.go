package main

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// What a Go program can keep itself from with the standard library, tried; and what it can keep a
// process from that it starts, where the system has a way and os/exec passes it on.
var c11 = claim{
	ID:       11,
	Text:     "Go offers \"built-in sandboxing techniques, making it easier to isolate processes\".",
	Document: "002",
	Rule: "A process, itself or one that it starts, is kept from files, memory, the network and system calls " +
		"by the standard library alone. It does not hold if any of them stays within reach.",
	Twins: []string{"go"},
	Cost:  5 * time.Second,
	Quick: 5 * time.Second,
	Run:   sandbox,
}

// Where a reach is tried.
const (
	itself = "a Go program, of itself"
	child  = "a process it starts, with os/exec"
)

func sandbox(ctx context.Context, l *lab) (o outcome) {
	dir, err := l.scratch()
	if err != nil {
		return outcome{Err: err}
	}
	tried, err := l.Twin(ctx, "go", "sandbox", dir)
	if err != nil {
		return outcome{Err: err}
	}
	why, lacking := unshared(ctx)
	started := map[string]string{theNetwork: inReach(why) + ", with SysProcAttr.Cloneflags"}
	if lacking != "" {
		started[theNetwork] = lacking
	} else {
		o.Figures = append(o.Figures, confined(theNetwork, child, why))
	}
	o.Table = &table{
		Caption: "What is within reach of whom",
		Head:    []string{"", "what Go has against it", itself, child},
	}
	for _, r := range reaches {
		why := tried.Text(r.what)
		o.Figures = append(o.Figures, confined(r.what, itself, why))
		o.Table.Rows = append(o.Table.Rows,
			[]string{r.what, r.confines, inReach(why), cmp.Or(started[r.what], "yes")})
	}
	o.Notes = append(o.Notes,
		"os.Root confines the paths that are opened through it. Code that opens a path in another way is not "+
			"concerned.",
		"debug.SetMemoryLimit is what the collector aims at. It refuses nothing.",
		"syscall.SysProcAttr passes on what the system has for processes: namespaces, chroot, another user. It "+
			"is there on some systems, "+
			"needs their leave, and leaves all system calls; whoever wants to keep a process from those needs "+
			"seccomp or a virtual machine, "+
			"for which the standard library has nothing.")
	o.Verdict, o.Because = judgeSandbox(o.Figures)
	return o
}

// confined is 1 if there was a reason why it was not reached.
func confined(what, who, why string) figure {
	value := 0.0
	if why != "" {
		value = 1
	}
	return one(what, who, value, "confined")
}

func inReach(why string) string {
	if why == "" {
		return "yes"
	}
	return "no: " + why
}

// unshared starts this program once more in a network namespace of its own, where not even the
// loopback is up, and has it try the network: why it did not get there. missing is why that cannot
// be tried.
func unshared(ctx context.Context) (why, missing string) {
	if withoutNetwork == nil {
		return "", "there is no such thing on " + runtime.GOOS
	}
	program, err := new(lab).program(ctx, "go")
	if err != nil {
		return "", err.Error()
	}
	c := exec.CommandContext(ctx, program[0], append(program[1:], "network")...)
	c.SysProcAttr = withoutNetwork
	output, err := c.CombinedOutput()
	if err != nil {
		if text := strings.TrimSpace(string(output)); text != "" {
			return text, ""
		}
		return "", fmt.Sprintf("the system refuses it here: %v", err)
	}
	return "", ""
}

func judgeSandbox(figures []figure) (verdict, string) {
	var open, closed []string
	for _, r := range reaches {
		f := of(figures, r.what, itself)
		if !f.ok() {
			return notHere, "Not all that the rule needs was tried: " + f.why() + "."
		}
		if f.Value+of(figures, r.what, child).Value == 0 { // one that is missing confines nothing
			open = append(open, r.what)
		} else {
			closed = append(closed, r.what)
		}
	}
	because := fmt.Sprintf("Within reach: %s. Confined: %s.", listed(open), listed(closed))
	if len(open) == 0 {
		return holds, because
	}
	return fails, because
}

func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "; ")
}
