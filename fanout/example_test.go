package fanout_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/braidgo/braid/fanout"
)

// catalogue has the prices, in cents, that the examples look up.
var catalogue = map[string]int{"tea": 450, "milk": 120, "sugar": 90}

func price(_ context.Context, article string) (int, error) {
	cents, known := catalogue[article]
	if !known {
		return 0, fmt.Errorf("no price for %q", article)
	}
	return cents, nil
}

// The prices of an order, in the order of its articles. The error says which input
// it was.
func ExampleMap() {
	ctx := context.Background()
	fmt.Println(fanout.Map(ctx, 8, []string{"sugar", "tea", "milk"}, price))

	_, err := fanout.Map(ctx, 8, []string{"sugar", "tae", "milk"}, price)
	fmt.Println(err)
	// Output:
	// [90 450 120] <nil>
	// input 1: no price for "tae"
}

// A log that cannot be read does not keep the others from being counted.
func ExampleSettle() {
	logs := fstest.MapFS{
		"web.log":  {Data: []byte("up\nGET /\nGET /tea\n")},
		"mail.log": {Data: []byte("up\ndown\n")},
	}
	names := []string{"web.log", "shop.log", "mail.log"}
	lines := func(_ context.Context, name string) (int, error) {
		text, err := fs.ReadFile(logs, name)
		return bytes.Count(text, []byte("\n")), err
	}
	for i, result := range fanout.Settle(context.Background(), 8, names, lines) {
		if result.Err != nil {
			fmt.Println(result.Err)
		} else {
			fmt.Println(names[i], "has", result.Value, "lines")
		}
	}
	// Output:
	// web.log has 3 lines
	// open shop.log: file does not exist
	// mail.log has 2 lines
}

// What did not work out is tried again later.
func ExampleResult() {
	articles := []string{"tea", "coffee", "milk", "rum"}
	total := 0
	var later []string
	for i, result := range fanout.Settle(context.Background(), 8, articles, price) {
		total += result.Value // 0 if it failed
		if result.Err != nil {
			later = append(later, articles[i])
		}
	}
	fmt.Println(total, "and later the prices of", later)
	// Output:
	// 570 and later the prices of [coffee rum]
}

// The lines of a log, of which nobody knows how many there are. The error says at
// which place in the sequence the bad one was.
func ExampleForEach() {
	log := "GET /tea 200\nGET /milk 200\nGET /rum 404\n"
	var missing atomic.Int64
	count := func(_ context.Context, line string) error {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return fmt.Errorf("not a request: %q", line)
		}
		if fields[2] == "404" {
			missing.Add(1)
		}
		return nil
	}
	ctx := context.Background()
	fmt.Println(fanout.ForEach(ctx, 8, strings.Lines(log), count), missing.Load())
	fmt.Println(fanout.ForEach(ctx, 8, strings.Lines(log+"GET /\n"), count))
	// Output:
	// <nil> 1
	// input 3: not a request: "GET /\n"
}

// Accounts side by side, and the entries of each in their order: in any other, one
// of them would not be covered. That an account has one entry at a time is also why
// it needs no lock.
func ExampleByKey() {
	type entry struct {
		account string
		cents   int
	}
	balances := map[string]*int{"rent": new(int), "food": new(int)}
	account := func(e entry) string { return e.account }
	book := func(_ context.Context, e entry) error {
		balance := balances[e.account]
		if *balance+e.cents < 0 {
			return fmt.Errorf("%s: not covered: %d", e.account, e.cents)
		}
		*balance += e.cents
		return nil
	}
	entries := []entry{{"rent", 900}, {"rent", -900}, {"food", 300}, {"rent", 10}, {"food", -250}, {"rent", -10}}

	ctx := context.Background()
	err := fanout.ByKey(ctx, 8, 100, slices.Values(entries), account, book)
	fmt.Println(err, *balances["rent"], *balances["food"])
	err = fanout.ByKey(ctx, 8, 100, slices.Values([]entry{{"rent", 5}, {"food", -60}}), account, book)
	fmt.Println(err)
	// Output:
	// <nil> 0 50
	// input 1: food: not covered: -60
}

// What a page needs, from different places. Each function has a variable of its own, so
// there is no lock.
func ExampleAll() {
	shelf := fstest.MapFS{"tea.txt": {Data: []byte("two leaves and a bud")}}
	load := func(article string) (cents int, text []byte, err error) {
		err = fanout.All(context.Background(),
			func(ctx context.Context) (err error) { cents, err = price(ctx, article); return err },
			func(context.Context) (err error) { text, err = shelf.ReadFile(article + ".txt"); return err },
		)
		return cents, text, err
	}
	cents, text, err := load("tea")
	fmt.Printf("%d %s %v\n", cents, text, err)
	_, _, err = load("milk")
	fmt.Println(err)
	// Output:
	// 450 two leaves and a bud <nil>
	// input 1: open milk.txt: file does not exist
}

// Three replicas, of which one is broken and one does not answer. The body is
// read after First has returned: the context of the winner's request is still alive,
// those of the others are not. An answer that came too late has a body as well, and
// somebody has to close it.
func ExampleFirst() {
	page := strings.Repeat("tea ", 250_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/broken":
			http.Error(w, "out of order", http.StatusInternalServerError)
		case "/silent":
			<-r.Context().Done() // until the client no longer wants to know
		default:
			io.WriteString(w, page)
		}
	}))
	defer server.Close()

	get := func(ctx context.Context, replica string) (*http.Response, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+replica, nil)
		if err != nil {
			return nil, err
		}
		response, err := server.Client().Do(request)
		if err == nil && response.StatusCode != http.StatusOK {
			response.Body.Close()
			return nil, errors.New(response.Status)
		}
		return response, err
	}
	closeBody := func(late *http.Response) { late.Body.Close() }

	ctx, cancel := context.WithCancel(context.Background()) // ends with the page
	defer cancel()
	response, err := fanout.First(ctx, []string{"/silent", "/broken", "/good"}, get, closeBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(len(body), err)

	_, err = fanout.First(ctx, []string{"/broken"}, get, closeBody)
	fmt.Println(err)
	// Output:
	// 1000000 <nil>
	// input 0: 500 Internal Server Error
}

// If every write has reached two of three replicas, any two that answer include one
// with the latest version. If
// two are down, the errors of both come back, in the order they came.
func ExampleQuorum() {
	type version struct {
		number int
		text   string
	}
	replicas := []string{"a", "b", "c"}
	stored := map[string]version{"a": {7, "tea"}, "c": {8, "green tea"}} // b is down
	read := func(_ context.Context, replica string) (version, error) {
		v, up := stored[replica]
		if !up {
			return v, fmt.Errorf("%s is down", replica)
		}
		return v, nil
	}

	ctx := context.Background()
	versions, err := fanout.Quorum(ctx, 2, replicas, read, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slices.MaxFunc(versions, func(a, b version) int { return cmp.Compare(a.number, b.number) }))

	delete(stored, "c")
	_, err = fanout.Quorum(ctx, 2, replicas, read, nil)
	fmt.Println(err)
	// Unordered output:
	// {8 green tea}
	// input 1: b is down
	// input 2: c is down
}

// The first replica has its millisecond, then the next one is asked, too. One that
// fails is not waited for at all: its successor is asked at once.
func ExampleHedge() {
	replicas := []string{"slow", "quick"}
	ask := func(ctx context.Context, attempt int) (string, error) {
		if replicas[attempt] == "slow" {
			<-ctx.Done()
			return "", context.Cause(ctx)
		}
		return "the answer of " + replicas[attempt], nil
	}
	ctx := context.Background()
	fmt.Println(fanout.Hedge(ctx, time.Millisecond, len(replicas), ask, nil))

	refuse := func(_ context.Context, attempt int) (string, error) {
		return "", fmt.Errorf("%s: connection refused", replicas[attempt])
	}
	_, err := fanout.Hedge(ctx, time.Hour, len(replicas), refuse, nil)
	fmt.Println(err)
	// Output:
	// the answer of quick <nil>
	// input 0: slow: connection refused
	// input 1: quick: connection refused
}

// stream returns a channel of the values, closed behind the last one.
func stream[T any](values ...T) <-chan T {
	c := make(chan T, len(values))
	for _, v := range values {
		c <- v
	}
	close(c)
	return c
}

// One loop has the lines of two logs. Merge closes nothing: whoever has made the channel
// closes it, when Merge has returned.
func ExampleMerge() {
	web, mail := stream("web: up", "web: GET /"), stream("mail: up")
	lines := make(chan string)
	var err error
	go func() { // ends when both logs have, and the loop has all their lines
		err = fanout.Merge(context.Background(), lines, web, mail)
		close(lines)
	}()
	for line := range lines {
		fmt.Println(line)
	}
	fmt.Println("the end:", err)
	// Unordered output:
	// web: up
	// web: GET /
	// mail: up
	// the end: <nil>
}

// Two printers, each with a tray of its own. What does not fit into the one goes to
// the other.
func ExampleSplit() {
	small, large := make(chan string, 1), make(chan string, 10)
	err := fanout.Split(context.Background(), stream("bill", "letter", "thesis", "novel"), small, large)
	fmt.Println(err)
	close(small)
	close(large)
	for page := range small {
		fmt.Println("small:", page)
	}
	for page := range large {
		fmt.Println("large:", page)
	}
	// Output:
	// <nil>
	// small: bill
	// large: letter
	// large: thesis
	// large: novel
}

// The same sales for the till and for the stock.
func ExampleTee() {
	till, stock := make(chan string), make(chan string)
	total, left := 0, 10
	var readers sync.WaitGroup // they end when their channel is closed
	readers.Go(func() {
		for article := range till {
			total += catalogue[article]
		}
	})
	readers.Go(func() {
		for range stock {
			left--
		}
	})
	err := fanout.Tee(context.Background(), stream("tea", "milk", "tea"), till, stock)
	close(till)
	close(stock)
	readers.Wait()
	fmt.Println(err, total, left)
	// Output:
	// <nil> 1020 7
}

// Subscribers come and go. Nobody gets what was published before.
func ExampleNewHub() {
	ctx := context.Background()
	hub := fanout.NewHub[string]()
	hub.Publish(ctx, "nobody hears this")
	early := hub.Subscribe(10, fanout.Block)
	hub.Publish(ctx, "tea is out")
	late := hub.Subscribe(10, fanout.Block)
	hub.Publish(ctx, "tea is back")
	hub.Close() // ends the loops below

	for news := range early.C() {
		fmt.Println("early:", news)
	}
	for news := range late.C() {
		fmt.Println("late: ", news)
	}
	fmt.Println(hub.Publish(ctx, "too late"))
	// Output:
	// early: tea is out
	// early: tea is back
	// late:  tea is back
	// fanout: closed
}

// A publisher waits for a subscriber with the policy Block, as long as its context
// allows. Whoever could take the value has it by then.
func ExampleHub_Publish() {
	hub := fanout.NewHub[string]()
	defer hub.Close()
	stuck := hub.Subscribe(0, fanout.Block) // and never receives
	reads := hub.Subscribe(0, fanout.Block)

	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { // ends with the first value
		fmt.Println(<-reads.C())
		cancel(errors.New("waited long enough"))
	}()
	fmt.Println(hub.Publish(ctx, "tea is out"))
	fmt.Println("missed:", reads.Dropped(), stuck.Dropped())
	// Output:
	// tea is out
	// waited long enough
	// missed: 0 1
}

// Five prices for four subscribers. One reads them, and the publisher waits for it; the
// others have room for two, and do not read before the end.
func ExamplePolicy() {
	hub := fanout.NewHub[int]()
	reads := hub.Subscribe(2, fanout.Block)
	var read []int
	end := make(chan struct{})
	go func() { // ends when its subscription does
		defer close(end)
		for cents := range reads.C() {
			read = append(read, cents)
		}
	}()
	latest := hub.Subscribe(2, fanout.DropOldest)
	oldest := hub.Subscribe(2, fanout.DropNewest)
	thrown := hub.Subscribe(2, fanout.Disconnect)
	for cents := 451; cents <= 455; cents++ {
		hub.Publish(context.Background(), cents)
	}
	hub.Close()

	<-end
	fmt.Println(fanout.Block, read, "missed", reads.Dropped())
	fmt.Println(fanout.DropOldest, <-latest.C(), <-latest.C(), "missed", latest.Dropped())
	fmt.Println(fanout.DropNewest, <-oldest.C(), <-oldest.C(), "missed", oldest.Dropped())
	fmt.Println(fanout.Disconnect, <-thrown.C(), <-thrown.C(), "missed", thrown.Dropped(), "then:", thrown.Err())
	// Output:
	// Block [451 452 453 454 455] missed 0
	// DropOldest 454 455 missed 3
	// DropNewest 451 452 missed 3
	// Disconnect 451 452 missed 1 then: fanout: the subscriber was too slow
}

// Why a subscription has ended. What was in it can still be read.
func ExampleSubscription() {
	hub := fanout.NewHub[string]()
	closed := hub.Subscribe(1, fanout.Block)
	thrown := hub.Subscribe(1, fanout.Disconnect)
	stayed := hub.Subscribe(2, fanout.Block)
	closed.Close()
	for _, news := range []string{"tea is out", "tea is back"} {
		hub.Publish(context.Background(), news)
	}
	hub.Close()
	for _, s := range []*fanout.Subscription[string]{closed, thrown, stayed} {
		for news := range s.C() {
			fmt.Print(news, ", ")
		}
		fmt.Println("then:", s.Err())
	}
	// Output:
	// then: <nil>
	// tea is out, then: fanout: the subscriber was too slow
	// tea is out, tea is back, then: fanout: closed
}

// A page that many want at the same time is made once. Whoever is in a hurry can leave,
// and the others get it all the same.
func ExampleFlight() {
	var pages fanout.Flight[string, string]
	defer pages.Close()
	begun, finish := make(chan struct{}), make(chan struct{})
	render := func(context.Context) (string, error) {
		close(begun) // would panic the second time
		<-finish
		return "a page about tea", nil
	}
	patient := make(chan string)
	go func() { // ends when its page has been received
		page, _, err := pages.Do(context.Background(), "/tea", render)
		patient <- fmt.Sprintf("%s, %v", page, err)
	}()

	<-begun
	hurry, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err := pages.Do(hurry, "/tea", render) // waits for the call that runs
	fmt.Println("in a hurry:", err)
	close(finish)
	fmt.Println("patient:   ", <-patient)
	// Output:
	// in a hurry: context deadline exceeded
	// patient:    a page about tea, <nil>
}

// The error leads back to the input, and to what the callback returned.
func ExampleIndexError() {
	shelf := fstest.MapFS{"tea": {}, "milk": {}}
	articles := []string{"milk", "rum", "tea"}
	_, err := fanout.Map(context.Background(), 8, articles, func(_ context.Context, name string) (fs.FileInfo, error) {
		return fs.Stat(shelf, name)
	})
	var failed *fanout.IndexError
	if errors.As(err, &failed) {
		fmt.Println("without", articles[failed.Index]+":", failed.Err)
	}
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output:
	// without rum: open rum: file does not exist
	// true
}
