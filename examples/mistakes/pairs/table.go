package pairs

// All are the pairs, in the order of their numbers. What is here is declared; the tests prove it.
var All = []Pair{
	{
		Number: 1, Name: "early-return",
		Mistake: "returns before its goroutines have finished",
		Proofs: []Proof{{
			Verdict: WrongResult, Tool: Synctest,
			Says: "SaveAll has returned, and 0 of 3 files are saved",
			Means: "A go statement waits for nothing. The function came back at once, and with it an answer that " +
				"nobody had made sure of. The race detector is silent: nothing is shared without a lock.",
		}},
	},
	{
		Number: 2, Name: "sleep",
		Mistake: "sleeps until it must be ready",
		Prints:  "the price is 42\n",
		Proofs: []Proof{{
			Verdict: Race, Tool: RaceDetector,
			Says: "main.main.func1()",
			Means: "Two goroutines used price, one of them wrote, and nothing made one wait for the other. Sleeping is not " +
				"waiting for somebody: on a busy machine it is too short, on all others too long, and whatever its length, " +
				"Go need not show one goroutine what another has written. A channel, a lock or a WaitGroup makes it.",
		}},
	},
	{
		Number: 3, Name: "counter",
		Mistake: "a counter without a lock",
		Prints:  "1000 of 1000 visits\n",
		Proofs: []Proof{{
			Verdict: Race, Tool: RaceDetector,
			Says: "main.main.func1()",
			Means: "One goroutine read the counter, and another had written it, and nothing made one wait for the other. " +
				"The number below the reports may be right all the same: what the detector reports is that it need not be.",
		}},
	},
	{
		Number: 4, Name: "map-write",
		Mistake: "goroutines write to one map",
		Prints:  "map[be:2 not:1 or:1 to:2]\n",
		Proofs: []Proof{{
			Verdict: Race, Tool: RaceDetector,
			Says: "main.count.func1",
			Means: "Two goroutines were in the map at the same time. Different keys do not help: a map moves its elements " +
				"when it grows. Without the detector Go itself may notice, and ends the program with \"fatal error: " +
				"concurrent map writes\", which nothing can recover from; or it may not.",
		}},
	},
	{
		Number: 5, Name: "shared-append",
		Mistake: "goroutines append to one slice",
		Prints:  "5 of 5\n",
		Proofs: []Proof{{
			Verdict: Race, Tool: RaceDetector,
			Says: "main.hashAll.func1()",
			Means: "Two goroutines used the same place in memory, at least one of them wrote, and nothing made one wait " +
				"for the other. The place is the slice itself: append reads its length, writes behind it, and writes the " +
				"new length. Whoever read the old length at the same time overwrites the same element.",
		}},
	},
	{
		Number: 6, Name: "map-header",
		Mistake: "takes a map out of the lock, and reads it there",
		Prints:  "Ada has 3\n",
		Proofs: []Proof{{
			Verdict: Race, Tool: RaceDetector,
			Says: "main.(*scores).Set()",
			Means: "Set wrote to the map, under the lock; main read it, without. A map variable is a pointer: returning it " +
				"copies the pointer, and the lock guards nothing that others have a pointer to. A slice is no different.",
		}},
	},
	{
		Number: 7, Name: "check-then-act",
		Mistake: "checks, then acts: each is locked, but not both together",
		Proofs: []Proof{{
			Verdict: WrongResult, Tool: Synctest,
			Says: "2 customers have bought the last ticket, and -1 are left",
			Means: "Both customers checked before either took the ticket. The race detector is silent, as every access is " +
				"locked. What belongs together has to happen under one lock. In fake time it goes wrong on every run: both " +
				"are in the bank when the clock moves on.",
		}},
	},
	{
		Number: 8, Name: "loop-variable",
		Mistake: "goroutines use a loop's variable, before Go 1.22",
		Prints:  "[Hello, Ada Hello, Bob Hello, Cyd]\n",
		Proofs: []Proof{{
			Verdict: Suspected, Tool: Vet,
			Says: "loop variable name captured by func literal",
			Means: "The function is run by a goroutine, which may look at the variable when the loop has long gone on to " +
				"the next name. vet is silent where go.mod says 1.22 or newer.",
		}, {
			Verdict: Race, Tool: RaceDetector,
			Says: "main.main.func1()",
			Means: "The loop wrote its variable, for the next round, while the goroutine of the last round read it. " +
				"Most of the time all of them see the last name.",
		}},
	},
	{
		Number: 9, Name: "late-add",
		Mistake: "wg.Add inside the goroutine",
		Proofs: []Proof{{
			Verdict: Suspected, Tool: Vet,
			Says: "WaitGroup.Add called from inside new goroutine",
			Means: "Wait waits for what has been added. Where the new goroutine does that itself, Wait can come first, " +
				"find nothing to wait for, and return.",
		}},
	},
	{
		Number: 10, Name: "copied-lock",
		Mistake: "a Mutex is copied, or a WaitGroup",
		Proofs: []Proof{{
			Verdict: Suspected, Tool: Vet,
			Says: "Visit passes lock by value",
			Means: "Each call of Visit locks its own copy of the mutex, so that all of them are in the map at once; and " +
				"each goroutine is done with its own copy of the WaitGroup, so that main would wait for ever. What holds a " +
				"lock is passed as a pointer. go test alone does not say so: copylocks is not among the checks of vet that it runs.",
		}},
	},
	{
		Number: 11, Name: "missed-done",
		Mistake: "one way out of the goroutine misses Done",
		Proofs: []Proof{{
			Verdict: Deadlock, Tool: Synctest,
			Says: "sync.WaitGroup.Wait (durable)",
			Means: "Everybody waits, and nobody is left who could end that: synctest sees it at once. The last goroutine " +
				"of the list is in WaitGroup.Wait, though all others have ended. So one of them has ended without Done. " +
				"(go fix would write all.Go here, and mend it.)",
		}},
	},
	{
		Number: 12, Name: "first-answer",
		Mistake: "takes the first answer, and has no room for the others",
		Proofs: []Proof{{
			Verdict: Leak, Tool: Synctest,
			Says: "broken.First.func1()",
			Means: "The test has returned, and two goroutines are still there, in a \"chan send\" that nobody receives. They " +
				"stay as long as the program runs, and so does all that they hold: two more with each call.",
		}},
	},
	{
		Number: 13, Name: "nobody-closes",
		Mistake: "ranges over a channel that nobody closes",
		Proofs: []Proof{{
			Verdict: Leak, Tool: Synctest,
			Says: "broken.NewLog.func1()",
			Means: "The test has returned, and the goroutine of NewLog is still there, in the \"chan receive\" of its loop. " +
				"Such a loop ends when the channel is closed; and it takes waiting for that, or the last line may be lost.",
		}, {
			Verdict: Leak, Tool: LeakProfile, Test: "TestLeakProfile",
			Says: "broken.NewLog.func1+",
			Means: "Nobody who still runs can reach Lines, so nobody can close it: the profile knows that this goroutine waits " +
				"for ever, and does not list one that only waits for long.",
		}},
	},
	{
		Number: 14, Name: "leaves-early",
		Mistake: "leaves a loop over a channel, and the sender waits for ever",
		Proofs: []Proof{{
			Verdict: Leak, Tool: Synctest,
			Says: "broken.read.func1()",
			Means: "The test has returned, and the goroutine of read is still there, in a \"chan send\". Who leaves early " +
				"has to say so, as the sender cannot know it: it needs a second thing to wait for, in a select.",
		}, {
			Verdict: Leak, Tool: LeakProfile, Test: "TestLeakProfile",
			Says: "broken.read.func1+",
			Means: "The channel went out of reach with Find. Of a goroutine whose channel somebody still holds the profile says " +
				"nothing: it finds no leak that is none, and not every one that is.",
		}},
	},
	{
		Number: 15, Name: "closed-channel",
		Mistake: "a send on a closed channel, a second close",
		Proofs: []Proof{{
			Verdict: Panic, Tool: Synctest, Test: "TestOneIsDone",
			Says: "panic: send on closed channel",
			Means: "The sender that finished first closed the channel that the other one still used. Only one may close, " +
				"and only when nobody will send any more: it is whoever waits for all senders.",
		}, {
			Verdict: Panic, Tool: Synctest, Test: "TestBothAreDone",
			Says:  "panic: close of closed channel",
			Means: "Both senders closed. A channel is closed once, by one goroutine.",
		}},
	},
	{
		Number: 16, Name: "nil-channel",
		Mistake: "a channel is declared, and not made",
		Proofs: []Proof{{
			Verdict: Deadlock, Tool: Synctest,
			Says: "chan send (nil chan)",
			Means: "Both sides wait, and each state ends in \"(nil chan)\": that is not a slow partner, but a channel that " +
				"does not exist. (In a select this is of use: a case whose channel is set to nil is switched off.)",
		}, {
			Verdict: Leak, Tool: LeakProfile, Test: "TestLeakProfile",
			Says:  "total 2",
			Means: "Both goroutines. Whoever waits on a nil channel has leaked, whatever others hold: nobody can have the other end.",
		}},
	},
	{
		Number: 17, Name: "spinning-select",
		Mistake: "a select that never waits, in a loop",
		Proofs: []Proof{{
			Verdict: Timeout, Tool: Synctest, Test: "TestSum",
			Says: "TestSum (",
			Means: "The test did not end. It does not wait, or synctest would have found a deadlock: the goroutine in Sum is " +
				"running, or runnable. Fake time moves on only when everybody waits, so that the minute is never over; and in " +
				"real time each round would begin a new one.",
		}, {
			Verdict: Timeout, Tool: Synctest, Test: "TestNext",
			Says: "TestNext (",
			Means: "Again it runs and does not wait, and so the second that the sender sleeps is never over. A default " +
				"belongs into a select in a loop only if there is something else to do.",
		}},
	},
	{
		Number: 18, Name: "select-priority",
		Mistake: "takes the order of a select's cases for their rank",
		Proofs: []Proof{{
			Verdict: WrongResult, Tool: GoTest,
			Says: "was a normal one, while urgent ones were waiting",
			Means: "Each time, select tossed a coin, and the coin came up wrong soon: that it does not in a hundred tosses, " +
				"nobody has seen yet. No tool knows what the program meant; only a test of the result can tell.",
		}},
	},
	{
		Number: 19, Name: "lost-cancel",
		Mistake: "throws the cancel function of a context away",
		Proofs: []Proof{{
			Verdict: Suspected, Tool: Vet,
			Says: "the cancel function returned by context.WithCancel should be called, not discarded",
			Means: "A context that can be cancelled and never is lives as long as its parent, with all that waits for it: " +
				"a goroutine here, a timer with WithTimeout. Calling cancel twice, or too late, does no harm.",
		}, {
			Verdict: Leak, Tool: Synctest,
			Says: "broken.Call.func1()",
			Means: "The test has returned, and the goroutine that is to hang up is still there, in the \"chan receive\" of " +
				"ctx.Done. No call is ever hung up.",
		}},
	},
	{
		Number: 20, Name: "ignores-context",
		Mistake: "takes a context, and does not look at it while it waits",
		Proofs: []Proof{{
			Verdict: WrongTime, Tool: Synctest,
			Says: "Wait was to give up after 1s; it did after 1m0s",
			Means: "Whoever called had a second, and got the answer after a minute. Nothing interrupts a goroutine: whatever " +
				"waits has to wait for the context as well. In fake time the test is exact, and over at once.",
		}},
	},
	{
		Number: 21, Name: "lost-cause",
		Mistake: "returns ctx.Err(), and loses the cause",
		Proofs: []Proof{{
			Verdict: WrongResult, Tool: GoTest,
			Says: "the house is on fire, and Enter says: context canceled",
			Means: "Somebody knew why, and said so with WithCancelCause. context.Cause has it; ctx.Err() is one of two errors, " +
				"whatever happened.",
		}},
	},
	{
		Number: 22, Name: "large-buffers",
		Mistake: "works as long as the buffers are large enough",
		Proofs: []Proof{{
			Verdict: Deadlock, Tool: Synctest, Test: "TestMany",
			Says: "broken.Shrink(",
			Means: "All wait in a \"chan send\": the workers, as the results are full and nobody takes them; and Shrink, as the " +
				"jobs are full and no worker takes them. It would go on to the results if it could send one more job. " +
				"204 pictures it can: 100 for each channel, and one in each worker's hand. With these, TestFew passes.",
		}},
	},
	{
		Number: 23, Name: "own-pool",
		Mistake: "a task waits for another task of its pool",
		Proofs: []Proof{{
			Verdict: Deadlock, Tool: Synctest, Test: "TestDeep",
			Says: "broken.Files.func1()",
			Means: "Both workers are in count, one waits for a result, the other for a worker, and there is no third. TestShallow " +
				"passes: a pool like that breaks only when there is much to do.",
		}},
	},
	{
		Number: 24, Name: "goroutine-panic",
		Mistake: "recovers from panics, on another goroutine",
		Prints:  "a cake for 0: runtime error: integer divide by zero\nthe answers: [180 0 120]\n",
		Proofs: []Proof{{
			Verdict: Panic, Tool: GoRun,
			Says: "panic: runtime error: integer divide by zero",
			Means: "The program has ended, with all its goroutines and the exit status 2. recover sees the panics of its own " +
				"goroutine only, so each goroutine needs one, or has to be started by something that has it.",
		}},
	},
	{
		Number: 25, Name: "locks",
		Mistake: "a way out that does not unlock; two locks, in either order",
		Proofs: []Proof{{
			Verdict: Timeout, Tool: GoTest, Test: "TestWithdraw",
			Says: "broken.(*Account).Withdraw(",
			Means: "The test did not end, and its goroutine is in Mutex.Lock. Who has the lock, the dump does not say: nobody " +
				"does any more, as the call that took it has returned. (synctest would not end either: it does not count " +
				"waiting for a Mutex as waiting.)",
		}, {
			Verdict: Timeout, Tool: GoTest, Test: "TestTransfer",
			Says: "broken.Transfer(",
			Means: "Two goroutines are in Mutex.Lock, in the same line of Transfer, and their first two arguments are the same " +
				"accounts the other way round.",
		}, {
			Verdict: Leak, Tool: LeakProfile, Test: "TestLeakProfile",
			Says: "broken.Transfer+",
			Means: "These goroutines wait for something that no other goroutine can reach, so they wait for ever. The profile " +
				"can be taken of a program that runs and in which nobody waits for them: with net/http/pprof, " +
				"/debug/pprof/goroutineleak.",
		}},
	},
	{
		Number: 26, Name: "late-semaphore",
		Mistake: "starts the goroutine first, and waits for its turn there",
		Proofs: []Proof{{
			Verdict: TooMany, Tool: Synctest,
			Says: "1000 goroutines, to load 10 pages at once",
			Means: "The semaphore does what it should, and only ten load at once. The other 990 wait as goroutines, each with " +
				"a stack: with a million pages, it is a million.",
		}},
	},
	{
		Number: 27, Name: "ticker",
		Mistake: "a goroutine that follows a ticker, and cannot be told to end",
		Proofs: []Proof{{
			Verdict: Leak, Tool: Synctest, Test: "TestTokens",
			Says:  "broken.Tokens.func1()",
			Means: "The test has returned, and the goroutine that makes tokens is still there. One is left behind by each call.",
		}, {
			Verdict: Leak, Tool: Synctest, Test: "TestBlink",
			Says: "broken.Blink.func1()",
			Means: "The ticker is stopped, and the goroutine is in the \"chan receive\" of its loop, for ever: a stopped ticker " +
				"sends nothing, and its channel stays open, lest somebody take the closing for a tick.",
		}, {
			Verdict: Leak, Tool: LeakProfile, Test: "TestLeakProfile",
			Says: "broken.Blink.func1+",
			Means: "A stopped ticker is out of reach like any channel that nobody sends to. While it ticks, whoever waits for it is " +
				"not in the profile: it will be woken, though in vain.",
		}},
	},
	{
		Number: 28, Name: "limiter-per-call",
		Mistake: "makes a limiter for each call",
		Proofs: []Proof{{
			Verdict: WrongTime, Tool: Synctest,
			Says: "five questions, a second apart, took 0s",
			Means: "Nothing was limited. A limiter is what calls share: it is made once, beside what it protects. A test of " +
				"one call cannot show it. (examples/ladder/ratelimit/percall.go tells where this hides.)",
		}},
	},
	{
		Number: 29, Name: "one-after-the-other",
		Mistake: "waits for the first before it starts the second",
		Proofs: []Proof{{
			Verdict: WrongTime, Tool: Synctest,
			Says: "two look-ups of a second each, at the same time, took 2s",
			Means: "The arguments of a call are evaluated one by one, receiving included. So it is right, and takes as long " +
				"as it would without goroutines. No tool finds that but a clock: in fake time, an exact one.",
		}},
	},
}
