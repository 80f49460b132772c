// Package httplimit puts the limits of package ratelimit before a net/http server, and before
// the requests of a client.
//
// # The problem
//
// A server that answers everybody as fast as it can answers whoever asks most. So it counts what
// each client asks, and says no in time: with a status that means it, and with when to come again.
// But who is a client? The address of the connection is that of the nearest proxy, and what stands
// in the headers about those behind it was written by whoever wanted to write it.
//
//	clients ──▶ proxy ──▶ ClientIP: whose request is it?
//	                          │
//	                          ▼
//	                      Middleware ──▶ handler
//	                          │
//	                          └──▶ 429 Too Many Requests, Retry-After: 12
//
// A client has the other side of the same problem: it should ask no faster than is good for the server, and
// stop when it is told to.
//
// # The plain version
//
// These lines are a limit, and often enough, where one limit is for all:
//
//	if !limiter.Allow() {
//		http.Error(w, "too many requests", http.StatusTooManyRequests)
//		return
//	}
//
// What they do not do: keep one client from another, say when to come again, count a client behind
// a proxy for itself without being lied to, or take all the addresses that one client
// has for one.
//
// # This package
//
//	[Middleware]  a limit for each client, before a handler
//	[ClientIP]    who the client is: its address, from behind proxies
//	[Transport]   a client that keeps to a rate, and to Retry-After
//
//	[Name], [Cost], [Exempt], [Denied] are options of a Middleware
//
// The words: a request is admitted or denied. A hop is a machine that hands a request on, and the
// peer is the last of them, the one whose connection it comes from.
//
// # The fields of a response
//
// What a Middleware tells a client about its limit has the form of
// draft-ietf-httpapi-ratelimit-headers-11 (May 2026), which is not an RFC yet; a later draft may
// change the form, and then this package will change it.
//
//	RateLimit-Policy: "burst";q=100;w=60    a burst of 100, which is refilled in 60 seconds
//	RateLimit: "burst";r=50;t=30            50 are left, and in 30 seconds all 100 again
//	Retry-After: 1                          where the request was denied: when to come again
//
// All times are whole seconds, rounded up. The draft wants a client to use no more than r within t, which is
// on the safe side: some is refilled before that. It also wants Retry-After not to be earlier than t, and
// so, in a response to a denied request, they are the same. What would be longer than any time, because the rate never refills or because the
// request costs more than a burst, is left out: t, w, and also Retry-After, as coming again does not help.
// A number that is larger than 999,999,999,999,999, the largest that such a field can hold, is
// said to be that. Where the rate is ratelimit.Unlimited there are no fields.
//
// # When not to use it
//
// A limit for a whole cluster has to be where all of it comes through: in the proxy. Against a flood
// that fills the line to the machine nothing helps that runs on it. How many requests may run
// at once is another question: that is what a semaphore is for, or ratelimit.Adaptive.
//
// # Read these files in this order
//
//	middleware.go  a request, from the key to the answer
//	fields.go      what the answer says
//	clientip.go    whom to believe
//	transport.go   the client's side; retryafter.go and pauses.go are how it is told to stop
//	options.go
package httplimit
