package main

import (
	"fmt"
	"strings"
)

// said is what stands beside a verdict, sentence by sentence.
type said []string

func (s *said) add(format string, arguments ...any) {
	*s = append(*s, fmt.Sprintf(format, arguments...))
}

func (s said) String() string { return strings.Join(s, " ") }
