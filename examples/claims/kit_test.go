package main

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/braidgo/braid/internal/testkit"
)

// The tests run this binary again, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "lab" || os.Args[1] == "load") {
		works["say"] = say
		os.Exit(program(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	testkit.Main(m)
}

// say is a lab program of the tests.
func say(_ context.Context, args []string) (answer, error) {
	if len(args) == 0 {
		return nil, errors.New("nothing to say")
	}
	return answer{"said": args[0], "of": len(args), "each": []int{1, 2}}, nil
}
