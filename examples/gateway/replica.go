package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// replica is one of those who can answer. The name is for errors and events.
type replica struct {
	name string
	url  *url.URL
	note string // what is known of it, if anything
}

func parseReplica(s string) (replica, error) {
	u, err := url.Parse(s)
	if err != nil {
		return replica{}, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return replica{}, errors.New("want http://HOST or https://HOST, and a path if need be")
	}
	return replica{name: u.Host + u.Path, url: u}, nil
}

// reply is a replica's response. Its body is open until read or discard.
type reply struct {
	from string
	body io.ReadCloser
}

// get asks for an item and returns as soon as it is known that there is an answer.
func (r replica) get(ctx context.Context, client *http.Client, item string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url.JoinPath("item", url.PathEscape(item)).String(), nil)
	if err != nil {
		return reply{}, fmt.Errorf("%s: %w", r.name, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return reply{}, fmt.Errorf("%s: %w", r.name, err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close() // the caller sees an error, and discards nothing
		return reply{}, fmt.Errorf("%s: %s", r.name, response.Status)
	}
	return reply{from: r.name, body: response.Body}, nil
}

func (r reply) discard() { r.body.Close() }

// largest bounds a body, which is held in memory.
const largest = 16 << 20

// read reads the rest, closes it, and finds the value in it.
func (r reply) read() (body []byte, value json.RawMessage, err error) {
	defer r.body.Close()
	body, err = io.ReadAll(io.LimitReader(r.body, largest+1))
	var content struct{ Value json.RawMessage }
	switch {
	case err != nil:
	case len(body) > largest:
		err = fmt.Errorf("the answer is larger than %d bytes", largest)
	default:
		if err = json.Unmarshal(body, &content); err == nil && content.Value == nil {
			err = errors.New("the answer has no value")
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.from, err)
	}
	return body, content.Value, nil
}

// newTransport keeps more than the usual two connections to a host for reuse. A
// request that is cancelled costs its connection, in HTTP/1: that is part of what
// losers cost.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 100 // 0 is no limit
	return t
}
