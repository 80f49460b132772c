package main

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/examples/claims/fanout"
)

func init() { works["fanout"] = labFanOut }

// labFanOut puts a version through a case of claim 4: fanout plain|xsync|braid CASE.
func labFanOut(ctx context.Context, args []string) (answer, error) {
	if len(args) != 2 || fanout.Versions[args[0]] == nil {
		return nil, fmt.Errorf("fanout VERSION CASE, not %q", args)
	}
	wrong := fanout.Judge(ctx, fanout.Versions[args[0]], args[1])
	return answer{"survived": wrong == "", "why": wrong}, nil
}
