// Claims puts what two documents say of Go, beside Python and Rust, to measured experiments on this
// machine, and writes a report:
//
//	go run ./examples/claims prepare      # fetches and builds the twins, and times the cold builds
//	go run ./examples/claims              # every experiment: about forty minutes
//	go run ./examples/claims -quick       # smaller sizes: about six, on a machine that does nothing else
//	go run ./examples/claims -only 5,6 -lang go,python
//
// Each claim stands in a file of its own, cNN_name.go: the claim, the rule by which it holds, and
// its experiment. The verdict is computed from the figures, by the rule. The same work runs in Go,
// Python and Rust, each written the way its people write it, interleaved round by round; a control
// of the machine is timed between rounds.
//
// Read in this order: claim.go (what a claim is), c05_gil.go (one of them), lab.go (what an
// experiment has at hand), twin.go (how the same work is run in three languages), run.go, and
// report.go with plot.go. What the REST services are is in restapi, python and rust; load.go puts
// load on them.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/braidgo/braid/examples/claims/blackbox"
)

const usage = `Usage: claims [flags] [prepare]

Claims runs the experiments for which the tool chains (go, python3, cargo) are on
this machine, and writes report.html, report.md and report.json.

With prepare it fetches what the twins depend on, which is never timed, builds
them, and times the cold builds. A run without it prepares what is not there yet.

Exit status: 0 every experiment that could run did, 1 one did not, 2 wrong usage,
130 Ctrl-C, after which the report has what was measured so far.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from here on Ctrl-C does what it does to any program
	os.Exit(program(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// program is main. This binary runs itself again for what has to be in a process of its own.
func program(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	if len(args) > 0 {
		switch args[0] {
		case "lab":
			return work(ctx, args[1:], stdout, stderr)
		case "load":
			return runLoad(ctx, args[1:], stdout, stderr)
		}
	}
	return run(ctx, args, claims(), stdout, stderr)
}

// options is what a run was asked for.
type options struct {
	quick     bool
	prepare   bool
	only      []int // none: all
	languages []string
	out       string
}

func parse(args []string, known []claim, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("claims", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.quick, "quick", false, "smaller sizes: about six minutes, once it is prepared, on a quiet machine")
	only := flags.String("only", "", "only the claims of these numbers, as in `5,6`")
	lang := flags.String("lang", "go,python,rust", "only these `languages`")
	flags.StringVar(&o.out, "out", "", "write the reports into `DIR` (default: a directory of the user's cache)")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	// The word may stand before the flags or after them.
	for rest := args; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			return o, err
		}
		if rest = flags.Args(); len(rest) > 0 {
			if rest[0] != "prepare" {
				return o, fmt.Errorf("unknown command %q", rest[0])
			}
			o.prepare, rest = true, rest[1:]
		}
	}
	for _, field := range fields(*only) {
		id, err := strconv.Atoi(field)
		if err != nil || !slices.ContainsFunc(known, func(c claim) bool { return c.ID == id }) {
			return o, fmt.Errorf("-only: no claim %q", field)
		}
		o.only = append(o.only, id)
	}
	for _, language := range fields(*lang) {
		if languages[language] == "" {
			return o, fmt.Errorf("-lang: no language %q", language)
		}
		o.languages = append(o.languages, language)
	}
	if len(o.languages) == 0 {
		return o, errors.New("-lang: no language")
	}
	return o, nil
}

// fields splits at commas, and drops what is empty.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func run(ctx context.Context, args []string, all []claim, stdout, stderr io.Writer) (status int) {
	o, err := parse(args, all, stderr)
	switch {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "claims:", err)
		return 2
	}
	dir, err := blackbox.Dir()
	if err == nil {
		o.out = cmp.Or(o.out, filepath.Join(dir, "report"))
		err = os.MkdirAll(o.out, 0o755)
	}
	if err != nil {
		fmt.Fprintln(stderr, "claims:", err)
		return 1
	}
	tmp, err := os.MkdirTemp("", "claims-")
	if err != nil {
		fmt.Fprintln(stderr, "claims:", err)
		return 1
	}
	defer os.RemoveAll(tmp)
	second := time.Second
	if o.quick {
		second = 750 * time.Millisecond // 75 ticks of the clock by which Linux counts processor time
	}
	l := &lab{
		Quick: o.quick, Second: second, Out: o.out, Dir: dir,
		tmp: tmp, asked: o.languages, missing: map[string]string{}, control: hashed, log: stderr,
	}
	l.start = l.startService
	return l.run(ctx, o, all, stdout, stderr)
}
