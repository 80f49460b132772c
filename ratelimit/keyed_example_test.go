package ratelimit_test

import (
	"fmt"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// Each client has a burst of two. That one of them asks too much is nothing to the other.
func ExampleKeyed() {
	clients := ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 2, 100_000)
	for _, client := range []string{"ann", "ann", "ann", "bob"} {
		fmt.Println(client, clients.Allow(client))
	}
	fmt.Println(clients.Len(), "clients are known")

	// Output:
	// ann true
	// ann true
	// ann false
	// bob true
	// 2 clients are known
}

// There is room for two clients. A flood of new ones takes nothing from those who are known, and
// no memory: all of it shares one more limit.
func ExampleNewKeyed() {
	clients := ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), 10, 2)
	fmt.Println(clients.Allow(1), clients.Allow(2))

	admitted := 0
	for client := range 1_000_000 {
		if clients.Allow(1000 + client) {
			admitted++
		}
	}
	fmt.Println(admitted, "of a million new clients,", clients.Len(), "places")
	fmt.Println(clients.Take(1, 1).Remaining, "left for the first")

	// Output:
	// true true
	// 10 of a million new clients, 2 places
	// 8 left for the first
}
