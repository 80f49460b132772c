package httplimit

import (
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"strings"
)

// Whom to believe
//
// Each proxy appends to X-Forwarded-For the address of whoever it has the request from. So the
// list is read from the right, and each entry is as good as the hop to the right of it:
//
//	X-Forwarded-For: 10.9.9.9, 203.0.113.7, 10.0.0.2       the connection: 10.0.0.1
//	                 └───┬───┘ └────┬────┘  └──┬───┘                     └──┬───┘
//	                  invented    the client   a trusted proxy said      a trusted proxy
//	                  by it                    who came to it            says who came to it
//
// The client is the first hop that is not trusted. What stands to the left of it was written by
// the client, or by somebody the client believes.

// ClientIP returns a function that finds the address of a request's client: a key for [Middleware]. An
// IPv4 address is a client, and so is a whole IPv6 network of 64 bits, since that is the least that anybody
// gets: the key is a prefix of 32 or of 64 bits. An IPv4 address that is mapped into IPv6 is an
// IPv4 address, and a zone does not count.
//
// trusted are the addresses of your own proxies, each of which has to append to X-Forwarded-For, or to replace it.
// The header is believed only if the peer is one of them, and only as far from the right as each hop is
// one of them. With no address the client is always the peer. Do not trust networks from which
// clients come.
//
// What cannot be read counts as the nearest trusted hop: then all clients behind a proxy that garbles its header
// share a limit. A peer that has no address, as on a Unix socket, counts as 0.0.0.0; to believe what
// comes from there, trust 0.0.0.0/32. The header Forwarded (RFC 7239) is not read: proxies that do not
// write it let through what clients write, and nothing tells those from others. A header takes time in
// proportion to its length, which the server bounds, and no memory.
//
// It panics if a prefix is not valid.
func ClientIP(trusted ...netip.Prefix) func(*http.Request) netip.Prefix {
	proxies := make([]netip.Prefix, len(trusted))
	for i, prefix := range trusted {
		if !prefix.IsValid() {
			panic(fmt.Sprintf("httplimit.ClientIP: trusted[%d] is %v", i, prefix))
		}
		if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
		}
		proxies[i] = prefix
	}
	return func(r *http.Request) netip.Prefix {
		client := address(r.RemoteAddr)
		if !client.IsValid() {
			client = netip.IPv4Unspecified()
		}
		for entry := range fromTheRight(r.Header["X-Forwarded-For"]) {
			if !anyContains(proxies, client) {
				break
			}
			hop := address(entry)
			if !hop.IsValid() {
				break
			}
			client = hop
		}
		return network(client)
	}
}

func anyContains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, prefix := range prefixes {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// fromTheRight yields the entries of a header that is a list, which may be spread over several lines.
func fromTheRight(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := len(lines) - 1; i >= 0; i-- {
			rest := lines[i]
			for comma := len(rest); comma >= 0; rest = rest[:max(comma, 0)] {
				comma = strings.LastIndexByte(rest, ',')
				if !yield(rest[comma+1:]) {
					return
				}
			}
		}
	}
}

// address reads an address that may have a port after it and brackets around it. What is none
// becomes the zero Addr.
func address(text string) netip.Addr {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") { // [2001:db8::1]:443
		text, _, _ = strings.Cut(text[1:], "]")
	} else if strings.Count(text, ":") == 1 { // 192.0.2.1:443
		text, _, _ = strings.Cut(text, ":")
	}
	text, _, _ = strings.Cut(text, "%") // before netip can keep the zone, which may be long
	addr, _ := netip.ParseAddr(text)
	return addr.Unmap()
}

// network is what belongs to one client.
func network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(addr, bits).Masked()
}
