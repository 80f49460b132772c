package main

// claims lists the experiments, in the order of the documents' table.
func claims() []claim {
	return []claim{c01, c02, c03, c04, c05, c06, c07, c08, c09, c10, c11, c12, c13}
}

// unmeasured are the statements of the documents that no experiment on a machine decides.
var unmeasured = []struct{ Text, Document, Why string }{
	{"The Rust book is much more detailed and \"way more complex\" than the Tour of Go; basic things in Rust " +
		"\"required me to read multiple pages of documentation\".", "000",
		"How long a language takes to learn depends on who learns it: it takes people, many of them, and time."},
	{"I had more compilation errors with Rust, and it was \"easier to run into harder to understand ones\".", "000",
		"How an error reads is the reader's judgement."},
	{"Go's documentation is great and clear; that of the Rust libraries was \"often confusing\".", "000",
		"The same: a judgement of readers."},
	{"The editor's extension worked for Go and did not for Rust.", "000",
		"It was one editor on one machine, in versions that the document does not name."},
	{"When it comes to productivity, Go is probably the language to go with.", "000",
		"It would take teams that build the same system in each language."},
	{"Each language's community, forums, libraries and books.", "002",
		"Their size can be counted, their worth cannot, and neither is a property of a machine."},
}
