package httplimit_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// A wrong argument panics at the call, and the message names function, argument and value.
func TestWrongArguments(t *testing.T) {
	l := ratelimit.NewKeyed[int](ratelimit.Rate{}, 1, 1)
	name := httplimit.Name("a")
	for message, call := range map[string]func(){
		"httplimit.Middleware: l is nil":                              func() { httplimit.Middleware(nil, everybody) },
		"httplimit.Middleware: key is nil":                            func() { httplimit.Middleware(l, nil) },
		"httplimit.Middleware: opts[1] is nil":                        func() { httplimit.Middleware(l, everybody, name, nil) },
		"httplimit.Middleware: next is nil":                           func() { httplimit.Middleware(l, everybody)(nil) },
		"httplimit.Name: name is empty":                               func() { httplimit.Name("") },
		"httplimit.Name: name is \"caf\u00e9\", want printable ASCII": func() { httplimit.Name("caf\u00e9") },
		`httplimit.Name: name is "a\r\nb", want printable ASCII`:      func() { httplimit.Name("a\r\nb") },
		`httplimit.Name: name is "\xff", want printable ASCII`:        func() { httplimit.Name("\xff") },
		"httplimit.Cost: cost is nil":                                 func() { httplimit.Cost(nil) },
		"httplimit.Exempt: exempt is nil":                             func() { httplimit.Exempt(nil) },
		"httplimit.Denied: h is nil":                                  func() { httplimit.Denied(nil) },
		"httplimit.ClientIP: trusted[1] is invalid Prefix": func() {
			httplimit.ClientIP(netip.MustParsePrefix("10.0.0.0/8"), netip.Prefix{})
		},
		"httplimit.Transport: l is nil": func() { httplimit.Transport(http.DefaultTransport, nil) },
	} {
		require.PanicsWithValue(t, message, call)
	}
}
