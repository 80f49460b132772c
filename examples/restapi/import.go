package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/braidgo/braid/pipeline"
)

const (
	longestLine  = 64 << 10 // bytes, without its end
	importWithin = time.Hour
	batchSize    = 1000 // lines, of one transaction
	listedErrors = 100  // of bad lines; the others are counted
)

// The tests change these.
var (
	longestImport = int64(1 << 30) // bytes
	batchWait     = time.Second    // a line from a client that sends few is not held back for longer; 0: it is
)

// importing is one import:
//
//	lines ─▶ parse ─▶ batch ─▶ commit, report
//	        workers
//
// Lines are read as they come, parsed on all processors, and committed in batches, in their order. A batch is
// reported when it is committed, and not before: what a client has read survives whatever happens to the service.
// When the disk is slow the client has to wait, for all the stages together hold a few batches and no more.
type importing struct {
	store   *store
	conn    *http.ResponseController
	w       io.Writer
	reading context.Context // done when no more lines are to be read
	leave   func()          // ends reading
	client  *patient
	body    *bufio.Reader
	read    int   // lines
	stopped error // why not all of them
	batches int
	done    int // the last line of a batch that is committed
	totals
}

// totals is the last line of the answer.
type totals struct {
	Imported int         `json:"imported"`
	Failed   int         `json:"failed"`
	Errors   []lineError `json:"errors"`
	Stopped  string      `json:"stopped,omitempty"`   // why the import did not come to the end of the body
	NextLine int         `json:"next_line,omitempty"` // then: where to go on
}

type lineError struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// report is a line of the answer before the last: what became of a batch.
type report struct {
	Batch    int    `json:"batch"`
	Lines    [2]int `json:"lines"` // the first and the last
	Imported int    `json:"imported"`
}

type line struct {
	number int
	text   []byte
	book   book
	err    error // why it is bad
}

func (s *server) importBooks(w http.ResponseWriter, r *http.Request) error {
	if err := wantType(r, "application/x-ndjson"); err != nil {
		return err
	}
	im := importing{store: s.store, conn: http.NewResponseController(w), w: w, totals: totals{Errors: []lineError{}}}
	im.reading, im.leave = context.WithTimeout(s.ending, importWithin)
	defer im.leave()
	im.conn.EnableFullDuplex() // so that HTTP/1, too, can read on when it has begun to answer
	im.client = &patient{
		conn: im.conn, body: http.MaxBytesReader(w, r.Body, longestImport), reading: im.reading, left: patience,
	}
	defer context.AfterFunc(im.reading, func() { im.client.now(func(*patient) {}) })() // a read may be waiting
	im.body = bufio.NewReaderSize(im.client, longestLine+1)
	w.Header().Set("Content-Type", "application/x-ndjson")
	// Not under the request's context: net/http ends it when a read fails, and what was read before is to be imported.
	// When the client has gone, reading or writing fails.
	if err := im.run(context.WithoutCancel(r.Context())); err != nil {
		if im.batches == 0 {
			return err // nothing is answered yet: it can be an error like any other
		}
		s.log.Warn("import ended early", "batches", im.batches, "error", err)
		im.stopped = errors.New("the service has failed")
	}
	if im.stopped != nil {
		im.Stopped, im.NextLine = im.stopped.Error(), im.done+1
	}
	if err := im.tell(im.totals); err == nil && im.stopped != nil {
		// A connection that is closed while the client sends is reset, and what it has not read yet is lost. So it has
		// time to read why it should stop.
		im.conn.SetReadDeadline(time.Now().Add(farewell))
		io.Copy(io.Discard, r.Body)
	}
	return nil
}

func (im *importing) run(ctx context.Context) error {
	lines := pipeline.Generate(im.lines)
	parsed := pipeline.Map(lines, parseLine, pipeline.Name("parse"), pipeline.Workers(runtime.GOMAXPROCS(0)))
	return pipeline.ForEach(ctx, pipeline.Batch(parsed, batchSize, batchWait), im.commit, pipeline.Name("commit"))
}

// lines yields the lines that are not blank. When reading fails there are no more, and what has been read is
// imported.
func (im *importing) lines(ctx context.Context, yield func(line) bool) error {
	defer context.AfterFunc(ctx, im.leave)() // the run may end while a read waits
	for {
		text, err := im.body.ReadSlice('\n')
		long := false
		for err == bufio.ErrBufferFull {
			long = true
			_, err = im.body.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			im.stopped = im.whyStopped(err)
			return nil // half a line is none
		}
		im.read++
		l := line{number: im.read}
		if long {
			l.err = fmt.Errorf("the line is longer than %d bytes", longestLine)
		} else {
			l.text = bytes.Clone(bytes.TrimSpace(text))
		}
		if (long || len(l.text) > 0) && !yield(l) || err == io.EOF {
			return nil
		}
	}
}

func parseLine(_ context.Context, l line) (line, error) {
	if l.err == nil {
		l.book, l.err = parseBook(l.text)
		l.text = nil // is not needed any more
	}
	return l, nil
}

// commit puts the good lines of a batch into the catalogue, and tells the client.
func (im *importing) commit(ctx context.Context, batch []line) error {
	var books []book
	for _, l := range batch {
		if l.err == nil {
			books = append(books, l.book)
		}
	}
	im.client.now(func(p *patient) { p.served = true })
	added, err := im.store.addAll(ctx, books)
	im.client.now(func(p *patient) { p.served = false })
	if err != nil {
		return err
	}
	im.batches++
	im.done = batch[len(batch)-1].number
	r := report{Batch: im.batches, Lines: [2]int{batch[0].number, im.done}}
	for _, l := range batch {
		if l.err == nil {
			if added[0] {
				r.Imported++
			} else {
				l.err = errISBNKnown
			}
			added = added[1:]
		}
		if l.err != nil {
			im.fail(l)
		}
	}
	im.Imported += r.Imported
	return im.tell(r)
}

func (im *importing) fail(l line) {
	im.Failed++
	if len(im.Errors) < listedErrors {
		im.Errors = append(im.Errors, lineError{l.number, l.err.Error()})
	}
}

// tell sends a line. A client that sends everything before it reads anything can do so for some thousand batches,
// which is what the buffers of the connection hold; after that it has to read.
func (im *importing) tell(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	im.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := im.w.Write(append(text, '\n')); err != nil {
		return err
	}
	return im.conn.Flush()
}

func (im *importing) whyStopped(err error) error {
	switch {
	case errors.Is(im.reading.Err(), context.DeadlineExceeded):
		return fmt.Errorf("an import may take %v", importWithin)
	case im.reading.Err() != nil:
		return errors.New("the service is ending")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the client was silent or too slow")
	}
	return unread(err)
}
