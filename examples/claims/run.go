package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/braidgo/braid/examples"
)

// row is a claim and what came out.
type row struct {
	claim
	outcome
	Took time.Duration
}

// run prepares the twins, runs the experiments in turn, and writes the reports.
func (l *lab) run(ctx context.Context, o options, all []claim, stdout, stderr io.Writer) (status int) {
	all = slices.DeleteFunc(slices.Clone(all), func(c claim) bool {
		return len(o.only) > 0 && !slices.Contains(o.only, c.ID)
	})
	err := l.prepare(ctx, all, o.prepare)
	if err = errors.Join(err, l.broken); err != nil {
		fmt.Fprintln(stderr, "claims:", err)
		status = 1
	}
	if o.prepare {
		return status
	}
	r := report{Machine: l.describe(ctx), Quick: o.quick, Langs: o.languages}
	r.Rows = l.experiments(ctx, all, stderr)
	r.Took = time.Since(r.Machine.Began)
	if err := r.write(o.out); err != nil {
		fmt.Fprintln(stderr, "claims:", err)
		return 1
	}
	for _, row := range r.Rows {
		fmt.Fprintf(stdout, "%2d  %-19s  %s\n", row.ID, row.Verdict, row.Because)
		if row.Err != nil {
			fmt.Fprintf(stdout, "    failed: %v\n", row.Err)
			status = 1
		}
	}
	fmt.Fprintf(stdout, "\nThe report is in %s\n", o.out)
	if ctx.Err() != nil {
		return 130
	}
	return status
}

// experiments runs them one after the other, each alone on the machine.
func (l *lab) experiments(ctx context.Context, all []claim, stderr io.Writer) []row {
	p := newProgress(stderr, l.Quick, all)
	l.log = p
	defer p.close()
	var rows []row
	for _, c := range all {
		if ctx.Err() != nil {
			break
		}
		p.next(c)
		began := time.Now()
		o := l.experiment(ctx, c)
		rows = append(rows, row{c, o, time.Since(began)})
	}
	return rows
}

// experiment runs one. What is wrong with it ends that one alone.
func (l *lab) experiment(ctx context.Context, c claim) (o outcome) {
	defer func() {
		if v := recover(); v != nil {
			o = outcome{Verdict: notHere, Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		}
		if o.Err != nil && o.Because == "" {
			o.Because = "The experiment failed: " + o.Err.Error()
		}
		if ctx.Err() != nil {
			o.Verdict, o.Because = notHere, "It was interrupted."
			o.Err = cmp.Or(o.Err, context.Cause(ctx))
		}
		o.Verdict = cmp.Or(o.Verdict, notHere)
	}()
	return c.Run(ctx, l)
}

// sources returns the directory of this program's sources, with the twins in it.
func sources(ctx context.Context) (string, error) { return examples.Sources(ctx, "claims") }
