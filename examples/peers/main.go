// Command peers does the same work with braid, with the plain language and with other libraries, and
// prints what each of them took, and whether braid keeps the bounds it has set itself.
//
//	go run .                      # everything: some minutes, on a machine that does nothing else
//	go run . -only '^submit'      # some of it
//	go run . -quick               # to see that all of it runs; the figures mean nothing
//	go run . -require             # exit status 1 when a bound is missed
//	go test -bench . -run '^$'    # the timed works as ordinary Go benchmarks
//
// Every round runs every contender once, in a fresh random order and in the same process, so that a machine
// that slows down slows all of them. A ratio is the median of the rounds' own ratios. Every contender is set up
// for speed as its own documents advise. Every run checks its result, and a wrong one ends the command.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
)

// works lists all there is to do. A new section is a new file and its line here.
func works() []work {
	return slices.Concat(
		submitWorks(), waitWorks(), memoryWorks(), idleWorks(), // workerpool
		mapWorks(), byKeyWorks(), hubWorks(), flightWorks(), // fanout
		pipelineWorks(),  // pipeline
		ratelimitWorks(), // ratelimit
	)
}

func main() {
	if name := os.Getenv(childVariable); name != "" {
		os.Exit(runChild(works(), name, os.Stdout, os.Stderr))
	}
	os.Exit(run(os.Args[1:], works(), os.Stdout, os.Stderr))
}

// run is the command: it measures what it is asked for and returns the exit status.
func run(arguments []string, works []work, stdout, stderr io.Writer) (status int) {
	var only regexp.Regexp
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.TextVar(&only, "only", regexp.MustCompile(""), "do the works whose name matches this `regexp`")
	rounds := flags.Int("rounds", 15, "how often every contender runs; in the slow works less often")
	quick := flags.Bool("quick", false, "one round of few tasks: shows that everything runs; the figures mean nothing")
	require := flags.Bool("require", false, "exit with status 1 when a bound is missed")
	if flags.Parse(arguments) != nil {
		return 2
	}
	works = slices.DeleteFunc(works, func(w work) bool { return !only.MatchString(w.name) })
	if len(works) == 0 || *rounds < 1 || flags.NArg() > 0 {
		fmt.Fprintf(stderr, "peers: nothing to do for %q\n", arguments)
		return 2
	}

	printMachine(stdout)
	var results []result
	for _, w := range works {
		n, times := w.n, min(*rounds, cmp.Or(w.rounds, *rounds))
		if *quick {
			n, times = w.quick, 1
		}
		measured, err := measureAll(w, n, times)
		if err != nil {
			fmt.Fprintln(stderr, "peers:", err)
			return 1
		}
		printResult(stdout, measured)
		results = append(results, measured)
	}
	if met := printBounds(stdout, results); *require && !met {
		return 1
	}
	return 0
}
