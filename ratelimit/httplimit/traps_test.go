package httplimit_test

import (
	"io"
	"log"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// discard is a log that nobody reads.
var discard = log.New(io.Discard, "", 0)

// Where other libraries broke. Those about dates and seconds are cases of
// TestTransportObeysRetryAfter and TestTimesAreWholeSecondsRoundedUp.
func TestTraps(t *testing.T) {
	// admitted counts how many requests are admitted where each client has one.
	admitted := func(client func(*http.Request) netip.Prefix, requests int, nth func(int) *http.Request) (n int) {
		h := httplimit.Middleware(ratelimit.NewKeyed[netip.Prefix](ratelimit.Rate{}, 1, 2*requests), client)(hello)
		for i := range requests {
			if get(h, nth(i)).StatusCode == http.StatusOK {
				n++
			}
		}
		return n
	}
	address := func(i int) string { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}).String() }
	proxies := prefixes("10.0.0.0/8")

	t.Run("redis_rate, httprate#53 and httprate#61: client addresses can be spoofed", func(t *testing.T) {
		require.Equal(t, 1, admitted(httplimit.ClientIP(proxies...), 200, func(i int) *http.Request {
			r := from("192.0.2.1:80", address(i))
			for _, name := range []string{"X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip", "Forwarded"} {
				r.Header.Set(name, address(i))
			}
			return r
		}))
		require.Equal(t, 1, admitted(httplimit.ClientIP(proxies...), 200, func(i int) *http.Request {
			return from("10.0.0.1:80", "10.0.0."+address(i)[10:], address(i), "192.0.2.1")
		}), "what a client sends through a proxy")
	})
	t.Run("IPv6 needs /64 keys", func(t *testing.T) {
		network := netip.MustParseAddr("2001:db8:2:3::").As16()
		require.Equal(t, 1, admitted(httplimit.ClientIP(), 200, func(i int) *http.Request {
			network[8], network[15] = byte(i), byte(i)
			return from(netip.AddrPortFrom(netip.AddrFrom16(network), 80).String())
		}))
		require.Equal(t, 200, admitted(httplimit.ClientIP(), 200, func(i int) *http.Request {
			network[7] = byte(i)
			return from(netip.AddrPortFrom(netip.AddrFrom16(network), 80).String())
		}), "different networks")
	})
	t.Run("mapped addresses all fall into one IPv6 /64 unless unmapped", func(t *testing.T) {
		require.Equal(t, 200, admitted(httplimit.ClientIP(), 200, func(i int) *http.Request {
			return from("[::ffff:" + address(i) + "]:80")
		}))
		require.Equal(t, 1, admitted(httplimit.ClientIP(), 2, func(i int) *http.Request {
			return from([]string{"203.0.113.7:80", "[::ffff:203.0.113.7]:80"}[i])
		}))
	})
	t.Run("governor#171, tollbooth#30: keyed maps without a cap", func(t *testing.T) {
		const most = 50
		l := ratelimit.NewKeyed[netip.Prefix](ratelimit.Rate{}, 1, most)
		h := httplimit.Middleware(l, httplimit.ClientIP())(hello)
		served := 0
		for i := range 3000 {
			flood := netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)})
			if get(h, from(netip.AddrPortFrom(flood, 80).String())).StatusCode == http.StatusOK {
				served++
			}
		}
		require.LessOrEqual(t, l.Len(), most)
		require.LessOrEqual(t, served, most+1, "those without a place share one limit")
	})
}
