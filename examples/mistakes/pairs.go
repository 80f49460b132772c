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
				"of the list is in WaitGroup.Wait, though all others have ended. So one of them has ended without Done. " +
				"(go fix would write all.Go here, and mend it.)",
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
		}, {
			verdict: leak, tool: leakProfile, test: "TestLeakProfile",
			says: "broken.NewLog.func1+",
			means: "Nobody who still runs can reach Lines, so nobody can close it: the profile knows that this goroutine waits " +
				"for ever, and does not list one that only waits for long.",
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
		}, {
			verdict: leak, tool: leakProfile, test: "TestLeakProfile",
			says: "broken.read.func1+",
			means: "The channel went out of reach with Find. Of a goroutine whose channel somebody still holds the profile says " +
				"nothing: it finds no leak that is none, and not every one that is.",
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
			verdict: leak, tool: leakProfile, test: "TestLeakProfile",
			says:  "total 2",
			means: "Both goroutines. Whoever waits on a nil channel has leaked, whatever others hold: nobody can have the other end.",
		}},
	},
	{
		number: 17, name: "spinning-select",
		mistake: "a select that never waits, in a loop",
		proofs: []proof{{
			verdict: timeout, tool: synctest, test: "TestSum",
			says: "TestSum (",
			means: "The test did not end. It does not wait, or synctest would have found a deadlock: the goroutine in Sum is " +
				"running, or runnable. Fake time moves on only when everybody waits, so that the minute is never over; and in " +
				"real time each round would begin a new one.",
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
		mistake: "throws the cancel function of a context away",
		proofs: []proof{{
			verdict: suspected, tool: vet,
			says: "the cancel function returned by context.WithCancel should be called, not discarded",
			means: "A context that can be cancelled and never is lives as long as its parent, with all that waits for it: " +
				"a goroutine here, a timer with WithTimeout. Calling cancel twice, or too late, does no harm.",
		}, {
			verdict: leak, tool: synctest,
			says: "broken.Call.func1()",
			means: "The test has returned, and the goroutine that is to hang up is still there, in the \"chan receive\" of " +
				"ctx.Done. No call is ever hung up.",
		}},
	},
	{
		number: 20, name: "ignores-context",
		mistake: "takes a context, and does not look at it while it waits",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "Wait was to give up after 1s; it did after 1m0s",
			means: "Whoever called had a second, and got the answer after a minute. Nothing interrupts a goroutine: whatever " +
				"waits has to wait for the context as well. In fake time the test is exact, and over at once.",
		}},
	},
	{
		number: 21, name: "lost-cause",
		mistake: "returns ctx.Err(), and loses the cause",
		proofs: []proof{{
			verdict: wrong, tool: plainTest,
			says: "the house is on fire, and Enter says: context canceled",
			means: "Somebody knew why, and said so with WithCancelCause. context.Cause has it; ctx.Err() is one of two errors, " +
				"whatever happened.",
		}},
	},
	{
		number: 22, name: "large-buffers",
		mistake: "works as long as the buffers are large enough",
		proofs: []proof{{
			verdict: deadlock, tool: synctest, test: "TestMany",
			says: "broken.Shrink(",
			means: "All wait in a \"chan send\": the workers, as the results are full and nobody takes them; and Shrink, as the " +
				"jobs are full and no worker takes them. It would go on to the results if it could send one more job. " +
				"204 pictures it can: 100 for each channel, and one in each worker's hand. With these, TestFew passes.",
		}},
	},
	{
		number: 23, name: "own-pool",
		mistake: "a task waits for another task of its pool",
		proofs: []proof{{
			verdict: deadlock, tool: synctest, test: "TestDeep",
			says: "broken.Files.func1()",
			means: "Both workers are in count, one waits for a result, the other for a worker, and there is no third. TestShallow " +
				"passes: a pool like that breaks only when there is much to do.",
		}},
	},
	{
		number: 24, name: "goroutine-panic",
		mistake: "recovers from panics, on another goroutine",
		prints:  "a cake for 0: runtime error: integer divide by zero\nthe answers: [180 0 120]\n",
		proofs: []proof{{
			verdict: panics, tool: plainRun,
			says: "panic: runtime error: integer divide by zero",
			means: "The program has ended, with all its goroutines and the exit status 2. recover sees the panics of its own " +
				"goroutine only, so each goroutine needs one, or has to be started by something that has it.",
		}},
	},
	{
		number: 25, name: "locks",
		mistake: "a way out that does not unlock; two locks, in either order",
		proofs: []proof{{
			verdict: timeout, tool: plainTest, test: "TestWithdraw",
			says: "broken.(*Account).Withdraw(",
			means: "The test did not end, and its goroutine is in Mutex.Lock. Who has the lock, the dump does not say: nobody " +
				"does any more, as the call that took it has returned. (synctest would not end either: it does not count " +
				"waiting for a Mutex as waiting.)",
		}, {
			verdict: timeout, tool: plainTest, test: "TestTransfer",
			says: "broken.Transfer(",
			means: "Two goroutines are in Mutex.Lock, in the same line of Transfer, and their first two arguments are the same " +
				"accounts the other way round.",
		}, {
			verdict: leak, tool: leakProfile, test: "TestLeakProfile",
			says: "broken.Transfer+",
			means: "These goroutines wait for something that no other goroutine can reach, so they wait for ever. The profile " +
				"can be taken of a program that runs and in which nobody waits for them: with net/http/pprof, " +
				"/debug/pprof/goroutineleak.",
		}},
	},
	{
		number: 26, name: "late-semaphore",
		mistake: "starts the goroutine first, and waits for its turn there",
		proofs: []proof{{
			verdict: peak, tool: synctest,
			says: "1000 goroutines, to load 10 pages at once",
			means: "The semaphore does what it should, and only ten load at once. The other 990 wait as goroutines, each with " +
				"a stack: with a million pages, it is a million.",
		}},
	},
	{
		number: 27, name: "ticker",
		mistake: "a goroutine that follows a ticker, and cannot be told to end",
		proofs: []proof{{
			verdict: leak, tool: synctest, test: "TestTokens",
			says:  "broken.Tokens.func1()",
			means: "The test has returned, and the goroutine that makes tokens is still there. One is left behind by each call.",
		}, {
			verdict: leak, tool: synctest, test: "TestBlink",
			says: "broken.Blink.func1()",
			means: "The ticker is stopped, and the goroutine is in the \"chan receive\" of its loop, for ever: a stopped ticker " +
				"sends nothing, and its channel stays open, lest somebody take the closing for a tick.",
		}, {
			verdict: leak, tool: leakProfile, test: "TestLeakProfile",
			says: "broken.Blink.func1+",
			means: "A stopped ticker is out of reach like any channel that nobody sends to. While it ticks, whoever waits for it is " +
				"not in the profile: it will be woken, though in vain.",
		}},
	},
	{
		number: 28, name: "limiter-per-call",
		mistake: "makes a limiter for each call",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "five questions, a second apart, took 0s",
			means: "Nothing was limited. A limiter is what calls share: it is made once, beside what it protects. A test of " +
				"one call cannot show it. (examples/ladder/ratelimit/percall.go tells where this hides.)",
		}},
	},
	{
		number: 29, name: "one-after-the-other",
		mistake: "waits for the first before it starts the second",
		proofs: []proof{{
			verdict: late, tool: synctest,
			says: "two look-ups of a second each, at the same time, took 2s",
			means: "The arguments of a call are evaluated one by one, receiving included. So it is right, and takes as long " +
				"as it would without goroutines. No tool finds that but a clock: in fake time, an exact one.",
		}},
	},
}
