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
}
