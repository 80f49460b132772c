// Gateway is a small HTTP gateway in front of replicas that hold the same items:
//
//	go run ./examples/gateway                  # and open http://127.0.0.1:8080
//	go run ./examples/gateway -bench           # what hedging brings, and what it costs
//
// It is there to show package fanout: First, Quorum and Hedge ask the replicas, a
// Flight lets equal requests share one answer, a Hub tells browsers what happens.
//
// Read in this order: gateway.go (who is asked, and what the answer is), replica.go
// (how one of them is asked), events.go and page.html, standin.go (replicas to try
// it with), service.go, bench.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `Gateway answers GET /item/NAME by asking replicas, and shows at / what it does.

  /item/NAME?by=hedge   one replica, and another each time -hedge-after passes
  /item/NAME?by=first   all replicas; the first answer counts
  /item/NAME?by=quorum  all replicas; more than half have to say the same
  /events               what was answered, as server-sent events

A replica answers GET URL/item/NAME with status 200 and a JSON object that has a
"value". Everything else is a failure. So a gateway can be another's replica.
Without -replica there are three in this process.

Exit status: 0 after Ctrl-C, with -bench 130; 1 something failed, 2 wrong usage.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from here on Ctrl-C does what it does to any program
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	var replicas []replica
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 is any that is free")
	hedgeAfter := flags.Duration("hedge-after", 10*time.Millisecond, "ask another replica after `DELAY`")
	measure := flags.Bool("bench", false, "measure, with replicas of its own, for about 20 s")
	flags.Func("replica", "ask the replica at `URL`; repeat it for more", func(s string) error {
		r, err := parseReplica(s)
		replicas = append(replicas, r)
		return err
	})
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	wrong := ""
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2 // Parse has said why
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case *hedgeAfter < 0:
		wrong = fmt.Sprintf("-hedge-after must be at least 0, not %v", *hedgeAfter)
	case *measure && replicas != nil:
		wrong = "-bench has replicas of its own: leave -replica out"
	}
	if wrong != "" {
		fmt.Fprintln(stderr, "gateway:", wrong)
		return 2
	}
	var err error
	if *measure {
		err = bench(ctx, fullLoad, *hedgeAfter, stdout)
	} else {
		err = gate(ctx, *addr, replicas, *hedgeAfter, stdout, slog.New(slog.NewTextHandler(stderr, nil)))
	}
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		status = 130
	default:
		status = 1
	}
	fmt.Fprintln(stderr, "gateway:", err)
	return status
}

// gate runs the gateway until ctx is done. What it starts last ends first: so
// what is being answered can be finished.
func gate(ctx context.Context, addr string, replicas []replica, hedgeAfter time.Duration, stdout io.Writer, log *slog.Logger) (err error) {
	if replicas == nil {
		var stop func()
		if replicas, stop, err = startAll(examples(), log); err != nil {
			return err
		}
		defer stop()
	}
	g := newGateway(replicas, hedgeAfter, newTransport(), log)
	defer g.close()
	s, err := start(addr, g.handler(), log)
	if err != nil {
		return err
	}
	introduce(stdout, "http://"+s.host, replicas, hedgeAfter)
	select {
	case err = <-s.ended:
	case <-ctx.Done():
		log.Info("ending; Ctrl-C again stops at once", "because", context.Cause(ctx))
	}
	g.events.Close() // ends the event streams, for which stop would wait
	return errors.Join(err, s.stop())
}

func introduce(w io.Writer, url string, replicas []replica, hedgeAfter time.Duration) {
	fmt.Fprintf(w, "The gateway is at %s, in front of\n\n", url)
	for _, r := range replicas {
		fmt.Fprintf(w, "  %s", r.url.Redacted())
		if r.note != "" {
			fmt.Fprintf(w, "  %s %s", r.name, r.note)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, `
Open it in a browser, or try

  curl -i '%[1]s/item/tea'             # hedged after %[2]v
  curl -i '%[1]s/item/tea?by=first'
  curl -i '%[1]s/item/tea?by=quorum'
  curl -N '%[1]s/events'               # in another terminal

Ctrl-C ends it.

`, url, hedgeAfter)
}
