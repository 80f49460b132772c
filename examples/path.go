// Package examples holds the learning path, README.md, and what several of the programs below
// it share.
package examples

import _ "embed"

// LearningPath is README.md: one ordered list, from which the tour takes its
// lessons.
//
//go:embed README.md
var LearningPath string
