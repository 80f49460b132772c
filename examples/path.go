// Package examples holds the learning path, README.md, for the programs below it.
package examples

import _ "embed"

// LearningPath is README.md: one ordered list, from which the tour takes its
// lessons.
//
//go:embed README.md
var LearningPath string
