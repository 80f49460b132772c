package pipeline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/braidgo/braid/pipeline"
)

// order is a line of the files that the examples read.
type order struct {
	article string
	pieces  int
}

func parse(_ context.Context, line string) (order, error) {
	article, number, _ := strings.Cut(strings.TrimSpace(line), " ")
	pieces, err := strconv.Atoi(number)
	if err != nil {
		return order{}, fmt.Errorf("not an order: %q", line)
	}
	return order{article, pieces}, nil
}

// catalogue has the prices, in cents, that the examples look up.
var catalogue = map[string]int{"tea": 450, "milk": 120, "sugar": 90}

func price(_ context.Context, o order) (int, error) {
	cents, known := catalogue[o.article]
	if !known {
		return 0, fmt.Errorf("no price for %q", o.article)
	}
	return o.pieces * cents, nil
}

// The lines of a file are parsed, eight at a time are priced, and the bills are sent two
// by two, in the order of the lines. The last line is cut off: what came before it is
// done all the same, and then the error says which stage failed on which of its inputs.
func Example() {
	const file = "tea 2\nmilk 1\nsugar 3\ntea"

	lines := pipeline.From(strings.Lines(file))
	orders := pipeline.Map(lines, parse, pipeline.Name("parse"))
	bills := pipeline.Map(orders, price, pipeline.Workers(8))
	pairs := pipeline.Batch(bills, 2, time.Minute)
	send := func(_ context.Context, cents []int) error {
		fmt.Println("bills of", cents)
		return nil
	}

	if err := pipeline.ForEach(context.Background(), pairs, send); err != nil {
		fmt.Println(err)
	}
	// Output:
	// bills of [900 120]
	// bills of [270]
	// parse: input 3: not an order: "tea"
}

// A stream is described once. Each sink runs it anew, and no further than it wants.
func ExampleStream() {
	ctx := context.Background()
	requests := []string{"GET /tea 200", "GET /rum 404", "GET /gin 404"}
	missing := pipeline.Filter(pipeline.From(slices.Values(requests)), func(line string) bool {
		return strings.HasSuffix(line, " 404")
	})

	first, err := pipeline.Collect(ctx, pipeline.Take(missing, 1))
	fmt.Println(first, err)
	count, err := pipeline.Reduce(ctx, missing, 0, func(n int, _ string) (int, error) { return n + 1, nil })
	fmt.Println(count, err)
	// Output:
	// [GET /rum 404] <nil>
	// 2 <nil>
}

// A loop over a stream is as any other. To leave it ends the stages, and waits until
// they have ended.
func ExampleStream_All() {
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\nsugar\n")), parse, pipeline.Workers(4))
	for o, err := range orders.All(context.Background()) {
		if err != nil {
			fmt.Println(err) // the last time round, if at all
			break
		}
		fmt.Println(o.pieces, o.article)
	}
	// Output:
	// 2 tea
	// 1 milk
	// Map: input 2: not an order: "sugar\n"
}

// Whatever yields is a source: what the packages slices, maps and strings have, and the
// iterators of your own types. Some can be read only once, as this one of strings, and
// then so can the stream.
func ExampleFrom() {
	folders := pipeline.From(strings.SplitSeq("/usr/local/bin:/usr/bin:/bin", ":"))
	fmt.Println(pipeline.Collect(context.Background(), folders))
	// Output:
	// [/usr/local/bin /usr/bin /bin] <nil>
}

// A file that is opened for each run, and may end in the middle of a record.
func ExampleFromSeq2() {
	shelf := fstest.MapFS{"prices.csv": {Data: []byte("tea,450\nmilk,120\nsugar\n")}}
	records := pipeline.FromSeq2(func(context.Context) iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) {
			file, err := shelf.Open("prices.csv")
			if err != nil {
				yield(nil, err)
				return
			}
			defer file.Close()
			for reader := csv.NewReader(file); ; {
				record, err := reader.Read()
				if err == io.EOF || !yield(record, err) {
					return // after an error, too: then yield returns false
				}
			}
		}
	})
	for record, err := range records.All(context.Background()) {
		fmt.Println(record, err)
	}
	// Output:
	// [tea 450] <nil>
	// [milk 120] <nil>
	// [] FromSeq2: input 2: record on line 3: wrong number of fields
}

// Whoever has a channel has a stream. This one asks three times, a millisecond apart.
func ExampleFromChan() {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	ticks := pipeline.Take(pipeline.FromChan(ticker.C), 3)
	err := pipeline.ForEach(context.Background(), ticks, func(context.Context, time.Time) error {
		fmt.Println("is the tea ready?")
		return nil
	})
	fmt.Println(err)
	// Output:
	// is the tea ready?
	// is the tea ready?
	// is the tea ready?
	// <nil>
}

// A list that a server hands out page by page. Who wants three articles of it does not
// wait for the third page.
func ExampleGenerate() {
	type page struct {
		articles []string
		next     int // 0: there is none
	}
	pages := []page{{[]string{"tea", "milk"}, 1}, {[]string{"sugar", "rum"}, 2}, {[]string{"gin"}, 0}}
	get := func(_ context.Context, number int) (page, error) {
		fmt.Println("page", number)
		return pages[number], nil
	}
	articles := pipeline.Generate(func(ctx context.Context, yield func(string) bool) error {
		for number := 0; ; {
			page, err := get(ctx, number)
			if err != nil {
				return err
			}
			for _, article := range page.articles {
				if !yield(article) {
					return nil
				}
			}
			if number = page.next; number == 0 {
				return nil
			}
		}
	})
	fmt.Println(pipeline.Collect(context.Background(), pipeline.Take(articles, 3)))
	// Output:
	// page 0
	// page 1
	// [tea milk sugar] <nil>
}

// Eight at a time, and the results in order. What is before a failure comes through.
func ExampleMap() {
	ctx := context.Background()
	orders := pipeline.From(slices.Values([]order{{"sugar", 1}, {"tea", 2}, {"tae", 1}, {"milk", 3}}))
	fmt.Println(pipeline.Collect(ctx, pipeline.Map(orders, price, pipeline.Workers(8))))
	// Output:
	// [90 900] Map: input 2: no price for "tae"
}

// The lines of all logs, one log behind the other, while the next ones are read already.
func ExampleFlatMap() {
	logs := fstest.MapFS{
		"mail.log": {Data: []byte("up\ndown\n")},
		"web.log":  {Data: []byte("up\nGET /\nGET /tea\n")},
	}
	names := pipeline.From(slices.Values([]string{"web.log", "mail.log"}))
	lines := pipeline.FlatMap(names, func(_ context.Context, name string, yield func(string) bool) error {
		text, err := fs.ReadFile(logs, name)
		for line := range strings.Lines(string(text)) {
			if !yield(name + ": " + line) {
				return nil
			}
		}
		return err
	}, pipeline.Workers(4))
	for line, err := range lines.All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Print(line)
	}
	// Output:
	// web.log: up
	// web.log: GET /
	// web.log: GET /tea
	// mail.log: up
	// mail.log: down
}

// Accounts side by side, and the entries of each in their order: in any other, one of
// them would not be covered. That an account has one entry at a time is also why it
// needs no lock.
func ExampleMapByKey() {
	type entry struct {
		account string
		cents   int
	}
	balances := map[string]*int{"rent": new(int), "food": new(int)}
	account := func(e entry) string { return e.account }
	book := func(_ context.Context, e entry) (string, error) {
		balance := balances[e.account]
		if *balance+e.cents < 0 {
			return "", fmt.Errorf("%s: not covered: %d", e.account, e.cents)
		}
		*balance += e.cents
		return fmt.Sprintf("%s has %d", e.account, *balance), nil
	}
	entries := pipeline.From(slices.Values([]entry{{"rent", 900}, {"food", 300}, {"rent", -900}, {"food", -400}}))
	for line, err := range pipeline.MapByKey(entries, account, book, pipeline.Workers(8)).All(context.Background()) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(line)
	}
	// Output:
	// rent has 900
	// food has 300
	// rent has 0
	// MapByKey: input 3: food: not covered: -400
}

// Lines that are not empty.
func ExampleFilter() {
	lines := pipeline.From(strings.SplitSeq("tea 2\n\nmilk 1\n", "\n"))
	lines = pipeline.Filter(lines, func(line string) bool { return line != "" })
	fmt.Println(pipeline.Collect(context.Background(), pipeline.Map(lines, parse)))
	// Output:
	// [{tea 2} {milk 1}] <nil>
}

// What the function of a stage drops is no failure. Unlike a Filter it sees what it has
// parsed.
func ExampleSkipItem() {
	lines := pipeline.From(strings.Lines("tea 2\nmilk 0\nsugar 3\n"))
	orders := pipeline.Map(lines, func(ctx context.Context, line string) (order, error) {
		o, err := parse(ctx, line)
		if err == nil && o.pieces == 0 {
			err = pipeline.SkipItem
		}
		return o, err
	})
	fmt.Println(pipeline.Collect(context.Background(), orders))
	// Output:
	// [{tea 2} {sugar 3}] <nil>
}

// The first two of a source without an end. It is not asked for a third.
func ExampleTake() {
	numbers := pipeline.From(func(yield func(string) bool) {
		for n := 1; yield(fmt.Sprintf("invoice-%04d", n)); n++ {
		}
	})
	fmt.Println(pipeline.Collect(context.Background(), pipeline.Take(numbers, 2)))
	// Output:
	// [invoice-0001 invoice-0002] <nil>
}

// Rows are inserted by the thousand, or as many as there are when the first of them has
// waited for a millisecond: the source falls silent after one row, and goes on when that
// has been inserted. The second stream has all the time that it takes to have two.
func ExampleBatch() {
	rows := make(chan string, 1)
	rows <- "tea"
	for batch, err := range pipeline.Batch(pipeline.FromChan(rows), 1000, time.Millisecond).All(context.Background()) {
		fmt.Println("insert", batch, err)
		if batch[0] == "tea" {
			rows <- "milk"
			close(rows)
		}
	}

	articles := pipeline.From(slices.Values([]string{"tea", "milk", "sugar", "rum", "gin"}))
	fmt.Println(pipeline.Collect(context.Background(), pipeline.Batch(articles, 2, 0)))
	// Output:
	// insert [tea] <nil>
	// insert [milk] <nil>
	// [[tea milk] [sugar rum] [gin]] <nil>
}

// Somebody types into a search field. What has come up to a pause is looked up once.
func ExampleSession() {
	pause, typed := make(chan bool), make(chan bool)
	keys := pipeline.Generate(func(_ context.Context, yield func(string) bool) error {
		yield("t")
		<-pause // until "t" is searched for
		_ = yield("te") && yield("tea")
		close(typed)
		return nil
	})
	searches := pipeline.Session(keys, 100, 100*time.Millisecond)
	err := pipeline.ForEach(context.Background(), searches, func(_ context.Context, texts []string) error {
		text := texts[len(texts)-1]
		fmt.Println("search for", text)
		if text == "t" {
			close(pause)
			<-typed // the search takes a while
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// search for t
	// search for tea
	// <nil>
}

// To ask for two prices takes no longer than to ask for one. They go on one by one.
func ExampleFlatten() {
	ask := func(_ context.Context, articles []string) ([]int, error) {
		fmt.Println("ask for", articles)
		cents := make([]int, len(articles))
		for i, article := range articles {
			cents[i] = catalogue[article]
		}
		return cents, nil
	}
	articles := pipeline.From(slices.Values([]string{"tea", "milk", "sugar"}))
	cents := pipeline.Flatten(pipeline.Map(pipeline.Batch(articles, 2, 0), ask))
	fmt.Println(pipeline.Collect(context.Background(), cents))
	// Output:
	// ask for [tea milk]
	// ask for [sugar]
	// [450 120 90] <nil>
}

// One loop has the lines of two logs, as they come. Those of each stay in order.
func ExampleMerge() {
	web := pipeline.From(slices.Values([]string{"web: up", "web: GET /"}))
	mail := pipeline.From(slices.Values([]string{"mail: up"}))
	for line, err := range pipeline.Merge(web, mail).All(context.Background()) {
		fmt.Println(line, err)
	}
	// Unordered output:
	// web: up <nil>
	// web: GET / <nil>
	// mail: up <nil>
}

// ticks lets one through at each tick. A limiter of golang.org/x/time/rate can do more.
type ticks <-chan time.Time

func (t ticks) Wait(ctx context.Context) error {
	select {
	case <-t:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A server that wants one request a millisecond and no more.
func ExampleThrottle() {
	start := time.Now()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	articles := pipeline.From(slices.Values([]string{"tea", "milk", "sugar"}))
	articles = pipeline.Throttle(articles, ticks(ticker.C))
	err := pipeline.ForEach(context.Background(), articles, func(_ context.Context, article string) error {
		fmt.Println("GET /" + article)
		return nil
	})
	fmt.Println(err, time.Since(start) >= 3*time.Millisecond)
	// Output:
	// GET /tea
	// GET /milk
	// GET /sugar
	// <nil> true
}

// Where have all the lines gone? What a stage has got and has passed on tells.
func ExampleObserve() {
	var report pipeline.Report
	lines := pipeline.From(strings.Lines("tea 2\n\nmilk 1\n\n\nrum 1\n"))
	lines = pipeline.Filter(lines, func(line string) bool { return line != "\n" })
	orders := pipeline.Map(lines, parse)
	err := pipeline.Drain(context.Background(), pipeline.Observe(orders, &report))
	fmt.Println(err)
	for _, stage := range report.Stages() {
		fmt.Println(stage.Name, stage.In, stage.Out)
	}
	// Output:
	// <nil>
	// From 0 6
	// Filter 6 3
	// Map 3 3
}

// A report can be read while the stream runs, from any goroutine. Here the sink does it.
func ExampleReport() {
	var report pipeline.Report
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\n")), parse)
	err := pipeline.ForEach(context.Background(), pipeline.Observe(orders, &report), func(_ context.Context, o order) error {
		fmt.Println(report.Stages()[0].Out, "read:", o)
		return nil
	})
	fmt.Println(err)
	// Output:
	// 1 read: {tea 2}
	// 2 read: {milk 1}
	// <nil>
}

// A picture of the stages, to be pasted into a page that draws it. How busy each is
// differs from run to run, and so does which of them is marked: both are left out here.
func ExampleReport_Mermaid() {
	var report pipeline.Report
	web := pipeline.From(strings.Lines("tea 2\nmilk 1\n"))
	mail := pipeline.From(strings.Lines("sugar 3\n"))
	orders := pipeline.Map(pipeline.Merge(web, mail), parse, pipeline.Workers(4), pipeline.Name("parse"))
	if err := pipeline.Drain(context.Background(), pipeline.Observe(orders, &report)); err != nil {
		fmt.Println(err)
	}
	differs := regexp.MustCompile(`<br/>\d+ % busy|(?m)^ *style.*\n`)
	fmt.Print(differs.ReplaceAllString(report.Mermaid(), ""))
	// Output:
	// flowchart LR
	//     s0["From<br/>2 out"]
	//     s1["From<br/>1 out"]
	//     s2["Merge<br/>3 in, 3 out"]
	//     s0 --> s2
	//     s1 --> s2
	//     s3["parse ×4<br/>3 in, 3 out"]
	//     s2 --> s3
}

// What has become of the items. The times, not shown here, say which stage sets the
// pace: the one that is neither blocked nor starved.
func ExampleStageStats() {
	var report pipeline.Report
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nrum 1\nmilk 3\n")), parse, pipeline.Name("parse"))
	bills := pipeline.Map(orders, price, pipeline.Name("price"))
	err := pipeline.Drain(context.Background(), pipeline.Observe(bills, &report))
	fmt.Println(err)

	for _, s := range report.Stages() {
		fmt.Printf("%s: %d in, %d out, %d failed, %d wait\n", s.Name, s.In, s.Out, s.Failed, s.Waiting)
	}
	// Output:
	// price: input 1: no price for "rum"
	// From: 0 in, 2 out, 0 failed, 0 wait
	// parse: 2 in, 2 out, 0 failed, 0 wait
	// price: 2 in, 1 out, 1 failed, 0 wait
}

// The file is read and parsed once, for the till and for the stock.
func ExampleTee() {
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\ntea 3\n")), parse)
	total := 0
	sold := map[string]int{}
	till := func(ctx context.Context, orders pipeline.Stream[order]) (err error) {
		total, err = pipeline.Reduce(ctx, pipeline.Map(orders, price), 0, func(sum, cents int) (int, error) { return sum + cents, nil })
		return err
	}
	stock := func(ctx context.Context, orders pipeline.Stream[order]) error {
		return pipeline.ForEach(ctx, orders, func(_ context.Context, o order) error {
			sold[o.article] += o.pieces
			return nil
		})
	}
	err := pipeline.Tee(context.Background(), orders, till, stock)
	fmt.Println(err, total, sold)
	// Output:
	// <nil> 2370 map[milk:1 tea:5]
}

// Two stages that ask the same server have their options in common.
func ExampleOption() {
	server := []pipeline.Option{pipeline.Workers(16), pipeline.Buffer(100)}
	send := func(_ context.Context, cents int) (string, error) { return fmt.Sprint(cents, " sent"), nil }

	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\n")), parse)
	bills := pipeline.Map(orders, price, server...)
	receipts := pipeline.Map(bills, send, server...)
	fmt.Println(pipeline.Collect(context.Background(), receipts))
	// Output:
	// [900 sent 120 sent] <nil>
}

// As many checksums at once as there are processors, in the order of the files.
func ExampleWorkers() {
	shelf := fstest.MapFS{"milk": {Data: []byte("white")}, "tea": {Data: []byte("green")}}
	names := pipeline.From(slices.Values([]string{"tea", "milk"}))
	sums := pipeline.Map(names, func(_ context.Context, name string) (string, error) {
		content, err := shelf.ReadFile(name)
		return fmt.Sprintf("%s %.4x", name, sha256.Sum256(content)), err
	}, pipeline.Workers(runtime.GOMAXPROCS(0)))
	fmt.Println(pipeline.Collect(context.Background(), sums))
	// Output:
	// [tea ba4788b2 milk 018fa96a] <nil>
}

// The first server answers when the second has. In order, neither answer would ever be
// seen.
func ExampleUnordered() {
	seen := make(chan bool)
	servers := pipeline.From(slices.Values([]string{"slow", "quick"}))
	answers := pipeline.Map(servers, func(_ context.Context, server string) (string, error) {
		if server == "slow" {
			<-seen
		}
		return "the answer of " + server, nil
	}, pipeline.Workers(2), pipeline.Unordered())
	for answer, err := range answers.All(context.Background()) {
		fmt.Println(answer, err)
		if answer == "the answer of quick" {
			close(seen)
		}
	}
	// Output:
	// the answer of quick <nil>
	// the answer of slow <nil>
}

// The file is read on while the printer is busy, but by no more than two lines.
func ExampleBuffer() {
	read := make(chan bool)
	lines := pipeline.Generate(func(_ context.Context, yield func(string) bool) error {
		for line := range strings.Lines("tea\nmilk\nsugar\n") {
			if !yield(line) {
				return nil
			}
		}
		fmt.Println("all is read")
		close(read)
		return nil
	})
	err := pipeline.ForEach(context.Background(), lines, func(_ context.Context, line string) error {
		<-read // for two lines there is room, and the third is in print
		fmt.Print(line)
		return nil
	}, pipeline.Buffer(2))
	fmt.Println(err)
	// Output:
	// all is read
	// tea
	// milk
	// sugar
	// <nil>
}

// Of two stages that are both a Map, errors and reports say which. Its workers can be
// recognised in a goroutine dump and in a CPU profile.
func ExampleName() {
	orders := pipeline.Map(pipeline.From(strings.Lines("rum 1\n")), parse, pipeline.Name("parse"))
	bills := pipeline.Map(orders, func(ctx context.Context, o order) (int, error) {
		var dump bytes.Buffer
		pprof.Lookup("goroutine").WriteTo(&dump, 1)
		fmt.Println(strings.Contains(dump.String(), `"pipeline":"price"`))
		return price(ctx, o)
	}, pipeline.Name("price"), pipeline.Workers(2))
	fmt.Println(pipeline.Drain(context.Background(), bills))
	// Output:
	// true
	// price: input 0: no price for "rum"
}

// A server that has too much to do is asked again. Only a third failure would be one of
// the stage.
func ExampleRetry() {
	asked := 0
	ask := func(ctx context.Context, o order) (int, error) {
		if asked++; asked < 3 {
			return 0, errors.New("too many requests")
		}
		return price(ctx, o)
	}
	orders := pipeline.From(slices.Values([]order{{"tea", 2}}))
	patient := pipeline.Retry(ask, pipeline.Backoff{Attempts: 3, Base: time.Millisecond})
	bills, err := pipeline.Collect(context.Background(), pipeline.Map(orders, patient))
	fmt.Println(bills, err, "after", asked)
	// Output:
	// [900] <nil> after 3
}

// What does not exist will not exist a moment later, either.
func ExampleBackoff() {
	shelf := fstest.MapFS{"tea.txt": {Data: []byte("two leaves and a bud")}}
	tried := 0
	read := func(_ context.Context, name string) ([]byte, error) {
		tried++
		return shelf.ReadFile(name)
	}
	again := pipeline.Backoff{
		Attempts: 10,
		Base:     50 * time.Millisecond,
		Max:      5 * time.Second,
		If:       func(err error) bool { return !errors.Is(err, fs.ErrNotExist) },
	}
	names := pipeline.From(slices.Values([]string{"tea.txt", "rum.txt"}))
	fmt.Println(pipeline.Drain(context.Background(), pipeline.Map(names, pipeline.Retry(read, again))))
	fmt.Println(tried)
	// Output:
	// Map: input 1: open rum.txt: file does not exist
	// 2
}

// A server that does not answer is not waited for.
func ExampleTimeout() {
	ask := func(ctx context.Context, o order) (int, error) {
		if o.article == "rum" {
			<-ctx.Done() // a request does that by itself, if it was made with ctx
			return 0, context.Cause(ctx)
		}
		return price(ctx, o)
	}
	orders := pipeline.From(slices.Values([]order{{"tea", 2}, {"rum", 1}}))
	bills := pipeline.Map(orders, pipeline.Timeout(ask, time.Millisecond))
	_, err := pipeline.Collect(context.Background(), bills)
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	// Output:
	// Map: input 1: context deadline exceeded true
}

// Lines that cannot be read are put aside, and the others go on.
func ExampleDeadLetter() {
	aside := func(_ context.Context, line string, err error) error {
		fmt.Println("put aside:", err)
		return nil
	}
	lines := pipeline.From(strings.Lines("tea 2\nmilk one\nsugar 3\n"))
	orders := pipeline.Map(lines, pipeline.DeadLetter(parse, aside))
	fmt.Println(pipeline.Collect(context.Background(), orders))
	// Output:
	// put aside: not an order: "milk one\n"
	// [{tea 2} {sugar 3}] <nil>
}

// Bills are sent by four workers, in no order. Without Workers it is the loop that it
// looks like.
func ExampleForEach() {
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\nsugar 3\n")), parse)
	bills := pipeline.Map(orders, price)
	var sent atomic.Int64
	err := pipeline.ForEach(context.Background(), bills, func(_ context.Context, cents int) error {
		sent.Add(int64(cents))
		return nil
	}, pipeline.Workers(4))
	fmt.Println(err, sent.Load())
	// Output:
	// <nil> 1290
}

// All there is, for when that is not much. With an error, what came before it.
func ExampleCollect() {
	ctx := context.Background()
	fmt.Println(pipeline.Collect(ctx, pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\n")), parse)))
	fmt.Println(pipeline.Collect(ctx, pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk\n")), parse)))
	// Output:
	// [{tea 2} {milk 1}] <nil>
	// [{tea 2}] Map: input 1: not an order: "milk\n"
}

// What all orders come to.
func ExampleReduce() {
	orders := pipeline.Map(pipeline.From(strings.Lines("tea 2\nmilk 1\nsugar 3\n")), parse)
	bills := pipeline.Map(orders, price, pipeline.Workers(8))
	total, err := pipeline.Reduce(context.Background(), bills, 0, func(sum, cents int) (int, error) {
		return sum + cents, nil
	})
	fmt.Println(total, err)
	// Output:
	// 1290 <nil>
}

// Is every line an order? What they say does not matter.
func ExampleDrain() {
	ctx := context.Background()
	for _, file := range []string{"tea 2\nmilk 1\n", "tea 2\nmilk\n"} {
		orders := pipeline.Map(pipeline.From(strings.Lines(file)), parse)
		fmt.Println(pipeline.Drain(ctx, orders))
	}
	// Output:
	// <nil>
	// Map: input 1: not an order: "milk\n"
}

// The error leads back to the stage, to its input, and to what its function returned.
func ExampleStageError() {
	shelf := fstest.MapFS{"tea.txt": {}, "milk.txt": {}}
	names := []string{"milk.txt", "rum.txt", "tea.txt"}
	stats := pipeline.Map(pipeline.From(slices.Values(names)), func(_ context.Context, name string) (fs.FileInfo, error) {
		return fs.Stat(shelf, name)
	}, pipeline.Workers(4), pipeline.Name("stat"))

	err := pipeline.Drain(context.Background(), stats)
	var failed *pipeline.StageError
	if errors.As(err, &failed) {
		fmt.Printf("%s of %s: %v\n", failed.Stage, names[failed.Index], failed.Err)
	}
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output:
	// stat of rum.txt: open rum.txt: file does not exist
	// true
}
