package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/braidgo/braid/fanout"
)

// event tells browsers of a request that was answered.
type event struct {
	Item         string  `json:"item"`
	By           string  `json:"by"`
	Replica      string  `json:"replica"` // "" if none has answered
	Asked        int     `json:"asked"`
	Shared       bool    `json:"shared"`
	Status       int     `json:"status"`
	Milliseconds float64 `json:"ms"`
}

// report publishes an event. It does not wait, because no subscriber blocks.
func (g *gateway) report(ctx context.Context, e event, failure error) {
	g.events.Publish(ctx, e) // an error means that the gateway ends, or the client has left
	log := g.log.With("item", e.Item, "by", e.By, "asked", e.Asked, "shared", e.Shared, "ms", e.Milliseconds)
	if failure == nil {
		log.Info("answered", "replica", e.Replica)
	} else {
		log.Warn("no answer", "status", e.Status, "error", failure)
	}
}

const (
	// unread is how many events may wait for a slow browser.
	unread = 64
	// heartbeat is how often a stream says something. Without it a browser that has
	// vanished would be noticed at the next event, which may be tomorrow.
	heartbeat = 15 * time.Second
	// writeWithin is how long a browser may refuse to take what it is sent. The
	// gateway's end waits for that, too.
	writeWithin = 5 * time.Second
)

// stream sends events for as long as the browser stays. A browser that is too slow
// loses the oldest ones: the page shows the latest, and nobody else may be held
// up. Disconnecting it would be no better, since it would come back at once.
func (g *gateway) stream(w http.ResponseWriter, r *http.Request) {
	browser := g.events.Subscribe(unread, fanout.DropOldest)
	defer browser.Close()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(format string, a ...any) error {
		// Instead of the server's limit, which is for a whole response.
		if err := control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return err
		}
		fmt.Fprintf(w, format, a...) // Flush returns its error
		return control.Flush()
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	err := send("retry: 1000\n\n") // milliseconds, after which a browser comes back
	for err == nil {
		select {
		case e, open := <-browser.C():
			if !open {
				send(": the gateway ends\n\n") // which leaves time for what net/http writes after the return
				return
			}
			data, _ := json.Marshal(e) // there is nothing in it that cannot be encoded
			err = send("data: %s\n\n", data)
		case <-beat.C:
			err = send(": %d events dropped so far\n\n", browser.Dropped()) // a comment, which browsers skip
		case <-r.Context().Done():
			return
		}
	}
}

//go:embed page.html
var page []byte

func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}
