// Package safety holds one bug in each of its folders, written the same way in Go (main.go), Rust
// (main.rs) and Python (main.py). Claims 7 and 10 ask who notices: the compiler, a tool, the program
// while it runs, or nobody. A program that gets so far prints what came out and what should have.
//
// They are not to be mended here; examples/mistakes has such bugs with their remedies.
package safety
