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
