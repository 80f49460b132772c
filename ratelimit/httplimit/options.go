package httplimit

import (
	"fmt"
	"net/http"

	"github.com/braidgo/braid/internal/argument"
)

// Option changes how a [Middleware] works.
type Option func(*options)

type options struct {
	name   string
	cost   func(*http.Request) int64
	exempt func(*http.Request) bool
	denied http.Handler
}

// Name names the limit, in the fields of every response and in the body of those that are denied. Without it
// the name is "burst". It panics if name is empty or has anything but printable ASCII in it.
func Name(name string) Option {
	if name == "" {
		panic("httplimit.Name: name is empty")
	}
	for _, char := range name {
		if char < ' ' || char > '~' {
			panic(fmt.Sprintf("httplimit.Name: name is %q, want printable ASCII", name))
		}
	}
	return func(o *options) { o.name = name }
}

// Cost says how many events of the limit a request is; without it, 1. One that costs 0 is always admitted, one that
// costs more than the burst never. A negative cost is a panic, which is answered as [Middleware] says. It panics
// if cost is nil.
func Cost(cost func(*http.Request) int64) Option {
	argument.NotNil("httplimit.Cost", "cost", cost == nil)
	return func(o *options) { o.cost = cost }
}

// Exempt says which requests are not limited, such as those of a health check. Their responses do not mention the
// limit, and the key function is not asked. It panics if exempt is nil.
func Exempt(exempt func(*http.Request) bool) Option {
	argument.NotNil("httplimit.Exempt", "exempt", exempt == nil)
	return func(o *options) { o.exempt = exempt }
}

// Denied answers the requests that are denied. The fields that tell the client about the limit, Retry-After
// among them, are in the header already; the status, which should be 429, is left to h. It panics if h is nil.
func Denied(h http.Handler) Option {
	argument.NotNil("httplimit.Denied", "h", h == nil)
	return func(o *options) { o.denied = h }
}
