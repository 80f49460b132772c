package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// works are the subcommands of `claims lab`: Go's part of the experiments that have one in each
// language. Each runs in a process of its own and returns what is printed as one line of JSON.
var works = map[string]func(ctx context.Context, args []string) (answer, error){}

// work is `claims lab SUBCOMMAND …`.
func work(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	if len(args) == 0 || works[args[0]] == nil {
		fmt.Fprintf(stderr, "claims lab: no such experiment: %q\n", args)
		return 2
	}
	a, err := works[args[0]](ctx, args[1:])
	if err == nil {
		err = json.NewEncoder(stdout).Encode(a)
	}
	if err != nil {
		fmt.Fprintln(stderr, "claims lab:", err)
		return 1
	}
	return 0
}
