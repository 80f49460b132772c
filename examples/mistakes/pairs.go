package main

// The pairs, in the order of their numbers. What is here is declared; the tests prove it.
var pairs = []pair{
	{
		number: 1, name: "early-return",
		mistake: "returns before its goroutines have finished",
		proofs: []proof{{
			verdict: wrong, tool: synctest,
			says: "SaveAll has returned, and 0 of 3 files are saved",
			means: "A go statement waits for nothing. The function came back at once, and with it an answer that " +
				"nobody had made sure of. The race detector is silent: nothing is shared without a lock.",
		}},
	},
	{
		number: 2, name: "sleep",
		mistake: "sleeps until it must be ready",
		prints:  "the price is 42\n",
		proofs: []proof{{
			verdict: race, tool: raceDetector,
			says: "main.main.func1()",
			means: "Two goroutines used price, one of them wrote, and nothing made one wait for the other. Sleeping is not " +
				"waiting for somebody: on a busy machine it is too short, on all others too long, and whatever its length, " +
				"Go need not show one goroutine what another has written. A channel, a lock or a WaitGroup makes it.",
		}},
	},
	{
		number: 3, name: "counter",
		mistake: "a counter without a lock",
		prints:  "1000 of 1000 visits\n",
		proofs: []proof{{
			verdict: race, tool: raceDetector,
			says: "main.main.func1()",
			means: "One goroutine read the counter, and another had written it, and nothing made one wait for the other. " +
				"The number below the reports may be right all the same: what the detector reports is that it need not be.",
		}},
	},
	{
		number: 4, name: "map-write",
		mistake: "goroutines write to one map",
		prints:  "map[be:2 not:1 or:1 to:2]\n",
		proofs: []proof{{
			verdict: race, tool: raceDetector,
			says: "main.count.func1",
			means: "Two goroutines were in the map at the same time. Different keys do not help: a map moves its elements " +
				"when it grows. Without the detector Go itself may notice, and ends the program with \"fatal error: " +
				"concurrent map writes\", which nothing can recover from; or it may not.",
		}},
	},
	{
		number: 5, name: "shared-append",
		mistake: "goroutines append to one slice",
		prints:  "5 of 5\n",
		proofs: []proof{{
			verdict: race, tool: raceDetector,
			says: "main.hashAll.func1()",
			means: "Two goroutines used the same place in memory, at least one of them wrote, and nothing made one wait " +
				"for the other. The place is the slice itself: append reads its length, writes behind it, and writes the " +
				"new length. Whoever read the old length at the same time overwrites the same element.",
		}},
	},
	{
		number: 6, name: "map-header",
		mistake: "takes a map out of the lock, and reads it there",
		prints:  "Ada has 3\n",
		proofs: []proof{{
			verdict: race, tool: raceDetector,
			says: "main.(*scores).Set()",
			means: "Set wrote to the map, under the lock; main read it, without. A map variable is a pointer: returning it " +
				"copies the pointer, and the lock guards nothing that others have a pointer to. A slice is no different.",
		}},
	},
	{
		number: 7, name: "check-then-act",
		mistake: "checks, then acts: each is locked, but not both together",
		proofs: []proof{{
			verdict: wrong, tool: synctest,
			says: "2 customers have bought the last ticket, and -1 are left",
			means: "Both customers checked before either took the ticket. The race detector is silent, as every access is " +
				"locked. What belongs together has to happen under one lock. In fake time it goes wrong on every run: both " +
				"are in the bank when the clock moves on.",
		}},
	},
	{
		number: 8, name: "loop-variable",
		mistake: "goroutines use a loop's variable, before Go 1.22",
		prints:  "[Hello, Ada Hello, Bob Hello, Cyd]\n",
		proofs: []proof{{
			verdict: suspected, tool: vet,
			says: "loop variable name captured by func literal",
			means: "The function is run by a goroutine, which may look at the variable when the loop has long gone on to " +
				"the next name. vet is silent where go.mod says 1.22 or newer.",
		}, {
			verdict: race, tool: raceDetector,
			says: "main.main.func1()",
			means: "The loop wrote its variable, for the next round, while the goroutine of the last round read it. " +
				"Most of the time all of them see the last name.",
		}},
	},
	{
		number: 9, name: "late-add",
		mistake: "wg.Add inside the goroutine",
		proofs: []proof{{
			verdict: suspected, tool: vet,
			says: "WaitGroup.Add called from inside new goroutine",
			means: "Wait waits for what has been added. Where the new goroutine does that itself, Wait can come first, " +
				"find nothing to wait for, and return.",
		}},
	},
	{
		number: 10, name: "copied-lock",
		mistake: "a Mutex is copied, or a WaitGroup",
		proofs: []proof{{
			verdict: suspected, tool: vet,
			says: "Visit passes lock by value",
			means: "Each call of Visit locks its own copy of the mutex, so that all of them are in the map at once; and " +
				"each goroutine is done with its own copy of the WaitGroup, so that main would wait for ever. What holds a " +
				"lock is passed as a pointer. go test alone does not say so: copylocks is not among the checks of vet that it runs.",
		}},
	},
	{
		number: 11, name: "missed-done",
		mistake: "one way out of the goroutine misses Done",
		proofs: []proof{{
			verdict: deadlock, tool: synctest,
			says: "sync.WaitGroup.Wait (durable)",
			means: "Everybody waits, and nobody is left who could end that: synctest sees it at once. The last goroutine " +
				"of the list is in WaitGroup.Wait, though all others have ended. So one of them has ended without Done.",
		}},
	},
	{
		number: 12, name: "first-answer",
		mistake: "takes the first answer, and has no room for the others",
		proofs: []proof{{
			verdict: leak, tool: synctest,
			says: "broken.First.func1()",
			means: "The test has returned, and two goroutines are still there, in a \"chan send\" that nobody receives. They " +
				"stay as long as the program runs, and so does all that they hold: two more with each call.",
		}},
	},
	{
		number: 13, name: "nobody-closes",
		mistake: "ranges over a channel that nobody closes",
		proofs: []proof{{
			verdict: leak, tool: synctest,
			says: "broken.NewLog.func1()",
			means: "The test has returned, and the goroutine of NewLog is still there, in the \"chan receive\" of its loop. " +
				"Such a loop ends when the channel is closed; and it takes waiting for that, or the last line may be lost.",
		}},
	},
	{
		number: 14, name: "leaves-early",
		mistake: "leaves a loop over a channel, and the sender waits for ever",
		proofs: []proof{{
			verdict: leak, tool: synctest,
			says: "broken.read.func1()",
			means: "The test has returned, and the goroutine of read is still there, in a \"chan send\". Who leaves early " +
				"has to say so, as the sender cannot know it: it needs a second thing to wait for, in a select.",
		}},
	},
	{
		number: 15, name: "closed-channel",
		mistake: "a send on a closed channel, a second close",
		proofs: []proof{{
			verdict: panics, tool: synctest, test: "TestOneIsDone",
			says: "panic: send on closed channel",
			means: "The sender that finished first closed the channel that the other one still used. Only one may close, " +
				"and only when nobody will send any more: it is whoever waits for all senders.",
		}, {
			verdict: panics, tool: synctest, test: "TestBothAreDone",
			says:  "panic: close of closed channel",
			means: "Both senders closed. A channel is closed once, by one goroutine.",
		}},
	},
	{
		number: 16, name: "nil-channel",
		mistake: "a channel is declared, and not made",
		proofs: []proof{{
			verdict: deadlock, tool: synctest,
			says: "chan send (nil chan)",
			means: "Both sides wait, and each state ends in \"(nil chan)\": that is not a slow partner, but a channel that " +
				"does not exist. (In a select this is of use: a case whose channel is set to nil is switched off.)",
		}, {
			verdict: leak, tool: leakProfile,
			says: "total 2",
			means: "The same two goroutines in a program that runs on. Whoever waits on a nil channel has always leaked: " +
				"nobody can have the other end.",
		}},
	},
	{
		number: 17, name: "spinning-select",
		mistake: "a select that never waits, in a loop",
		proofs: []proof{{
			verdict: timeout, tool: synctest, test: "TestSum",
			says: "TestSum (",
			means: "The test did not end. It does not wait, or synctest would have found a deadlock: it runs, and fake time " +
				"moves on only when everybody waits. So the minute is never over. In production it would be, after a minute " +
				"in which a processor did nothing else.",
		}, {
			verdict: timeout, tool: synctest, test: "TestNext",
			says: "TestNext (",
			means: "Again it runs and does not wait, and so the second that the sender sleeps is never over. A default " +
				"belongs into a select in a loop only if there is something else to do.",
		}},
	},
	{
		number: 18, name: "select-priority",
		mistake: "takes the order of a select's cases for their rank",
		proofs: []proof{{
			verdict: wrong, tool: plainTest,
			says: "was a normal one, while urgent ones were waiting",
			means: "Each time, select tossed a coin, and the coin came up wrong soon: that it does not in a hundred tosses, " +
				"nobody has seen yet. No tool knows what the program meant; only a test of the result can tell.",
		}},
	},
	{
		number: 19, name: "lost-cancel",
		mistake: "a cancel function that nobody calls",
		proofs: []proof{{
			verdict: suspected, tool: vet,
			says:  "the cancel function returned by context.WithCancel should be called, not discarded",
			means: "A context that is derived from another one holds memory of it, and what listens to it goes on, until it is cancelled.",
		}, {
			verdict: leak, tool: synctest,
			says: "broken.Fetch.func1()",
			means: "Fetch has its answer, and one goroutine still waits for the context to end. It was written to stop when " +
				"it is told, and nobody tells it.",
		}},
	},
	{
		number: 20, name: "deaf-work",
		mistake: "a context that nobody looks at",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "told to end after 1m30s, it has ended after 10m0s: <nil>",
			means: "A context stops nothing. It says that one should stop; whoever may take long has to look at it, and to " +
				"hand it to what it calls.",
		}},
	},
	{
		number: 21, name: "lost-cause",
		mistake: "returns ctx.Err(), and the cause is lost",
		proofs: []proof{{
			verdict: wrong, tool: plainTest,
			says: "the house is on fire, and Enter says: context canceled",
			means: "Somebody gave a reason when they cancelled. ctx.Err() is one of two fixed errors, so whoever reads the " +
				"log learns that something was cancelled. context.Cause(ctx) is the reason.",
		}},
	},
	{
		number: 22, name: "full-buffers",
		mistake: "works only while its buffers are large enough",
		proofs: []proof{{
			verdict: deadlock, tool: synctest,
			says: "205 numbers",
			means: "Three numbers were squared, and 204. With 205, Squares waits for room among the jobs, and its four " +
				"goroutines wait for room among the results, which only Squares could make.",
		}},
	},
	{
		number: 23, name: "own-pool",
		mistake: "a task waits for another task of its pool",
		proofs: []proof{{
			verdict: deadlock, tool: synctest,
			says: "broken.size(",
			means: "Both goroutines of the pool run a task that waits for one of them to be free. It takes a tree that is " +
				"deeper than the pool is large; so it passes every test with a small tree.",
		}},
	},
	{
		number: 24, name: "goroutine-panic",
		mistake: "a panic on another goroutine, which no recover of the caller sees",
		prints:  "500 Internal Server Error\n200 OK AB\n",
		proofs: []proof{{
			verdict: panics, tool: plainRun,
			says: "index out of range [0] with length 0",
			means: "The program has ended with status 2, and the second request was not served. The recover in serve never " +
				"ran: there was no panic on its goroutine.",
		}},
	},
	{
		number: 25, name: "locks",
		mistake: "a missed unlock; two locks in both orders",
		proofs: []proof{{
			verdict: timeout, tool: plainTest, test: "TestWithdraw",
			says: "broken.(*Account).Withdraw(",
			means: "The first Withdraw refused and kept the lock, and the second one waits for it. synctest would not say so " +
				"sooner: it does not take a goroutine that waits for a lock for one that waits.",
		}, {
			verdict: timeout, tool: plainTest, test: "TestTransfer",
			says: "broken.Transfer(",
			means: "Each transfer has locked the account that the other one locks next. As long as all lock in one order, " +
				"one of them is always ahead of the others.",
		}, {
			verdict: leak, tool: leakProfile,
			says: "total 3",
			means: "The same three goroutines in a program that runs: nobody who could unlock these locks can be reached " +
				"from a goroutine that still runs.",
		}},
	},
	{
		number: 26, name: "semaphore-inside",
		mistake: "the seat is taken inside the goroutine",
		proofs: []proof{{
			verdict: peak, tool: synctest,
			says: "1000 goroutines, of which four work",
			means: "Each file got its goroutine before anybody asked whether there was a seat. The semaphore limits how " +
				"many work, and nothing limits how many wait.",
		}},
	},
	{
		number: 27, name: "ticker",
		mistake: "a goroutine that only a ticker could end",
		proofs: []proof{{
			verdict: leak, tool: synctest, test: "TestSendAll",
			says: "SendAll.func1()",
			means: "time.Tick gives a channel that is never closed, so a range over it has no end. When SendAll had " +
				"returned, nobody took permits any more, and the goroutine that makes them waited for room.",
		}, {
			verdict: leak, tool: synctest, test: "TestBeat",
			says: "Beat.func1()",
			means: "Stop ends the ticks, but does not close the channel: whoever ranges over it waits for ever. A close " +
				"would look like a tick to whoever receives without asking for more.",
		}, {
			verdict: leak, tool: leakProfile,
			says: "total 2",
			means: "The same two goroutines in a program that runs. The profile lists those that wait for what nobody who " +
				"still runs can reach: no test is needed for that, and it finds them in a service as well.",
		}},
	},
	{
		number: 28, name: "limiter-per-call",
		mistake: "a new limiter for each call",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "one mail a second was promised, and they were sent after [0s 0s 0s]",
			means: "Every limiter did what it should: it admitted one. But each mail had a limiter of its own. A limit " +
				"belongs to what it protects, is made once, and is shared by all who use that.",
		}},
	},
	{
		number: 29, name: "two-receives",
		mistake: "f(<-a(), <-b()) does one after the other",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "two places that take a second each took 2s",
			means: "Go evaluates calls and receives from left to right. The first receive waits before the second call is " +
				"made: there are two goroutines, and never at the same time.",
		}},
	},
}
