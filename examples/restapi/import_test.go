package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func (a api) count() (n int) {
	require.NoError(a.t, a.store.reader.QueryRow("SELECT count(*) FROM books").Scan(&n))
	return n
}

func TestImport(t *testing.T) {
	setBatchWait(t, 0)
	api := newAPI(t)
	api.do("POST", "/books", written(numbered(0)))
	long := strings.Repeat("x", longestLine+1)
	justNotLong := written(numbered(5))
	justNotLong = justNotLong[:len(justNotLong)-1] + strings.Repeat(" ", longestLine-len(justNotLong)+1)
	require.Len(t, justNotLong, longestLine)
	sum, reports := api.imported(strings.NewReader(strings.Join([]string{
		written(numbered(1)),                    // 1, 2: it ends a line
		"{",                                     // 3
		"",                                      // 4
		" \t\r",                                 // 5
		long,                                    // 6
		long + long,                             // 7
		written(numbered(0)),                    // 8, 9: known
		written(numbered(2)) + "\r",             // 10, 11: the rest of a line that ends as on Windows
		with("year", "-1"),                      // 12
		written(numbered(1)),                    // 13, 14: known by now
		justNotLong,                             // 15
		`{"title": 1}`,                          // 16
		"\xff",                                  // 17
		strings.TrimSpace(written(numbered(3))), // 18, and no newline
	}, "\n")))
	require.Equal(t, totals{Imported: 4, Failed: 8, Errors: []lineError{
		{3, "the text is not JSON: unexpected EOF"},
		{6, "the line is longer than 65536 bytes"},
		{7, "the line is longer than 65536 bytes"},
		{8, "another book has this isbn"},
		{12, "year must be 0 to 9999"},
		{13, "another book has this isbn"},
		{16, "title has to be a string"},
		{17, "the text is not valid UTF-8"},
	}}, sum)
	require.Equal(t, []report{{Batch: 1, Lines: [2]int{1, 18}, Imported: 4}}, reports)
	require.Equal(t, 5, api.count())
}

func TestImportOfNothing(t *testing.T) {
	for _, body := range []string{"", "\n", " \r\n\n"} {
		sum, reports := newAPI(t).imported(strings.NewReader(body))
		require.Equal(t, totals{Errors: []lineError{}}, sum)
		require.Empty(t, reports)
	}
}

func TestImportInBatches(t *testing.T) {
	setBatchWait(t, 0)
	api := newAPI(t)
	sum, reports := api.imported(&lines{end: 2*batchSize + 1})
	require.Equal(t, totals{Imported: 2*batchSize + 1, Errors: []lineError{}}, sum)
	require.Equal(t, []report{
		{1, [2]int{1, 1000}, 1000}, {2, [2]int{1001, 2000}, 1000}, {3, [2]int{2001, 2001}, 1},
	}, reports)
	b := numbered(2000)
	b.ID = 2001
	requireBook(t, http.StatusOK, b, api.do("GET", "/books/2001", "")) // in the order of the lines

	sum, reports = api.imported(&lines{end: 2*batchSize + 1})
	require.Equal(t, 2*batchSize+1, sum.Failed, "all are known")
	require.Zero(t, sum.Imported)
	require.Len(t, sum.Errors, listedErrors)
	require.Equal(t, report{3, [2]int{2001, 2001}, 0}, reports[2])
}

func setBatchWait(t *testing.T, d time.Duration) {
	before := batchWait
	batchWait = d
	t.Cleanup(func() { batchWait = before })
}

// However long the body is, no more than some batches of it have been read and are not committed yet.
func TestImportHoldsFewLines(t *testing.T) {
	setBatchWait(t, time.Hour) // all batches but the last are full
	api := newAPI(t)
	const held = 3*batchSize + 500 // one is committed, one waits, one is filled; and what waits to be parsed
	body := &lines{end: 8 * batchSize}
	most := 0
	body.called = func() {
		if body.next%250 == 0 { // also before the end of the first batch
			most = max(most, body.next-api.count())
		}
	}
	sum, _ := api.imported(body)
	require.Equal(t, 8*batchSize, sum.Imported)
	require.LessOrEqual(t, most, held)
	require.GreaterOrEqual(t, most, batchSize-250)
}

// conversation is an import whose client reads while it writes, on a connection of its own.
type conversation struct {
	t      *testing.T
	body   *io.PipeWriter
	answer *bufio.Reader
	end    func() error
}

func converse(t *testing.T, client *http.Client, url string) conversation {
	read, write := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/import", read)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-ndjson")
	c := conversation{t: t, body: write}
	answered := make(chan *http.Response)
	go func() { // until the service answers
		defer close(answered)
		response, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		answered <- response
	}()
	opened := io.Reader(nil)
	c.answer = bufio.NewReader(reader(func(p []byte) (int, error) { // the answer begins with the first batch
		if opened == nil {
			response := <-answered
			if response == nil {
				return 0, errors.New("no answer")
			}
			require.Equal(t, http.StatusOK, response.StatusCode)
			opened = response.Body
			c.end = response.Body.Close
		}
		return opened.Read(p)
	}))
	return c
}

type reader func(p []byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

func (c conversation) send(from, to int) {
	_, err := io.Copy(c.body, &lines{next: from, end: to})
	require.NoError(c.t, err)
}

func (c conversation) line() string {
	text, err := c.answer.ReadString('\n')
	require.NoError(c.t, err)
	return text
}

func (c conversation) last() totals {
	sum := decoded[totals](c.t, c.line())
	_, err := c.answer.ReadByte()
	require.Equal(c.t, io.EOF, err)
	return sum
}

// A batch is told while the client has not sent the next: over HTTP/1.1, which most think cannot do that.
func TestImportIsStreamed(t *testing.T) {
	setBatchWait(t, 0)
	api := newAPI(t)
	service := httptest.NewServer(api)
	defer service.Close()
	c := converse(t, service.Client(), service.URL)
	for batch := range 3 {
		c.send(batch*batchSize, (batch+1)*batchSize)
		require.Equal(t, report{batch + 1, [2]int{batch*batchSize + 1, (batch + 1) * batchSize}, batchSize},
			decoded[report](t, c.line()))
		require.Equal(t, (batch+1)*batchSize, api.count())
	}
	require.NoError(t, c.body.Close())
	require.Equal(t, totals{Imported: 3 * batchSize, Errors: []lineError{}}, c.last())

	again := converse(t, service.Client(), service.URL) // on the same connection, with no deadline left over
	require.NoError(t, again.body.Close())
	require.Equal(t, totals{Errors: []lineError{}}, again.last())
}

func TestImportFromASlowClient(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		for n := range 5 { // each line is committed a second after it has come
			began := time.Now()
			c.send(n, n+1)
			require.Equal(t, report{n + 1, [2]int{n + 1, n + 1}, 1}, decoded[report](t, c.line()))
			require.Equal(t, batchWait, time.Since(began))
		}
		require.NoError(t, c.body.Close())
		require.Equal(t, totals{Imported: 5, Errors: []lineError{}}, c.last())
	})
}

func TestImportFromASilentClient(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		c.send(0, 2)
		_, err := io.WriteString(c.body, written(numbered(2))[:50]) // half a line is none
		require.NoError(t, err)
		began := time.Now()
		c.line()
		require.Equal(t, totals{
			Imported: 2, Errors: []lineError{}, Stopped: "the client was silent or too slow", NextLine: 3,
		}, c.last())
		require.InDelta(t, patience.Seconds(), time.Since(began).Seconds(), 0.1) // net/http's client takes its time
		c.body.Close()
	})
}

// The client waits for the service, and not the other way round.
func TestImportWhenTheDiskIsSlow(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		require.True(t, s.store.writer.places.TryAcquire(1)) // nothing can be committed
		c := converse(t, client, "http://service")
		c.send(0, 10)
		time.Sleep(10 * patience)
		s.store.writer.places.Release(1)
		require.Equal(t, report{1, [2]int{1, 10}, 10}, decoded[report](t, c.line()))
		began := time.Now()
		require.Equal(t, "the client was silent or too slow", c.last().Stopped)
		require.Greater(t, time.Since(began), patience-2*batchWait)
		c.body.Close()
	})
}

// The body has come to its end long before it is committed, and the connection can be used again.
func TestImportWhenTheDiskIsSlowAtTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		require.True(t, s.store.writer.places.TryAcquire(1)) // nothing can be committed
		c := converse(t, client, "http://service")
		c.send(0, 10)
		require.NoError(t, c.body.Close())
		time.Sleep(10 * patience)
		s.store.writer.places.Release(1)
		c.line()
		require.Equal(t, totals{Imported: 10, Errors: []lineError{}}, c.last())

		var reused bool
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(got httptrace.GotConnInfo) { reused = got.Reused },
		}), "GET", "http://service/books/10", nil)
		require.NoError(t, err)
		response, err := client.Do(r)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.NoError(t, response.Body.Close())
		require.True(t, reused)
	})
}

// A byte now and then does not keep an import going.
func TestImportFromATricklingClient(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		began := time.Now()
		stop := make(chan struct{})
		trickled := make(chan struct{})
		go func() { // until the import has stopped
			defer close(trickled)
			for range time.Tick(100 * time.Millisecond) {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := io.WriteString(c.body, " "); err != nil {
					return
				}
			}
		}()
		require.Equal(t, "the client was silent or too slow", c.last().Stopped)
		require.InDelta(t, patience.Seconds(), time.Since(began).Seconds(), 0.5)
		close(stop)
		c.body.Close()
		<-trickled
	})
}

func TestImportThatTakesTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		began := time.Now()
		c.send(0, 1)
		c.line()
		for time.Since(began) < importWithin-patience/2 {
			_, err := io.WriteString(c.body, strings.Repeat("\n", 10*slowest)) // blank lines cost nothing
			require.NoError(t, err)
			time.Sleep(4 * time.Second)
		}
		require.Equal(t, totals{
			Imported: 1, Errors: []lineError{}, Stopped: "an import may take 1h0m0s", NextLine: 2,
		}, c.last())
		// net/http's client takes a moment more.
		require.InDelta(t, (importWithin + farewell).Seconds(), time.Since(began).Seconds(), 0.1)
		c.body.Close()
	})
}

// The end comes while the import waits for the client, and what has come before is committed all the same.
func TestImportWhenTheServiceEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		ending, end := context.WithCancel(t.Context())
		s.ending = ending
		c := converse(t, client, "http://service")
		c.send(0, 10)
		synctest.Wait()
		began := time.Now()
		end()
		require.Equal(t, report{1, [2]int{1, 10}, 10}, decoded[report](t, c.line()))
		require.Equal(t, totals{
			Imported: 10, Errors: []lineError{}, Stopped: "the service is ending", NextLine: 11,
		}, c.last())
		require.InDelta(t, farewell.Seconds(), time.Since(began).Seconds(), 0.1)
		c.body.Close()
	})
}

// A client that is sending when it is told to stop can finish what it is about.
func TestImportBidsFarewell(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		ending, end := context.WithCancel(t.Context())
		s.ending = ending
		c := converse(t, client, "http://service")
		c.send(0, 1)
		synctest.Wait()
		end()
		c.send(1, 2)
		require.Equal(t, report{1, [2]int{1, 2}, 2}, decoded[report](t, c.line()))
		require.Equal(t, "the service is ending", decoded[totals](t, c.line()).Stopped)
		_, err := io.WriteString(c.body, strings.Repeat("\n", 1<<20))
		require.NoError(t, err)
		require.NoError(t, c.body.Close())
		_, err = c.answer.ReadByte()
		require.Equal(t, io.EOF, err)
	})
}

// The client has gone in the middle of a line. What it has sent before is committed, since nobody can say where it
// has stopped to read.
func TestImportWhoseClientLeaves(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		c.send(0, 10)
		require.Equal(t, report{1, [2]int{1, 10}, 10}, decoded[report](t, c.line()))
		c.send(10, 15)
		c.body.CloseWithError(errors.New("left"))
		c.answer.ReadString('\n')
		synctest.Wait()
		n := api{server: s, t: t}.count()
		require.Contains(t, []int{10, 15}, n)
	})
}

func TestImportThatIsTooLong(t *testing.T) {
	before := longestImport
	longestImport = int64(len(written(numbered(0))) + 10)
	defer func() { longestImport = before }()
	api := newAPI(t)
	sum, _ := api.imported(&lines{end: 5})
	require.Equal(t, totals{
		Imported: 1, Errors: []lineError{}, NextLine: 2,
		Stopped: fmt.Sprintf("the body is longer than %d bytes", longestImport),
	}, sum)
}

func TestImportWhoseStoreFails(t *testing.T) {
	setBatchWait(t, 0)
	api := newAPI(t)
	const trigger = `CREATE TEMP TRIGGER full BEFORE INSERT ON books WHEN new.isbn = '%s'
		BEGIN SELECT RAISE(ABORT, 'full'); END`
	_, err := api.store.writer.Exec(fmt.Sprintf(trigger, isbn(batchSize+5)))
	require.NoError(t, err)
	sum, reports := api.imported(&lines{end: 3 * batchSize})
	require.Equal(t, totals{
		Imported: batchSize, Errors: []lineError{}, Stopped: "the service has failed", NextLine: batchSize + 1,
	}, sum)
	require.Len(t, reports, 1)
	require.Equal(t, batchSize, api.count(), "nothing of the second batch")

	body := &lines{next: batchSize, end: 2 * batchSize}
	w := api.send("POST", "/import", "application/x-ndjson", body)
	requireProblem(t, http.StatusInternalServerError, "the fault is the service's", w)
	require.Equal(t, batchSize, api.count())
}

// The second batch fails, and the client, which sends no more, is told soon.
func TestImportWhoseStoreFailsWhileItWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		c := converse(t, client, "http://service")
		c.send(0, 1)
		require.Equal(t, report{1, [2]int{1, 1}, 1}, decoded[report](t, c.line()))
		_, err := s.store.writer.Exec("DROP TABLE books")
		require.NoError(t, err)
		began := time.Now()
		c.send(1, 2)
		require.Equal(t, "the service has failed", c.last().Stopped)
		require.InDelta(t, (batchWait + farewell).Seconds(), time.Since(began).Seconds(), 0.1)
		c.body.Close()
	})
}

// deaf is a client that takes nothing.
type deaf struct{ *httptest.ResponseRecorder }

func (deaf) Write([]byte) (int, error) { return 0, errors.New("deaf") }

func TestImportEndsWhenTheClientDoesNotRead(t *testing.T) {
	setBatchWait(t, 0)
	api := newAPI(t)
	body := &lines{end: 100 * batchSize}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/import", body)
	r.Header.Set("Content-Type", "application/x-ndjson")
	api.ServeHTTP(deaf{httptest.NewRecorder()}, r)
	require.Equal(t, batchSize, api.count())
	require.Less(t, body.next, 10*batchSize)
}

func TestHalfABodyIsNoBook(t *testing.T) {
	api := newAPI(t)
	w := api.send("POST", "/books", "application/json", io.MultiReader(
		bytes.NewReader([]byte(written(numbered(0)))), reader(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })))
	requireProblem(t, http.StatusBadRequest, "cannot be read: unexpected EOF", w)
	require.Zero(t, api.count())
}
