// Command mended-braid is a server that recovers from panics, on whatever goroutine: Map raises
// them again in its caller, with the stack of where they were raised first.
package main

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/fanout"
)

func main() {
	serve([]string{"Ada", ""}) // nobody has thought of empty names
	serve([]string{"Ada", "Bob"})
}

func serve(names []string) {
	defer func() {
		if recover() != nil {
			fmt.Println("500 Internal Server Error")
		}
	}()
	letters, err := fanout.Map(context.Background(), 8, names, initial)
	if err != nil {
		fmt.Println("400 Bad Request")
		return
	}
	fmt.Println("200 OK", string(letters))
}

func initial(_ context.Context, name string) (byte, error) { return name[0], nil }
