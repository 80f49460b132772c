package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/braidgo/braid/fanout"
)

func init() { works["echo"], works["connections"] = labEcho, labConnections }

// labEcho is a service that says what it is told: echo goroutines. It prints {"port": N} when it
// listens, and ends when its standard input does.
func labEcho(ctx context.Context, args []string) (answer, error) {
	if len(args) != 1 || args[0] != "goroutines" {
		return nil, fmt.Errorf("echo goroutines, not %q", args)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := json.NewEncoder(os.Stdout).Encode(answer{"port": port}); err != nil {
		return nil, err
	}
	go serveEcho(listener) // ends with the program
	_, err = io.Copy(io.Discard, os.Stdin)
	return answer{}, err
}

func serveEcho(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go echo(connection) // until the client closes
	}
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 1024)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// labConnections is the client: connections PORT COUNT RATE DURATION. It opens COUNT connections and
// keeps them, prints {"open": N}, and waits for a line on its standard input. Then it sends a message
// on one after the other, RATE a second, and takes the time of each from when it was meant to be
// sent until all of it has come back.
func labConnections(ctx context.Context, args []string) (answer, error) {
	if len(args) != 4 {
		return nil, fmt.Errorf("connections PORT COUNT RATE DURATION, not %q", args)
	}
	var numbers [2]int
	for i := range numbers {
		var err error
		if numbers[i], err = strconv.Atoi(args[1+i]); err != nil {
			return nil, err
		}
	}
	count, rate := numbers[0], numbers[1]
	duration, err := time.ParseDuration(args[3])
	if err != nil {
		return nil, err
	}
	connections, err := connect(ctx, "127.0.0.1:"+args[0], count)
	defer func() {
		for _, c := range connections {
			if c != nil {
				c.Close()
			}
		}
	}()
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer{"open": len(connections)}); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return nil, err
	}
	return exchange(connections, rate, duration), nil
}

// connect opens the connections, some at once: more would only fill the service's queue.
func connect(ctx context.Context, address string, count int) ([]net.Conn, error) {
	const atOnce = 32
	var dialer net.Dialer
	return fanout.Map(ctx, atOnce, make([]struct{}, count), func(ctx context.Context, _ struct{}) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", address)
	})
}

// late is when a message that has not come back is given up.
const late = 10 * time.Second

// exchange sends the messages. Each connection has a goroutine that waits for its turn, so that one
// that is slow holds up nobody but the next message on it.
func exchange(connections []net.Conn, rate int, duration time.Duration) answer {
	n := int(duration.Seconds() * float64(rate))
	took := make([]time.Duration, n)
	failed := make([]error, n)
	interval := time.Duration(float64(time.Second) / float64(rate))
	began := time.Now()
	var all sync.WaitGroup
	for first, c := range connections[:min(n, len(connections))] {
		all.Go(func() {
			var message, reply [32]byte
			for i := first; i < n; i += len(connections) {
				due := began.Add(time.Duration(i) * interval)
				time.Sleep(time.Until(due))
				message[0] = byte(i)
				_ = c.SetDeadline(due.Add(late))
				_, failed[i] = c.Write(message[:])
				if failed[i] == nil {
					_, failed[i] = io.ReadFull(c, reply[:])
				}
				if failed[i] == nil && reply != message {
					failed[i] = errors.New("another message came back")
				}
				took[i] = time.Since(due)
			}
		})
	}
	all.Wait()
	errs := len(slices.DeleteFunc(slices.Clone(failed), func(err error) bool { return err == nil }))
	milliseconds := make([]float64, n)
	for i, t := range took {
		milliseconds[i] = float64(t) / float64(time.Millisecond)
	}
	slices.Sort(milliseconds)
	a := answer{"sent": n, "failed": errs, "p50": quantileOf(milliseconds, 0.5), "p99": quantileOf(milliseconds, 0.99)}
	if err := errors.Join(failed...); err != nil {
		a["error"] = fmt.Sprintf("%.200s", err)
	}
	return a
}
